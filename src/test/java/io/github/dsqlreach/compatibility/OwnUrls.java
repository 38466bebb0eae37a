package io.github.dsqlreach.compatibility;

import io.github.dsqlreach.HostAndPort;
import io.github.dsqlreach.fault.Fault;
import io.github.dsqlreach.fault.FaultyDsql;
import io.github.dsqlreach.fault.FaultyServer;
import io.github.dsqlreach.fault.FaultyTcp;
import io.github.dsqlreach.fault.TunedFault;
import io.github.dsqlreach.local.LocalDsql;
import java.io.File;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.apache.commons.io.FileUtils;
import org.apache.maven.shared.invoker.DefaultInvocationRequest;
import org.apache.maven.shared.invoker.DefaultInvoker;
import org.apache.maven.shared.invoker.InvocationRequest;
import org.apache.maven.shared.invoker.MavenInvocationException;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;

/**
 * Runs a suite that builds its own URLs, {@code src/test/projects/own-urls}, behind each fault of connections, and checks what the
 * console, Surefire's XML, the annotations and the step's summary of GitHub say: {@code mvn verify -Drun=compatibility}. Writes the
 * table of {@code docs/build-results.md} as it found it.
 */
public final class OwnUrls {
    private static final Path PROJECT = Path.of("src", "test", "projects", "own-urls");
    static final Path TABLE = PROJECT.resolve("results.md");
    private static final long MOST_MILLIS = 120_000;
    private static final String NEW_CHECK = "a check right after this failure";

    /** They act on the resolver, on WebSockets or on clients that this suite does not have. */
    private static final Set<Fault> NOT_FOR_IT = EnumSet.of(
            Fault.DNS_NAME_NOT_FOUND, Fault.PROXY_REQUIRED, Fault.WEBSOCKET_REFUSED, Fault.DIRECT_TLS_FILTER);

    private static final Set<Fault> AT_THE_PORT = EnumSet.of(Fault.TCP_REFUSED, Fault.TCP_TIMEOUT);

    /** When the fault begins, or who makes it. */
    enum Mode {
        FROM_THE_START,
        AFTER_THE_CHECK,
        SIMULATED
    }

    /**
     * What one run has said.
     *
     * @param console what Maven printed
     * @param step the step's summary
     * @param tests the test cases of the XML, each with its text
     */
    record Said(String console, String step, List<Test> tests) {
        private static final Pattern ANNOTATION = Pattern.compile("(?m)^::(warning|error) title=.*DSQL.*$");

        long count(String outcome) {
            return tests.stream().filter(test -> test.outcome.equals(outcome)).count();
        }

        String annotations() {
            return ANNOTATION
                    .matcher(console)
                    .results()
                    .map(found -> found.group())
                    .collect(Collectors.joining("\n"));
        }
    }

    record Test(String name, String outcome, String text) {}

    private final File maven;
    private final File repository;
    private final LocalDsql cluster;
    private final Path work;
    private final List<String> complaints = new ArrayList<>();

    private OwnUrls(File maven, File repository, LocalDsql cluster, Path work) {
        this.maven = maven;
        this.repository = repository;
        this.cluster = cluster;
        this.work = work;
    }

    /**
     * Runs the suite behind each fault.
     *
     * @param arguments the names of faults; none means all
     */
    public static void main(String[] arguments) throws Exception {
        List<String> names = List.of(arguments);
        List<Fault> faults = Arrays.stream(Fault.values())
                .filter(fault -> !fault.isAtCommit() && !NOT_FOR_IT.contains(fault))
                .filter(fault -> names.isEmpty() || names.contains(fault.name()))
                .toList();
        Path work = Files.createTempDirectory("dsql-reach-own-urls");
        try (LocalDsql cluster = LocalDsql.start()) {
            cluster.execute("CREATE TABLE own_urls (id uuid PRIMARY KEY, name text); GRANT ALL ON own_urls TO admin");
            Files.writeString(
                    work.resolve("hosts"),
                    "127.0.0.1 localhost " + cluster.endpoint().host() + "\n");
            OwnUrls runs = new OwnUrls(
                    new File(System.getenv("MAVEN_HOME")),
                    new File(System.getenv("MAVEN_LOCAL_REPOSITORY")),
                    cluster,
                    work);
            runs.maven(List.of("test-compile"), Map.of(), Map.of(), new ArrayList<>());
            String table = runs.table(faults);
            Files.writeString(Path.of("target", "own-urls.md"), table);
            runs.complaints.forEach(System.err::println);
            if (!runs.complaints.isEmpty()) {
                throw new IllegalStateException(runs.complaints.size() + " complaints, above");
            }
            if (names.isEmpty() && !table.equals(Files.readString(TABLE))) {
                throw new IllegalStateException("target/own-urls.md is not what " + TABLE + " says");
            }
        } finally {
            FileUtils.deleteDirectory(work.toFile());
        }
    }

