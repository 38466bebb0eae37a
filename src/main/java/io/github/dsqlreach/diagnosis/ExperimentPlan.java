package io.github.dsqlreach.diagnosis;

import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.ExperimentName;
import io.github.dsqlreach.FailureKind;
import io.github.dsqlreach.HostAndPort;
import io.github.dsqlreach.Negotiation;
import io.github.dsqlreach.Phase;
import io.github.dsqlreach.SentMessage;
import io.github.dsqlreach.Transport;
import io.github.dsqlreach.internal.HostNames;
import io.github.dsqlreach.internal.client.HttpProxy;
import io.github.dsqlreach.internal.probe.ConnectPlan;
import io.github.dsqlreach.internal.probe.ConnectPlan.Goal;
import io.github.dsqlreach.internal.probe.Deadline;
import io.github.dsqlreach.internal.probe.DnsQuery;
import io.github.dsqlreach.internal.probe.TlsPlan;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Which experiments can tell more about a failure, and what each of them does, on a connection of its own. None of them
 * sends a secret.
 */
final class ExperimentPlan {
    /** A name that nearly every firewall allows, and that no cluster has. */
    private static final String OTHER_NAME = "aws.amazon.com";
    /** For the name of AWS's API where the endpoint has no region. */
    private static final String ANY_REGION = "us-east-1";

    private static final Set<FailureKind> CERTIFICATE = EnumSet.of(
            FailureKind.CERTIFICATE_UNTRUSTED,
            FailureKind.CERTIFICATE_EXPIRED,
            FailureKind.CERTIFICATE_CHAIN_INCOMPLETE,
            FailureKind.CERTIFICATE_UNACCEPTABLE,
            FailureKind.HOSTNAME_MISMATCH);

    /** Settings of this machine: no experiment tells more. */
    private static final Set<FailureKind> EXPLAINED = EnumSet.of(
            FailureKind.ROOTS_UNREADABLE, FailureKind.JVM_SETTING, FailureKind.URL_PARAMETER, FailureKind.DRIVER_LIMIT);

    private final Endpoint endpoint;
    private final Controls controls;
    private final FailureContext context;
    private final Deadline deadline;
    private final Deadline webSocketDeadline;
    private final Runnable told;
    private final List<ExperimentTask> tasks = new ArrayList<>();

    /**
     * A plan for that failure.
     *
     * @param told called for each connection and each result
     */
    ExperimentPlan(
            Endpoint endpoint,
            Controls controls,
            FailureContext context,
            Deadline deadline,
            Deadline webSocketDeadline,
            Runnable told) {
        this.endpoint = endpoint;
        this.controls = controls;
        this.context = context;
        this.deadline = deadline;
        this.webSocketDeadline = webSocketDeadline;
        this.told = told;
        switch (context.phase()) {
            case DNS -> planForDns();
            case TCP -> planForTcp();
            case TLS -> planForTls();
            default -> {
                // The phase TOKEN tells all it knows, and after TLS the whole attempt is repeated.
            }
        }
    }

    List<ExperimentTask> tasks() {
        return List.copyOf(tasks);
    }

    /** Then control and variant are repeated at once: to wait for one variant first would take as long again. */
    boolean isOnlyOneChangePossible() {
        return context.phase() == Phase.TLS
                && context.isAfter(SentMessage.SSL_REQUEST)
                && (context.kind() == FailureKind.RESET || context.kind() == FailureKind.CLOSED)
                && (context.addresses().size() == 1 || proxy().isPresent());
    }

    /** The unchanged step (control) and the step with the change (variant), in the order that tells most. */
    List<ExperimentTask> repetitions(ExperimentName change, Deadline until) {
        return Repetitions.ORDER
                .chars()
                .mapToObj(kind -> onServer(kind == 'S' ? ExperimentName.SAME_AGAIN : change, until))
                .toList();
    }

