package io.github.dsqlreach.toxiproxy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/**
 * A toxic as it is asked for, or as it is in force on a {@link ToxiproxyServer.Proxy}. Immutable.
 *
 * <pre>{@code
 * proxy.add(ToxicDefinition.latency(Duration.ofMillis(200)).named("slow").withToxicity(0.5));
 * proxy.add(ToxicDefinition.match(MatchOn.SNI, MatchThen.RESET).with("value", "*.dsql.us-east-1.on.aws"));
 * }</pre>
 *
 * @param name its name on the proxy; {@code <type>_<stream>} unless {@link #named} says otherwise
 * @param type its type in Toxiproxy's API, for example {@code reset_peer}
 * @param direction whose bytes it works on
 * @param toxicity its share of the connections, from 0 to 1
 * @param attributes its attributes by their names in the API: texts and numbers
 */
public record ToxicDefinition(
        String name, String type, Direction direction, double toxicity, Map<String, Object> attributes) {

    /** What a {@code match} toxic looks for in the client's first bytes. */
    public enum MatchOn {
        /** PostgreSQL's SSLRequest. */
        SSL_REQUEST,
        /** A ClientHello, after an SSLRequest or first. */
        CLIENT_HELLO,
        /** A ClientHello that comes first. */
        DIRECT_TLS,
        /** The server name that {@code value} gives, or {@code *.suffix}. */
        SNI,
        /** The application protocol that {@code value} gives. */
        ALPN,
        /** PostgreSQL's startup message in clear text. */
        STARTUP
    }

    /** What a {@code match} toxic does then; {@code after_tls}, {@code cut}, {@code idle} and {@code lose} know the first three. */
    public enum MatchThen {
        /** Closes by RST. */
        RESET,
        /** Closes in order. */
        CLOSE,
        /** Swallows everything from then on. */
        SILENCE,
        /** Answers with the TLS alert that {@code alert} gives, {@code handshake_failure} by default. */
        TLS_ALERT,
        /** Answers with a web page. */
        HTTP_BLOCK_PAGE
    }

    /** What is wrong with the certificate of an {@code intercept} toxic. */
    public enum Certificate {
        /** The right name, from an unknown authority. */
        OTHER_CA,
        /** It has expired. */
        EXPIRED,
        /** It is for another name. */
        WRONG_NAME
    }

    /** @throws IllegalArgumentException if the toxicity is not from 0 to 1 */
    public ToxicDefinition {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(type, "type");
        Objects.requireNonNull(direction, "direction");
        if (!(toxicity >= 0 && toxicity <= 1)) {
            throw new IllegalArgumentException("toxicity is " + toxicity + "; allowed is a number from 0 to 1");
        }
        attributes = Collections.unmodifiableMap(new LinkedHashMap<>(attributes));
    }

    /** A toxic of that type, on all connections, with the attributes' defaults. */
    public static ToxicDefinition of(String type, Direction direction) {
        return new ToxicDefinition("", type, direction, 1, Map.of()).named("");
    }

    /** Delays the server's bytes; {@code with("jitter", millis)} makes it vary. */
    public static ToxicDefinition latency(Duration latency) {
        return of("latency", Direction.DOWNSTREAM).with("latency", latency.toMillis());
    }

    /** Limits the server's bytes to that many kilobytes a second. */
    public static ToxicDefinition bandwidth(long kilobytesPerSecond) {
        return of("bandwidth", Direction.DOWNSTREAM).with("rate", kilobytesPerSecond);
    }

    /** Delays the server's close. */
    public static ToxicDefinition slowClose(Duration delay) {
        return of("slow_close", Direction.DOWNSTREAM).with("delay", delay.toMillis());
    }

    /** Swallows the server's bytes, and closes after that time; {@link Duration#ZERO} never closes. */
    public static ToxicDefinition timeout(Duration timeout) {
        return of("timeout", Direction.DOWNSTREAM).with("timeout", timeout.toMillis());
    }

    /** Answers the server's first bytes by an RST to both, after that time. */
    public static ToxicDefinition resetPeer(Duration timeout) {
        return of("reset_peer", Direction.DOWNSTREAM).with("timeout", timeout.toMillis());
    }

    /** Cuts the server's bytes into pieces, and waits after each. */
    public static ToxicDefinition slicer(long averageSize, long sizeVariation, Duration delay) {
        return of("slicer", Direction.DOWNSTREAM)
                .with("average_size", averageSize)
                .with("size_variation", sizeVariation)
                .with("delay", delay.toNanos() / 1000);
    }

    /** Passes that many of the server's bytes, then closes. */
    public static ToxicDefinition limitData(long bytes) {
        return of("limit_data", Direction.DOWNSTREAM).with("bytes", bytes);
    }

    /** Deep packet inspection of the client's first bytes; {@code with("value", …)} gives the name to look for. */
    public static ToxicDefinition match(MatchOn on, MatchThen then) {
        return of("match", Direction.UPSTREAM).with("on", lower(on)).with("then", lower(then));
    }

    /** Ends TLS with a certificate of the proxy's own. */
    public static ToxicDefinition intercept(Certificate certificate) {
        return of("intercept", Direction.UPSTREAM).with("certificate", lower(certificate));
    }

    /** Ends TLS with the key and certificate of that PKCS#12 file. */
    public static ToxicDefinition intercept(Path pkcs12, String password) {
        return of("intercept", Direction.UPSTREAM)
                .with("pkcs12", pkcs12.toString())
                .with("password", password);
    }

    /** Acts on the client's encrypted messages: 1 is PostgreSQL's startup message, 2 the password, 3 the first query. */
    public static ToxicDefinition afterTls(int message, MatchThen then) {
        return of("after_tls", Direction.UPSTREAM)
                .with("message", (long) message)
                .with("then", lower(then));
    }

    /** Passes that many bytes of a connection, then ends it; {@code with("time", millis)} ends it after a time, if that is sooner. */
    public static ToxicDefinition cut(Direction direction, long bytes, MatchThen then) {
        return of("cut", direction).with("bytes", bytes).with("then", lower(then));
    }

    /**
     * Forgets a connection that carries no data for that time: {@code RESET} answers data that comes later by an RST, and
     * {@code SILENCE} swallows it. Add one for each direction, so that the data of both counts.
     */
    public static ToxicDefinition idle(Direction direction, Duration idle, MatchThen then) {
        return of("idle", direction).with("idle", idle.toMillis()).with("then", lower(then));
    }

    /** Ends the connections that are open now; {@code SILENCE} swallows all data of that direction. */
    public static ToxicDefinition lose(Direction direction, MatchThen then) {
        return of("lose", direction).with("then", lower(then));
    }

    /** Closes the upstream's side of the connections that are open now, and tells the clients nothing. */
    public static ToxicDefinition halfOpen() {
        return of("lose", Direction.UPSTREAM).with("then", "half_open");
    }

    /** Closes a connection, without a message, when the client sends more than that many bytes before the upstream sends any. */
    public static ToxicDefinition messageLimit(long bytes) {
        return of("message_limit", Direction.UPSTREAM).with("bytes", bytes);
    }

    /** The same with that name; empty for {@code <type>_<stream>}. */
    public ToxicDefinition named(String otherName) {
        String name = otherName.isEmpty() ? type + "_" + lower(direction) : otherName;
        return new ToxicDefinition(name, type, direction, toxicity, attributes);
    }

    /** The same on the bytes of the other direction; a name that was not given follows. */
    public ToxicDefinition on(Direction other) {
        boolean defaultName = name.equals(type + "_" + lower(direction));
        ToxicDefinition turned = new ToxicDefinition(name, type, other, toxicity, attributes);
        return defaultName ? turned.named("") : turned;
    }

    /** The same on that share of the connections, from 0 to 1. */
    public ToxicDefinition withToxicity(double share) {
        return new ToxicDefinition(name, type, direction, share, attributes);
    }

    /** The same with that attribute, a text or a number, by its name in Toxiproxy's API. */
    public ToxicDefinition with(String attribute, Object value) {
        Map<String, Object> all = new LinkedHashMap<>(attributes);
        all.put(attribute, value);
        return new ToxicDefinition(name, type, direction, toxicity, all);
    }

    private static String lower(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }
}
