package io.github.dsqlreach.internal.probe;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.dsqlreach.Jvm;
import io.github.dsqlreach.diagnosis.ReachabilityCheck;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** What a check opens it closes itself; nothing waits for the garbage collector. */
class HandlesTest {
    private static final int CHECKS = 1_000;
    /** Every so many checks go as far as the driver. */
    private static final int FAR = 20;
    /** The JVM's own, and the connections of this very moment. */
    private static final int SOME = 20;

    /** In a JVM of its own: other tests open files as well. */
    @Test
    @EnabledOnOs(value = OS.LINUX, disabledReason = "counts what is open in /proc/self/fd")
    void aThousandChecksLeaveNoHandleOpen() throws Exception {
        // Room for all of them, so that next to nothing is collected meanwhile.
        ProcessBuilder jvm = Jvm.running(Checks.class, List.of("-XX:+UseSerialGC", "-Xms512m", "-Xmn400m"));
        String said = Jvm.outputOf(jvm).strip();

        assertThat(said).startsWith("GREW BY ");
        assertThat(Integer.parseInt(said.substring("GREW BY ".length()))).isLessThan(SOME);
    }

    /** Runs the checks and says by how many the open handles grew at the most. */
    static final class Checks {
        public static void main(String[] args) throws Exception {
            try (ScriptedServer refuses =
                            ScriptedServer.start(visitor -> visitor.hear(8).say("N"));
                    ScriptedServer lets = ScriptedServer.start(visitor -> visitor.startTls(Given.CERTIFICATE)
                            .hearMessage(false)
                            .say("R")
                            .say(0, 0, 0, 8, 0, 0, 0, 3)
                            .hearMessage(true))) {
                check(lets);
                check(refuses);
                long before = handles();
                long most = before;
                for (int i = 0; i < CHECKS; i++) {
                    check(i % FAR == 0 ? lets : refuses);
                    most = Math.max(most, handles());
                }
                System.out.println("GREW BY " + (most - before));
            }
        }

        private static void check(ScriptedServer server) throws InterruptedException {
            ReachabilityCheck.of(Given.endpoint(server.address()))
                    .credentials(Given.CREDENTIALS)
                    .experiments(false)
                    .run();
        }

        private static long handles() throws IOException {
            try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
                return open.count();
            }
        }
    }
}
