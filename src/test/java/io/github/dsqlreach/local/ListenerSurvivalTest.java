package io.github.dsqlreach.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.dsqlreach.internal.StartupCode;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A listener goes on after a lack of threads or file handles, and serves a bounded number of connections. */
class ListenerSurvivalTest {
    private static final String TOO_MANY = "|C53300|Msorry, too many clients already||";

    /** Threads have stacks of 200 MB here, so that a limited address space has room for few of them. */
    private static final String SMALL_JVM = "-Xmx64m -Xss200m -XX:+UseSerialGC -XX:CompressedClassSpaceSize=32m"
            + " -XX:ReservedCodeCacheSize=32m -XX:CICompilerCount=1 -XX:CompilerThreadStackSize=1024"
            + " -XX:VMThreadStackSize=1024";

    @AutoClose
    private static final LocalDsql postgres = LocalDsql.start();

    @TempDir
    private static Path temporary;

    @ParameterizedTest
    @CsvSource({"-v 4000000, java.lang.OutOfMemoryError", "-n 250, Too many open files"})
    @EnabledOnOs(value = OS.LINUX, disabledReason = "limits a JVM by ulimit")
    void servesAgainWhenAMomentWithoutThreadsOrHandlesIsOver(String limit, String trouble) throws Exception {
        try (ChildJvm child = ChildJvm.start(
                temporary,
                "env",
                "MALLOC_ARENA_MAX=1",
                "JAVA_TOOL_OPTIONS=" + SMALL_JVM,
                "sh",
                "-c",
                "ulimit " + limit + "; exec \"$@\"",
                "sh")) {
            child.awaitOutput("started 127.0.0.1:");
            assertThat(child.output()).contains("started 127.0.0.1:");
            int port = Integer.parseInt(child.output().replaceAll("(?s).*started 127.0.0.1:(\\d+).*", "$1"));
            // Loads classes, as long as there are file handles for it.
            assertThat(isServed(port)).isTrue();
            List<RawClient> clients = new ArrayList<>();
            try {
                do {
                    assertThat(clients.size()).as(child.output()).isLessThan(300);
                    clients.add(RawClient.connect(port));
                } while (!child.saysWithin(20, trouble));
            } finally {
                for (RawClient client : clients) {
                    client.close();
                }
            }

            Awaitility.await().atMost(ChildJvm.LONG).until(() -> isServed(port));
            assertThat(child.end().split("could not serve a connection and goes on listening", -1))
                    .as(child.output())
                    .hasSize(2);
        }
    }

    private static boolean isServed(int port) {
        try (RawClient client = RawClient.connect(port)) {
            return client.request(StartupCode.SSL_REQUEST) == 'S';
        } catch (IOException e) {
            return false;
        }
    }

    @Test
    void refusesConnectionsBeyondItsLimitInPostgresWordsAndServesAgainBelowIt() throws Exception {
        try (LocalDsql small =
                LocalDsql.builder().inFrontOf(postgres).listenerLimit(2).start()) {
            try (Connection first = small.dataSource().getConnection();
                    RawClient halfOpen = RawClient.connect(small);
                    RawClient third = RawClient.connect(small)) {
                third.startTls(small, "TLSv1.3", small.endpoint().host(), null);
                third.startup("user", "admin");

                assertThat(third.read()).endsWith(TOO_MANY);
                assertThat(third.next()).isEqualTo(-1);
                assertThat(first.isValid(5)).isTrue();
                assertThat(small.failure().orElseThrow()).endsWith("LocalDsql has 2 connections already");
                assertThat(halfOpen.request(StartupCode.SSL_REQUEST)).isEqualTo('S');
            }
            Awaitility.await().until(() -> small.connections().open() == 0);
            try (Connection connection = small.dataSource().getConnection()) {
                assertThat(connection.isValid(5)).isTrue();
            }
            assertThat(small.failure()).isEmpty();
        }
    }

    @Test
    void refusesAFloodWithoutAThreadForEachConnection() throws Exception {
        List<RawClient> clients = new ArrayList<>();
        try (LocalDsql small =
                LocalDsql.builder().inFrontOf(postgres).listenerLimit(2).start()) {
            for (int i = 0; i < 60; i++) {
                clients.add(RawClient.connect(small));
            }
            RawClient last = clients.get(59);

            assertThat(last.read()).endsWith(TOO_MANY);
            assertThat(last.next()).isEqualTo(-1);
            assertThat(small.connections().open()).isEqualTo(22);
        } finally {
            for (RawClient client : clients) {
                client.close();
            }
        }
    }
}
