package io.github.dsqlreach.diagnosis;

import io.github.dsqlreach.Cause;
import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.Evidence;
import io.github.dsqlreach.FailureKind;
import io.github.dsqlreach.Negotiation;
import io.github.dsqlreach.Phase;
import io.github.dsqlreach.Remedy;
import io.github.dsqlreach.Transport;
import io.github.dsqlreach.Verdict;
import io.github.dsqlreach.connect.DriverProperties;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What to do, the most promising for this evidence first, with this endpoint's names filled in. */
final class Remedies {
    private static final Pattern PLACEHOLDER = Pattern.compile("\\{(\\w+)}");

    private static final Set<Cause> ANOTHER_SERVER =
            EnumSet.of(Cause.NOT_POSTGRES, Cause.TLS_REFUSED, Cause.DNS_SINKHOLED, Cause.ADDRESS_FAILS);

    private Remedies() {}

    static List<String> of(Facts facts, Finding finding) {
        Cause cause = finding.cause();
        List<Remedy> remedies = new ArrayList<>();
        remedies.addAll(special(facts, finding));
        remedies.addAll(IdentityAdvice.remedies(facts, cause));
        cause.remedies().stream()
                .filter(remedy -> !facts.tries().passed(ExperimentName.CONTROL_443)
                        || cause != Cause.TCP_TIMEOUT
                        || remedy.kind() != Remedy.Kind.CHECK)
                .forEach(remedies::add);
        if (cause.verdict() == Verdict.BLOCKED && isOnTheWay(facts, cause)) {
            boolean told = remedies.stream().anyMatch(remedy -> remedy.kind() == Remedy.Kind.ADMINISTRATOR);
            network(facts).stream()
                    .filter(remedy -> !told || remedy.kind() != Remedy.Kind.ADMINISTRATOR)
                    .forEach(remedies::add);
        }
        if (remedies.isEmpty()) {
            remedies.add(new Remedy(
                    Remedy.Kind.CHECK,
                    "Run the same check on another network and put both reports side by side: `doctor compare A.json"
                            + " B.json`."));
        }
        List<String> texts = new ArrayList<>(
                remedies.stream().map(r -> fill(r.text(), facts)).toList());
        // Another layer is broken as well: solving the first alone would not help.
        facts.attempt().results().stream()
                .filter(result -> result.failed() && result != facts.failed())
                .forEach(other -> {
                    Facts more = facts.about(other);
                    Finding second = Rules.find(more);
                    Stream.concat(
                                    special(more, second).stream(),
                                    Stream.concat(
                                            IdentityAdvice.remedies(more, second.cause()).stream(),
                                            second.cause().remedies().stream()))
                            .map(remedy -> other.phase().label() + ": " + fill(remedy.text(), more))
                            .forEach(texts::add);
                });
        return texts.stream().distinct().toList();
    }

