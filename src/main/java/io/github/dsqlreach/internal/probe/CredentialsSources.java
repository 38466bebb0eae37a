package io.github.dsqlreach.internal.probe;

import io.github.dsqlreach.Scrubber;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The sources of credentials that a chain tried, one line each, from the SDK's long message. */
final class CredentialsSources {
    private static final int LONGEST_LINE = 160;
    private static final int MOST_SOURCES = 20;
    private static final String UNABLE = "Unable to load credentials from any of the providers";
    private static final Pattern DUMP = Pattern.compile("ProfileFile\\(");
    private static final String PROVIDER = "(?:(?!Provider|Lambda)[\\w.$/@])*+(?:Provider|Lambda)[\\w.$/@]*+";
    /** A provider, its settings, and its message up to the next provider or the end. */
    private static final Pattern ENTRY = Pattern.compile(
            "(?:^|, )(" + PROVIDER + ")(?:\\(([^()]*)\\))?: (.*?)(?=, " + PROVIDER
                    + "(?:\\([^()]*\\))?: |\\](?:$|; caused by)|$)",
            Pattern.DOTALL);

    private static final Pattern PROFILE_NAME = Pattern.compile("profileName=([^,)]+)");

    private static final Map<String, String> LABELS = Map.of(
            "SystemPropertyCredentialsProvider", "system properties",
            "EnvironmentVariableCredentialsProvider", "environment variables",
            "WebIdentityTokenFileCredentialsProvider", "web identity token",
            "ContainerCredentialsProvider", "container (ECS, EKS)",
            "InstanceProfileCredentialsProvider", "instance metadata (EC2)");

    /** Class names in the stack of a waiting thread, and what it waits for. The first match counts. */
    private static final List<Map.Entry<String, String>> WAITING = List.of(
            Map.entry("services.sso", "AWS SSO"),
            Map.entry("services.sts", "AWS STS"),
            Map.entry("InstanceProfileCredentialsProvider", "the EC2 instance metadata service (169.254.169.254)"),
            Map.entry("ContainerCredentialsProvider", "the container's credentials service"),
            Map.entry("ProcessCredentialsProvider", "the profile's credential_process"));

    private CredentialsSources() {}

    /** One line for each source; empty if the message is not that of a chain. */
    static List<String> of(String text) {
        int at = text.indexOf(UNABLE);
        int list = at < 0 ? -1 : text.indexOf(" : [", at);
        if (list < 0) {
            return List.of();
        }
        List<String> lines = new ArrayList<>();
        Matcher entry = ENTRY.matcher(text.substring(list + " : [".length()));
        while (lines.size() < MOST_SOURCES && entry.find()) {
            lines.add(line(entry.group(1), String.valueOf(entry.group(2)), entry.group(3)));
        }
        return lines;
    }

    private static String line(String provider, String settings, String said) {
        String name = provider.substring(provider.lastIndexOf('.') + 1).replaceAll("(\\$\\$Lambda|@).*", "");
        Matcher profile = PROFILE_NAME.matcher(settings);
        String label = profile.find() ? "profile '" + profile.group(1) + "'" : LABELS.getOrDefault(name, name);
        return Scrubber.line(label + ": " + reason(name, said), LONGEST_LINE);
    }

    private static String reason(String provider, String said) {
        boolean properties = provider.startsWith("SystemProperty");
        if (said.contains("Access key must be specified")) {
            return (properties ? "aws.accessKeyId" : "AWS_ACCESS_KEY_ID") + " is not set";
        }
        if (said.contains("Secret key must be specified")) {
            return (properties ? "aws.secretAccessKey" : "AWS_SECRET_ACCESS_KEY") + " is not set";
        }
        if (said.contains("AWS_WEB_IDENTITY_TOKEN_FILE") && said.contains("must be set")) {
            return "AWS_WEB_IDENTITY_TOKEN_FILE is not set";
        }
        if (said.contains("Cannot fetch credentials from container - neither")) {
            return "AWS_CONTAINER_CREDENTIALS_FULL_URI is not set";
        }
        if (said.contains("IMDS credentials have been disabled")) {
            return "switched off by AWS_EC2_METADATA_DISABLED";
        }
        if (said.contains("Failed to load credentials from IMDS")) {
            return "no instance metadata service answers here";
        }
        if (said.contains("Profile file contained no credentials")) {
            return "no such profile, or no credentials in it";
        }
        return said;
    }

    /** What a thread with that stack waits for, if known. */
    static Optional<String> waitedFor(StackTraceElement[] stack) {
        return WAITING.stream()
                .filter(known -> Arrays.stream(stack)
                        .anyMatch(frame -> frame.getClassName().contains(known.getKey())))
                .map(Map.Entry::getValue)
                .findFirst();
    }

    /** The message without the contents of profile files, which the SDK prints in full, several times. */
    static String withoutDumps(String text) {
        StringBuilder result = new StringBuilder();
        Matcher dump = DUMP.matcher(text);
        int from = 0;
        while (dump.find(from)) {
            result.append(text, from, dump.start()).append("the profile file");
            from = end(text, dump.end());
        }
        return result.append(text, from, text.length())
                .toString()
                .replaceAll(",? ?(?:profileFile=|: )the profile file(?=[),\\]]|$)", "");
    }

    private static int end(String text, int from) {
        int depth = 1;
        int at = from;
        while (at < text.length() && depth > 0) {
            char c = text.charAt(at++);
            depth += c == '(' ? 1 : c == ')' ? -1 : 0;
        }
        return at;
    }
}
