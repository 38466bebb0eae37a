package io.github.dsqlreach.diagnosis;

import static io.github.dsqlreach.Confidence.CONFIRMED;
import static io.github.dsqlreach.Confidence.LIKELY;
import static io.github.dsqlreach.Confidence.POSSIBLE;
import static io.github.dsqlreach.diagnosis.Middlebox.CLOSE;
import static io.github.dsqlreach.diagnosis.Middlebox.Event.CLIENT_HELLO;
import static io.github.dsqlreach.diagnosis.Middlebox.Event.CONNECTED;
import static io.github.dsqlreach.diagnosis.Middlebox.Event.SSL_REQUEST;
import static io.github.dsqlreach.diagnosis.Middlebox.FORWARD;
import static io.github.dsqlreach.diagnosis.Middlebox.RESET;
import static io.github.dsqlreach.diagnosis.Middlebox.SILENCE;

import io.github.dsqlreach.Cause;
import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.Evidence;
import io.github.dsqlreach.ExperimentName;
import io.github.dsqlreach.FailureKind;
import io.github.dsqlreach.HostAndPort;
import io.github.dsqlreach.LoopbackServer;
import io.github.dsqlreach.Negotiation;
import io.github.dsqlreach.Phase;
import io.github.dsqlreach.Reachability;
import io.github.dsqlreach.SentMessage;
import io.github.dsqlreach.Trust;
import io.github.dsqlreach.local.LocalDsql;
import io.github.dsqlreach.local.TestCertificateAuthority;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;

/** Scenarios of devices that cut TLS, and of certificates. */
final class CorpusTls {
    private static final Map<Middlebox.Deed, String> CUTS = new java.util.LinkedHashMap<>();

    static {
        CUTS.put(RESET, "reset");
        CUTS.put(SILENCE, "silence");
        CUTS.put(CLOSE, "close");
    }

    private CorpusTls() {}

    static List<Scenario> scenarios() {
        List<Scenario> all = new ArrayList<>();
        negotiations(all);
        names(all);
        late(all);
        bans(all);
        anyTls(all);
        unsteady(all);
        severalServers(all);
        certificates(all);
        handMade(all);
        return all;
    }

    private static void negotiations(List<Scenario> all) {
        CUTS.forEach((cut, how) -> {
            all.add(Scenario.of(
                    Cause.POSTGRES_NEGOTIATION_BLOCKED,
                    CONFIRMED,
                    how + " on the SSLRequest",
                    scene -> scene.check(scene.middlebox(on(SSL_REQUEST, cut))).run()));
            all.add(Scenario.of(
                    Cause.POSTGRES_NEGOTIATION_BLOCKED,
                    CONFIRMED,
                    "Toxiproxy: " + how + " on the SSLRequest, HTTPS works",
                    scene -> scene.check(scene.toxics(match("ssl_request", "", how)))
                            .control(scene.api())
                            .run()));
            all.add(Scenario.of(
                    Cause.DIRECT_TLS_BLOCKED,
                    LIKELY,
                    how + " on TLS that comes first",
                    scene -> scene.direct(
                                    scene.middlebox(sight -> sight.is(CLIENT_HELLO) && sight.first() ? cut : FORWARD))
                            .run()));
        });
        all.add(Scenario.of(
                Cause.POSTGRES_NEGOTIATION_BLOCKED,
                CONFIRMED,
                "a block page on the SSLRequest",
                scene -> scene.check(scene.toxics(match("ssl_request", "", "http_block_page")))
                        .run()));
        all.add(Scenario.of(
                Cause.POSTGRES_NEGOTIATION_BLOCKED,
                CONFIRMED,
                "a TLS alert on the SSLRequest",
                scene -> scene.check(scene.toxics(match("ssl_request", "", "tls_alert")))
                        .run()));
        all.add(Scenario.of(
                Cause.DIRECT_TLS_BLOCKED,
                LIKELY,
                "a TLS alert on the ALPN of direct TLS",
                scene -> scene.direct(scene.toxics(match("alpn", "postgresql", "tls_alert")))
                        .run()));
        all.add(Scenario.of(
                Cause.DIRECT_TLS_BLOCKED,
                LIKELY,
                "a reset on the ALPN of direct TLS, HTTPS works",
                scene -> scene.direct(scene.toxics(match("alpn", "postgresql", "reset")))
                        .control(scene.api())
                        .run()));
    }