    /** What only this evidence calls for; before the cause's own. */
    private static List<Remedy> special(Facts facts, Finding finding) {
        Cause cause = finding.cause();
        List<Remedy> remedies = new ArrayList<>();
        if (cause == Cause.DNS_NAME_NOT_FOUND && facts.endpoint().isPrivateLinkName()) {
            // The likeliest by far for such a name, and otherwise the last of the cause's own.
            remedies.add(cause.remedies().get(cause.remedies().size() - 1));
        }
        facts.hostsFile()
                .filter(file -> cause.verdict() == Verdict.BLOCKED)
                .ifPresent(file -> remedies.add(check("The address comes from the hosts file `" + file
                        + "` and not from DNS: correct or remove its line for `{host}`.")));
        if (Tries.webSocketWorks(facts.experiments()) && cause.verdict() == Verdict.BLOCKED) {
            if (facts.endpoint().transport() != Transport.AUTO) {
                remedies.add(setting(
                        "Port 443 works here: over its WebSocket the cluster answered. If whoever runs this network"
                                + " does not mind, the tests run that way with `dsql.reach.transport=auto`"
                                + " (`DSQL_REACH_TRANSPORT=auto`, docs/websocket.md)."));
            }
            remedies.add(setting("For an application, with this library on the class path: `"
                    + DriverProperties.url(webSocket(facts.endpoint())) + "`."));
        }
        if (cause == Cause.DNS_NAME_NOT_FOUND) {
            Names.meant(facts.endpoint()).ifPresent(text -> remedies.add(setting(text)));
        }
        if (facts.slow()) {
            remedies.add(setting("Answers came, but late: allow more time with `--timeout 30s` of the doctor, or"
                    + " `dsql.reach.timeout=30s` in tests."));
        }
        if (cause.verdict() == Verdict.BLOCKED
                && cause != Cause.PATH_MTU_BLACK_HOLE
                && !facts.slow()
                && facts.failedWith(FailureKind.TIMEOUT)
                && (facts.roundTrips().showLoss() || facts.isTooFar() || facts.isNotArriving())) {
            remedies.add(setting((facts.roundTrips().showLoss()
                            ? "This network loses packets, and what is sent again comes late"
                            : facts.isNotArriving()
                                    ? "If the network is slow or loses packets"
                                    : "Not all tries came to their end")
                    + ": allow more time with `--timeout 30s` of the doctor, or `dsql.reach.timeout=30s` in tests."));
        }
        if (cause == Cause.TLS_INTERCEPTED && facts.certificateCameAlone()) {
            remedies.add(check("If this is a server of your own: its certificate came alone, and one that keeps its"
                    + " intermediate certificate back looks the same; let it send its whole chain."));
        }
        if (cause == Cause.TLS_REFUSED && facts.failedWith(FailureKind.SERVER_ERROR)) {
            remedies.add(unproven());
        }
        if (facts.at(Phase.TCP) && facts.failedWith(FailureKind.TIMEOUT) && facts.isPrivate()) {
            remedies.add(check(
                    "The name leads to a private address, a VPC's: join that VPC or its VPN, and check the security"
                            + " group of the interface endpoint, which must allow TCP {port}."));
        }
        if (cause == Cause.SNI_BLOCKED && facts.tries().passed(ExperimentName.SSL_REQUEST_TLS)) {
            remedies.add(setting(
                    "Start with the SSLRequest, which gets through here: `sslNegotiation=postgres` in the JDBC URL,"
                            + " `--negotiation postgres` of the doctor."));
        }
        if (cause == Cause.SNI_BLOCKED && facts.tries().passed(ExperimentName.DIRECT_TLS)) {
            remedies.add(
                    setting("Start with TLS at once, which gets through here: `sslNegotiation=direct` in the JDBC URL,"
                            + " `--negotiation direct` of the doctor."));
        }
        if (finding.trigger().filter(ExperimentName.TLS_1_2::equals).isPresent()) {
            remedies.add(setting("TLS 1.2 gets through: `-Djdk.tls.client.protocols=TLSv1.2`."));
        }
        if (facts.tries().passed(ExperimentName.OTHER_ADDRESS) && cause != Cause.ADDRESS_FAILS) {
            remedies.add(setting("Another address of the cluster works: try again, or prefer its address family with"
                    + " `-Djava.net.preferIPv6Addresses=true` or `-Djava.net.preferIPv4Stack=true`."));
        }
        if (cause == Cause.UNKNOWN) {
            remedies.addAll(unknown(facts));
        }
        return remedies;
    }

    /** The cluster's own, whatever leads to the other door on the way that was attempted. */
    private static Endpoint webSocket(Endpoint endpoint) {
        return endpoint.toBuilder().connectTo(null).build().over(Transport.WEBSOCKET);
    }

    private static List<Remedy> unknown(Facts facts) {
        if (facts.failedWith(FailureKind.CERTIFICATE_UNTRUSTED)) {
            return List.of(
                    check(
                            "Check which roots are trusted here: {trust}. A cluster's chain ends in Amazon Root CA 1, which"
                                    + " every JDK trusts."),
                    check(
                            "Look at the chain: `openssl s_client {tls}-connect {target} -servername {host} -showcerts`."));
        }
        if (!facts.failedWith(FailureKind.SERVER_ERROR)) {
            return List.of();
        }
        String state = facts.text(Evidence.SQL_STATE).orElse("");
        List<Remedy> remedies = new ArrayList<>();
        if (!facts.serverIsProven()) {
            remedies.add(unproven());
        }
        if (state.startsWith("57P")) {
            remedies.add(new Remedy(
                    Remedy.Kind.WAITING,
                    "Try again in a minute: the server says that it starts, stops or ends sessions."));
        } else if (state.equals("3D000")) {
            remedies.add(setting("Use the database `postgres`: a cluster has no other."));
        } else {
            remedies.add(check("Look the server's message and SQLSTATE " + (state.isEmpty() ? "" : "`" + state + "` ")
                    + "up, and check host, port and tunnel: the connection went to `{target}`."));
        }
        return remedies;
    }

