package io.github.dsqlreach.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.dsqlreach.Jvm;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** PostgreSQL starts for every user: for root without user namespaces, as in most containers, and for an unknown user. */
@EnabledOnOs(value = OS.LINUX, disabledReason = "makes user namespaces")
class PostgresUserTest {
    /** What Docker leaves to root. */
    private static final String DOCKERS_CAPABILITIES =
            "-all,+chown,+dac_override,+fowner,+fsetid,+kill,+setgid,+setuid,"
                    + "+setpcap,+net_bind_service,+net_raw,+sys_chroot,+mknod,+audit_write,+setfcap";

    /** One for all tests, so that PostgreSQL is unpacked once for each user. */
    @TempDir
    private static Path work;

    private static Path temporary;

    @BeforeAll
    static void make() throws IOException {
        temporary = Files.createDirectory(work.resolve("tmp"));
        // Other users get as far as our own directories.
        for (Path directory : List.of(work, temporary)) {
            Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwxrwx"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"setpriv", "chroot", "runuser", "su"})
    void startsAsRootWithoutUserNamespacesByAnyOneOf(String program) throws Exception {
        Path programs = Files.createDirectory(work.resolve(program));
        for (String name : List.of("true", program)) {
            Path file = Files.writeString(programs.resolve(name), "#!/bin/sh\nexec " + pathOf(name) + " \"$@\"\n");
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
        try (ChildJvm child = asRootWithoutUserNamespaces("env", "PATH=" + programs)) {
            child.awaitOutput("started 127.0.0.1:");
            assertThat(child.output()).contains("started 127.0.0.1:");
            Path run = runDirectory();
            assertThat(Files.getAttribute(run.resolve("data"), "unix:uid")).isNotEqualTo(0);
            assertThat(Files.getAttribute(run, "unix:uid")).isEqualTo(0);
            assertClosedToOthers(run);

            assertThat(child.end()).endsWith("ended\n");
        }
        assertThat(ChildJvm.processesIn(temporary)).isEmpty();
        assertThat(ChildJvm.filesLeft(temporary)).isEmpty();
    }

    private static Path pathOf(String program) {
        return List.of("/usr/bin", "/bin", "/usr/sbin", "/sbin").stream()
                .map(directory -> Path.of(directory, program))
                .filter(Files::isExecutable)
                .findFirst()
                .orElseGet(() -> {
                    assumeTrue(false, "needs " + program);
                    return Path.of("");
                });
    }

    @Test
    void startsAsRootWithTheCapabilitiesThatDockerGives() throws Exception {
        try (ChildJvm child =
                asRootWithoutUserNamespaces("setpriv", "--bounding-set=" + DOCKERS_CAPABILITIES, "--inh-caps=-all")) {
            child.awaitOutput("started 127.0.0.1:");
            assertThat(child.end()).contains("started 127.0.0.1:").endsWith("ended\n");
        }
        assertThat(ChildJvm.processesIn(temporary)).isEmpty();
        assertThat(ChildJvm.filesLeft(temporary)).isEmpty();
    }

    @Test
    void saysWhatItTriedWhereRootMayNotBecomeAnotherUser() throws Exception {
        try (ChildJvm child = asRootWithoutUserNamespaces("setpriv", "--bounding-set=-all", "--inh-caps=-all")) {
            assertThat(child.end())
                    .contains(
                            "failed: LocalDsql did not start: PostgreSQL does not run as root, and no way to run it as"
                                    + " another user works here; tried: unshare, setpriv, chroot, runuser, su. Run the"
                                    + " tests as another user");
        }
        assertThat(ChildJvm.filesLeft(temporary)).isEmpty();
    }

    @Test
    void startsForAUserWithoutAnEntryInThePasswdFile() throws Exception {
        String[] launcher = {"unshare", "--user", "--map-user=60999", "--map-group=60999"};
        assumeTrue(succeeds(launcher), "needs 'unshare --user --map-user', which is not permitted here");
        for (String start : List.of("the first start, which prepares the data", "a later start")) {
            try (ChildJvm child = ChildJvm.start(temporary, launcher)) {
                child.awaitOutput("started 127.0.0.1:");
                assertThat(child.end()).as(start).contains("started 127.0.0.1:").endsWith("ended\n");
            }
            assertThat(ChildJvm.processesIn(temporary)).isEmpty();
            assertThat(ChildJvm.filesLeft(temporary)).isEmpty();
        }
    }

    /** In a user namespace with all users of this machine, which may have no further one below it. */
    private ChildJvm asRootWithoutUserNamespaces(String... launcher) throws Exception {
        List<String> whole = new ArrayList<>(List.of(
                "unshare",
                "--user",
                "sh",
                "-c",
                "read _; exec \"$@\"",
                "sh",
                "sh",
                "-c",
                "echo 0 >/proc/sys/user/max_user_namespaces; exec \"$@\"",
                "sh"));
        whole.addAll(List.of(launcher));
        ChildJvm child = ChildJvm.start(temporary, whole.toArray(String[]::new));
        try {
            Path process = Path.of("/proc", String.valueOf(child.process().pid()));
            Path ours = Files.readSymbolicLink(Path.of("/proc/self/ns/user"));
            Awaitility.await()
                    .until(() ->
                            !Files.readSymbolicLink(process.resolve("ns/user")).equals(ours));
            for (String map : List.of("uid_map", "gid_map")) {
                Files.writeString(process.resolve(map), "0 0 65536");
            }
        } catch (IOException e) {
            child.close();
            assumeTrue(false, "needs root, to make a namespace with several users: " + e);
        }
        child.process().getOutputStream().write('\n');
        child.process().getOutputStream().flush();
        return child;
    }

    private Path runDirectory() throws IOException {
        try (DirectoryStream<Path> found = Files.newDirectoryStream(temporary, "dsql-reach-local-*")) {
            return found.iterator().next();
        }
    }

    /** A user with nothing in common with root and PostgreSQL. */
    private void assertClosedToOthers(Path run) throws Exception {
        String script = "for f in " + temporary + "/dsql-reach-*; do ls $f && echo LISTED $f; done;"
                + " cat " + run + "/root.pem && echo READ; ls " + run + "/data && echo LISTED data;"
                + " cat " + temporary + "/dsql-reach-postgres-*/data-*/password && echo READ; echo through";
        assertThat(Jvm.outputOf(new ProcessBuilder(
                        "setpriv", "--reuid=12345", "--regid=12345", "--clear-groups", "sh", "-c", script)))
                .contains("through")
                .doesNotContain("LISTED", "READ");
    }

    private static boolean succeeds(String... launcher) throws Exception {
        List<String> command = new ArrayList<>(List.of(launcher));
        command.add("true");
        return new ProcessBuilder(command).start().waitFor() == 0;
    }
}
