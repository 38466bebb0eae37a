package io.github.dsqlreach.internal.probe;

import static io.github.dsqlreach.FailureKind.CERTIFICATE_EXPIRED;
import static io.github.dsqlreach.FailureKind.CERTIFICATE_UNTRUSTED;
import static io.github.dsqlreach.FailureKind.CLOSED;
import static io.github.dsqlreach.FailureKind.HOSTNAME_MISMATCH;
import static io.github.dsqlreach.FailureKind.RESET;
import static io.github.dsqlreach.FailureKind.SERVER_ERROR;
import static io.github.dsqlreach.FailureKind.TIMEOUT;
import static io.github.dsqlreach.FailureKind.TLS_ALERT;
import static io.github.dsqlreach.FailureKind.TLS_REFUSED;
import static io.github.dsqlreach.FailureKind.UNCLASSIFIED;
import static io.github.dsqlreach.FailureKind.UNEXPECTED_ANSWER;
import static io.github.dsqlreach.Phase.AUTH;
import static io.github.dsqlreach.Phase.QUERY;
import static io.github.dsqlreach.Phase.TLS;
import static io.github.dsqlreach.internal.probe.Given.AMPLE;
import static io.github.dsqlreach.internal.probe.Given.AUTHORITY;
import static io.github.dsqlreach.internal.probe.Given.CERTIFICATE;
import static io.github.dsqlreach.internal.probe.Given.HOST;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.dsqlreach.Attempt;
import io.github.dsqlreach.Evidence;
import io.github.dsqlreach.FailureKind;
import io.github.dsqlreach.LoopbackServer;
import io.github.dsqlreach.Negotiation;
import io.github.dsqlreach.Phase;
import io.github.dsqlreach.PhaseResult;
import io.github.dsqlreach.local.TestCertificateAuthority;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Servers that are no cluster, break off, stay silent or talk nonsense: each is told apart, in time. */
class StrangeServersTest {
    private static final Duration SHORT = Duration.ofMillis(700);

    /** Loads the classes, so that the short timeouts are those of the servers. */
    @BeforeAll
    static void warmUp() throws Exception {
        try (ScriptedServer server = ScriptedServer.start(visitor -> visitor.startTls(CERTIFICATE))) {
            Given.attempt(Given.endpoint(server.address()), AMPLE);
        }
    }

