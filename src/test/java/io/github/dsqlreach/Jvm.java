package io.github.dsqlreach;

import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

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

    /** The program. */
    public static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    /** The entries of the class path of the tests. */
    public static List<String> classPath() {
        return List.of(System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"))
                .split(File.pathSeparator));
    }
}