    private static void names(List<Scenario> all) {
        CUTS.forEach((cut, how) -> {
            all.add(Scenario.of(
                    Cause.SNI_BLOCKED,
                    CONFIRMED,
                    how + " on the name",
                    scene -> scene.check(scene.toxics(match("sni", "*.on.aws", how)))
                            .control(scene.api())
                            .run()));
            all.add(Scenario.of(
                    Cause.SNI_BLOCKED,
                    CONFIRMED,
                    how + " on the name, direct TLS",
                    scene -> scene.direct(scene.middlebox(sight -> sight.sni(Stage.HOST) ? cut : FORWARD))
                            .run()));
        });
        all.add(Scenario.of(
                Cause.SNI_BLOCKED,
                CONFIRMED,
                "a TLS alert on the name",
                scene -> scene.check(scene.toxics(match("sni", Stage.HOST, "tls_alert")))
                        .run()));
        all.add(Scenario.of(
                Cause.SNI_BLOCKED,
                CONFIRMED,
                "a reset on the name where TLS comes first",
                scene -> scene.direct(
                                scene.middlebox(sight -> sight.sni(Stage.HOST) && sight.first() ? RESET : FORWARD))
                        .run()));
    }

    /** After the trigger the network resets whatever the client sends, and lets it connect. */
    private static void bans(List<Scenario> all) {
        for (Middlebox.Event trigger : List.of(SSL_REQUEST, CLIENT_HELLO)) {
            all.add(Scenario.of(
                    Cause.TLS_RESET,
                    LIKELY,
                    "a reset on " + trigger + ", and then on any data; the WebSocket works",
                    scene -> scene.check(scene.middlebox(resettingAnyDataAfter(trigger)))
                            .control(scene.api())
                            .webSocket(scene.stage().cluster.webSocketAddress())
                            .run()));
        }
        all.add(Scenario.of(
                Cause.TLS_RESET,
                LIKELY,
                "a reset on direct TLS, and then on any data; the WebSocket works",
                scene -> scene.direct(scene.middlebox(resettingAnyDataAfter(CLIENT_HELLO)))
                        .control(scene.api())
                        .webSocket(scene.stage().cluster.webSocketAddress())
                        .run()));
    }

    private static Middlebox.Program resettingAnyDataAfter(Middlebox.Event trigger) {
        AtomicBoolean banned = new AtomicBoolean();
        return sight -> {
            if (sight.is(trigger)) {
                banned.set(true);
            }
            return banned.get() && !sight.is(CONNECTED) ? RESET : FORWARD;
        };
    }

    /** Reacts when the server has answered already. */
    private static void late(List<Scenario> all) {
        all.add(Scenario.of(
                Cause.SNI_BLOCKED,
                LIKELY,
                "a reset on the name, behind a part of the server's answer",
                scene -> scene.check(scene.server(Talks.lateResetOf(
                                Stage.HOST, scene.stage().cluster.address())))
                        .run()));
        all.add(Scenario.of(
                Cause.TLS_TIMEOUT,
                LIKELY,
                "a network that lets the answer trickle through",
                scene -> scene.check(scene.server(
                                Talks.trickling(scene.stage().cluster.address(), 50)))
                        .run()));
        all.add(Scenario.of(
                Cause.AUTH_RESET,
                LIKELY,
                "a reset because the client has no certificate",
                scene -> scene.check(scene.server(Talks.resettingWithoutCertificate(scene.stage().trusted)))
                        .run()));
    }

