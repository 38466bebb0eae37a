package io.github.dsqlreach.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** On a machine that is full, strict, or lets PostgreSQL die: an error that says so, and nothing left behind. */
class LocalDsqlTroubleTest {

    @TempDir
    private Path work;

    private Path temporary;

    @BeforeEach
    void make() throws IOException {
        temporary = Files.createDirectory(work.resolve("tmp"));
    }

    @Test
    @EnabledOnOs(value = OS.LINUX, disabledReason = "mounts file systems in a name space of its own")
    void namesAFullDiskAndIsNotSpoiledByIt() throws Exception {
        String said = inNamespace("mount -t tmpfs -o size=30m,mode=700 none \"$tmp\"; \"$@\" </dev/null;"
                + " ls \"$tmp\"/dsql-reach-postgres-*; mount -o remount,size=65m \"$tmp\"; \"$@\" </dev/null;"
                + " mount -o remount,size=400m \"$tmp\"; exec \"$@\" </dev/null");

        String[] starts = said.split("starting\n");
        assertThat(starts).as(said).hasSize(4);
        // Too small for the programs.
        assertThat(starts[1])
                .contains(
                        "failed: LocalDsql did not start: cannot unpack PostgreSQL",
                        "no space left on",
                        "java.io.tmpdir")
                .doesNotContain(".part");
        // Too small for the data.
        assertThat(starts[2]).contains("did not start", "no space left on", "java.io.tmpdir");
        assertThat(starts[3]).contains("started 127.0.0.1:").doesNotContain("failed");
    }

    @Test
    @EnabledOnOs(value = OS.LINUX, disabledReason = "mounts file systems in a name space of its own")
    void tellsThatPostgresDiedOfAFullDisk() throws Exception {
        assertThat(inNamespace("mount -t tmpfs -o size=200m,mode=700 none \"$tmp\"; exec \"$@\" fill </dev/null"))
                .contains("started 127.0.0.1:", "failure: ", "the local PostgreSQL died with exit code")
                .contains("No space left on device");
    }

    @Test
    @EnabledOnOs(value = OS.LINUX, disabledReason = "mounts file systems in a name space of its own")
    void namesAFileSystemThatRunsNoPrograms() throws Exception {
        assertThat(inNamespace("mount -t tmpfs -o size=400m,noexec,mode=700 none \"$tmp\"; exec \"$@\" </dev/null"))
                .contains("failed: ", "mounted noexec", "java.io.tmpdir");
    }

    @Test
    @EnabledOnOs(value = OS.LINUX, disabledReason = "mounts file systems in a name space of its own")
    void namesAReadOnlyTemporaryDirectory() throws Exception {
        assertThat(inNamespace("mount -t tmpfs -o ro none \"$tmp\"; exec \"$@\" </dev/null"))
                .contains("failed: LocalDsql did not start: cannot make a directory in " + temporary
                        + ": Read-only file system; set the system property java.io.tmpdir to another one");
    }

    /** As root of a user name space of its own, whose mounts end with it. */
    private String inNamespace(String script) throws Exception {
        assumeTrue(
                new ProcessBuilder("unshare", "-rm", "mount", "-t", "tmpfs", "none", temporary.toString())
                                .start()
                                .waitFor()
                        == 0,
                "needs 'unshare -rm', which is not permitted here");
        try (ChildJvm child =
                ChildJvm.start(temporary, "unshare", "-rm", "sh", "-c", "tmp=" + temporary + "; " + script, "sh")) {
            child.awaitEnd();
            return child.output();
        }
    }