    private void planForDns() {
        // The resolver's answers to public names say nothing about the name of a tunnel or a proxy.
        if (endpoint.connectTo().isPresent() || context.kind() == FailureKind.PROXY_FAILED) {
            return;
        }
        String name = endpoint.target().host();
        String control = Controls.apiHost(endpoint.region().orElse(ANY_REGION));
        ask(ExperimentName.CONTROL_NAME, () -> DnsQuery.ofJdk(control, deadline));
        ask(ExperimentName.DNS_A, () -> DnsQuery.ofDns(name, DnsQuery.Type.A, Optional.empty(), deadline));
        ask(ExperimentName.DNS_AAAA, () -> DnsQuery.ofDns(name, DnsQuery.Type.AAAA, Optional.empty(), deadline));
        controls.dns()
                .ifPresent(server -> ask(
                        ExperimentName.CONTROL_DNS,
                        () -> DnsQuery.ofDns(name, DnsQuery.Type.A, Optional.of(server), deadline)));
    }

    private void planForTcp() {
        if (context.addresses().isEmpty()
                || context.kind() == FailureKind.PROXY_FAILED
                || context.isAfter(SentMessage.CONNECT)) {
            return;
        }
        onServer(ExperimentName.SAME_AGAIN);
        planWebSocket();
        // A timeout leaves open whether another port works, and any answer whose address this is.
        if (context.kind() != FailureKind.UNREACHABLE) {
            planControl();
        }
    }

    private void planForTls() {
        if (context.addresses().isEmpty() || EXPLAINED.contains(context.kind())) {
            return;
        }
        TlsPlan tls = TlsPlan.of(endpoint);
        boolean overTcp = tls.webSocket().isEmpty();
        boolean postgres = tls.negotiation() == Negotiation.POSTGRES;
        if (overTcp) {
            onServer(postgres ? ExperimentName.DIRECT_TLS : ExperimentName.SSL_REQUEST_TLS);
        }
        planControl();
        if (CERTIFICATE.contains(context.kind())) {
            onServer(ExperimentName.BEHIND_TLS);
            onServer(ExperimentName.SAME_AGAIN);
            planOtherAddress();
            return;
        }
        planWebSocket();
        if (overTcp) {
            onServer(ExperimentName.PLAIN_START);
        }
        if (context.kind() == FailureKind.TLS_REFUSED || context.kind() == FailureKind.UNEXPECTED_ANSWER) {
            onServer(ExperimentName.SAME_AGAIN);
            planOtherAddress();
            return;
        }
        boolean postgresAnswered = postgres && context.isAfter(SentMessage.CLIENT_HELLO);
        boolean timedOut = context.kind() == FailureKind.TIMEOUT;
        if (overTcp && !postgresAnswered && (timedOut || context.kind() == FailureKind.CLOSED)) {
            onServer(ExperimentName.WEB_REQUEST);
        }
        boolean atRequest = context.isAfter(SentMessage.SSL_REQUEST);
        if (postgres && !atRequest) {
            onServer(ExperimentName.SSL_REQUEST_ONLY);
        }
        onServer(ExperimentName.IDLE);
        if (!atRequest && !context.isAfter(SentMessage.UPGRADE)) {
            onServer(ExperimentName.OTHER_SNI);
            onServer(ExperimentName.TLS_1_2);
            onServer(ExperimentName.REFUSED_HELLO);
            if (timedOut) {
                onServer(ExperimentName.SMALL_SEGMENTS);
            }
        }
        onServer(ExperimentName.SAME_AGAIN);
        planOtherAddress();
    }

    private void planOtherAddress() {
        if (context.addresses().size() > 1 && proxy().isEmpty()) {
            onServer(ExperimentName.OTHER_ADDRESS);
        }
    }