    private static void anyTls(List<Scenario> all) {
        Map<String, Cause> alone =
                Map.of("reset", Cause.TLS_RESET, "silence", Cause.TLS_TIMEOUT, "close", Cause.TLS_CLOSED);
        CUTS.forEach((cut, how) -> {
            all.add(Scenario.of(
                    alone.get(how),
                    LIKELY,
                    how + " on any TLS",
                    scene -> scene.check(scene.middlebox(on(CLIENT_HELLO, cut))).run()));
            all.add(Scenario.of(
                    alone.get(how),
                    LIKELY,
                    how + " on any TLS, direct TLS",
                    scene ->
                            scene.direct(scene.middlebox(on(CLIENT_HELLO, cut))).run()));
            all.add(Scenario.of(
                    Cause.TLS_BLOCKED_ON_PORT,
                    LIKELY,
                    how + " on any TLS, the WebSocket works",
                    scene -> scene.check(scene.middlebox(on(CLIENT_HELLO, cut)))
                            .control(scene.api())
                            .webSocket(scene.stage().cluster.webSocketAddress())
                            .run()));
            all.add(Scenario.of(
                    Cause.TLS_BLOCKED_ON_PORT,
                    LIKELY,
                    how + " on any TLS, direct TLS, the WebSocket works",
                    scene -> scene.direct(scene.middlebox(on(CLIENT_HELLO, cut)))
                            .control(scene.api())
                            .webSocket(scene.stage().cluster.webSocketAddress())
                            .run()));
            all.add(Scenario.of(
                    Cause.TLS_BLOCKED_EVERYWHERE,
                    LIKELY,
                    how + " on any TLS, to HTTPS too",
                    scene -> scene.check(scene.middlebox(on(CLIENT_HELLO, cut)))
                            .control(scene.api(on(CLIENT_HELLO, cut)))
                            .run()));
            all.add(Scenario.of(
                    alone.get(how),
                    LIKELY,
                    how + " on any TLS, HTTPS works with another name",
                    scene -> scene.check(scene.middlebox(on(CLIENT_HELLO, cut)))
                            .control(scene.api())
                            .run()));
            all.add(Scenario.of(
                    alone.get(how),
                    LIKELY,
                    how + " on any TLS and on the cluster's name on port 443, HTTPS works with another name",
                    scene -> scene.check(scene.middlebox(on(CLIENT_HELLO, cut)))
                            .control(scene.api())
                            .webSocket(scene.keep(Middlebox.before(
                                            scene.stage().cluster.webSocketAddress(), on(CLIENT_HELLO, cut)))
                                    .address())
                            .run()));
        });
        all.add(Scenario.of(
                Cause.TLS_RESET,
                LIKELY,
                "stock Toxiproxy: S passes, RST on the ClientHello",
                scene -> scene.check(scene.toxics(
                                "{'type':'limit_data','stream':'upstream','attributes':{'bytes':9}}",
                                "{'type':'reset_peer','stream':'upstream','toxicity':0,'attributes':{'timeout':0}}"))
                        .run()));
        all.add(Scenario.of(
                Cause.PORT_SILENT,
                LIKELY,
                "stock Toxiproxy: silence",
                scene -> scene.check(scene.toxics("{'type':'timeout','stream':'upstream','attributes':{'timeout':0}}"))
                        .run()));
        all.add(Scenario.of(
                Cause.TLS_RESET,
                LIKELY,
                "a late reset on anything, even on nothing",
                scene -> scene.check(scene.middlebox(
                                sight -> sight.is(CONNECTED) ? Middlebox.late(Duration.ofMillis(150), RESET) : FORWARD))
                        .run()));
        all.add(Scenario.of(
                Cause.TLS_RESET,
                CONFIRMED,
                "a device that does not know TLS 1.3",
                scene -> scene.check(scene.middlebox(sight -> sight.offersTls13() ? RESET : FORWARD))
                        .control(scene.api())
                        .run()));
        all.add(Scenario.of(
                Cause.TLS_TIMEOUT,
                CONFIRMED,
                "a device that holds TLS 1.3, direct TLS",
                scene -> scene.direct(scene.middlebox(sight -> sight.offersTls13() ? SILENCE : FORWARD))
                        .run()));
        all.add(Scenario.of(
                Cause.TLS_ALERT,
                LIKELY,
                "an alert on any TLS",
                scene -> scene.check(scene.middlebox(on(CLIENT_HELLO, Middlebox.alert(40))))
                        .run()));
        all.add(Scenario.of(
                Cause.TLS_ALERT,
                LIKELY,
                "an alert on any TLS, direct TLS",
                scene -> scene.direct(scene.middlebox(on(CLIENT_HELLO, Middlebox.alert(80))))
                        .run()));
        all.add(Scenario.of(
                Cause.TLS_ALERT,
                "an alert behind TLS 1.3's handshake",
                scene -> scene.check(scene.server(Talks.wantingACertificate(scene.stage().trusted)))
                        .run()));
    }