    @Test
    @DisabledOnOs(value = OS.WINDOWS, disabledReason = "puts a shell script in PostgreSQL's place")
    void noticesAtOnceThatPostgresDiesWhileItStarts() throws Exception {
        try (LocalDsql local = LocalDsql.start()) {
            Path unpacked = Cache.open(
                            RunDirectory.parent(), local.rootCertificate().getParent())
                    .path();
            assertThat(new ProcessBuilder("cp", "-a", unpacked.toString(), temporary.toString())
                            .inheritIO()
                            .start()
                            .waitFor())
                    .isZero();
        }
        List<Path> programs;
        try (Stream<Path> files = Files.find(temporary, 4, (file, attributes) -> file.endsWith("bin/postgres"))) {
            programs = files.toList();
        }
        assertThat(programs).isNotEmpty();
        for (Path postgres : programs) {
            Files.move(postgres, postgres.resolveSibling("real"), StandardCopyOption.ATOMIC_MOVE);
            Files.writeString(postgres, """
                    #!/bin/sh
                    # As a server, which has a port, it is killed; initdb may use it.
                    case " $* " in *" -p "*) echo "its last words"; kill -9 $$;; esac
                    exec "$(dirname "$0")/real" "$@"
                    """);
            Files.setPosixFilePermissions(postgres, PosixFilePermissions.fromString("rwx------"));
        }

        try (ChildJvm child = ChildJvm.start(temporary)) {
            assertThat(child.end())
                    .contains(
                            "failed: LocalDsql did not start: the embedded PostgreSQL did not start: it ended with"
                                    + " exit code 137",
                            "its last words");
        }
        assertThat(ChildJvm.processesIn(temporary)).isEmpty();
        assertThat(ChildJvm.filesLeft(temporary)).isEmpty();
    }

    @Test
    void saysThatPostgresHasDiedAndClosesAllTheSame() throws Exception {
        LocalDsql local = LocalDsql.start();
        Path directory = local.rootCertificate().getParent();
        try (local;
                Connection connection = local.dataSource().getConnection()) {
            ProcessHandle postmaster = postmaster(directory);

            postmaster.destroyForcibly();
            postmaster.onExit().get(1, TimeUnit.MINUTES);

            Awaitility.await().atMost(ChildJvm.LONG).until(() -> !connection.isValid(10));
            assertThatThrownBy(() -> local.dataSource().getConnection())
                    .isInstanceOfSatisfying(
                            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("58000"))
                    .hasMessageContaining("the local PostgreSQL died with exit code 137; the end of its log: ");
            assertThat(local.failure().orElseThrow()).contains("the local PostgreSQL died with exit code 137");
        }
        assertThat(directory).doesNotExist();
        assertThat(ChildJvm.processesIn(directory)).isEmpty();
    }

    @Test
    void logsInAgainAfterATestEndedAllSessionsOfTheOwner() throws Exception {
        try (LocalDsql local = LocalDsql.start()) {
            local.createRole("app");

            local.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
                    + " AND usename = 'postgres'");

            try (Connection connection = local.dataSource("app").getConnection()) {
                assertThat(connection.isValid(10)).isTrue();
            }
        }
    }

    @Test
    @EnabledOnOs(value = OS.LINUX, disabledReason = "stops processes by kill -STOP")
    void refusesALoginAndClosesInBoundedTimeWhenPostgresHangs() throws Exception {
        LocalDsql local = LocalDsql.start();
        Path directory = local.rootCertificate().getParent();
        try (local) {
            ProcessHandle postmaster = postmaster(directory);
            String pids = Stream.concat(Stream.of(postmaster), postmaster.descendants())
                    .map(process -> String.valueOf(process.pid()))
                    .collect(Collectors.joining(" "));
            assertThat(new ProcessBuilder("sh", "-c", "kill -STOP " + pids)
                            .start()
                            .waitFor())
                    .isZero();

            assertThatThrownBy(() -> local.dataSource().getConnection())
                    .isInstanceOf(SQLException.class)
                    .hasMessageContaining("the PostgreSQL of LocalDsql does not answer");
        }
        assertThat(directory).doesNotExist();
        assertThat(ChildJvm.processesIn(directory)).isEmpty();
    }

    private static ProcessHandle postmaster(Path directory) throws IOException {
        String pid =
                Files.readAllLines(directory.resolve("data/postmaster.pid")).get(0);
        return ProcessHandle.of(Long.parseLong(pid)).orElseThrow();
    }
}