    /** How servers behave, and what the attempt must call it. */
    enum Server {
        SILENT(TLS, TIMEOUT, "SSLRequest", visitor -> visitor.hold()),
        CLOSES_AT_ONCE(TLS, CLOSED, "SSLRequest", visitor -> {}),
        RESETS_AT_ONCE(TLS, RESET, "SSLRequest", visitor -> visitor.pause(100).reset()),
        CLOSES_AFTER_SSL_REQUEST(TLS, CLOSED, "SSLRequest", visitor -> visitor.hear(8)),
        RESETS_AFTER_SSL_REQUEST(
                TLS, RESET, "SSLRequest", visitor -> visitor.hear(8).reset()),
        SAYS_N(
                TLS,
                TLS_REFUSED,
                "SSLRequest",
                visitor -> visitor.hear(8).say("N").listen()),
        GREETS_AS_SSH(
                TLS,
                UNEXPECTED_ANSWER,
                "SSLRequest",
                visitor -> visitor.say("SSH-2.0-OpenSSH_9.2\r\n").listen()),
        GREETS_AS_SMTP(
                TLS,
                UNEXPECTED_ANSWER,
                "SSLRequest",
                visitor -> visitor.say("220 mx.example ESMTP\r\n").listen()),
        GREETS_AS_MYSQL(
                TLS,
                UNEXPECTED_ANSWER,
                "SSLRequest",
                visitor ->
                        visitor.say(0x4a, 0, 0, 0, 10).say("8.0.36\0abcdefgh").listen()),
        ANSWERS_AS_HTTP(
                TLS,
                UNEXPECTED_ANSWER,
                "SSLRequest",
                visitor -> visitor.hear(8)
                        .say("HTTP/1.1 302 Found\r\nLocation: http://portal/\r\n\r\n<html><title>Please log in</title>")
                        .closeOutput()),
        ANSWERS_WITH_ANOTHER_LETTER(
                TLS,
                UNEXPECTED_ANSWER,
                "SSLRequest",
                visitor -> visitor.hear(8).say("X").listen()),
        ASKS_FOR_THE_PASSWORD_AT_ONCE(
                TLS,
                UNEXPECTED_ANSWER,
                "SSLRequest",
                visitor -> visitor.hear(8).say("R").say(0, 0, 0, 8, 0, 0, 0, 3).listen()),
        ANSWERS_WITH_AN_ERROR(
                TLS,
                SERVER_ERROR,
                "SSLRequest",
                visitor -> visitor.hear(8)
                        .say(LoopbackServer.error("53300", "too many clients"))
                        .listen()),
        TALKS_WITHOUT_END(TLS, UNEXPECTED_ANSWER, "SSLRequest", StrangeServersTest::talkWithoutEnd),
        DRIPS_LETTERS(TLS, UNEXPECTED_ANSWER, "SSLRequest", visitor -> drip(visitor, 7)),
        RESETS_AFTER_S(
                TLS, RESET, "ClientHello", visitor -> visitor.agree().pause(20).reset()),
        RESETS_AFTER_CLIENT_HELLO(
                TLS,
                RESET,
                "ClientHello",
                visitor -> visitor.agree().hearRecord().reset()),
        CLOSES_AFTER_CLIENT_HELLO(
                TLS, CLOSED, "ClientHello", visitor -> visitor.agree().hearRecord()),
        HALF_CLOSES_AFTER_S(TLS, CLOSED, "ClientHello", visitor -> {
            visitor.agree().closeOutput();
            visitor.listen();
        }),
        SILENT_AFTER_S(TLS, TIMEOUT, "ClientHello", visitor -> visitor.agree().hold()),
        SENDS_A_PLAIN_ALERT(
                TLS,
                TLS_ALERT,
                "ClientHello",
                visitor ->
                        visitor.agree().hearRecord().say(21, 3, 3, 0, 2, 2, 40).listen()),
        INJECTS_BEHIND_S(
                TLS,
                UNEXPECTED_ANSWER,
                "ClientHello",
                visitor -> visitor.hear(8).say("Sinjected words").listen()),
        TALKS_WITHOUT_END_AFTER_S(TLS, UNEXPECTED_ANSWER, "ClientHello", visitor -> talkWithoutEnd(visitor.agree())),
        DRIPS_A_TLS_RECORD(
                TLS,
                TIMEOUT,
                "handshake",
                visitor -> drip(visitor.agree().hearRecord().say(22, 3, 3, 16, 0), 2)),
        SENDS_RECORDS_WITHOUT_END(TLS, UNCLASSIFIED, "handshake", visitor -> {
            visitor.agree().hearRecord();
            while (true) {
                visitor.say(22, 3, 3, 1, 0).say(new byte[256]);
            }
        }),
        SHOWS_AN_UNTRUSTED_CERTIFICATE(
                TLS,
                CERTIFICATE_UNTRUSTED,
                "ClientHello",
                visitor -> visitor.startTls(
                                TestCertificateAuthority.create("Nobody's CA").issue(HOST))
                        .listen()),
        SHOWS_ANOTHER_NAME(
                TLS,
                HOSTNAME_MISMATCH,
                "ClientHello",
                visitor -> visitor.startTls(AUTHORITY.issue("other.example")).listen()),
        SHOWS_AN_EXPIRED_CERTIFICATE(
                TLS,
                CERTIFICATE_EXPIRED,
                "ClientHello",
                visitor -> visitor.startTls(AUTHORITY.issue(
                                Instant.now().minusSeconds(9000), Instant.now().minusSeconds(600), HOST))
                        .listen()),
        SHOWS_A_CERTIFICATE_OF_TOMORROW(
                TLS,
                CERTIFICATE_EXPIRED,
                "ClientHello",
                visitor -> visitor.startTls(AUTHORITY.issue(
                                Instant.now().plusSeconds(9000), Instant.now().plusSeconds(99_000), HOST))
                        .listen()),
        CLOSES_AFTER_TLS(
                AUTH,
                CLOSED,
                "StartupMessage",
                visitor -> visitor.startTls(CERTIFICATE).hearMessage(false).closeOutput()),
        RESETS_AFTER_TLS(
                AUTH,
                RESET,
                "StartupMessage",
                visitor -> visitor.startTls(CERTIFICATE).hearMessage(false).reset()),
        SILENT_AFTER_TLS(
                AUTH,
                TIMEOUT,
                "StartupMessage",
                visitor -> visitor.startTls(CERTIFICATE).hold()),
        ANSWERS_AS_HTTP_INSIDE_TLS(
                AUTH,
                UNEXPECTED_ANSWER,
                "StartupMessage",
                visitor -> visitor.startTls(CERTIFICATE)
                        .hearMessage(false)
                        .say("HTTP/1.1 400 Bad Request\r\n\r\n")
                        .listen()),
        TALKS_WITHOUT_END_INSIDE_TLS(
                AUTH,
                UNEXPECTED_ANSWER,
                "StartupMessage",
                visitor -> talkWithoutEnd(visitor.startTls(CERTIFICATE).hearMessage(false))),
        DRIPS_INSIDE_TLS(
                AUTH,
                TIMEOUT,
                "StartupMessage",
                visitor -> drip(
                        visitor.startTls(CERTIFICATE)
                                .hearMessage(false)
                                .say("R")
                                .say(0, 0, 1, 0, 0, 0, 0, 10),
                        65)),
        REFUSES_THE_PASSWORD(
                AUTH,
                SERVER_ERROR,
                "",
                visitor -> visitor.askForPassword(CERTIFICATE)
                        .say(LoopbackServer.error("28000", "unable to accept connection, access denied"))
                        .listen()),
        RESETS_AFTER_THE_PASSWORD(
                AUTH,
                RESET,
                "password",
                visitor -> visitor.askForPassword(CERTIFICATE).reset()),
        SILENT_AFTER_THE_PASSWORD(
                AUTH,
                TIMEOUT,
                "password",
                visitor -> visitor.askForPassword(CERTIFICATE).hold()),
        RESETS_AFTER_THE_QUERY(
                QUERY, RESET, "query", visitor -> visitor.hearQuery(CERTIFICATE).reset()),
        CLOSES_AFTER_THE_QUERY(
                QUERY,
                CLOSED,
                "query",
                visitor -> visitor.hearQuery(CERTIFICATE).closeOutput()),
        SILENT_AFTER_THE_QUERY(
                QUERY,
                TIMEOUT,
                "query",
                visitor -> visitor.hearQuery(CERTIFICATE).hold());

