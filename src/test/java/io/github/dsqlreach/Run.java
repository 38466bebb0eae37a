package io.github.dsqlreach;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What takes longer than the tests: {@code mvn verify -Drun=NAME}, with options of the JVM in {@code -Drun.options}. Each program
 * runs in a JVM of its own.
 */
final class Run {
    /** A class with a main, and options of its JVM. */
    private record Program(String main, String... options) {}

    static final Map<String, List<Program>> PROGRAMS = Map.of(
            "bench",
            List.of(
                    new Program("io.github.dsqlreach.bench.ProbeBenchmark"),
                    new Program("io.github.dsqlreach.bench.ColdBenchmark"),
                    new Program("io.github.dsqlreach.junit.DecisionBenchmark"),
                    new Program("io.github.dsqlreach.local.LocalDsqlBenchmark"),
                    new Program("io.github.dsqlreach.toxiproxy.ToxiproxyBenchmark"),
                    new Program("io.github.dsqlreach.toxiproxy.ToxiproxySoak", "-Xmx128m")),
            "compatibility",
            List.of(
                    new Program("io.github.dsqlreach.compatibility.Compatibility"),
                    new Program("io.github.dsqlreach.compatibility.OwnUrls")),
            "live",
            List.of(new Program("io.github.dsqlreach.local.Conformance")),
            "proving-ground",
            List.of(new Program("io.github.dsqlreach.ground.ProvingGround")));

    private Run() {}

    static List<String> mainClasses() {
        return PROGRAMS.values().stream()
                .flatMap(List::stream)
                .map(Program::main)
                .toList();
    }

    /** Takes a name, then options of the JVM separated by blanks. */
    public static void main(String[] args) throws IOException, InterruptedException {
        List<Program> programs = PROGRAMS.get(args[0]);
        if (programs == null) {
            System.err.println("-Drun=" + args[0] + ": not one of " + PROGRAMS.keySet());
            System.exit(64);
        }
        for (Program program : programs) {
            int status = start(program, args.length > 1 ? args[1].trim() : "");
            if (status != 0) {
                System.exit(status);
            }
        }
    }

    private static int start(Program program, String options) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(program.options));
        if (!options.isEmpty()) {
            command.addAll(List.of(options.split(" +")));
        }
        command.addAll(List.of("-classpath", System.getProperty("java.class.path"), program.main));
        Process process = new ProcessBuilder(command).inheritIO().start();
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroy));
        return process.waitFor();
    }
}
