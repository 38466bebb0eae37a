package io.github.dsqlreach.diagnosis;

import io.github.dsqlreach.Cause;
import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.Evidence;
import io.github.dsqlreach.Experiment;
import io.github.dsqlreach.ExperimentName;
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
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What to do, the most promising first, with the names of the endpoint filled in. */
final class Remedies {
    private static final Pattern PLACEHOLDER = Pattern.compile("\\{(\\w+)}");

    private static final Set<Cause> ANOTHER_SERVER =
            EnumSet.of(Cause.NOT_POSTGRES, Cause.TLS_REFUSED, Cause.DNS_SINKHOLED, Cause.ADDRESS_FAILS);

    private static final Set<Cause> ANSWERS_CAME_LATE =
            EnumSet.of(Cause.AUTH_TIMEOUT, Cause.QUERY_TIMEOUT, Cause.TIMEOUT_TOO_SHORT);

    private Remedies() {}

    private static boolean passed(ExperimentName name, Facts facts) {
        return facts.experiment(name).filter(Experiment::passed).isPresent();
    }

    static List<String> of(Facts facts, RuleMatch match) {
        Cause cause = match.cause();
        List<Remedy> remedies = new ArrayList<>();
        remedies.addAll(special(facts, match));
        remedies.addAll(IdentityAdvice.remedies(facts, cause));
        cause.remedies().stream()
                .filter(remedy -> !passed(ExperimentName.CONTROL_443, facts)
                        || cause != Cause.TCP_TIMEOUT
                        || remedy.kind() != Remedy.Kind.CHECK)
                .filter(remedy ->
                        !Conditions.ONLY_IPV6.holds(facts) || !remedy.text().contains("preferIPv4Stack"))
                .forEach(remedies::add);
        if (cause.verdict() == Verdict.BLOCKED && isOnThePath(facts, cause)) {
            boolean told = remedies.stream().anyMatch(remedy -> remedy.kind() == Remedy.Kind.ADMINISTRATOR);
            network(facts).stream()
                    .filter(remedy -> !told || remedy.kind() != Remedy.Kind.ADMINISTRATOR)
                    .forEach(remedies::add);
        }
        if (remedies.isEmpty()) {
            remedies.add(new Remedy(
                    Remedy.Kind.CHECK,
                    "Run the same check on another network and compare the reports: `doctor compare A.json"
                            + " B.json`."));
        }
        List<String> texts = new ArrayList<>(
                remedies.stream().map(r -> fill(r.text(), facts)).toList());
        // If another layer fails as well, it does not help to solve the first alone.
        facts.attempt().phases().stream()
                .filter(result -> result.failed() && result != facts.failed())
                .forEach(other -> {
                    Facts more = facts.about(other);
                    RuleMatch second = DiagnosisTable.TABLE.match(more);
                    if (second.cause() == cause) {
                        return;
                    }
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

    /** Remedies for this evidence, which come before the cause's own. */
    private static List<Remedy> special(Facts facts, RuleMatch match) {
        Cause cause = match.cause();
        List<Remedy> remedies = new ArrayList<>();
        if (cause == Cause.DNS_NAME_NOT_FOUND && facts.endpoint().isPrivateLinkName()) {
            // The most probable one for such a name, and otherwise the last of the cause's own.
            remedies.add(cause.remedies().get(cause.remedies().size() - 1));
        }
        facts.hostsFile()
                .filter(file -> cause.verdict() == Verdict.BLOCKED && !Conditions.ADDRESS_PROVEN.holds(facts))
                .ifPresent(file -> remedies.add(check("The address comes from the hosts file `" + file
                        + "`, not from DNS: correct or remove its line for `{host}`.")));
        if (ExperimentResults.webSocketWorks(facts.followUp()) && cause.verdict() == Verdict.BLOCKED) {
            if (facts.endpoint().transport() != Transport.AUTO) {
                remedies.add(setting("Port 443 works here: the cluster answered over its WebSocket. If the"
                        + " network's administrator agrees, let the tests use it: `dsql.reach.transport=auto`"
                        + " (`DSQL_REACH_TRANSPORT=auto`, docs/websocket.md)."));
            }
            remedies.add(setting("In an application with this library on the class path: `"
                    + DriverProperties.url(webSocket(facts.endpoint())) + "`."));
        }
        remedies.addAll(proxy(facts, cause));
        if (cause.verdict() == Verdict.BLOCKED && Conditions.FAKE_ADDRESS.holds(facts)) {
            remedies.add(setting("The address is a fake one (198.18.0.0/15) of proxy software, such as Clash, Surge or"
                    + " sing-box: exempt `{host}` and TCP port {port} from it, or switch it off."));
        }
        if (cause == Cause.DNS_NAME_NOT_FOUND) {
            Names.meant(facts.endpoint()).ifPresent(text -> remedies.add(setting(text)));
        }
        boolean slow = Conditions.SLOW_LOGIN.holds(facts)
                || Conditions.TIMED_OUT.holds(facts) && Conditions.ANSWER_IN_PROGRESS.holds(facts);
        if (slow && (ANSWERS_CAME_LATE.contains(cause) || cause == Cause.TLS_TIMEOUT)) {
            remedies.add(setting("Answers came late: allow more time with `--timeout 30s` of the doctor, or"
                    + " `dsql.reach.timeout=30s` in tests."));
        }
        if (cause.verdict() == Verdict.BLOCKED
                && cause != Cause.PATH_MTU_BLACK_HOLE
                && !slow
                && facts.failedWith(FailureKind.TIMEOUT)
                && (Conditions.PACKETS_LOST.holds(facts)
                        || Conditions.TOO_FAR.holds(facts)
                        || Conditions.NOT_ARRIVING.holds(facts))) {
            remedies.add(setting((Conditions.PACKETS_LOST.holds(facts)
                            ? "This network loses packets, and retransmitted packets arrive late"
                            : Conditions.NOT_ARRIVING.holds(facts)
                                    ? "If the network is slow or loses packets"
                                    : "Some experiments did not finish")
                    + ": allow more time with `--timeout 30s` of the doctor, or `dsql.reach.timeout=30s` in tests."));
        }
        if (cause == Cause.TLS_INTERCEPTED && Conditions.LONE_CERTIFICATE.holds(facts)) {
            remedies.add(check("If this is your own server, let it send its whole chain: it sent only its own"
                    + " certificate, without an intermediate certificate."));
        }
        if (cause == Cause.TLS_REFUSED && facts.failedWith(FailureKind.SERVER_ERROR)) {
            remedies.add(unproven());
        }
        if (facts.at(Phase.TCP) && facts.failedWith(FailureKind.TIMEOUT) && Conditions.PRIVATE_ADDRESS.holds(facts)) {
            remedies.add(check("The name resolves to a private address of a VPC: join that VPC or its VPN, and check"
                    + " that the security group of the interface endpoint allows TCP {port}."));
        }
        if (cause == Cause.SNI_BLOCKED && passed(ExperimentName.SSL_REQUEST_TLS, facts)) {
            remedies.add(setting("Use the SSLRequest, which works here: `sslNegotiation=postgres` in the JDBC"
                    + " URL, `--negotiation postgres` of the doctor."));
        }
        if (cause == Cause.SNI_BLOCKED && passed(ExperimentName.DIRECT_TLS, facts)) {
            remedies.add(setting("Use direct TLS, which works here: `sslNegotiation=direct` in the JDBC URL,"
                    + " `--negotiation direct` of the doctor."));
        }
        if (match.trigger().filter(ExperimentName.TLS_1_2::equals).isPresent()) {
            remedies.add(setting("Use TLS 1.2, which works here: `-Djdk.tls.client.protocols=TLSv1.2`."));
        }
        if (cause == Cause.CERTIFICATE_UNACCEPTABLE && Conditions.NAME_IN_COMMON_NAME_ONLY.holds(facts)) {
            remedies.add(setting("If this is your own server, give its certificate the host name as a subject"
                    + " alternative name: `DNS:{host}`."));
        }
        if (passed(ExperimentName.OTHER_ADDRESS, facts) && cause != Cause.ADDRESS_FAILS) {
            remedies.add(setting("Another address of the cluster works: try again, or prefer its address family"
                    + " with `-Djava.net.preferIPv6Addresses=true` or `-Djava.net.preferIPv4Stack=true`."));
        }
        if (cause == Cause.UNKNOWN) {
            remedies.addAll(unknown(facts));
        }
        return remedies;
    }

    /** The HTTP proxy of this machine, which TCP to the cluster's own port does not use. */
    private static List<Remedy> proxy(Facts facts, Cause cause) {
        Optional<String> proxy = facts.evidence(Phase.DNS).text(Evidence.UNUSED_PROXY);
        if (proxy.isEmpty()
                || facts.phase().compareTo(Phase.TLS) > 0
                || cause.verdict() != Verdict.BLOCKED && !facts.at(Phase.DNS)) {
            return List.of();
        }
        List<Remedy> remedies = new ArrayList<>();
        facts.experiment(ExperimentName.WEB_SOCKET_443)
                .filter(e -> e.evidence(Phase.TCP)
                        .get(Evidence.HTTP_STATUS)
                        .filter(Conditions.LOGIN_WANTED::contains)
                        .isPresent())
                .flatMap(Experiment::failure)
                .ifPresent(failure -> {
                    remedies.add(setting("Port 443 is open through the proxy, but: " + failure.message() + "."));
                    remedies.addAll(Cause.PROXY_LOGIN_REQUIRED.remedies().stream()
                            .filter(remedy -> remedy.kind() == Remedy.Kind.TUNNEL)
                            .toList());
                });
        if (!ExperimentResults.webSocketWorks(facts.followUp())) {
            remedies.add(setting("This machine has the HTTP proxy `" + proxy.get() + "`, which the PostgreSQL driver"
                    + " ignores: it knows neither `HTTPS_PROXY` nor `https.proxyHost`. The cluster's WebSocket on port 443"
                    + " goes through it, and the proxy looks the name up: `dsql.reach.transport=websocket`"
                    + " (docs/websocket.md)."));
        }
        return remedies;
    }

    /** The endpoint over the WebSocket, without a tunnel. */
    private static Endpoint webSocket(Endpoint endpoint) {
        return endpoint.toBuilder().connectTo(null).build().over(Transport.WEBSOCKET);
    }

    private static List<Remedy> unknown(Facts facts) {
        if (facts.at(Phase.TLS) && Conditions.PROVEN_THERE.holds(facts)) {
            return List.of(check("Connect several times and compare the certificates: `openssl s_client {tls}-connect"
                    + " {target} -servername {host}`. If they differ, one of the servers behind that address, or a"
                    + " device on the path, is not the cluster."));
        }
        if (facts.failedWith(FailureKind.CERTIFICATE_UNTRUSTED)) {
            return List.of(
                    check("Check which root certificates are trusted: {trust}. A cluster's chain ends in Amazon"
                            + " Root CA 1, which each JDK trusts."),
                    check("See the chain: `openssl s_client {tls}-connect {target} -servername {host} -showcerts`."));
        }
        if (!facts.failedWith(FailureKind.SERVER_ERROR)) {
            return List.of();
        }
        String state = facts.text(Evidence.SQL_STATE).orElse("");
        List<Remedy> remedies = new ArrayList<>();
        if (!Conditions.SERVER_IS_VERIFIED.holds(facts)) {
            remedies.add(unproven());
        }
        if (state.startsWith("57P")) {
            remedies.add(new Remedy(
                    Remedy.Kind.WAITING,
                    "Try again in a minute: the server says that it starts, stops or ends sessions."));
        } else if (state.equals("3D000")) {
            remedies.add(setting("Use the database `postgres`: a cluster has no other database."));
        } else {
            remedies.add(
                    check("Look up the server's message" + (state.isEmpty() ? "" : " and the SQLSTATE `" + state + "`")
                            + ", and check host, port and tunnel: the connection went to `{target}`."));
        }
        return remedies;
    }

    private static Remedy unproven() {
        return check("Check which server answers at `{target}`: it answered before it proved to be the cluster,"
                + " so it may be a pooler or a device on the path.");
    }

    private static Remedy check(String text) {
        return new Remedy(Remedy.Kind.CHECK, text);
    }

    private static Remedy setting(String text) {
        return new Remedy(Remedy.Kind.SETTING, text);
    }

    /** Something between this machine and the cluster is the cause, so another network or a tunnel is good advice. */
    private static boolean isOnThePath(Facts facts, Cause cause) {
        boolean stopped = Conditions.HANDSHAKE_FAILED.contains(facts.kind());
        return stopped && facts.phase().compareTo(Phase.TCP) >= 0 && !ANOTHER_SERVER.contains(cause);
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
                            "The connection already goes through `{target}`: check its other end, on the host"
                                    + " where it ends: `nc -vz -w 5 {host} {port}` (Windows:"
                                    + " `Test-NetConnection {host} -Port {port}`)."),
                    elsewhere);
        }
        return List.of(
                elsewhere,
                new Remedy(
                        Remedy.Kind.TUNNEL,
                        "Forward the port through an EC2 instance with SSM: `aws ssm start-session --target"
                                + " INSTANCE_ID --region {region} --document-name"
                                + " AWS-StartPortForwardingSessionToRemoteHost --parameters"
                                + " host={host},portNumber={port},localPortNumber=15432`, then"
                                + " `export DSQL_REACH_CONNECT_TO=127.0.0.1:15432`"
                                + " (`set` on Windows), or `--connect-to"
                                + " 127.0.0.1:15432` of the doctor."),
                new Remedy(
                        Remedy.Kind.TUNNEL,
                        "Or with SSH: `ssh -N -L 15432:{host}:{port} USER@JUMP_HOST`, then `export"
                                + " DSQL_REACH_CONNECT_TO=127.0.0.1:15432` (`set` on Windows), or `--connect-to"
                                + " 127.0.0.1:15432` of the doctor."),
                new Remedy(
                        Remedy.Kind.ADMINISTRATOR,
                        "Tell the network's administrator: TCP to `{host}:{port}` "
                                + (facts.phase() == Phase.TCP
                                        ? "does not connect"
                                        : "connects, but the connection " + what + when)
                                + "; the cluster needs PostgreSQL over TLS."));
    }

    /** The template with parts of the endpoint and evidence of the failed phase filled in. */
    static String fill(String template, Facts facts) {
        return PLACEHOLDER
                .matcher(template)
                .replaceAll(match -> Matcher.quoteReplacement(value(match.group(1), facts)));
    }

    /** The option that lets openssl start TLS as the attempt did. */
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
            // A server tells what TLS lacked only after it.
            case "cluster" -> ServerName.ofCluster(facts.evidence()).orElse("the cluster's name");
            case "setting", "settingEffect" ->
                fact(name, facts.evidence())
                        .or(() -> fact(name, facts.evidence(Phase.TLS)))
                        .orElse("unknown");
            default -> fact(name, facts.evidence()).orElse("unknown");
        };
    }

    private static Optional<String> fact(String name, Evidence evidence) {
        return evidence.keys().stream()
                .filter(key -> key.name().equals(name))
                .findFirst()
                .flatMap(evidence::text);
    }
}