        private final Phase phase;
        private final FailureKind kind;
        private final String after;
        private final ScriptedServer.Script script;

        Server(Phase phase, FailureKind kind, String after, ScriptedServer.Script script) {
            this.phase = phase;
            this.kind = kind;
            this.after = after;
            this.script = script;
        }

        boolean takesAllTheTime() {
            return kind == TIMEOUT;
        }

        Duration timeout() {
            return takesAllTheTime() ? SHORT : AMPLE;
        }
    }

    private static void drip(ScriptedServer.Visitor visitor, int letter) throws Exception {
        while (true) {
            visitor.pause(50).say(letter);
        }
    }

    private static void talkWithoutEnd(ScriptedServer.Visitor visitor) throws IOException {
        while (true) {
            visitor.say(new byte[8192]);
        }
    }

    @ParameterizedTest
    @EnumSource
    void isToldApart(Server kind) throws Exception {
        Duration timeout = kind.timeout();
        Meeting meeting = meet(kind, timeout);
        if (kind.takesAllTheTime() && !meeting.shows(kind)) {
            // On a machine that is busy nobody gets so far in a short time.
            timeout = timeout.multipliedBy(6);
            meeting = meet(kind, timeout);
        }
        PhaseResult failed = meeting.failed();
        assertThat(failed.phase()).as(meeting.attempt().toString()).isEqualTo(kind.phase);
        assertThat(failed.failure().orElseThrow().kind())
                .as(meeting.attempt().toString())
                .isEqualTo(kind.kind);
        assertThat(meeting.after()).isEqualTo(kind.after);
        assertThat(meeting.visitors()).as("connections").isEqualTo(1);
        assertThat(failed.evidence().get(Evidence.BYTES_RECEIVED).orElse(0L)).isLessThan(5 << 20);
        // Three phases at the most, and a machine that is busy.
        assertThat(meeting.took()).isLessThan(timeout.multipliedBy(3).plusSeconds(2));
        if (kind.takesAllTheTime()) {
            assertThat(failed.duration()).isBetween(timeout.minusMillis(20), timeout.plusSeconds(2));
        }
    }

    private record Meeting(Attempt attempt, Duration took, int visitors) {
        PhaseResult failed() {
            return attempt.failed().orElseThrow();
        }

        boolean shows(Server kind) {
            return failed().failedWith(kind.kind) && after().equals(kind.after);
        }

        String after() {
            return failed().evidence().text(Evidence.AFTER).orElse("");
        }
    }

    private static Meeting meet(Server kind, Duration timeout) throws Exception {
        try (ScriptedServer server = ScriptedServer.start(kind.script)) {
            long start = System.nanoTime();
            Attempt attempt = Given.attempt(Given.endpoint(server.address()), timeout);
            return new Meeting(
                    attempt,
                    Duration.ofNanos(System.nanoTime() - start),
                    server.visitors().size());
        }
    }