    private String table(List<Fault> faults) throws Exception {
        List<String> rows = new ArrayList<>(
                List.of("| fault | from the start | after the check | `dsql.reach.simulate` |", "|---|---|---|---|"));
        for (Fault fault : faults) {
            StringBuilder row = new StringBuilder("| `" + fault + "` |");
            for (Mode mode : Mode.values()) {
                long start = System.nanoTime();
                Said said = run(fault, mode);
                judge(fault, mode, said);
                String cell = cell(said);
                System.out.printf(
                        Locale.ROOT,
                        "%s %s: %s (%d s; passed %d, failed %d, skipped %d)%n",
                        fault,
                        mode,
                        cell,
                        (System.nanoTime() - start) / 1_000_000_000,
                        said.count("passed"),
                        said.count("failed"),
                        said.count("skipped"));
                row.append(' ').append(cell).append(" |");
            }
            rows.add(row.toString());
        }
        return String.join("\n", rows) + "\n";
    }

    private static String cell(Said said) {
        if (said.count("failed") > 0) {
            return said.count("passed") == 0 ? "all fail" : "some fail";
        }
        return said.count("skipped") > 0 ? "skipped" : "passed";
    }

    // ---- what must be said

    private void judge(Fault fault, Mode mode, Said said) {
        String where = fault + " " + mode + ": ";
        if (said.tests.size() < 5) {
            complain(where + "only " + said.tests.size() + " test cases\n" + said.console);
            return;
        }
        for (Test test : said.tests) {
            if (test.outcome.equals("failed") && !test.text.contains(NEW_CHECK)) {
                complain(where + test.name + " failed without a new check:\n" + test.text);
            }
            if (test.outcome.equals("skipped") && !test.text.contains("DSQL ")) {
                complain(where + test.name + " was skipped without a reason: " + test.text);
            }
        }
        boolean some = said.count("failed") + said.count("skipped") > 0;
        if (said.count("failed") > 0) {
            require(said.console.contains(NEW_CHECK), where + "the console shows no new check", said.console);
            require(
                    said.console.contains("lost the connection"),
                    where + "the summary counts no lost tests",
                    said.console);
        }
        if (some || mode == Mode.SIMULATED) {
            require(!said.annotations().isEmpty(), where + "no annotation", said.console);
            require(!said.step.isBlank(), where + "no summary of the step", said.console);
        }
        if (mode == Mode.SIMULATED && said.count("skipped") == 0) {
            String sentence = "No connection of a test used the proxy of the simulated fault";
            require(
                    said.console.contains(sentence),
                    where + "the console does not say that it struck nothing",
                    said.console);
            require(said.annotations().contains(sentence), where + "nor does the annotation", said.annotations());
            require(said.step.contains("struck no connection"), where + "nor does the step's summary", said.step);
        }
    }

    private void require(boolean is, String complaint, String said) {
        if (!is) {
            complain(complaint + "\n" + said);
        }
    }

    private void complain(String text) {
        complaints.add("✗ " + text);
    }

    // ---- a run

    private Said run(Fault fault, Mode mode) throws Exception {
        Path directory = Files.createTempDirectory(work, "run");
        FileUtils.deleteDirectory(
                PROJECT.resolve(Path.of("target", "surefire-reports")).toFile());
        FileUtils.deleteDirectory(
                PROJECT.resolve(Path.of("target", "dsql-reach")).toFile());
        List<String> console = new ArrayList<>();
        Properties properties = new Properties();
        properties.put("hosts.file", work.resolve("hosts").toString());
        properties.put("idle.millis", fault == Fault.IDLE_TIMEOUT ? "4000" : "0");
        try (FaultyServer network = network(fault)) {
            Thread outage = null;
            switch (mode) {
                case FROM_THE_START -> network.inject(tuned(fault));
                case AFTER_THE_CHECK -> {
                    properties.put("outage.directory", directory.toString());
                    outage = new Thread(() -> beginOutage(network, fault, directory));
                    outage.start();
                }
                case SIMULATED ->
                    properties.put("dsql.reach.simulate", tuned(fault).toString());
            }
            maven(List.of("surefire:test"), properties, environment(network.address(), directory), console);
            if (outage != null) {
                outage.interrupt();
                outage.join();
            }
        }
        Path step = directory.resolve("step.md");
        return new Said(String.join("\n", console), Files.exists(step) ? Files.readString(step) : "", tests());
    }

