package io.github.dsqlreach.toxiproxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.dsqlreach.Jvm;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** A process that may open no more files: whatever a proxy misses, the error says so. */
class OutOfHandlesTest {

    /** In a process of its own, which may open few. */
    @Test
    @EnabledOnOs(value = OS.LINUX, disabledReason = "limits itself by ulimit, and fills up with /dev/null")
    void saysSoAndServesAgainWhenThereAreSome() throws Exception {
        ProcessBuilder builder = Jvm.running(Full.class, List.of("-XX:TieredStopAtLevel=1"));
        builder.command().addAll(0, List.of("/bin/sh", "-c", "ulimit -n 200 && exec \"$@\"", "sh"));
        String said = Jvm.outputOf(builder);

        assertThat(said.lines().filter(line -> line.startsWith("refused: ")))
                .as(said)
                .isNotEmpty()
                .allSatisfy(line -> assertThat(line).containsIgnoringCase("too many open files"));
        assertThat(said).endsWith("then served\n");
    }

    /** Takes all handles, and gives back one after the other until a new server and a new proxy work. */
    static final class Full {
        public static void main(String[] args) throws Exception {
            proxy();
            Deque<InputStream> all = new ArrayDeque<>();
            try {
                while (true) {
                    all.push(new FileInputStream("/dev/null"));
                }
            } catch (IOException e) {
                // That was the last one.
            }
            while (!isServed()) {
                all.pop().close();
            }
            System.out.println("then served");
        }

        private static boolean isServed() {
            try {
                proxy();
                return true;
            } catch (RuntimeException e) {
                System.out.println("refused: " + e);
                return false;
            }
        }

        private static void proxy() {
            try (ToxiproxyServer server = ToxiproxyServer.start()) {
                server.createProxy("any", "127.0.0.1:0", "127.0.0.1:1");
            }
        }
    }
}
