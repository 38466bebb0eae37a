package io.github.dsqlreach.internal.probe;

import static io.github.dsqlreach.internal.probe.Given.CERTIFICATE;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.dsqlreach.Cause;
import io.github.dsqlreach.FailureKind;
import io.github.dsqlreach.Phase;
import io.github.dsqlreach.PhaseResult;
import io.github.dsqlreach.Reachability;
import io.github.dsqlreach.diagnosis.ReachabilityCheck;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A server that sends without end is neither a slow machine nor a silent network: the report says what it sent. */
class EndlessAnswerTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(2);

    /** So that the timeout is that of the server. */
    @BeforeAll
    static void warmUp() throws Exception {
        try (ScriptedServer server = ScriptedServer.start(visitor -> visitor.hearQuery(CERTIFICATE))) {
            Given.attempt(Given.endpoint(server.address()), Given.AMPLE);
        }
    }

    enum Flood {
        NOTICES_AT_LOGIN(Phase.AUTH, "password", "NoticeResponse") {
            @Override
            void send(ScriptedServer.Visitor visitor) throws Exception {
                login(visitor);
                repeat(visitor, "N", "SWARNING\0C01000\0Mall is well\0\0", 0);
            }
        },
        SLOW_NOTICES_AT_LOGIN(Phase.AUTH, "password", "NoticeResponse") {
            @Override
            void send(ScriptedServer.Visitor visitor) throws Exception {
                login(visitor);
                repeat(visitor, "N", "SWARNING\0C01000\0Mall is well\0\0", 1);
            }
        },
        PARAMETERS_AT_LOGIN(Phase.AUTH, "password", "ParameterStatus") {
            @Override
            void send(ScriptedServer.Visitor visitor) throws Exception {
                login(visitor);
                repeat(visitor, "S", "server_version\00016.9\0", 0);
            }
        },
        NOTICES_AT_THE_QUERY(Phase.QUERY, "query", "NoticeResponse") {
            @Override
            void send(ScriptedServer.Visitor visitor) throws Exception {
                visitor.hearQuery(CERTIFICATE);
                repeat(visitor, "N", "SWARNING\0C01000\0Mall is well\0\0", 0);
            }
        },
        NOTIFICATIONS_AT_THE_QUERY(Phase.QUERY, "query", "NotificationResponse") {
            @Override
            void send(ScriptedServer.Visitor visitor) throws Exception {
                visitor.hearQuery(CERTIFICATE);
                repeat(visitor, "A", "\0\0\0\1channel\0payload\0", 0);
            }
        },
        ROWS_AT_THE_QUERY(Phase.QUERY, "query", "DataRow") {
            @Override
            void send(ScriptedServer.Visitor visitor) throws Exception {
                visitor.hearQuery(CERTIFICATE);
                visitor.say("1").say(0, 0, 0, 4).say("2").say(0, 0, 0, 4);
                visitor.say("T").say(0, 0, 0, 26, 0, 1).say("x\0");
                visitor.say(0, 0, 0, 0, 0, 0, 0, 0, 0, 23, 0, 4, 255, 255, 255, 255, 0, 0);
                repeat(visitor, "D", "\0\1\0\0\0\0011", 0);
            }
        };

        private final Phase phase;
        private final String after;
        private final String message;

        Flood(Phase phase, String after, String message) {
            this.phase = phase;
            this.after = after;
            this.message = message;
        }

        abstract void send(ScriptedServer.Visitor visitor) throws Exception;

        private static void login(ScriptedServer.Visitor visitor) throws IOException {
            visitor.askForPassword(CERTIFICATE).say("R").say(0, 0, 0, 8, 0, 0, 0, 0);
        }

        private static void repeat(ScriptedServer.Visitor visitor, String type, String body, int pauseMillis)
                throws Exception {
            while (true) {
                visitor.pause(pauseMillis)
                        .say(type)
                        .say(0, 0, 0, body.length() + 4)
                        .say(body);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void isSaidToBeTheServersDoing(Flood flood) throws Exception {
        try (ScriptedServer server = ScriptedServer.start(flood::send)) {
            Reachability reachability = ReachabilityCheck.of(Given.endpoint(server.address()))
                    .credentials(Given.CREDENTIALS)
                    .timeout(TIMEOUT)
                    .experiments(false)
                    .run();

            PhaseResult failed = reachability.attempt().orElseThrow().failed().orElseThrow();
            assertThat(failed.phase()).isEqualTo(flood.phase);
            assertThat(failed.failedWith(FailureKind.UNCLASSIFIED))
                    .as(failed.toString())
                    .isTrue();
            assertThat(failed.failure().orElseThrow().message())
                    .matches("the answer to " + flood.after + " did not end: \\d{3,} messages came, most of them "
                            + flood.message);
            assertThat(reachability.diagnosis().cause()).contains(Cause.UNKNOWN);
        }
    }
}