    private FaultyServer network(Fault fault) {
        return AT_THE_PORT.contains(fault)
                ? FaultyTcp.inFrontOf(cluster.address().toString())
                : FaultyDsql.builder(cluster.endpoint())
                        .credentials(cluster.credentialsProvider())
                        .start();
    }

    private static TunedFault tuned(Fault fault) {
        return switch (fault) {
            case INTERMITTENT -> TunedFault.parse(fault, "seed=4");
            case IDLE_TIMEOUT -> TunedFault.parse(fault, "idle=2500");
            case LATENCY -> TunedFault.parse(fault, "latency=50");
            case BANDWIDTH -> TunedFault.parse(fault, "rate=1000");
            case SLOW_CLOSE -> TunedFault.parse(fault, "delay=50");
            case CUT_AFTER -> TunedFault.parse(fault, "time=0", "received=20000");
            default -> TunedFault.parse(fault);
        };
    }

    private static void beginOutage(FaultyServer network, Fault fault, Path directory) {
        try {
            for (long waited = 0; waited < MOST_MILLIS; waited += 20) {
                if (Files.exists(directory.resolve("checked"))) {
                    network.inject(tuned(fault));
                    Files.createFile(directory.resolve("outage"));
                    return;
                }
                Thread.sleep(20);
            }
        } catch (IOException | InterruptedException e) {
            // The run has ended.
        }
    }

    private Map<String, String> environment(HostAndPort address, Path directory) {
        var credentials = cluster.credentialsProvider().resolveCredentials();
        return Map.ofEntries(
                Map.entry("CLUSTER_ENDPOINT", cluster.endpoint().host()),
                Map.entry("PGPORT", String.valueOf(address.port())),
                Map.entry("PGSSLROOTCERT", cluster.rootCertificate().toString()),
                Map.entry("AWS_ACCESS_KEY_ID", credentials.accessKeyId()),
                Map.entry("AWS_SECRET_ACCESS_KEY", credentials.secretAccessKey()),
                Map.entry("AWS_REGION", cluster.endpoint().region().orElseThrow()),
                Map.entry("AWS_EC2_METADATA_DISABLED", "true"),
                Map.entry("DSQL_REACH_CONNECT_TO", address.toString()),
                Map.entry(
                        "DSQL_REACH_ROOT_CERTIFICATE", cluster.rootCertificate().toString()),
                Map.entry("DSQL_REACH_TIMEOUT", "5s"),
                Map.entry("GITHUB_ACTIONS", "true"),
                Map.entry("GITHUB_STEP_SUMMARY", directory.resolve("step.md").toString()));
    }

    private void maven(List<String> goals, Map<?, ?> properties, Map<String, String> environment, List<String> console)
            throws MavenInvocationException {
        InvocationRequest request = new DefaultInvocationRequest();
        request.setBaseDirectory(PROJECT.toFile());
        goals.forEach(request::addArg);
        request.setBatchMode(true);
        request.setNoTransferProgress(true);
        request.setLocalRepositoryDirectory(repository);
        request.setOutputHandler(console::add);
        environment.forEach(request::addShellEnvironment);
        Properties all = new Properties();
        all.putAll(properties);
        request.setProperties(all);
        DefaultInvoker invoker = new DefaultInvoker();
        invoker.setMavenHome(maven);
        if (invoker.execute(request).getExitCode() != 0) {
            throw new IllegalStateException(String.join("\n", console));
        }
    }

    private static List<Test> tests() throws IOException, ParserConfigurationException, SAXException {
        List<Test> tests = new ArrayList<>();
        Path reports = PROJECT.resolve(Path.of("target", "surefire-reports"));
        if (!Files.isDirectory(reports)) {
            return tests;
        }
        List<Path> files;
        try (Stream<Path> all = Files.list(reports)) {
            files = all.filter(file -> file.toString().endsWith(".xml"))
                    .sorted()
                    .toList();
        }
        for (Path file : files) {
            NodeList cases = DocumentBuilderFactory.newInstance()
                    .newDocumentBuilder()
                    .parse(new InputSource(new StringReader(Files.readString(file))))
                    .getElementsByTagName("testcase");
            for (int i = 0; i < cases.getLength(); i++) {
                tests.add(test((Element) cases.item(i)));
            }
        }
        return tests;
    }

    private static Test test(Element testCase) {
        String name = testCase.getAttribute("classname") + "." + testCase.getAttribute("name");
        for (String kind : List.of("failure", "error", "skipped")) {
            Node found = testCase.getElementsByTagName(kind).item(0);
            if (found != null) {
                String outcome = kind.equals("skipped") ? kind : "failed";
                return new Test(
                        name, outcome, ((Element) found).getAttribute("message") + "\n" + found.getTextContent());
            }
        }
        return new Test(name, "passed", "");
    }
}