    private static void unsteady(List<Scenario> all) {
        CUTS.forEach((cut, how) -> {
            all.add(Scenario.reachable(
                    LIKELY,
                    how + " for the first connection only",
                    scene -> scene.check(scene.middlebox(
                                    sight -> sight.is(CLIENT_HELLO) && sight.connection() == 0 ? cut : FORWARD))
                            .run()));
            all.add(Scenario.reachable(
                    LIKELY,
                    how + " of the login for the first connection only",
                    scene -> scene.check(scene.middlebox(sight ->
                                    sight.is(Middlebox.Event.ENCRYPTED) && sight.connection() == 0 && sight.count() == 1
                                            ? cut
                                            : FORWARD))
                            .run()));
        });
        all.add(Scenario.reachable(
                LIKELY,
                "a reset for every second connection, from the first one on",
                scene -> scene.check(scene.middlebox(
                                sight -> sight.is(CLIENT_HELLO) && sight.connection() % 2 == 0 ? RESET : FORWARD))
                        .run()));
        all.add(Scenario.of(
                Cause.ACCESS_DENIED,
                LIKELY,
                "a reset for the first connection only, and the cluster refuses the others in words",
                scene -> scene.check(scene.server(firstReset(Talks.postgres(
                                scene.stage().authority.issue(Stage.HOST).serverContext(),
                                new Talks.Login(
                                        Talks.Login.Until.PASSWORD,
                                        Talks.Login.saying(LoopbackServer.error(
                                                "28000", "unable to accept connection, access denied")))))))
                        .run()));
        all.add(Scenario.of(
                Cause.NOT_POSTGRES,
                CONFIRMED,
                "a reset for the first connection only, and SSH answers the others",
                scene -> scene.check(scene.server(firstReset(Talks.greeting("SSH-2.0-OpenSSH_9.2p1\r\n"))))
                        .run()));
        all.add(Scenario.of(
                Cause.TLS_RESET,
                POSSIBLE,
                "a reset, and a close when repeated",
                scene -> scene.check(scene.middlebox(
                                sight -> !sight.is(CLIENT_HELLO) ? FORWARD : sight.connection() == 0 ? RESET : CLOSE))
                        .run()));
        all.add(Scenario.of(
                Cause.TLS_BLOCKED_ON_PORT,
                POSSIBLE,
                "a close, and a reset when repeated, the WebSocket works",
                scene -> scene.direct(scene.middlebox(
                                sight -> !sight.is(CLIENT_HELLO) ? FORWARD : sight.connection() == 0 ? CLOSE : RESET))
                        .control(scene.api())
                        .webSocket(scene.stage().cluster.webSocketAddress())
                        .run()));
        all.add(Scenario.reachable(
                CONFIRMED,
                "nothing in the way",
                scene -> scene.check(scene.stage().cluster.address()).run()));
        all.add(Scenario.reachable(
                CONFIRMED,
                "nothing in the way, direct TLS",
                scene -> scene.direct(scene.stage().cluster.address()).run()));
    }

    private static void severalServers(List<Scenario> all) {
        all.add(Scenario.of(
                        Cause.UNKNOWN,
                        POSSIBLE,
                        "a balancer with one server that has another certificate",
                        scene -> scene.check(scene.server(
                                        firstOf(cluster(scene.stage().stranger), cluster(scene.stage().authority))))
                                .run())
                .at(Phase.TLS));
        all.add(Scenario.of(
                        Cause.UNKNOWN,
                        POSSIBLE,
                        "a balancer with one server that is a web server",
                        scene -> scene.check(scene.server(firstOf(
                                        Talks.greeting("HTTP/1.1 400 Bad Request\r\n\r\n"),
                                        cluster(scene.stage().authority))))
                                .run())
                .at(Phase.TLS));
    }

