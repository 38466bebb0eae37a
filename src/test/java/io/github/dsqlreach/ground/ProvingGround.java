package io.github.dsqlreach.ground;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.github.dsqlreach.ground.Case.Finding;
import io.github.dsqlreach.ground.Case.Grade;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Runs the doctor's jar on networks with real obstacles and compares what it finds with what is there. See
 * {@code docs/proving-ground.md}. Exit code 0: nothing wrong; 1: something is, or could not be
 * tried; 2: it cannot run here.
 */
final class ProvingGround {
    private static final List<String> PROGRAMS = List.of(
            "ip",
            "iptables",
            "sysctl",
            "socat",
            "dnsmasq",
            "openssl",
            "setpriv",
            "haproxy",
            "nginx",
            "redis-server",
            "pgbouncer",
            "sshd",
            "stunnel4",
            "microsocks",
            "tinyproxy",
            "sslsplit",
            "squid",
            "unbound");
    private static final String INSTALL = "apt-get install -y --no-install-recommends iproute2 iptables procps socat"
            + " dnsmasq-base openssl util-linux haproxy nginx-light redis-server pgbouncer openssh-server stunnel4 microsocks tinyproxy"
            + " sslsplit squid-openssl unbound";
    private static final int LONGEST_SECONDS = 180;

    private final String prefix = "dg" + ProcessHandle.current().pid();
    private final String world = prefix + "-w";
    private final Path jar;
    private final Path reports;
    private final Path directory;
    private Process worldServer;

    private ProvingGround(Path jar, Path reports) throws IOException {
        this.jar = jar.toAbsolutePath();
        this.reports = Files.createDirectories(reports).toAbsolutePath();
        this.directory = Files.createTempDirectory(prefix);
        // Some servers leave root behind as soon as they run.
        Shell.run("chmod 755 " + directory);
    }

    /** One doctor on one network. */
    private record Trial(Case it, Load load, int number) {}

    private record Result(Trial trial, Finding finding, Grade grade) {}

    public static void main(String[] arguments) throws Exception {
        String problem = problem();
        if (problem != null) {
            System.out.println("The proving ground cannot run here: " + problem);
            System.exit(2);
        }
        Network.removeLeftovers("", false);
        ProvingGround ground = new ProvingGround(
                Path.of(setting("jar", newest())), Path.of(setting("reports", "target/proving-ground")));
        Runtime.getRuntime().addShutdownHook(new Thread(ground::clear));
        System.exit(ground.run() ? 0 : 1);
    }

    private static String problem() throws IOException {
        if (!System.getProperty("os.name").equals("Linux")) {
            return "it needs Linux, this is " + System.getProperty("os.name");
        }
        if (!"root".equals(System.getProperty("user.name"))) {
            return "it needs root, for network namespaces";
        }
        List<String> missing = PROGRAMS.stream()
                .filter(program -> !Shell.succeeds("PATH=$PATH:/usr/sbin:/sbin command -v " + program))
                .toList();
        if (!missing.isEmpty()) {
            return "missing are " + String.join(", ", missing) + "; on Debian: " + INSTALL;
        }
        if (!Files.exists(Path.of("/dev/net/tun"))) {
            return "it needs /dev/net/tun";
        }
        if (!Processor.isThere()) {
            return "it needs the control group 'cpu' in " + Processor.ROOT;
        }
        if (newest() == null && System.getProperty("ground.jar") == null) {
            return "there is no target/dsql-reach-*-cli.jar; mvn package makes it";
        }
        return null;
    }

    private static String setting(String name, String usual) {
        String value = System.getProperty("ground." + name);
        return value == null || value.isBlank() || value.startsWith("${") ? usual : value;
    }

    private static String newest() throws IOException {
        try (Stream<Path> files = Files.list(Path.of("target"))) {
            return files.filter(file -> file.getFileName().toString().matches("dsql-reach-.*-cli\\.jar"))
                    .map(Path::toString)
                    .findFirst()
                    .orElse(null);
        }
    }

    private boolean run() throws Exception {
        List<Trial> trials = trials();
        System.out.println(trials.size() + " runs; reports go to " + reports);
        startWorld(trials.stream().flatMap(trial -> trial.it.servers.stream()).collect(Collectors.toSet()));
        ExecutorService workers = Executors.newFixedThreadPool(Integer.parseInt(setting("parallel", "3")));
        List<Future<Result>> running = trials.stream()
                .map(trial -> workers.submit(() -> tryOut(trial)))
                .toList();
        List<Result> results = new ArrayList<>();
        for (Future<Result> future : running) {
            results.add(future.get());
        }
        workers.shutdown();
        print(results);
        return results.stream().noneMatch(result -> result.grade.compareTo(Grade.NOT_TRIED) >= 0);
    }

