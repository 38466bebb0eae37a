package io.github.dsqlreach;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Takes out of texts what they must not carry: secrets, characters that steer a terminal, and commands to a CI service.
 * Every foreign text passes through here when it enters a value or an exception, so that nothing downstream has to
 * remember.
 *
 * <p>Masked are: parameters of a signed token, passwords and keys that stand behind their name, secrets announced with
 * {@link #keepSecret(String)} or present in the AWS environment variables and system properties, and long runs of
 * random-looking characters. Control characters other than a line feed, and characters that hide or reverse text, become
 * visible escapes. What a CI service that reads the log would take for a command gets a blank in its middle:
 * {@code ::error::} becomes {@code : :error: :}. A text that went through once stays as it is.
 */
public final class Scrubber {
    /** What stands where a secret stood. */
    public static final String MASK = "***";

    private static final int MOST_SECRETS = 1_000;
    /** Shorter texts are no secrets worth the name, and masking them would garble reports. */
    private static final int SHORTEST_SECRET = 8;

    /** Also where the URL is part of another one, once or twice encoded, or broken over lines. */
    private static final Pattern SIGNATURE = Pattern.compile(
            "(?i)(\\b(?:X-Amz-)?Signature)((?:=|%(?:25){0,2}3D)\\s{0,8})(?:[0-9a-f]\\s{0,8}){32,64}(?<!\\s)");

    private static final Pattern TOKEN_PARAMETER =
            Pattern.compile("(?i)(X-Amz-(?:Signature|Security-Token|Credential)(?:=|%(?:25){0,2}3D))[^&\\s\"'<>]*");
    /** An HTTP header carries its secret up to the end of the line. */
    private static final Pattern HEADER = Pattern.compile("(?i)((?:authorization|cookie|x-amz-security-token(?!=))"
            + "\\\\?[\"']?\\s{0,3}[:=]\\s{0,3}\\\\?[\"']?)[^\\r\\n\"'\\\\]+");

    private static final Pattern BEARER = Pattern.compile("(?i)\\b(bearer\\s+|basic\\s+(?=\\S{16}))[\\w.~+/=-]{8,}");
    private static final Pattern USER_INFO = Pattern.compile("(://[^\\s/?#:@]*:)[^\\s/?#]*@");
    /** What announces a secret. */
    private static final String NAME = "(?:secret(?!s?manager)[\\w.-]{0,30}|secret (?:access )?key|password|passwd"
            + "|pgpassword|(?:session|security)[ _.-]?token|access[_.-]?token)";
    /** Behind the name and a quote, the secret goes on to the closing quote, and may have blanks. Not so a token. */
    private static final Pattern QUOTED_SECRET = Pattern.compile("(?is)(" + NAME
            + "(?:(?:\\\\?[\"'])?\\s{0,3}(?:=>?|:)\\s{0,3}|\\s{1,3}))(?!\\\\?[\"'](?:\\s{0,3}[,:=;)}\\]]|[\\w.-]{1,255}/\\?Action=))"
            + "(?:(\\\\\")[^\\\\]*+|(\")[^\"\\\\]*+(?:\\\\.[^\"\\\\]*+){0,200}+|(')[^']*+)");
    /** Else up to the next blank. */
    private static final Pattern NAMED_SECRET = Pattern.compile("(?i)(" + NAME
            + "(?:\\\\?[\"'])?\\s{0,3}(?:=>?|:)\\s{0,3}|<" + NAME + ">\\s{0,3})"
            + "(?![\\s\"'\\\\]|true\\b|false\\b)[^\\s\"'&<]+");

    private static final Pattern LONG_RUN = Pattern.compile("[A-Za-z0-9+/_%-]{40,}={0,2}");
    private static final Pattern RANDOM_HEX = Pattern.compile("(?<![0-9A-Za-z])[0-9a-fA-F]{64}(?![0-9A-Za-z])");
    /** What stands before the name in an ARN, which is long and no secret. */
    private static final Pattern ARN_START =
            Pattern.compile("arn:aws[\\w-]{0,20}:[\\w-]{1,30}:[\\w-]{0,30}:\\d{0,12}:$");

    /**
     * What CI services and their plugins read as a command, cut where a blank ends that. Wherever it stands: what begins a
     * line is only known after the layout.
     */
    private static final Pattern COMMAND = Pattern.compile("(?i)"
            + String.join(
                    "|",
                    // Azure Pipelines, TeamCity, and GitHub's older form.
                    "#(?=#[\\w-]{0,40}\\[)",
                    // GitHub Actions: ::name::, or ::name and a property. No group of an IPv6 address.
                    ":(?=:(?![0-9A-Fa-f]{1,4}(?![\\w-]))[A-Za-z_][\\w-]*+(?:::|[\\s\\p{Z}]|$))",
                    // Buildkite: what opens a group of lines.
                    "(?<=^|[\\s\\p{Z}])(?:\\+\\+|--|~~|\\^\\^)(?=[+~^-](?:[\\s\\p{Z}]|$))",
                    // GitLab, Travis: sections that fold. A plugin of Jenkins: a file to attach.
                    "section_(?:start|end)(?=:)",
                    "travis_(?:fold|time)(?=:)",
                    "\\[(?=\\[ATTACHMENT\\|)"));

    /** A run of blanks from its beginning; one that began anywhere would be looked at once for each blank. */
    private static final Pattern BLANKS = Pattern.compile("(?<!\\s)\\s+");

    private static final int LONGEST_ARN_START = 110;
    /** An AWS secret access key has so many characters. */
    private static final int KEY_LENGTH = 40;

    private static final Set<String> SECRETS =
            Collections.synchronizedSet(Collections.newSetFromMap(new LinkedHashMap<>() {
                private static final long serialVersionUID = 1;

                @Override
                protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
                    return size() > MOST_SECRETS;
                }
            }));

    private Scrubber() {}

    /**
     * Announces a secret, so that it is masked wherever it turns up from now on in this JVM, also URL-encoded or broken
     * over lines. Texts of fewer than 8 characters are ignored, and the thousand latest are remembered.
     */
    public static void keepSecret(String secret) {
        if (secret != null && secret.length() >= SHORTEST_SECRET) {
            synchronized (SECRETS) {
                SECRETS.remove(secret);
                SECRETS.add(secret);
                // Inside a URL it looks like this; often that is the same.
                SECRETS.add(URLEncoder.encode(secret, StandardCharsets.UTF_8));
            }
        }
    }

    /** The text without secrets, control characters and commands to a CI service; line feeds stay. */
    public static String scrub(String text) {
        return withoutCommands(withoutSecrets(text));
    }

    private static String withoutSecrets(String text) {
        String mask = Matcher.quoteReplacement(MASK);
        String result = withoutControls(withoutKnown(text));
        result = SIGNATURE.matcher(result).replaceAll("$1$2" + mask);
        result = TOKEN_PARAMETER.matcher(result).replaceAll("$1" + mask);
        result = HEADER.matcher(result).replaceAll("$1" + mask);
        result = BEARER.matcher(result).replaceAll("$1" + mask);
        result = USER_INFO.matcher(result).replaceAll("$1" + mask + "@");
        result = QUOTED_SECRET.matcher(result).replaceAll("$1$2$3$4" + mask);
        result = NAMED_SECRET.matcher(result).replaceAll("$1" + mask);
        result = RANDOM_HEX.matcher(result).replaceAll(mask);
        String named = result;
        return LONG_RUN.matcher(named)
                .replaceAll(run -> Matcher.quoteReplacement(
                        looksRandom(run.group()) && !isInArn(named, run.start()) ? MASK : run.group()));
    }

    private static String withoutCommands(String text) {
        return COMMAND.matcher(text).replaceAll("$0 ");
    }

    /** Without the announced secrets, be they broken over lines or not. */
    private static String withoutKnown(String text) {
        String result = text;
        Squeezed squeezed = null;
        // The longest first: a secret may be the beginning of another.
        for (String secret : secrets()) {
            if (result.contains(secret)) {
                result = result.replace(secret, MASK);
                squeezed = null;
            }
            if (squeezed == null) {
                squeezed = Squeezed.of(result);
            }
            if (squeezed.hasGaps() && squeezed.text().contains(secret)) {
                result = squeezed.without(secret, result);
                squeezed = null;
            }
        }
        return result;
    }

    /** A text without its white space, and where each of its characters was. */
    private record Squeezed(String text, int[] origin, boolean hasGaps) {
        static Squeezed of(String original) {
            int[] origin = new int[original.length()];
            StringBuilder text = new StringBuilder(original.length());
            for (int i = 0; i < original.length(); i++) {
                if (!Character.isWhitespace(original.charAt(i))) {
                    origin[text.length()] = i;
                    text.append(original.charAt(i));
                }
            }
            return new Squeezed(text.toString(), origin, text.length() < original.length());
        }

        String without(String secret, String original) {
            StringBuilder result = new StringBuilder();
            int from = 0;
            for (int at = text.indexOf(secret); at >= 0; at = text.indexOf(secret, at + secret.length())) {
                result.append(original, from, origin[at]).append(MASK);
                from = origin[at + secret.length() - 1] + 1;
            }
            return result.append(original, from, original.length()).toString();
        }
    }

    /** The text as of {@link #scrub}, on one line. */
    static String oneLine(String text) {
        String line = BLANKS.matcher(withoutSecrets(text))
                .replaceAll(blanks -> blanks.group().contains("\n") ? " " : blanks.group());
        return withoutCommands(line.strip());
    }

    /** The text as of {@link #scrub}, on one line, and cut at so many characters. */
    public static String line(String text, int most) {
        String line =
                withoutCommands(withoutSecrets(text).replaceAll("\\s+", " ").strip());
        return line.length() <= most ? line : line.substring(0, most - 1).stripTrailing() + "…";
    }

    private static List<String> secrets() {
        keepSecret(System.getenv("AWS_SECRET_ACCESS_KEY"));
        keepSecret(System.getenv("AWS_SESSION_TOKEN"));
        keepSecret(System.getProperty("aws.secretAccessKey"));
        keepSecret(System.getProperty("aws.sessionToken"));
        synchronized (SECRETS) {
            return SECRETS.stream()
                    .sorted(Comparator.comparingInt(String::length).reversed())
                    .toList();
        }
    }

    /**
     * Capitals, small letters and digits, in disorder: a key or a token. In a path, a class name or an ARN capitals stand
     * at the beginning of words or side by side.
     */
    private static boolean looksRandom(String run) {
        int digits = (int) run.chars().filter(Character::isDigit).count();
        int capitals = (int) run.chars().filter(Character::isUpperCase).count();
        int small = (int) run.chars().filter(Character::isLowerCase).count();
        boolean asLongAsAKey = run.length() == KEY_LENGTH;
        return digits >= (asLongAsAKey ? 1 : 3)
                && capitals >= 3
                && small >= 3
                && capitalChanges(run) >= (asLongAsAKey ? 0.2 : 0.3);
    }

    private static boolean isInArn(String text, int at) {
        return ARN_START
                .matcher(text.substring(Math.max(0, at - LONGEST_ARN_START), at))
                .find();
    }

    /** The share of neighbours of which exactly one is a capital; about one half where characters are random. */
    private static double capitalChanges(String run) {
        int changes = 0;
        for (int i = 1; i < run.length(); i++) {
            if (Character.isUpperCase(run.charAt(i)) != Character.isUpperCase(run.charAt(i - 1))) {
                changes++;
            }
        }
        return (double) changes / (run.length() - 1);
    }

    private static String withoutControls(String text) {
        if (text.codePoints().noneMatch(Scrubber::isInvisible)) {
            return text;
        }
        StringBuilder result = new StringBuilder(text.length());
        text.codePoints().forEach(c -> {
            if (c == '\t' || c == '\r') {
                result.append(' ');
            } else if (isInvisible(c)) {
                new String(Character.toChars(c)).chars().forEach(half -> result.append(String.format("\\u%04x", half)));
            } else {
                result.appendCodePoint(c);
            }
        });
        return result.toString();
    }

    /** What steers a terminal, breaks a line, reverses or hides text on a screen, or is no text at all. */
    private static boolean isInvisible(int c) {
        if (c < 127) {
            return c < ' ' && c != '\n';
        }
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.SURROGATE -> true;
            default ->
                (c & 0xfffe) == 0xfffe
                        // Joiners, fillers and selectors, which show nothing.
                        || c == 0x34f
                        || c == 0x115f
                        || c == 0x1160
                        || c == 0x17b4
                        || c == 0x17b5
                        || c >= 0x180b && c <= 0x180f
                        || c >= 0x2060 && c <= 0x206f
                        || c == 0x3164
                        || c >= 0xfe00 && c <= 0xfe0f
                        || c == 0xffa0
                        || c >= 0xe0000 && c <= 0xe0fff;
        };
    }
}