    private static LoopbackServer.Talk cluster(TestCertificateAuthority authority) {
        return Talks.postgres(
                authority.issue(Stage.HOST).serverContext(),
                new Talks.Login(
                        Talks.Login.Until.PASSWORD,
                        Talks.Login.saying(
                                LoopbackServer.error("28000", "unable to accept connection, access denied"))));
    }

    private static LoopbackServer.Talk firstOf(LoopbackServer.Talk first, LoopbackServer.Talk others) {
        return (client, connection) -> (connection == 0 ? first : others).with(client, connection);
    }

    private static LoopbackServer.Talk firstReset(LoopbackServer.Talk others) {
        return (client, connection) -> {
            if (connection == 0) {
                client.getInputStream().read();
                Talks.Login.RESET.end(client, null);
            } else {
                others.with(client, connection);
            }
        };
    }

    private static HandMade helloLost() {
        return HandMade.attempt()
                .fail(
                        Phase.TLS,
                        FailureKind.TIMEOUT,
                        "no answer in 10 s after ClientHello",
                        DiagnosisCases.after(SentMessage.CLIENT_HELLO)
                                .andThen(e -> e.put(Evidence.UNACKNOWLEDGED_BYTES, 497)
                                        .put(Evidence.RETRANSMISSIONS, 4)));
    }

    private static void largePacketLost(Evidence.Builder evidence) {
        evidence.put(Evidence.UNACKNOWLEDGED_BYTES, 1_400).put(Evidence.RETRANSMISSIONS, 5);
    }

    /** Facts that loopback does not have: large packets that are lost, several addresses. */
    private static void handMade(List<Scenario> all) {
        all.add(Scenario.of(
                Cause.TLS_TIMEOUT,
                LIKELY,
                "packets to the server that are over 400 bytes long are lost",
                scene -> helloLost()
                        .tried(ExperimentName.OTHER_SNI, DiagnosisCases.VERIFIED)
                        .triggeredBy(ExperimentName.TLS_1_2)
                        .diagnosed()));
        all.add(Scenario.of(
                Cause.TLS_TIMEOUT,
                LIKELY,
                "packets of the size of TLS 1.3's ClientHello are lost",
                scene -> helloLost().triggeredBy(ExperimentName.TLS_1_2).diagnosed()));
        all.add(Scenario.of(
                Cause.PATH_MTU_BLACK_HOLE,
                CONFIRMED,
                "a VPN that loses large packets",
                scene ->
                        silentHello().triggeredBy(ExperimentName.SMALL_SEGMENTS).diagnosed()));
        all.add(Scenario.of(
                Cause.PATH_MTU_BLACK_HOLE,
                LIKELY,
                "a hole that small segments do not escape",
                scene -> silentHello()
                        .tried(ExperimentName.REFUSED_HELLO, e -> {})
                        .tried(ExperimentName.OTHER_SNI, FailureKind.TIMEOUT)
                        .tried(ExperimentName.SAME_AGAIN, FailureKind.TIMEOUT)
                        .diagnosed()));
        all.add(Scenario.of(
                        Cause.PATH_MTU_BLACK_HOLE,
                        LIKELY,
                        "a token that is too long for the path",
                        scene -> HandMade.attempt()
                                .fail(
                                        Phase.AUTH,
                                        FailureKind.TIMEOUT,
                                        "no answer in 10 s after password",
                                        CorpusTls::largePacketLost)
                                .repeatedIn(Phase.AUTH, FailureKind.TIMEOUT, CorpusTls::largePacketLost)
                                .diagnosed())
                .at(Phase.AUTH));
        all.add(Scenario.of(
                Cause.ADDRESS_FAILS,
                CONFIRMED,
                "one address of two resets",
                scene -> HandMade.attempt()
                        .fail(Phase.TLS, FailureKind.RESET, "connection reset 90 ms after ClientHello")
                        .tried(ExperimentName.SAME_AGAIN, FailureKind.RESET)
                        .triggeredBy(ExperimentName.OTHER_ADDRESS)
                        .diagnosed()));
        all.add(Scenario.of(
                Cause.ADDRESS_FAILS,
                CONFIRMED,
                "one address of two is silent",
                scene -> silentHello()
                        .tried(ExperimentName.SAME_AGAIN, FailureKind.TIMEOUT)
                        .triggeredBy(ExperimentName.OTHER_ADDRESS)
                        .diagnosed()));
        for (Endpoint.Builder to443 : List.of(
                Endpoint.parse(HandMade.CLUSTER.host() + ":443").toBuilder(),
                Endpoint.parse(HandMade.CLUSTER.host() + ":443").toBuilder().negotiation(Negotiation.DIRECT))) {
            all.add(Scenario.of(
                    Cause.PORT_OF_WEBSOCKET,
                    LIKELY,
                    "TCP to the port of the WebSocket, " + to443.build().negotiation(),
                    scene -> HandMade.attempt()
                            .to(to443.build())
                            .fail(Phase.TLS, FailureKind.CLOSED, "connection closed 90 ms after SSLRequest")
                            .tried(ExperimentName.SAME_AGAIN, FailureKind.CLOSED)
                            .diagnosed()));
        }
        all.add(Scenario.of(
                Cause.ADDRESS_FAILS,
                LIKELY,
                "another server at one address of two",
                scene -> HandMade.attempt()
                        .fail(Phase.TLS, FailureKind.HOSTNAME_MISMATCH, "certificate is for db.example.com")
                        .tried(ExperimentName.SAME_AGAIN, FailureKind.HOSTNAME_MISMATCH)
                        .tried(ExperimentName.OTHER_ADDRESS, DiagnosisCases.VERIFIED)
                        .diagnosed()));
        for (String where : List.of("in the cluster's place", "of the user's own")) {
            all.add(Scenario.of(
                    Cause.CERTIFICATE_CHAIN_INCOMPLETE,
                    LIKELY,
                    "a server without its intermediate certificate " + where,
                    scene -> badChain(FailureKind.CERTIFICATE_CHAIN_INCOMPLETE, where)));
            all.add(Scenario.of(
                    Cause.CERTIFICATE_UNACCEPTABLE,
                    CONFIRMED,
                    "a key that is too short " + where,
                    scene -> badChain(FailureKind.CERTIFICATE_UNACCEPTABLE, where)));
        }
    }