    /** All cases under the first load, then all under the next. */
    private static List<Trial> trials() {
        List<String> patterns = Arrays.stream(setting("cases", "*").split(","))
                .map(glob -> glob.trim().replace("*", ".*"))
                .toList();
        List<Case> all =
                Stream.concat(Cases.ALL.stream(), WebSocketCases.ALL.stream()).toList();
        List<Case> cases = all.stream()
                .filter(it -> patterns.stream().anyMatch(it.name::matches))
                .toList();
        if (cases.isEmpty()) {
            throw new IllegalArgumentException("ground.cases=" + setting("cases", "*") + " names no case; there are "
                    + all.stream().map(it -> it.name).collect(Collectors.joining(", ")));
        }
        Set<Load> loads = Arrays.stream(setting("loads", "idle,quarter,far").split(","))
                .map(name -> Load.valueOf(name.trim().toUpperCase(Locale.ROOT)))
                .collect(Collectors.toCollection(() -> EnumSet.noneOf(Load.class)));
        int repeat = Integer.parseInt(setting("repeat", "1"));
        return loads.stream()
                .flatMap(load -> cases.stream()
                        .filter(it -> it.loads.contains(load))
                        .flatMap(
                                it -> IntStream.rangeClosed(1, repeat).mapToObj(number -> new Trial(it, load, number))))
                .toList();
    }

    private void startWorld(Set<Server> servers) throws IOException {
        Shell.run("ip netns add " + world + "; ip -n " + world + " link set lo up");
        for (Server server : Server.values()) {
            Shell.run("ip -n " + world
                    + (server.name().startsWith("DEAD")
                            ? " route add blackhole " + server.address
                            : " addr add " + server.address + "/32 dev lo"));
        }
        Shell.in(
                world,
                "sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0"
                        + " net.ipv4.conf.all.route_localnet=1 net.ipv4.conf.default.route_localnet=1");
        List<String> command = new ArrayList<>(List.of(
                ProcessHandle.current().info().command().orElse("java"),
                "-Xmx512m",
                "-cp",
                System.getProperty("java.class.path"),
                World.class.getName(),
                directory.toString()));
        servers.forEach(server -> command.add(server.name()));
        Path log = directory.resolve("world.log");
        worldServer = Shell.start(Shell.inside(world, command.toArray(String[]::new)), log);
        Shell.run("for i in $(seq 1200); do grep -qx ready " + log + " && exit 0; kill -0 " + worldServer.pid()
                + " || break; sleep 0.05; done; cat " + log + "; exit 1");
        for (Server server : servers) {
            if (server.script != null) {
                Path own = Files.createDirectories(directory.resolve(server.name()));
                String script =
                        "cd " + own + "; export IP=" + server.address + " ROOT=" + directory + "; " + server.script;
                Shell.start(Shell.inside(world, "sh", "-c", script), own.resolve("log"));
                Shell.in(
                        world,
                        "for i in $(seq 100); do ss -Hltn src " + server.address + " | grep -q . && exit 0;"
                                + " sleep 0.05; done; echo " + server + " does not listen; cat " + own.resolve("log")
                                + "; exit 1");
            }
        }
    }

    private Result tryOut(Trial trial) {
        Finding finding;
        Path report = reports.resolve(trial.it.name + "-" + trial.load.name().toLowerCase(Locale.ROOT)
                + (trial.number == 1 ? "" : "-" + trial.number) + ".json");
        try (Network network = new Network(prefix, world, directory)) {
            network.build(trial.it, trial.load);
            finding = doctor(trial, network, report);
        } catch (IOException | RuntimeException e) {
            finding = new Finding(Case.NOT_TRIED, "", "", 0, e.toString());
        }
        Grade grade = trial.it.grade(finding, trial.load);
        System.out.printf(
                Locale.ROOT,
                "%-8s %-34s %-8s %s%n",
                grade,
                trial.it,
                trial.load,
                finding.cause().matches("NO[ _].*") ? finding.cause() + " " + finding.text() : finding.cause());
        return new Result(trial, finding, grade);
    }