    @ParameterizedTest
    @EnumSource(
            names = {
                "SILENT",
                "CLOSES_AT_ONCE",
                "RESETS_AT_ONCE",
                "GREETS_AS_SSH",
                "GREETS_AS_SMTP",
                "GREETS_AS_MYSQL",
                "TALKS_WITHOUT_END"
            })
    void isToldApartAfterAClientHelloAsWell(Server kind) throws Exception {
        try (ScriptedServer server = ScriptedServer.start(kind.script)) {
            Attempt attempt = Given.attempt(Given.endpoint(server.address(), Negotiation.DIRECT), kind.timeout());

            PhaseResult failed = attempt.failed().orElseThrow();
            assertThat(failed.phase()).isEqualTo(TLS);
            assertThat(failed.failedWith(kind.kind)).as(attempt.toString()).isTrue();
            assertThat(failed.evidence().text(Evidence.AFTER)).contains("ClientHello");
        }
    }

    /** The mark of a firewall that looks at certificates: with the SSLRequest its own look fails, after three seconds. */
    @ParameterizedTest
    @EnumSource
    void remarksAStallOfThreeSecondsWithTheSslRequestOnly(Negotiation negotiation) throws Exception {
        try (ScriptedServer server = ScriptedServer.start(visitor -> {
            if (negotiation == Negotiation.POSTGRES) {
                visitor.agree();
            }
            visitor.pause(3_000).tls(CERTIFICATE, false).hearMessage(false);
        })) {
            PhaseResult tls = Given.attempt(Given.endpoint(server.address(), negotiation), AMPLE)
                    .result(TLS);

            assertThat(tls.passed()).as(tls.toString()).isTrue();
            assertThat(tls.evidence().list(Evidence.NOTES).stream().filter(note -> note.contains("firewall")))
                    .hasSize(negotiation == Negotiation.POSTGRES ? 1 : 0);
        }
    }

    @Test
    void quotesWhatAnotherProtocolSays() throws Exception {
        assertThat(answer(Server.GREETS_AS_SSH).text(Evidence.ANSWER)).contains("SSH-2.0-OpenSSH_9.2");
        assertThat(answer(Server.GREETS_AS_SSH).text(Evidence.ANSWER_PROTOCOL)).contains("SSH");
        assertThat(answer(Server.GREETS_AS_SMTP).text(Evidence.ANSWER_PROTOCOL)).contains("SMTP");
        assertThat(answer(Server.GREETS_AS_MYSQL).text(Evidence.ANSWER_PROTOCOL))
                .contains("MySQL");
        assertThat(answer(Server.ANSWERS_AS_HTTP).text(Evidence.ANSWER)).contains("HTTP/1.1 302 Found · Please log in");
        assertThat(answer(Server.ANSWERS_AS_HTTP).text(Evidence.ANSWER_PROTOCOL))
                .contains("HTTP");
        assertThat(answer(Server.INJECTS_BEHIND_S).text(Evidence.ANSWER)).contains("injected words");
    }

    @Test
    void keepsWhatTheServerSays() throws Exception {
        Evidence evidence = answer(Server.REFUSES_THE_PASSWORD);

        assertThat(evidence.text(Evidence.SQL_STATE)).contains("28000");
        assertThat(evidence.text(Evidence.SERVER_MESSAGE)).contains("unable to accept connection, access denied");
        assertThat(answer(Server.ANSWERS_WITH_AN_ERROR).text(Evidence.SERVER_MESSAGE))
                .contains("too many clients");
        assertThat(answer(Server.SENDS_A_PLAIN_ALERT).text(Evidence.ALERT)).contains("handshake_failure");
    }

    @Test
    void keepsTheCertificateThatWasRejected() throws Exception {
        Evidence evidence = answer(Server.SHOWS_ANOTHER_NAME);

        assertThat(evidence.list(Evidence.CERTIFICATE_NAMES)).containsExactly("other.example");
        assertThat(evidence.text(Evidence.CERTIFICATE_ISSUER))
                .hasValueSatisfying(issuer -> assertThat(issuer).contains("Given Test CA"));
        assertThat(evidence.text(Evidence.TRUST))
                .hasValueSatisfying(trust -> assertThat(trust).contains(Given.ROOT.toString()));
    }

    private static Evidence answer(Server kind) throws Exception {
        try (ScriptedServer server = ScriptedServer.start(kind.script)) {
            return Given.attempt(Given.endpoint(server.address()), kind.timeout())
                    .failed()
                    .orElseThrow()
                    .evidence();
        }
    }
}
