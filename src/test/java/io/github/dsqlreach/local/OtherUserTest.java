package io.github.dsqlreach.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.dsqlreach.Jvm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** What another user of the machine tries; only root can become one. */
// SECURITY.md: no other user's code runs; what another user of this machine cannot do.
@EnabledOnOs(value = OS.LINUX, disabledReason = "becomes another user by setpriv")
class OtherUserTest {
    private static final String INTRUDER = """
            import java.nio.file.*;
            import java.sql.*;
            class Intruder {
                public static void main(String[] arguments) {
                    System.out.println("user " + System.getProperty("user.name"));
                    Path directory = Path.of(arguments[1]);
                    for (String user : new String[] {"postgres", "admin", "app", System.getProperty("user.name")}) {
                        for (String password : new String[] {"", "postgres", "admin", user}) {
                            attempt("login", () -> DriverManager.getConnection(arguments[0], user, password));
                        }
                    }
                    attempt("list", () -> Files.list(directory).toList());
                    attempt("read", () -> Files.readAllBytes(directory.resolve("root.pem")));
                    attempt("plant", () -> Files.writeString(directory.resolve("planted"), "x"));
                    attempt("rename", () -> Files.move(directory, directory.resolveSibling("mine")));
                    attempt("cache", () -> Files.list(Path.of(arguments[2])).toList());
                    attempt("replace", () -> Files.move(Path.of(arguments[2]), directory.resolveSibling("mine")));
                }
                interface Attempt { Object make() throws Exception; }
                static void attempt(String what, Attempt attempt) {
                    try {
                        System.out.println(what + " SUCCEEDED " + attempt.make());
                    } catch (SQLException e) {
                        System.out.println(what + " failed " + e.getSQLState());
                    } catch (Exception e) {
                        System.out.println(what + " failed " + e.getClass().getSimpleName());
                    }
                }
            }
            """;

    @TempDir
    private Path work;

    @BeforeEach
    void letOthersIn() throws Exception {
        Files.setPosixFilePermissions(work, PosixFilePermissions.fromString("rwxrwxrwx"));
        assumeTrue(asNobody("id", "-u").equals("65534"), "needs root, and setpriv, to become another user");
    }

    @Test
    void cannotLogInReadOrReplaceAnything() throws Exception {
        Path driver = Jvm.classPath().stream()
                .map(Path::of)
                .filter(jar -> jar.getFileName().toString().matches("postgresql-[\\d.]+\\.jar"))
                .findFirst()
                .orElseThrow();
        Path copy = Files.copy(driver, work.resolve("driver.jar"));
        Files.setPosixFilePermissions(copy, PosixFilePermissions.fromString("rw-r--r--"));
        Path source = Files.writeString(work.resolve("Intruder.java"), INTRUDER);
        try (LocalDsql local = LocalDsql.start()) {
            local.createRole("app");
            Path directory = local.rootCertificate().getParent();

            String said = asNobody(
                    Jvm.java(),
                    "-cp",
                    copy.toString(),
                    source.toString(),
                    "jdbc:postgresql://" + local.backendAddress() + "/postgres",
                    directory.toString(),
                    Cache.open(RunDirectory.parent(), directory).path().toString());

            assertThat(said).contains("user nobody").doesNotContain("SUCCEEDED");
            // Invalid password: PostgreSQL was asked and said no. An empty one the driver does not even send.
            assertThat(said.lines().filter(line -> line.matches("login failed (28P01|08004)")))
                    .hasSize(16);
            assertThat(said.lines().filter(line -> line.matches("\\w+ failed (AccessDenied|FileSystem)Exception")))
                    .hasSize(6);
        }
    }

    /** Prepared before our first start, with programs that ours would run. */
    @Test
    void cannotPrepareOurCacheNorKeepUsFromStarting() throws Exception {
        Path temporary = Files.createDirectory(work.resolve("tmp"));
        Files.setPosixFilePermissions(temporary, PosixFilePermissions.fromString("rwxrwxrwx"));
        Path cache = temporary.resolve("dsql-reach-postgres-" + System.getProperty("user.name"));
        asNobody("mkdir", "-m", "700", cache.toString());
        assertThat(cache).isDirectory();

        try (ChildJvm child = ChildJvm.start(temporary)) {
            assertThat(child.end())
                    .contains(
                            cache + " is not a directory of this user alone (mode 0700), so LocalDsql does not use it;"
                                    + " it uses " + cache + "-2 instead",
                            "started 127.0.0.1:");
        }
        assertThat(ChildJvm.filesLeft(temporary)).isEmpty();
        assertThat(cache).isEmptyDirectory();
    }

    private String asNobody(String... command) throws Exception {
        List<String> whole = new ArrayList<>(List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"));
        whole.addAll(List.of(command));
        try {
            return Jvm.outputOf(new ProcessBuilder(whole).directory(work.toFile()))
                    .strip();
        } catch (IOException e) {
            return "";
        }
    }
}
