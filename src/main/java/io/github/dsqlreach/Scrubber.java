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
 * Takes secrets and control characters out of texts. Every text of a report passes through here when its value is
 * constructed, so that nothing downstream has to remember.
 *
 * <p>Masked are: parameters of a signed token, passwords and keys that stand behind their name, secrets announced with
 * {@link #keepSecret(String)} or present in the AWS environment variables and system properties, and long runs of
 * random-looking characters. Control characters other than a line feed become visible escapes, so that a hostile
 * server cannot steer a terminal.
 */
public final class Scrubber {
    /** What stands where a secret stood. */
    public static final String MASK = "***";

    private static final int MOST_SECRETS = 1_000;
    /** Shorter texts are no secrets worth the name, and masking them would garble reports. */
    private static final int SHORTEST_SECRET = 8;

    private static final Pattern TOKEN_PARAMETER =
            Pattern.compile("(?i)(X-Amz-(?:Signature|Security-Token|Credential)(?:=|%3D))[^&\\s\"'<>]*");
    /** A name that announces a secret, and the secret: quoted, or up to the next blank. */
    private static final Pattern NAMED_SECRET =
            Pattern.compile("(?i)((?:secret(?!s?manager)[\\w.-]{0,30}|password|passwd|pgpassword|session[_.-]?token"
                    + "|security[_.-]?token)[\"']?\\s{0,3}[=:]\\s{0,3})"
                    + "(?!\\s|true\\b|false\\b)(?:\"[^\"]*+\"?+|'[^']*+'?+|[^\\s\"'&]+)");

    private static final Pattern AUTHORIZATION = Pattern.compile("(?i)(authorization[\"']?\\s{0,3}[=:])[^\\n]+");
    private static final Pattern USER_INFO = Pattern.compile("(://[^\\s/?#:@]*:)[^\\s/?#]*@");
    private static final Pattern LONG_RUN = Pattern.compile("[A-Za-z0-9+/_%-]{40,}={0,2}");
    private static final Pattern RANDOM_HEX = Pattern.compile("(?<![0-9A-Za-z])[0-9a-fA-F]{64}(?![0-9A-Za-z])");

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
     * Announces a secret, so that it is masked wherever it turns up from now on in this JVM. Texts of fewer than 8
     * characters are ignored, and the thousand latest are remembered.
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

    /** The text without secrets and control characters; line feeds stay. */
    public static String scrub(String text) {
        String result = text;
        // The longest first: a secret may be the beginning of another.
        for (String secret : secrets()) {
            if (result.contains(secret)) {
                result = result.replace(secret, MASK);
            }
        }
        result = TOKEN_PARAMETER.matcher(result).replaceAll("$1" + Matcher.quoteReplacement(MASK));
        result = AUTHORIZATION.matcher(result).replaceAll("$1 " + Matcher.quoteReplacement(MASK));
        result = USER_INFO.matcher(result).replaceAll("$1" + Matcher.quoteReplacement(MASK + "@"));
        result = NAMED_SECRET.matcher(result).replaceAll("$1" + Matcher.quoteReplacement(MASK));
        result = RANDOM_HEX.matcher(result).replaceAll(Matcher.quoteReplacement(MASK));
        result = LONG_RUN.matcher(result)
                .replaceAll(run -> Matcher.quoteReplacement(looksRandom(run.group()) ? MASK : run.group()));
        return withoutControls(result);
    }

    /** The text without secrets, on one line, and cut at so many characters. */
    public static String line(String text, int most) {
        String line = scrub(text).replaceAll("\\s+", " ").strip();
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
        return digits >= 3 && capitals >= 3 && small >= 3 && capitalChanges(run) >= 0.3;
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
        if (text.chars().noneMatch(Scrubber::isControl)) {
            return text;
        }
        StringBuilder result = new StringBuilder(text.length());
        text.chars().forEach(c -> {
            if (c == '\t' || c == '\r') {
                result.append(' ');
            } else if (isControl(c)) {
                result.append(String.format("\\u%04x", c));
            } else {
                result.append((char) c);
            }
        });
        return result.toString();
    }

    /** Besides the control characters: what reverses or hides text on a screen. */
    private static boolean isControl(int c) {
        return c != '\n'
                && (Character.isISOControl(c)
                        || c == '\u00ad'
                        || c == '\u061c'
                        || c >= '\u200b' && c <= '\u200f'
                        || c >= '\u2028' && c <= '\u202e'
                        || c >= '\u2060' && c <= '\u2069'
                        || c == '\ufeff');
    }
}
