package io.github.dsqlreach.diagnosis;

import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.Evidence;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A missing permission, from a hint such as {@code User: arn:aws:… is not authorized to perform: dsql:DbConnectAdmin on
 * resource: arn:aws:dsql:…}.
 *
 * @param principal the ARN of the identity; empty if the hint names none
 * @param action the missing action; if the hint names none, the one that the user's role needs
 * @param cluster the cluster's ARN, with placeholders in capitals for unknown parts
 */
record Authorization(Optional<String> principal, String action, String cluster) {
    private static final Pattern PRINCIPAL =
            Pattern.compile("(arn:aws[\\w-]*:(?:iam|sts)::\\d*:[\\w+=,.@/-]{1,200}\\w)", Pattern.CASE_INSENSITIVE);
    private static final Pattern ACTION = Pattern.compile("(dsql:\\w{1,64})", Pattern.CASE_INSENSITIVE);
    private static final Pattern CLUSTER =
            Pattern.compile("(arn:aws[\\w-]*:dsql:[\\w-]*:\\d*:cluster/\\w{1,64})", Pattern.CASE_INSENSITIVE);
    private static final Pattern ACCOUNT = Pattern.compile("arn:(aws[\\w-]*):\\w+:[\\w-]*:(\\d{12}):");

    static Authorization in(Facts facts) {
        Endpoint endpoint = facts.endpoint();
        String text = facts.text(Evidence.HINT).orElse("") + " "
                + facts.text(Evidence.SERVER_MESSAGE).orElse("");
        String action = first(ACTION, text.replaceAll("arn:\\S+", ""))
                .orElse(endpoint.user().equals(Endpoint.DEFAULT_USER) ? "dsql:DbConnectAdmin" : "dsql:DbConnect");
        String cluster = first(CLUSTER, text).orElseGet(() -> {
            Matcher account = ACCOUNT.matcher(text);
            boolean found = account.find();
            return "arn:" + (found ? account.group(1) : "aws") + ":dsql:"
                    + endpoint.region().orElse("REGION") + ":" + (found ? account.group(2) : "ACCOUNT") + ":cluster/"
                    + endpoint.clusterId().orElse("CLUSTER_ID");
        });
        return new Authorization(first(PRINCIPAL, text), action, cluster);
    }

    /** A policy that allows the action, on one line. */
    String policy() {
        return "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"" + action
                + "\",\"Resource\":\"" + cluster + "\"}]}";
    }

    private static Optional<String> first(Pattern pattern, String text) {
        Matcher matcher = pattern.matcher(text);
        return matcher.find() ? Optional.of(matcher.group(1)) : Optional.empty();
    }
}
