package io.github.dsqlreach.diagnosis;

import io.github.dsqlreach.Cause;
import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.Evidence;
import io.github.dsqlreach.FailureKind;
import io.github.dsqlreach.Phase;
import io.github.dsqlreach.Verdict;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What to do, the most promising for this evidence first, with this endpoint's names filled in. */
final class Remedies {
    private static final Pattern PLACEHOLDER = Pattern.compile("\\{(\\w+)}");

    private static final Set<Cause> ANOTHER_SERVER =
            EnumSet.of(Cause.NOT_POSTGRES, Cause.TLS_REFUSED, Cause.DNS_SINKHOLED);

    private Remedies() {}

    static List<String> of(Facts facts, Cause cause) {
        List<String> remedies = new ArrayList<>();
        if (cause == Cause.DNS_NAME_NOT_FOUND && facts.endpoint().isPrivateLinkName()) {
            // The likeliest by far for such a name, and otherwise the last of the cause's own.
            remedies.add(cause.remedies().get(cause.remedies().size() - 1));
        }
        if (facts.slow()) {
            remedies.add("Answers came, but late: allow more time with `dsql.reach.timeout=30s`.");
        }
        if (cause == Cause.SNI_BLOCKED && facts.passed(ExperimentName.SSL_REQUEST_TLS)) {
            remedies.add(
                    "Start with the SSLRequest, which gets through here: `sslNegotiation=postgres` in the JDBC URL.");
        }
        if (cause == Cause.SNI_BLOCKED && facts.passed(ExperimentName.DIRECT_TLS)) {
            remedies.add("Start with TLS at once, which gets through here: `sslNegotiation=direct` in the JDBC URL.");
        }
        if (facts.passed(ExperimentName.TLS_1_2)) {
            remedies.add("TLS 1.2 gets through: `-Djdk.tls.client.protocols=TLSv1.2`.");
        }
        if (facts.passed(ExperimentName.OTHER_ADDRESS)) {
            remedies.add("Another address of the cluster works: try again, or prefer its address family with"
                    + " `-Djava.net.preferIPv6Addresses=true` or `-Djava.net.preferIPv4Stack=true`.");
        }
        if (cause == Cause.UNKNOWN && facts.failedWith(FailureKind.CERTIFICATE_UNTRUSTED)) {
            remedies.add(fill(
                    "Check which roots are trusted here: {trust}. A cluster's chain ends in Amazon Root CA 1, which every"
                            + " JDK trusts.",
                    facts));
            remedies.add(fill(
                    "Look at the chain: `openssl s_client -starttls postgres -connect {target} -servername {host}"
                            + " -showcerts`.",
                    facts));
        }
        remedies.addAll(IdentityAdvice.remedies(facts, cause));
        cause.remedies().stream()
                .filter(template -> !facts.passed(ExperimentName.CONTROL_443) || !template.contains("another port"))
                .forEach(template -> remedies.add(fill(template, facts)));
        if (cause.verdict() == Verdict.BLOCKED && isOnTheWay(facts, cause)) {
            boolean told = remedies.stream().anyMatch(remedy -> remedy.contains("administrator"));
            network(facts).stream()
                    .filter(template -> !told || !template.contains("administrator"))
                    .forEach(template -> remedies.add(fill(template, facts)));
        }
        return remedies.stream().distinct().toList();
    }

    /** Whether something between here and the cluster is in the way, so that another way there is good advice. */
    private static boolean isOnTheWay(Facts facts, Cause cause) {
        boolean stopped = facts.cut() || facts.failedWith(FailureKind.TLS_ALERT);
        return stopped && facts.layer().compareTo(Phase.TCP) >= 0 && !ANOTHER_SERVER.contains(cause);
    }

    private static List<String> network(Facts facts) {
        String what = facts.failedWith(FailureKind.RESET)
                ? "resets the connection"
                : facts.failedWith(FailureKind.CLOSED)
                        ? "closes the connection"
                        : facts.failedWith(FailureKind.TLS_ALERT) ? "sends a TLS alert" : "lets no answer through";
        String when = facts.text(Evidence.AFTER).map(after -> " after " + after).orElse("");
        return List.of(
                "Use another network (hotspot, home), a VPN or AWS CloudShell.",
                "Go through an EC2 instance by SSM: `aws ssm start-session --target INSTANCE_ID --region {region}"
                        + " --document-name AWS-StartPortForwardingSessionToRemoteHost"
                        + " --parameters host={host},portNumber={port},localPortNumber=15432`, then"
                        + " `export DSQL_REACH_CONNECT_TO=127.0.0.1:15432`.",
                "Or by SSH: `ssh -N -L 15432:{host}:{port} USER@JUMP_HOST`, then"
                        + " `export DSQL_REACH_CONNECT_TO=127.0.0.1:15432`.",
                "Tell the network's administrator: TCP to `{host}:{port}` "
                        + (facts.layer() == Phase.TCP
                                ? "does not connect"
                                : "connects, and a device on the way " + what + when)
                        + "; the cluster needs PostgreSQL over TLS to pass.");
    }

    /** The template with the endpoint's parts and the failed phase's evidence filled in. */
    static String fill(String template, Facts facts) {
        return PLACEHOLDER
                .matcher(template)
                .replaceAll(match -> Matcher.quoteReplacement(value(match.group(1), facts)));
    }

    private static String value(String name, Facts facts) {
        Endpoint endpoint = facts.endpoint();
        return switch (name) {
            case "host" -> endpoint.host();
            case "port" -> String.valueOf(endpoint.port());
            case "user" -> endpoint.user();
            case "region" -> endpoint.region().orElse("REGION");
            case "clusterId" -> endpoint.clusterId().orElse("CLUSTER_ID");
            case "tokenHost" -> endpoint.tokenHost();
            case "target" -> endpoint.target().toString();
            default -> facts.text(name).orElse("unknown");
        };
    }
}