    private static HandMade silentHello() {
        return HandMade.attempt()
                .fail(
                        Phase.TLS,
                        FailureKind.TIMEOUT,
                        "no answer in 10 s after ClientHello",
                        e -> e.put(Evidence.AFTER, SentMessage.CLIENT_HELLO));
    }

    private static Reachability badChain(FailureKind kind, String where) {
        HandMade facts =
                where.startsWith("in") ? HandMade.attempt() : HandMade.attempt().to(Endpoint.parse("db.example.test"));
        return facts.fail(
                        Phase.TLS,
                        kind,
                        kind.label(),
                        e -> e.put(Evidence.CERTIFICATE_ISSUER, "CN=Some CA")
                                .put(Evidence.CERTIFICATE_PROBLEM, "the key is too short"))
                .tried(ExperimentName.SAME_AGAIN, kind)
                .diagnosed();
    }

    private static void certificates(List<Scenario> all) {
        all.add(Scenario.of(
                Cause.TLS_INTERCEPTED,
                CONFIRMED,
                "an inspecting proxy",
                scene -> scene.check(scene.toxics("{'type':'intercept','stream':'upstream','attributes':{}}"))
                        .run()));
        all.add(Scenario.of(
                Cause.TLS_INTERCEPTED,
                CONFIRMED,
                "an inspecting proxy, direct TLS",
                scene -> scene.direct(scene.toxics("{'type':'intercept','stream':'upstream','attributes':{}}"))
                        .control(scene.api())
                        .run()));
        all.add(Scenario.of(
                        Cause.UNKNOWN,
                        POSSIBLE,
                        "a CA that says Amazon, and is not trusted",
                        scene -> scene.check(door(
                                        scene,
                                        TestCertificateAuthority.create("Amazon Root CA 1")
                                                .issue(Stage.HOST)))
                                .run())
                .at(Phase.TLS));
        all.add(Scenario.reachable(
                CONFIRMED,
                "an inspecting proxy whose CA the user trusts",
                scene -> scene.check(door(scene, scene.stage().authority.issue(Stage.HOST)))
                        .run()));
        Instant now = Instant.now();
        all.add(Scenario.of(
                Cause.CERTIFICATE_EXPIRED,
                CONFIRMED,
                "a certificate of last year",
                scene -> scene.check(door(
                                scene,
                                scene.stage()
                                        .authority
                                        .issue(
                                                now.minus(Duration.ofDays(2)),
                                                now.minus(Duration.ofDays(1)),
                                                Stage.HOST)))
                        .run()));
        all.add(Scenario.of(
                Cause.CERTIFICATE_EXPIRED,
                CONFIRMED,
                "a certificate of tomorrow, direct TLS",
                scene -> scene.direct(door(
                                scene,
                                scene.stage()
                                        .authority
                                        .issue(now.plus(Duration.ofDays(1)), now.plus(Duration.ofDays(2)), Stage.HOST)))
                        .run()));
        all.add(Scenario.of(
                Cause.TLS_INTERCEPTED,
                CONFIRMED,
                "an inspecting proxy with an expired certificate",
                scene -> scene.check(scene.toxics(
                                "{'type':'intercept','stream':'upstream','attributes':{'certificate':'expired'}}"))
                        .run()));
        all.add(Scenario.of(
                Cause.HOSTNAME_MISMATCH,
                CONFIRMED,
                "another server's good certificate",
                scene -> scene.check(door(scene, scene.stage().authority.issue("other.dsql.us-east-1.on.aws")))
                        .run()));
        all.add(Scenario.of(
                Cause.HOSTNAME_MISMATCH,
                CONFIRMED,
                "another server's good certificate, direct TLS",
                scene -> scene.direct(door(scene, scene.stage().authority.issue("www.example.com", "example.com")))
                        .run()));
        all.add(Scenario.of(
                Cause.DIRECT_TLS_BLOCKED,
                LIKELY,
                "a PostgreSQL before 17 and direct TLS",
                scene -> scene.check(Endpoint.builder("db.example.test")
                                .region("us-east-1")
                                .negotiation(Negotiation.DIRECT)
                                .trust(scene.stage().cluster.endpoint().trust())
                                .connectTo(scene.server(Talks.postgresBefore17(
                                        scene.stage()
                                                .authority
                                                .issue("db.example.test")
                                                .serverContext(),
                                        new Talks.Login(
                                                Talks.Login.Until.STARTUP,
                                                Talks.Login.saying(LoopbackServer.error("28P01", "no")))))))
                        .run()));
        all.add(Scenario.of(
                Cause.ROOT_CERTIFICATE_UNREADABLE,
                CONFIRMED,
                "a root file that is not there",
                scene -> scene.check(scene.over(scene.stage().cluster.address())
                                .trust(Trust.rootCertificate(Path.of("no-such-root.pem"))))
                        .run()));
        all.add(Scenario.of(
                Cause.ROOT_CERTIFICATE_UNREADABLE,
                CONFIRMED,
                "a root file that is none, direct TLS",
                scene -> scene.check(scene.over(scene.stage().cluster.address())
                                .negotiation(Negotiation.DIRECT)
                                .trust(Trust.rootCertificate(Path.of("pom.xml"))))
                        .run()));
    }

    private static HostAndPort door(Stage.Scene scene, TestCertificateAuthority.Leaf leaf) {
        LocalDsql door = scene.keep(scene.door().certificate(leaf).start());
        return door.address();
    }

    static Middlebox.Program on(Middlebox.Event event, Middlebox.Deed deed) {
        return sight -> sight.is(event) ? deed : FORWARD;
    }

    private static String match(String on, String value, String then) {
        return "{'type':'match','stream':'upstream','attributes':{'on':'" + on + "'"
                + (value.isEmpty() ? "" : ",'value':'" + value + "'") + ",'then':'" + then + "'}}";
    }
}