    private static Remedy unproven() {
        return check("Check what answers at `{target}`: it spoke before it proved to be the cluster, so that its words"
                + " may be anybody's, such as a pooler's or a device's on the way.");
    }

    private static Remedy check(String text) {
        return new Remedy(Remedy.Kind.CHECK, text);
    }

    private static Remedy setting(String text) {
        return new Remedy(Remedy.Kind.SETTING, text);
    }

    /** Whether something between here and the cluster is in the way, so that another way there is good advice. */
    private static boolean isOnTheWay(Facts facts, Cause cause) {
        boolean stopped = facts.cut() || facts.failedWith(FailureKind.TLS_ALERT);
        return stopped && facts.layer().compareTo(Phase.TCP) >= 0 && !ANOTHER_SERVER.contains(cause);
    }

    private static List<Remedy> network(Facts facts) {
        String what = facts.failedWith(FailureKind.RESET)
                ? "is reset"
                : facts.failedWith(FailureKind.CLOSED)
                        ? "is closed"
                        : facts.failedWith(FailureKind.TLS_ALERT) ? "ends with a TLS alert" : "gets no answer";
        String when = facts.after().map(after -> " after " + after).orElse("");
        Remedy elsewhere =
                new Remedy(Remedy.Kind.NETWORK, "Use another network (hotspot, home), a VPN or AWS CloudShell.");
        if (facts.endpoint().connectTo().isPresent()) {
            return List.of(
                    new Remedy(
                            Remedy.Kind.TUNNEL,
                            "The connection goes through `{target}` already: check that way's far end, from the host where it"
                                    + " ends: `nc -vz -w 5 {host} {port}` (Windows: `Test-NetConnection {host} -Port {port}`)."),
                    elsewhere);
        }
        return List.of(
                elsewhere,
                new Remedy(
                        Remedy.Kind.TUNNEL,
                        "Go through an EC2 instance by SSM: `aws ssm start-session --target INSTANCE_ID --region {region}"
                                + " --document-name AWS-StartPortForwardingSessionToRemoteHost"
                                + " --parameters host={host},portNumber={port},localPortNumber=15432`, then"
                                + " `export DSQL_REACH_CONNECT_TO=127.0.0.1:15432` (`set` on Windows), or"
                                + " `--connect-to 127.0.0.1:15432` of the doctor."),
                new Remedy(
                        Remedy.Kind.TUNNEL,
                        "Or by SSH: `ssh -N -L 15432:{host}:{port} USER@JUMP_HOST`, then"
                                + " `export DSQL_REACH_CONNECT_TO=127.0.0.1:15432` (`set` on Windows), or"
                                + " `--connect-to 127.0.0.1:15432` of the doctor."),
                new Remedy(
                        Remedy.Kind.ADMINISTRATOR,
                        "Tell the network's administrator: TCP to `{host}:{port}` "
                                + (facts.layer() == Phase.TCP
                                        ? "does not connect"
                                        : "connects, and the connection " + what + when)
                                + "; the cluster needs PostgreSQL over TLS to pass."));
    }

    /** The template with the endpoint's parts and the failed phase's evidence filled in. */
    static String fill(String template, Facts facts) {
        return PLACEHOLDER
                .matcher(template)
                .replaceAll(match -> Matcher.quoteReplacement(value(match.group(1), facts)));
    }

    /** What openssl must be told to start TLS as it was started here. */
    private static String startOfTls(Endpoint endpoint) {
        if (endpoint.transport() == Transport.WEBSOCKET) {
            return "";
        }
        return endpoint.negotiation() == Negotiation.POSTGRES ? "-starttls postgres " : "-alpn postgresql ";
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
            case "tls" -> startOfTls(endpoint);
            default -> facts.text(name).orElse("unknown");
        };
    }
}
