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
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * Which experiments could tell more about a failure, and what each of them does, on a connection of its own. No secret is
 * sent in any of them.
 */
final class ExperimentPlan {
    /** A name that firewalls let through nearly everywhere, and that no cluster has. */
    private static final String OTHER_NAME = "aws.amazon.com";
    /** Whose API to ask for where the endpoint tells no region. */
    private static final String ANY_REGION = "us-east-1";

    private static final Set<FailureKind> CERTIFICATE = EnumSet.of(
            FailureKind.CERTIFICATE_UNTRUSTED,
            FailureKind.CERTIFICATE_EXPIRED,
            FailureKind.CERTIFICATE_CHAIN_INCOMPLETE,
            FailureKind.CERTIFICATE_UNACCEPTABLE,
            FailureKind.HOSTNAME_MISMATCH);

    private final Endpoint endpoint;
    private final Controls controls;
    private final Symptom symptom;
    private final Deadline deadline;
    private final Deadline webSocketDeadline;
    private final Runnable told;
    private final List<Trial> trials = new ArrayList<>();

    /**
     * What is known when experiments start.
     *
     * @param kind TIMEOUT while the attempt still waits
     * @param after what was sent last; empty while the attempt still waits
     * @param addresses the address that the attempt connected to, then the others
     * @param idle how long a connection must stay open without data to show that time alone does not end it
     */
    record Symptom(
            Phase phase,
            FailureKind kind,
            Optional<SentMessage> after,
            List<InetSocketAddress> addresses,
            Duration idle) {
        boolean isAfter(SentMessage message) {
            return after.filter(message::equals).isPresent();
        }
    }

    /**
     * A plan for that failure.
     *
     * @param told called with each result
     */
    ExperimentPlan(
            Endpoint endpoint,
            Controls controls,
            Symptom symptom,
            Deadline deadline,
            Deadline webSocketDeadline,
            Runnable told) {
        this.endpoint = endpoint;
        this.controls = controls;
        this.symptom = symptom;
        this.deadline = deadline;
        this.webSocketDeadline = webSocketDeadline;
        this.told = told;
        switch (symptom.phase()) {
            case DNS -> planForDns();
            case TCP -> planForTcp();
            case TLS -> planForTls();
            default -> {
                // TOKEN tells all it knows itself, and behind TLS the whole attempt is repeated.
            }
        }
    }

    List<Trial> trials() {
        return List.copyOf(trials);
    }

    /** Then both ways are repeated at once: to see the change pass before would cost as much time again. */
    boolean isOnlyOneChangePossible() {
        return symptom.phase() == Phase.TLS
                && symptom.isAfter(SentMessage.SSL_REQUEST)
                && (symptom.kind() == FailureKind.RESET || symptom.kind() == FailureKind.CLOSED)
                && symptom.addresses().size() == 1;
    }

    /** The failure and the change that let it through, in the order that tells most. */
    List<Trial> repetitions(ExperimentName change, Deadline until) {
        InetSocketAddress changed = symptom.addresses().get(change == ExperimentName.OTHER_ADDRESS ? 1 : 0);
        return Confirmation.ORDER
                .chars()
                .mapToObj(kind -> kind == 'S'
                        ? onAddress(
                                ExperimentName.SAME_AGAIN,
                                symptom.addresses().get(0),
                                until,
                                action(ExperimentName.SAME_AGAIN))
                        : onAddress(change, changed, until, action(change)))
                .toList();
    }

