package io.github.dsqlreach.diagnosis;

import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.FailureKind;
import io.github.dsqlreach.HostAndPort;
import io.github.dsqlreach.Negotiation;
import io.github.dsqlreach.Phase;
import io.github.dsqlreach.SentMessage;
import io.github.dsqlreach.Transport;
import io.github.dsqlreach.connect.HttpProxy;
import io.github.dsqlreach.internal.HostNames;
import io.github.dsqlreach.internal.probe.Deadline;
import io.github.dsqlreach.internal.probe.DnsQuery;
import io.github.dsqlreach.internal.probe.SingleProbe;
import io.github.dsqlreach.internal.probe.TlsPlan;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

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
                && context.addresses().size() == 1;
    }

    /** The unchanged step (control) and the step with the change (variant), in the order that tells most. */
    List<ExperimentTask> repetitions(ExperimentName change, Deadline until) {
        InetSocketAddress changed = context.addresses().get(change == ExperimentName.OTHER_ADDRESS ? 1 : 0);
        return Confirmation.ORDER
                .chars()
                .mapToObj(kind -> kind == 'S'
                        ? onAddress(
                                ExperimentName.SAME_AGAIN,
                                context.addresses().get(0),
                                until,
                                action(ExperimentName.SAME_AGAIN))
                        : onAddress(change, changed, until, action(change)))
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
        onAddress(ExperimentName.SAME_AGAIN, SingleProbe::connect);
        planWebSocket();
        // Only a timeout leaves open whether another port works.
        if (context.kind() == FailureKind.TIMEOUT) {
            planControl();
        }
    }

    private void planForTls() {
        if (context.addresses().isEmpty() || EXPLAINED.contains(context.kind())) {
            return;
        }
        TlsPlan plan = plan();
        boolean overTcp = plan.webSocket().isEmpty();
        boolean postgres = plan.negotiation() == Negotiation.POSTGRES;
        if (overTcp) {
            onAddress(postgres ? ExperimentName.DIRECT_TLS : ExperimentName.SSL_REQUEST_TLS);
        }
        planControl();
        if (CERTIFICATE.contains(context.kind())) {
            onAddress(ExperimentName.BEHIND_TLS, probe -> probe.startup(plan, endpoint.user(), endpoint.database()));
            // As strict as the attempt, so that it fails in the same way.
            onAddress(ExperimentName.SAME_AGAIN, probe -> probe.handshake(TlsPlan.of(endpoint)));
            return;
        }
        planWebSocket();
        if (overTcp) {
            onAddress(ExperimentName.PLAIN_START, probe -> probe.plainStartup(endpoint.user(), endpoint.database()));
        }
        if (context.kind() == FailureKind.TLS_REFUSED || context.kind() == FailureKind.UNEXPECTED_ANSWER) {
            onAddress(ExperimentName.SAME_AGAIN);
            return;
        }
        boolean postgresAnswered = postgres && context.isAfter(SentMessage.CLIENT_HELLO);
        boolean timedOut = context.kind() == FailureKind.TIMEOUT;
        if (overTcp && !postgresAnswered && (timedOut || context.kind() == FailureKind.CLOSED)) {
            onAddress(ExperimentName.WEB_REQUEST, SingleProbe::httpRequest);
        }
        boolean atRequest = context.isAfter(SentMessage.SSL_REQUEST);
        if (postgres && !atRequest) {
            onAddress(ExperimentName.SSL_REQUEST_ONLY, probe -> probe.sslRequest(plan));
        }
        onAddress(ExperimentName.IDLE, probe -> probe.idle(context.idle()));
        if (!atRequest && !context.isAfter(SentMessage.UPGRADE)) {
            onAddress(ExperimentName.OTHER_SNI);
            onAddress(ExperimentName.TLS_1_2);
            onAddress(ExperimentName.REFUSED_HELLO, probe -> probe.refusedHello(plan));
            if (timedOut) {
                onAddress(ExperimentName.SMALL_SEGMENTS);
            }
        }
        onAddress(ExperimentName.SAME_AGAIN);
        if (context.addresses().size() > 1) {
            tasks.add(onAddress(
                    ExperimentName.OTHER_ADDRESS,
                    context.addresses().get(1),
                    deadline,
                    action(ExperimentName.OTHER_ADDRESS)));
        }
    }

    private TlsPlan plan() {
        return TlsPlan.of(endpoint).leniently();
    }

    /** What an experiment with TLS does instead of the attempt's own start of TLS. */
    private Function<SingleProbe, SingleProbe.Outcome> action(ExperimentName name) {
        TlsPlan plan = plan();
        return switch (name) {
            case SAME_AGAIN ->
                context.isAfter(SentMessage.SSL_REQUEST)
                        ? probe -> probe.sslRequest(plan)
                        : probe -> probe.handshake(plan);
            case DIRECT_TLS, SSL_REQUEST_TLS ->
                probe -> probe.startup(
                        plan.withNegotiation(plan.negotiation().other()), endpoint.user(), endpoint.database());
            case OTHER_SNI -> probe -> probe.handshake(plan.withSni(OTHER_NAME));
            case TLS_1_2 -> probe -> probe.handshake(plan.withProtocols("TLSv1.2"));
            case SMALL_SEGMENTS -> probe -> probe.handshakeInSmallSegments(plan);
            case OTHER_ADDRESS -> probe -> probe.handshake(plan);
            default -> throw new IllegalArgumentException(name + " changes nothing about TLS");
        };
    }

    private void planControl() {
        controls.https()
                .ifPresent(address -> tasks.add(ExperimentTask.connecting(
                        ExperimentName.CONTROL_443,
                        () -> new SingleProbe(
                                new InetSocketAddress(InetAddress.getByName(address.host()), address.port()), deadline),
                        probe -> probe.handshake(controlPlan(address)),
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
        TlsPlan plan = TlsPlan.of(other).leniently();
        try {
            Optional<HttpProxy> proxy =
                    controls.webSocket().get().equals(other.address()) ? HttpProxy.to(other) : Optional.empty();
            HostAndPort target =
                    proxy.map(HttpProxy::address).orElse(controls.webSocket().get());
            tasks.add(ExperimentTask.connecting(
                    ExperimentName.WEB_SOCKET_443,
                    () -> through(
                            proxy,
                            other,
                            new SingleProbe(
                                    new InetSocketAddress(InetAddress.getByName(target.host()), target.port()),
                                    webSocketDeadline)),
                    probe -> probe.startup(plan, endpoint.user(), endpoint.database()),
                    told));
        } catch (IOException e) {
            // A proxy that the driver cannot use, either: there is nothing to try.
        }
    }

    private static SingleProbe through(Optional<HttpProxy> proxy, Endpoint endpoint, SingleProbe probe) {
        return proxy.map(p -> probe.through(p, endpoint.address())).orElse(probe);
    }

    /** An address that is configured as the control stands for the regional API, and must have its certificate. */
    private TlsPlan controlPlan(HostAndPort address) {
        boolean isAddress =
                HostNames.isAddress(address.host()) || address.host().equals("localhost");
        String name = isAddress ? endpoint.region().map(Controls::apiHost).orElse(address.host()) : address.host();
        return TlsPlan.https(name, endpoint.trust());
    }

    private void onAddress(ExperimentName name) {
        onAddress(name, action(name));
    }

    private void onAddress(ExperimentName name, Function<SingleProbe, SingleProbe.Outcome> action) {
        tasks.add(onAddress(name, context.addresses().get(0), deadline, action));
    }

    private ExperimentTask onAddress(
            ExperimentName name,
            InetSocketAddress address,
            Deadline until,
            Function<SingleProbe, SingleProbe.Outcome> action) {
        return ExperimentTask.connecting(
                name, () -> through(HttpProxy.to(endpoint), endpoint, new SingleProbe(address, until)), action, told);
    }

    private void ask(ExperimentName name, ExperimentTask.Question question) {
        tasks.add(ExperimentTask.asking(name, question, told));
    }
}