    /** The addresses are the proxy's then. */
    private Optional<HttpProxy> proxy() {
        try {
            return HttpProxy.to(endpoint);
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** What each experiment at the server's address changes. */
    private ConnectPlan change(ExperimentName name) throws IOException {
        ConnectPlan strict = ConnectPlan.of(endpoint, context.addresses().get(0), HttpProxy.to(endpoint));
        // A rejected certificate ends no experiment, but those that repeat one.
        ConnectPlan same = strict.with(strict.tls().leniently());
        return switch (name) {
            case SAME_AGAIN -> sameAgain(strict, same);
            case DIRECT_TLS, SSL_REQUEST_TLS ->
                same.with(same.tls().negotiation().other()).reaching(Goal.STARTUP);
            case SSL_REQUEST_ONLY -> same.reaching(Goal.SSL_REQUEST);
            case OTHER_SNI -> same.with(same.tls().withSni(OTHER_NAME));
            case TLS_1_2 -> same.with(same.tls().withProtocols("TLSv1.2"));
            case SMALL_SEGMENTS -> same.inSmallSegments();
            case REFUSED_HELLO -> same.reaching(Goal.REFUSED_HELLO);
            case IDLE -> same.idleFor(context.idle());
            case PLAIN_START -> same.reaching(Goal.PLAIN_STARTUP);
            case BEHIND_TLS -> same.reaching(Goal.STARTUP);
            case WEB_REQUEST -> same.reaching(Goal.WEB_REQUEST);
            case OTHER_ADDRESS -> same.to(context.addresses().get(1));
            default -> throw new IllegalArgumentException(name + " is not made at the server's address");
        };
    }

    /** The step that failed, and no more. */
    private ConnectPlan sameAgain(ConnectPlan strict, ConnectPlan same) {
        if (context.phase() == Phase.TCP) {
            return strict.reaching(Goal.CONNECT);
        }
        if (CERTIFICATE.contains(context.kind())) {
            return strict;
        }
        return context.isAfter(SentMessage.SSL_REQUEST) ? same.reaching(Goal.SSL_REQUEST) : same;
    }

    private void planControl() {
        controls.https()
                .ifPresent(control -> tasks.add(ExperimentTask.connecting(
                        ExperimentName.CONTROL_443,
                        () -> ConnectPlan.of(endpoint, lookUp(control), Optional.empty())
                                .with(controlPlan(control)),
                        deadline,
                        told)));
    }

    private void planWebSocket() {
        if (controls.webSocket().isEmpty()) {
            return;
        }
        Endpoint other = endpoint.toBuilder()
                .connectTo(null)
                .webSocketConnectTo(null)
                .build()
                .over(Transport.WEBSOCKET);
        HostAndPort server = controls.webSocket().get();
        try {
            Optional<HttpProxy> proxy = server.equals(other.address()) ? HttpProxy.to(other) : Optional.empty();
            tasks.add(ExperimentTask.connecting(
                    ExperimentName.WEB_SOCKET_443,
                    () -> ConnectPlan.of(
                                    other, lookUp(proxy.map(HttpProxy::address).orElse(server)), proxy)
                            .with(TlsPlan.of(other).leniently())
                            .reaching(Goal.STARTUP),
                    webSocketDeadline,
                    told));
        } catch (IOException e) {
            // A proxy that the driver cannot use, either: there is nothing to try.
        }
    }

    private static InetSocketAddress lookUp(HostAndPort server) throws IOException {
        return new InetSocketAddress(InetAddress.getByName(server.host()), server.port());
    }

    /** An address that is configured as the control stands for the regional API, and must have its certificate. */
    private TlsPlan controlPlan(HostAndPort address) {
        boolean isAddress =
                HostNames.isAddress(address.host()) || address.host().equals("localhost");
        String name = isAddress ? endpoint.region().map(Controls::apiHost).orElse(address.host()) : address.host();
        return TlsPlan.https(name, endpoint.trust());
    }

    private void onServer(ExperimentName name) {
        tasks.add(onServer(name, deadline));
    }

    private ExperimentTask onServer(ExperimentName name, Deadline until) {
        return ExperimentTask.connecting(name, () -> change(name), until, told);
    }

    private void ask(ExperimentName name, ExperimentTask.Question question) {
        tasks.add(ExperimentTask.asking(name, question, told));
    }
}
