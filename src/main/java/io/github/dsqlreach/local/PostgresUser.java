package io.github.dsqlreach.local;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The operating system's user that PostgreSQL's programs run as. They refuse to run as root. Where this JVM runs as root, they
 * run in a user namespace without root, or, where containers do not permit that, as another user.
 *
 * @param launcher what stands before the program on the command line
 * @param shell whether the launcher takes the program and its arguments as one shell command
 * @param other the other user, who must be let into directories; {@code null} for this user
 */
record PostgresUser(
        List<String> launcher, boolean shell, @Nullable Id other) {
    /** The number of a user and that of a group. */
    record Id(int user, int group) {}

    /**
     * A user that needs no entry in the passwd file. Neither distributions nor systemd assign this number to a user of
     * theirs, and it exists in containers with 65,536 users.
     */
    private static final Id OWN = new Id(60_632, 60_632);

    private static final List<String> NAMED_USERS = List.of("postgres", "nobody");
    private static final Set<PosixFilePermission> GROUP_MAY_PASS = PosixFilePermissions.fromString("rwx--x---");
    private static final long TRIAL_SECONDS = 10;

    private static final PostgresUser THIS_USER = new PostgresUser(List.of(), false, null);

    private static @Nullable PostgresUser found;

    /**
     * The first way that works here.
     *
     * @param ours a directory that belongs to this user
     * @throws IOException if this user is root and no way works
     */
    static synchronized PostgresUser find(Path ours) throws IOException {
        if (found == null) {
            found = isRoot(ours) ? insteadOfRoot() : THIS_USER;
        }
        return found;
    }

    private static boolean isRoot(Path ours) throws IOException {
        return ours.getFileSystem().supportedFileAttributeViews().contains("unix")
                && Files.getAttribute(ours, "unix:uid", LinkOption.NOFOLLOW_LINKS)
                        .equals(0);
    }

    private static PostgresUser insteadOfRoot() throws IOException {
        List<PostgresUser> ways = new ArrayList<>();
        ways.add(new PostgresUser(List.of("unshare", "-U"), false, null));
        ways.add(new PostgresUser(
                List.of("setpriv", "--reuid=" + OWN.user, "--regid=" + OWN.group, "--clear-groups"), false, OWN));
        ways.add(new PostgresUser(
                List.of("chroot", "--userspec=" + OWN.user + ":" + OWN.group, "--groups=" + OWN.group, "/"),
                false,
                OWN));
        for (String name : NAMED_USERS) {
            idOf(name).ifPresent(id -> {
                ways.add(new PostgresUser(List.of("runuser", "-u", name, "--"), false, id));
                ways.add(new PostgresUser(List.of("su", "-s", "/bin/sh", name, "-c"), true, id));
            });
        }
        for (PostgresUser way : ways) {
            if (way.works()) {
                return way;
            }
        }
        throw new IOException(
                "PostgreSQL does not run as root, and no way to run it as another user works here; tried: "
                        + ways.stream()
                                .map(way -> way.launcher.get(0))
                                .distinct()
                                .collect(Collectors.joining(", "))
                        + ". Run the tests as another user, a container with 'docker run --user 1000' for example; it needs no"
                        + " entry in the passwd file");
    }

    private static Optional<Id> idOf(String name) {
        Pattern entry = Pattern.compile(Pattern.quote(name) + ":[^:]*:([1-9]\\d{0,8}):([1-9]\\d{0,8}):.*");
        try (Stream<String> lines = Files.lines(Path.of("/etc/passwd"), StandardCharsets.ISO_8859_1)) {
            return lines.map(entry::matcher)
                    .filter(Matcher::matches)
                    .map(line -> new Id(Integer.parseInt(line.group(1)), Integer.parseInt(line.group(2))))
                    .findFirst();
        } catch (IOException | UncheckedIOException e) {
            return Optional.empty();
        }
    }

    private boolean works() {
        try {
            Process trial = new ProcessBuilder(command(List.of("true")))
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            if (!trial.waitFor(TRIAL_SECONDS, TimeUnit.SECONDS)) {
                trial.destroyForcibly();
                return false;
            }
            return trial.exitValue() == 0;
        } catch (IOException e) {
            // There is no such program.
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** The command line that runs this program as this user. */
    List<String> command(List<String> program) {
        List<String> command = new ArrayList<>(launcher);
        if (shell) {
            command.add("exec " + program.stream().map(PostgresUser::quoted).collect(Collectors.joining(" ")));
        } else {
            command.addAll(program);
        }
        return command;
    }

    private static String quoted(String word) {
        return "'" + word.replace("'", "'\\''") + "'";
    }

    /** The name of what is made for this user, so that it is not mixed up with the same thing for another one. */
    String suffix() {
        return other == null ? "" : "-for-" + other.user;
    }

    /** Lets PostgreSQL, but nobody else, pass through a directory of ours. */
    void letThrough(Path directory) throws IOException {
        if (other != null) {
            Files.setAttribute(directory, "unix:gid", other.group);
            Files.setPosixFilePermissions(directory, GROUP_MAY_PASS);
        }
    }

    /** Lets PostgreSQL, but nobody else, read and execute what is in a directory of ours. */
    void letRead(Path directory) throws IOException {
        if (other != null) {
            for (Path file : filesIn(directory)) {
                Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(file);
                permissions.add(PosixFilePermission.GROUP_READ);
                if (permissions.contains(PosixFilePermission.OWNER_EXECUTE)) {
                    permissions.add(PosixFilePermission.GROUP_EXECUTE);
                }
                Files.setAttribute(file, "unix:gid", other.group);
                Files.setPosixFilePermissions(file, permissions);
            }
        }
    }

    /** Gives a file, or a directory with what is in it, to PostgreSQL. */
    void give(Path path) throws IOException {
        if (other != null) {
            for (Path file : filesIn(path)) {
                Files.setAttribute(file, "unix:uid", other.user);
                Files.setAttribute(file, "unix:gid", other.group);
            }
        }
    }

    private static List<Path> filesIn(Path path) throws IOException {
        try (Stream<Path> files = Files.walk(path)) {
            return files.filter(file -> !Files.isSymbolicLink(file)).toList();
        }
    }
}
