package io.github.dsqlreach.diagnosis;

import static io.github.dsqlreach.Confidence.CONFIRMED;
import static io.github.dsqlreach.Confidence.LIKELY;
import static io.github.dsqlreach.diagnosis.Middlebox.Event.CLIENT_HELLO;
import static io.github.dsqlreach.diagnosis.Middlebox.Event.ENCRYPTED;
import static io.github.dsqlreach.diagnosis.Middlebox.FORWARD;
import static io.github.dsqlreach.diagnosis.Middlebox.RESET;

import io.github.dsqlreach.Cause;
import io.github.dsqlreach.Confidence;
import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.HostAndPort;
import io.github.dsqlreach.LoopbackServer;
import io.github.dsqlreach.Negotiation;
import io.github.dsqlreach.Phase;
import io.github.dsqlreach.Reachability;
import io.github.dsqlreach.Transport;
import io.github.dsqlreach.local.LocalDsql;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLContext;

/** Scenarios of other servers on the port: never a firewall's story. */
final class CorpusServers {
    private static final byte[] MYSQL = ("J\0\0\0\n" + "8.0.36\0"
                    + "somesalt and capabilities that nobody reads ........")
            .getBytes(StandardCharsets.ISO_8859_1);

    private CorpusServers() {}

    static List<Scenario> scenarios() {
        List<Scenario> all = new ArrayList<>();
        both(all, "SSH", Talks.greeting("SSH-2.0-OpenSSH_9.6\r\n"), CONFIRMED);
        both(all, "SMTP", Talks.greeting("220 mail.example ESMTP\r\n"), CONFIRMED);
        both(
                all,
                "a greeting that begins with N",
                Talks.greeting("NOTICE AUTH :*** Looking up your hostname\r\n"),
                LIKELY);
        both(all, "MySQL", Talks.greeting(MYSQL), CONFIRMED);
        both(all, "Redis", Talks.answering("-ERR unknown command\r\n"), CONFIRMED);
        both(all, "bytes of no protocol", Talks.answering("\1\2\3hello"), LIKELY);
        both(all, "HTTP that answers at once", Talks.eagerHttp(), CONFIRMED);
        both(all, "HTTP that waits for a line", Talks.patientHttp(), LIKELY);
        all.add(Scenario.of(
                Cause.NOT_POSTGRES,
                CONFIRMED,
                "a captive portal, HTTPS cut",
                scene -> scene.check(scene.server(Talks.answering(Talks.page(200))))
                        .control(scene.server(Talks.closing()))
                        .run()));
        all.add(Scenario.of(
                Cause.NOT_POSTGRES,
                LIKELY,
                "a captive portal that waits, direct TLS, HTTPS cut",
                scene -> scene.direct(scene.server(Talks.patientHttp()))
                        .control(scene.server(Talks.closing()))
                        .run()));
        https(all);
        postgres(all);
        webSocket(all);
        all.add(Scenario.of(
                Cause.PORT_SILENT,
                LIKELY,
                "a silent service",
                scene -> scene.check(scene.server(Talks.silent())).run()));
        all.add(Scenario.of(
                Cause.TLS_CLOSED,
                LIKELY,
                "a service that closes",
                scene -> scene.check(scene.server(Talks.closing())).run()));
        return all;
    }

    private static void both(List<Scenario> all, String name, LoopbackServer.Talk talk, Confidence confidence) {
        all.add(Scenario.of(
                Cause.NOT_POSTGRES,
                confidence,
                name,
                scene -> scene.check(scene.server(talk)).run()));
        all.add(Scenario.of(
                Cause.NOT_POSTGRES,
                confidence,
                name + ", direct TLS",
                scene -> scene.direct(scene.server(talk)).control(scene.api()).run()));
    }

    private static void https(List<Scenario> all) {
        all.add(Scenario.of(
                Cause.NOT_POSTGRES,
                CONFIRMED,
                "HTTPS with a good certificate",
                scene -> scene.check(scene.server(Talks.https(scene.stage().trusted)))
                        .run()));
        all.add(Scenario.of(
                        Cause.NOT_POSTGRES,
                        CONFIRMED,
                        "HTTPS with a good certificate, direct TLS",
                        scene -> scene.direct(scene.server(Talks.https(scene.stage().trusted)))
                                .control(scene.api())
                                .run())
                .at(Phase.AUTH));
        all.add(Scenario.of(
                Cause.NOT_POSTGRES,
                CONFIRMED,
                "HTTPS with its own certificate",
                scene -> scene.check(scene.server(Talks.https(own(scene))))
                        .control(scene.api())
                        .run()));
        all.add(Scenario.of(
                Cause.NOT_POSTGRES,
                LIKELY,
                "HTTPS with its own certificate, direct TLS",
                scene -> scene.direct(scene.server(Talks.https(own(scene)))).run()));
        all.add(Scenario.of(
                Cause.HOSTNAME_MISMATCH,
                CONFIRMED,
                "HTTPS of another name, direct TLS",
                scene -> scene.direct(scene.server(Talks.https(
                                scene.stage().authority.issue("www.example.com").serverContext())))
                        .run()));
        all.add(Scenario.of(
                Cause.TLS_INTERCEPTED,
                CONFIRMED,
                "a proxy that forges the name and shows a page, direct TLS",
                scene -> scene.direct(scene.server(Talks.https(
                                scene.stage().stranger.issue(Stage.HOST).serverContext())))
                        .run()));
    }

