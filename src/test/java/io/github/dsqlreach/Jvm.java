package io.github.dsqlreach;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;

/** Another JVM with the class path of the tests. */
public final class Jvm {
    private Jvm() {}

    /** One that runs that class, with those options before it and those arguments behind it. */
    public static ProcessBuilder running(Class<?> main, List<String> options, String... arguments) {
        return running(main, classPath(), options, arguments);
    }

    /** The same with another class path. */
    public static ProcessBuilder running(
            Class<?> main, List<String> classPath, List<String> options, String... arguments) {
        List<String> command = new ArrayList<>(List.of(java()));
        command.addAll(options);
        command.addAll(List.of("-cp", String.join(File.pathSeparator, classPath), main.getName()));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command);
    }

    /** Runs that process to its end, within a minute; all that it wrote. */
    public static String outputOf(ProcessBuilder builder) throws IOException, InterruptedException {
        Process process = builder.redirectErrorStream(true).start();
        try {
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor(1, TimeUnit.MINUTES)).as(output).isTrue();
            return output;
        } finally {
            process.destroyForcibly();
        }
    }

    /** The program. */
    public static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    /** The entries of the class path of the tests. */
    public static List<String> classPath() {
        return List.of(System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"))
                .split(File.pathSeparator));
    }

    /**
     * The same entries as users have them, in jars, which are made in that directory: without file handles no class could
     * be loaded from a directory.
     */
    public static List<String> inJars(Path directory) {
        return classPath().stream().map(entry -> inJar(entry, directory)).toList();
    }

    private static String inJar(String entry, Path directory) {
        Path classes = Path.of(entry);
        if (!Files.isDirectory(classes)) {
            return entry;
        }
        Path jar = directory.resolve(classes.getFileName() + ".jar");
        if (Files.exists(jar)) {
            return jar.toString();
        }
        try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar));
                Stream<Path> files = Files.walk(classes)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                out.putNextEntry(
                        new JarEntry(classes.relativize(file).toString().replace(File.separatorChar, '/')));
                Files.copy(file, out);
            }
            return jar.toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