    private Finding doctor(Trial trial, Network network, Path report) throws IOException {
        int percent = trial.it.processorPercent > 0 ? trial.it.processorPercent : trial.load.processorPercent;
        List<String> command = new ArrayList<>(List.of(
                "env",
                "-i",
                "PATH=" + System.getenv("PATH"),
                "HOME=" + directory,
                "AWS_EC2_METADATA_DISABLED=true",
                "AWS_ACCESS_KEY_ID=" + World.ACCESS_KEY,
                "AWS_SECRET_ACCESS_KEY=" + World.SECRET_KEY,
                "AWS_SESSION_TOKEN=" + World.SESSION_TOKEN));
        trial.it.environment.forEach((name, value) -> command.add(name + "=" + value));
        command.add(ProcessHandle.current().info().command().orElse("java"));
        command.addAll(trial.it.javaOptions);
        command.addAll(List.of("-jar", jar.toString(), trial.it.endpoint, "--root-cert", directory + "/root.pem"));
        command.addAll(trial.it.arguments);
        command.addAll(List.of("--format", "json", "--output", report.toString()));
        Files.deleteIfExists(report);
        Path log = Path.of(report.toString().replace(".json", ".log"));
        Files.deleteIfExists(log);
        try (Processor processor = percent < 100 ? new Processor(network.client, percent) : null) {
            List<String> all = new ArrayList<>(List.of(
                    "sh",
                    "-c",
                    (processor == null ? "" : processor.join() + " && ") + "exec ip netns exec " + network.client
                            + " \"$@\"",
                    "sh"));
            all.addAll(command);
            long begin = System.nanoTime();
            Process process = Shell.start(new ProcessBuilder(all).directory(directory.toFile()), log);
            if (!process.waitFor(LONGEST_SECONDS, TimeUnit.SECONDS)) {
                Shell.end(process);
                return new Finding("NO END", "", "", LONGEST_SECONDS, "after " + LONGEST_SECONDS + " s");
            }
            return read(report, log, (System.nanoTime() - begin) / 1e9);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    private static Finding read(Path report, Path log, double seconds) throws IOException {
        try {
            String json = Files.readString(report);
            JsonObject top = JsonParser.parseString(json).getAsJsonObject();
            String verdict = top.get("verdict").getAsString();
            JsonElement cause = top.get("cause");
            return new Finding(
                    verdict.equals("REACHABLE")
                            ? verdict
                            : cause == null || cause.isJsonNull() ? verdict : cause.getAsString(),
                    verdict,
                    text(top.get("confidence")),
                    seconds,
                    Stream.of("summary", "explanation", "evidence", "remedies")
                            .map(name -> text(top.get(name)))
                            .collect(Collectors.joining(" ")));
        } catch (IOException | JsonParseException e) {
            return new Finding("NO REPORT", "", "", seconds, Files.readString(log));
        }
    }

    private static String text(JsonElement element) {
        return element == null ? "" : element.toString();
    }

    private static void print(List<Result> results) {
        String row = "%-8s %-34s %-8s %-48s %-30s %-10s %6s%n";
        System.out.printf("%n" + row, "", "case", "load", "expected (honest)", "found", "confidence", "s");
        results.stream()
                .sorted(Comparator.comparing(Result::grade))
                .forEach(result -> System.out.printf(
                        Locale.ROOT,
                        row,
                        result.grade,
                        result.trial.it,
                        result.trial.load,
                        result.trial.it.expected(),
                        result.finding.cause(),
                        result.finding.confidence().replace("\"", ""),
                        String.format(Locale.ROOT, "%.1f", result.finding.seconds())));
        System.out.printf("%n%-10s", "");
        Arrays.stream(Grade.values()).forEach(grade -> System.out.printf("%10s", grade));
        System.out.println();
        Map<Load, Map<Grade, Long>> figures = results.stream()
                .collect(Collectors.groupingBy(
                        result -> result.trial.load,
                        TreeMap::new,
                        Collectors.groupingBy(Result::grade, Collectors.counting())));
        figures.forEach((load, grades) -> {
            System.out.printf("%-10s", load);
            Arrays.stream(Grade.values()).forEach(grade -> System.out.printf("%10d", grades.getOrDefault(grade, 0L)));
            System.out.println();
        });
        unsteady(results);
    }

    /** Cases whose answer changed from run to run. */
    private static void unsteady(List<Result> results) {
        Map<String, Map<String, Long>> answers = results.stream()
                .collect(Collectors.groupingBy(
                        result -> result.trial.it + " " + result.trial.load,
                        TreeMap::new,
                        Collectors.groupingBy(result -> result.finding.cause(), TreeMap::new, Collectors.counting())));
        answers.values().removeIf(causes -> causes.size() == 1);
        answers.forEach((name, causes) -> System.out.println("unsteady   " + name + " " + causes));
    }

    private void clear() {
        try {
            if (worldServer != null) {
                // Its PostgreSQL ends with it.
                worldServer.getOutputStream().close();
                worldServer.waitFor(5, TimeUnit.SECONDS);
                Shell.end(worldServer);
            }
            Network.removeLeftovers(prefix, true);
            Shell.succeeds("rm -rf " + directory);
        } catch (IOException | InterruptedException e) {
            System.err.println("not all was cleared, the next run will: " + e);
        }
    }
}