    private static SSLContext own(Stage.Scene scene) {
        return scene.stage().stranger.issue("router.local").serverContext();
    }

    private static void postgres(List<Scenario> all) {
        all.add(Scenario.of(
                Cause.TLS_REFUSED,
                CONFIRMED,
                "a PostgreSQL without TLS",
                scene -> scene.check(scene.server(Talks.plainPostgres())).run()));
        all.add(Scenario.of(
                Cause.TLS_REFUSED,
                LIKELY,
                "a PostgreSQL without TLS, direct TLS, HTTPS works",
                scene -> scene.direct(scene.server(Talks.plainPostgres()))
                        .control(scene.api())
                        .run()));
        all.add(Scenario.of(
                Cause.TLS_REFUSED,
                CONFIRMED,
                "a door without TLS",
                scene -> scene.check(
                                scene.keep(scene.door().withoutTls().start()).address())
                        .control(scene.api())
                        .run()));
        all.add(Scenario.of(
                        Cause.TLS_REFUSED,
                        LIKELY,
                        "a pooler that refuses before TLS",
                        scene -> scene.check(scene.server(Talks.answering(new String(
                                        LoopbackServer.error("08P01", "no more connections allowed (max_client_conn)"),
                                        StandardCharsets.ISO_8859_1))))
                                .run())
                .at(Phase.TLS));
        all.add(Scenario.of(
                        Cause.TLS_REFUSED,
                        LIKELY,
                        "a pooler that refuses before TLS, direct TLS",
                        scene -> scene.direct(scene.server(Talks.answering(new String(
                                        LoopbackServer.error("08P01", "no such database"),
                                        StandardCharsets.ISO_8859_1))))
                                .control(scene.api())
                                .run())
                .at(Phase.TLS));
        all.add(Scenario.of(
                Cause.HOSTNAME_MISMATCH,
                LIKELY,
                "another PostgreSQL with its own certificate",
                scene -> scene.check(scene.server(Talks.postgres(
                                own(scene),
                                new Talks.Login(
                                        Talks.Login.Until.STARTUP,
                                        Talks.Login.saying(LoopbackServer.error("28P01", "no such user"))))))
                        .run()));
        all.add(Scenario.of(
                Cause.TLS_CLOSED,
                LIKELY,
                "another PostgreSQL before 17, direct TLS, HTTPS works",
                scene -> scene.direct(scene.server(Talks.postgresBefore17(
                                own(scene),
                                new Talks.Login(
                                        Talks.Login.Until.STARTUP,
                                        Talks.Login.saying(LoopbackServer.error("28P01", "no such user"))))))
                        .control(scene.api())
                        .run()));
        all.add(Scenario.of(
                Cause.DIRECT_TLS_BLOCKED,
                LIKELY,
                "a pooler that knows no direct TLS",
                scene -> scene.check(Endpoint.builder("db.example.test")
                                .region("us-east-1")
                                .negotiation(Negotiation.DIRECT)
                                .trust(scene.stage().cluster.endpoint().trust())
                                .connectTo(scene.server(Talks.poolerWithoutDirectTls(scene.stage()
                                        .authority
                                        .issue("db.example.test")
                                        .serverContext()))))
                        .run()));
    }

    /** On port 443, which the endpoint asks for. */
    private static void webSocket(List<Scenario> all) {
        for (int status : new int[] {200, 403, 404}) {
            all.add(Scenario.of(
                    Cause.WEBSOCKET_REFUSED, CONFIRMED, "an answer " + status + " to the upgrade", scene -> {
                        LocalDsql door = scene.keep(scene.door().start());
                        door.refuseWebSocketWith(status);
                        return over443(scene, door.webSocketAddress());
                    }));
        }
        all.add(Scenario.of(Cause.WEBSOCKET_REFUSED, LIKELY, "a reset of the upgrade", scene -> {
            LoopbackServer way = scene.keep(Middlebox.before(
                    scene.stage().cluster.webSocketAddress(),
                    // The first one ends the handshake.
                    sight -> sight.is(ENCRYPTED) && sight.count() == 1 ? RESET : FORWARD));
            return over443(scene, way.address());
        }));
        all.add(Scenario.of(Cause.TLS_RESET, LIKELY, "a reset of TLS on port 443, too", scene -> {
            LoopbackServer way = scene.keep(Middlebox.before(
                    scene.stage().cluster.webSocketAddress(), sight -> sight.is(CLIENT_HELLO) ? RESET : FORWARD));
            return over443(scene, way.address());
        }));
        all.add(Scenario.of(Cause.TLS_INTERCEPTED, CONFIRMED, "an inspection on port 443", scene -> {
            LocalDsql inspected = scene.keep(scene.door()
                    .certificate(scene.stage().stranger.issue(Stage.HOST))
                    .start());
            return over443(scene, inspected.webSocketAddress());
        }));
        all.add(Scenario.reachable(
                CONFIRMED,
                "the WebSocket on port 443",
                scene -> over443(scene, scene.stage().cluster.webSocketAddress())));
    }

    private static Reachability over443(Stage.Scene scene, HostAndPort address) {
        return scene.check(Endpoint.builder(Stage.HOST)
                        .trust(scene.stage().cluster.endpoint().trust())
                        .transport(Transport.WEBSOCKET)
                        .connectTo(address))
                .run();
    }
}