    private void planForDns() {
        // What a public name's resolver knows says nothing about a tunnel's or a proxy's own name.
        if (endpoint.connectTo().isPresent() || symptom.kind() == FailureKind.PROXY_FAILED) {
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
        if (symptom.addresses().isEmpty()
                || symptom.kind() == FailureKind.PROXY_FAILED
                || symptom.isAfter(SentMessage.CONNECT)) {
            return;
        }
        onAddress(ExperimentName.SAME_AGAIN, SingleProbe::connect);
        planWebSocket();
        // Only silence leaves open whether another port gets through.
        if (symptom.kind() == FailureKind.TIMEOUT) {
            planControl();
        }
    }

    private void planForTls() {
        if (symptom.addresses().isEmpty() || symptom.kind() == FailureKind.ROOTS_UNREADABLE) {
            return;
        }
        TlsPlan plan = plan();
        boolean overTcp = plan.webSocket().isEmpty();
        boolean postgres = plan.negotiation() == Negotiation.POSTGRES;
        if (overTcp) {
            onAddress(postgres ? ExperimentName.DIRECT_TLS : ExperimentName.SSL_REQUEST_TLS);
        }
        planControl();
        if (CERTIFICATE.contains(symptom.kind())) {
            onAddress(ExperimentName.BEHIND_TLS, probe -> probe.startup(plan, endpoint.user(), endpoint.database()));
            return;
        }
        planWebSocket();
        if (overTcp) {
            onAddress(ExperimentName.PLAIN_START, probe -> probe.plainStartup(endpoint.user(), endpoint.database()));
        }
        if (symptom.kind() == FailureKind.TLS_REFUSED || symptom.kind() == FailureKind.UNEXPECTED_ANSWER) {
            return;
        }
        boolean spoke = postgres && symptom.isAfter(SentMessage.CLIENT_HELLO);
        boolean silent = symptom.kind() == FailureKind.TIMEOUT;
        if (overTcp && !spoke && (silent || symptom.kind() == FailureKind.CLOSED)) {
            onAddress(ExperimentName.WEB_REQUEST, SingleProbe::httpRequest);
        }
        boolean atRequest = symptom.isAfter(SentMessage.SSL_REQUEST);
        if (postgres && !atRequest) {
            onAddress(ExperimentName.SSL_REQUEST_ONLY, probe -> probe.sslRequest(plan));
        }
        onAddress(ExperimentName.IDLE, probe -> probe.idle(symptom.idle()));
        if (!atRequest && !symptom.isAfter(SentMessage.UPGRADE)) {
            onAddress(ExperimentName.OTHER_SNI);
            onAddress(ExperimentName.TLS_1_2);
            onAddress(ExperimentName.REFUSED_HELLO, probe -> probe.refusedHello(plan));
            if (silent) {
                onAddress(ExperimentName.SMALL_SEGMENTS);
            }
        }
        onAddress(ExperimentName.SAME_AGAIN);
        if (symptom.addresses().size() > 1) {
            trials.add(onAddress(
                    ExperimentName.OTHER_ADDRESS,
                    symptom.addresses().get(1),
                    deadline,
                    action(ExperimentName.OTHER_ADDRESS)));
        }
    }

    private TlsPlan plan() {
        return TlsPlan.of(endpoint).leniently();
    }

    /** What an experiment with TLS does, in the place of the attempt's own start of TLS. */
    private Function<SingleProbe, SingleProbe.Outcome> action(ExperimentName name) {
        TlsPlan plan = plan();
        return switch (name) {
            case SAME_AGAIN ->
                symptom.isAfter(SentMessage.SSL_REQUEST)
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
                .ifPresent(address -> trials.add(Trial.connecting(
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
            Optional<HttpProxy> way =
                    controls.webSocket().get().equals(other.address()) ? HttpProxy.to(other) : Optional.empty();
            HostAndPort target =
                    way.map(HttpProxy::address).orElse(controls.webSocket().get());
            trials.add(Trial.connecting(
                    ExperimentName.WEB_SOCKET_443,
                    () -> through(
                            way,
                            other,
                            new SingleProbe(
                                    new InetSocketAddress(InetAddress.getByName(target.host()), target.port()),
                                    webSocketDeadline)),
                    probe -> probe.startup(plan, endpoint.user(), endpoint.database()),
                    told));
        } catch (IOException e) {
            // A proxy that the driver could not use either: nobody is sent that way.
        }
    }

    private static SingleProbe through(Optional<HttpProxy> proxy, Endpoint endpoint, SingleProbe probe) {
        return proxy.map(p -> probe.through(p, endpoint.address())).orElse(probe);
    }

    /** An address of its own stands for the regional API, whose name it must prove. */
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
        trials.add(onAddress(name, symptom.addresses().get(0), deadline, action));
    }

    private Trial onAddress(
            ExperimentName name,
            InetSocketAddress address,
            Deadline until,
            Function<SingleProbe, SingleProbe.Outcome> action) {
        return Trial.connecting(
                name, () -> through(HttpProxy.to(endpoint), endpoint, new SingleProbe(address, until)), action, told);
    }

    private void ask(ExperimentName name, Trial.Question question) {
        trials.add(Trial.asking(name, question, told));
    }
}
