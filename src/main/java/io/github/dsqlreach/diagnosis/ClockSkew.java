package io.github.dsqlreach.diagnosis;

import io.github.dsqlreach.Evidence;
import io.github.dsqlreach.Phase;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How far this machine's clock differs from the server's, from a hint such as {@code Signature expired: <t> is now earlier than
 * <t2> (<server time> - 15 min.)}.
 *
 * <p>An attempt makes its own token, so this machine's time at the refusal is the time of the signature and the duration
 * of the attempt since.
 *
 * @param behind how far this machine is behind the server; negative if it is ahead
 */
record ClockSkew(Duration behind) {
    /** Both times are rounded to seconds. */
    private static final Duration NOISE = Duration.ofSeconds(5);

    private static final String TIME =
            "(\\d{4}-?\\d{2}-?\\d{2}[T ]\\d{2}:?\\d{2}:?\\d{2})(?:\\.\\d{1,9})?(?:Z|\\+00(?::?00)?)?";
    private static final Pattern SERVER_TIME = Pattern.compile("\\(\\s*" + TIME + "\\s*[-+\\u2212]\\s*\\d+\\s*min");
    private static final Pattern SIGNED_TIME = Pattern.compile(TIME);
    private static final DateTimeFormatter COMPACT = DateTimeFormatter.ofPattern("yyyyMMddHHmmss");

    /** From the facts of a refusal; empty if the server's time or this machine's is not known. */
    static Optional<ClockSkew> in(Facts facts) {
        Matcher server = SERVER_TIME.matcher(hint(facts));
        if (!server.find()) {
            return Optional.empty();
        }
        Optional<Instant> theirs = instant(server.group(1));
        Optional<Instant> signed = signedAt(facts);
        if (theirs.isEmpty() || signed.isEmpty()) {
            return Optional.empty();
        }
        Duration sinceSigning = Duration.between(signed.get(), theirs.get());
        Duration attempted = attempted(facts);
        // The token was signed during the attempt: a difference of up to its duration is no skew.
        Duration behind = sinceSigning.isNegative()
                ? sinceSigning
                : sinceSigning.compareTo(attempted) <= 0 ? Duration.ZERO : sinceSigning.minus(attempted);
        return Optional.of(new ClockSkew(behind));
    }

    /** The clocks differ by more than the rounding. */
    boolean isTelling() {
        return behind.abs().compareTo(NOISE) > 0;
    }

    /** The refused token is the one that the attempt made, and its lifetime was not over by this machine's clock. */
    static boolean tokenWasFresh(Facts facts) {
        Matcher refused = SIGNED_TIME.matcher(hint(facts));
        boolean same = !refused.find() || instant(refused.group(1)).equals(signedAt(facts));
        long lifetime = token(facts).get(Evidence.EXPIRES_SECONDS).orElse(0L);
        return same
                && signedAt(facts).isPresent()
                && lifetime > attempted(facts).toSeconds() + NOISE.toSeconds();
    }

    /** For example {@code This machine's clock is 17 min behind the cluster's.} */
    String sentence() {
        return "This machine's clock is " + words() + " the cluster's.";
    }

    /** For example {@code 17 min behind}. */
    String words() {
        long seconds = behind.abs().toSeconds();
        String amount = seconds < 120
                ? seconds + " s"
                : seconds < 7200 ? (seconds + 30) / 60 + " min" : String.valueOf((seconds + 1800) / 3600) + " h";
        return amount + (behind.isNegative() ? " ahead of" : " behind");
    }

    private static Duration attempted(Facts facts) {
        return facts.attempt().phases().stream()
                .filter(result -> result.phase() != Phase.TOKEN)
                .map(result -> result.duration())
                .reduce(Duration.ZERO, Duration::plus);
    }

    private static String hint(Facts facts) {
        return facts.text(Evidence.HINT).orElse("") + " "
                + facts.text(Evidence.SERVER_MESSAGE).orElse("");
    }

    private static Optional<Instant> signedAt(Facts facts) {
        return token(facts).text(Evidence.SIGNED_AT).flatMap(ClockSkew::instant);
    }

    private static Evidence token(Facts facts) {
        return facts.attempt().result(Phase.TOKEN).evidence();
    }

    private static Optional<Instant> instant(String text) {
        String digits = text.replaceAll("\\D", "");
        try {
            return Optional.of(LocalDateTime.parse(digits, COMPACT).toInstant(ZoneOffset.UTC));
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }
}
