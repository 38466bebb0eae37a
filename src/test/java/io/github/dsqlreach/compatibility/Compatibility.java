package io.github.dsqlreach.compatibility;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.commons.io.FileUtils;
import org.apache.maven.shared.invoker.DefaultInvocationRequest;
import org.apache.maven.shared.invoker.DefaultInvoker;
import org.apache.maven.shared.invoker.InvocationRequest;
import org.apache.maven.shared.invoker.MavenInvocationException;

/**
 * Builds the samples, which are projects as a user has them, with other versions than their own:
 * {@code mvn verify -Drun=compatibility}. Writes the tables of {@code docs/compatibility.md} as it found them.
 *
 * <p>All combinations would be 80 builds; these are pairwise: any two versions of different libraries meet in one.
 */
public final class Compatibility {
    static final String PASSES = "passes";
    static final String TOO_OLD = "fails: `DRIVER_TOO_OLD`";

    /** The configuration of a service for its own PostgreSQL, with a password, as spring-petclinic has it. */
    private static final Map<String, String> ANOTHER_DATABASE = Map.of(
            "spring.datasource.url", "jdbc:postgresql://localhost/petclinic",
            "spring.datasource.driver-class-name", "org.postgresql.Driver",
            "spring.datasource.username", "petclinic",
            "spring.datasource.password", "petclinic");

    static final List<Build> VERSIONS = List.of(
            orders(17, "5.10.5", "3.2.5", "42.7.2", "2.29.52"),
            orders(25, "5.10.5", "3.6.1", "42.7.14", "2.41.34"),
            orders(17, "5.12.2", "3.2.5", "42.7.14", "2.41.34"),
            orders(25, "5.12.2", "3.6.1", "42.7.2", "2.29.52"),
            orders(17, "5.14.4", "3.6.1", "42.7.2", "2.41.34"),
            orders(25, "5.14.4", "3.2.5", "42.7.14", "2.29.52"),
            orders(17, "6.0.3", "3.6.1", "42.7.14", "2.29.52"),
            orders(25, "6.0.3", "3.2.5", "42.7.2", "2.41.34"),
            orders(17, "6.1.3", "3.2.5", "42.7.2", "2.41.34"),
            orders(25, "6.1.3", "3.6.1", "42.7.14", "2.29.52"),
            orders(17, "5.14.4", "3.6.1", "42.7.2", "2.41.34")
                    .with("dsql.reach.negotiation", "direct")
                    .but(TOO_OLD, "pgjdbc 42.7.2 ignores sslNegotiation=direct"));

    static final List<Build> SAMPLES = List.of(
            sample("quick-start", 17),
            sample("quick-start", 25),
            sample("spring-boot", 17).with("spring-boot.version", "3.5.7"),
            sample("spring-boot", 17).with("spring-boot.version", "4.0.7"),
            sample("spring-boot", 25).with("spring-boot.version", "4.1.2"),
            sample("spring-boot", 17).with("spring-boot.version", "3.5.7").with("gson.version", "2.10.1"),
            sample("spring-boot", 17)
                    .with("spring-boot.version", "3.5.7")
                    .with("gson.version", "2.9.1")
                    .but("fails, and says which Gson to choose", "dsql-reach needs Gson 2.10 or later, and"),
            sample("frameworks", 17),
            sample("frameworks", 25),
            sample("spring-boot", 17).with("spring-boot.version", "3.5.7").with(ANOTHER_DATABASE),
            sample("spring-boot", 17).with("spring-boot.version", "4.0.7").with(ANOTHER_DATABASE),
            sample("connector", 17),
            sample("connector", 25),
            sample("kotlin", 17),
            sample("kotlin", 25),
            sample("modules", 17),
            sample("modules", 25));

    private static final Pattern TESTS = Pattern.compile("Tests run: (\\d+), Failures: 0, Errors: 0, Skipped: 0");
    private static final Pattern OUTCOME = Pattern.compile("Tests run: [^\\n]*");

    private Compatibility() {}

    /**
     * One build of a sample.
     *
     * @param properties what it is told on Maven's command line
     * @param expected what the table says of it
     * @param says what its output must have, where it fails
     */
    record Build(String sample, int jdk, Map<String, String> properties, String expected, String says) {
        Build with(String property, String value) {
            Map<String, String> more = new TreeMap<>(properties);
            more.put(property, value);
            return new Build(sample, jdk, more, expected, says);
        }

        Build with(Map<String, String> more) {
            Map<String, String> all = new TreeMap<>(properties);
            all.putAll(more);
            return new Build(sample, jdk, all, expected, says);
        }

        Build but(String result, String output) {
            return new Build(sample, jdk, properties, result, output);
        }

        String version(String library) {
            return properties.getOrDefault(library + ".version", "");
        }

        /** Jars that the tests' class path has. */
        Stream<String> jars() {
            return Stream.of(
                            "junit-jupiter-api:junit",
                            "postgresql:pgjdbc",
                            "dsql:aws",
                            "gson:gson",
                            "spring-boot:spring-boot")
                    .map(jar -> jar.split(":"))
                    .filter(jar -> !version(jar[1]).isEmpty())
                    .map(jar -> jar[0] + "-" + version(jar[1]) + ".jar");
        }
    }

    private static Build orders(int jdk, String junit, String surefire, String pgjdbc, String aws) {
        return sample("orders", jdk)
                .with("junit.version", junit)
                .with("surefire.version", surefire)
                .with("pgjdbc.version", pgjdbc)
                .with("aws.version", aws);
    }

    private static Build sample(String name, int jdk) {
        return new Build(name, jdk, Map.of(), PASSES, "");
    }

    /** The two tables, with that in the last column. */
    static String tables(Map<Build, String> results) {
        Stream<String> versions = VERSIONS.stream()
                .map(build -> row(
                        build.version("junit"),
                        build.jdk() + "",
                        build.version("surefire"),
                        build.version("pgjdbc"),
                        build.version("aws"),
                        build.properties().containsKey("dsql.reach.negotiation") ? "direct" : "postgres",
                        results.get(build)));
        Stream<String> samples = SAMPLES.stream()
                .map(build -> row(
                        "[samples/" + build.sample() + "](../samples/" + build.sample() + ")",
                        Stream.concat(
                                        Stream.of("Spring Boot:spring-boot", "Gson:gson")
                                                .map(library -> library.split(":"))
                                                .filter(library -> !build.version(library[1])
                                                        .isEmpty())
                                                .map(library -> library[0] + " " + build.version(library[1])),
                                        build.properties().containsKey("spring.datasource.url")
                                                ? Stream.of("a password and another database in the configuration")
                                                : Stream.empty())
                                .collect(Collectors.joining(", ")),
                        build.jdk() + "",
                        results.get(build)));
        return Stream.of(
                        Stream.of(
                                row("JUnit", "JDK", "Surefire", "pgjdbc", "AWS SDK", "negotiation", "samples/orders"),
                                row("---", "---", "---", "---", "---", "---", "---")),
                        versions,
                        Stream.of("", row("sample", "with", "JDK", "result"), row("---", "---", "---", "---")),
                        samples)
                .flatMap(lines -> lines)
                .collect(Collectors.joining("\n", "", "\n"));
    }

    private static String row(String... cells) {
        return "| " + String.join(" | ", cells) + " |";
    }

    /** Runs all builds, with the Maven and the local repository that the pom names in the environment. */
    public static void main(String[] arguments) throws IOException, MavenInvocationException {
        File maven = new File(System.getenv("MAVEN_HOME"));
        File repository = new File(System.getenv("MAVEN_LOCAL_REPOSITORY"));
        Map<Build, String> results = new HashMap<>();
        for (Build build : Stream.of(VERSIONS, SAMPLES).flatMap(List::stream).toList()) {
            String result = result(build, maven, repository);
            System.out.println(build.sample() + ", JDK " + build.jdk() + " " + build.properties() + ": " + result);
            results.put(build, result);
        }
        Files.writeString(Path.of("target", "compatibility.md"), tables(results));
        List<Build> others = results.entrySet().stream()
                .filter(found -> !found.getValue().equals(found.getKey().expected()))
                .filter(found -> home(found.getKey().jdk()).isPresent())
                .map(Map.Entry::getKey)
                .toList();
        if (!others.isEmpty()) {
            throw new IllegalStateException("not what docs/compatibility.md says: " + others);
        }
    }

    private static String result(Build build, File maven, File repository)
            throws IOException, MavenInvocationException {
        Optional<Path> java = home(build.jdk());
        if (java.isEmpty()) {
            return "not run: no JDK " + build.jdk() + " here";
        }
        Path project = Path.of("samples", build.sample());
        FileUtils.deleteDirectory(project.resolve("target").toFile());
        List<String> output = new ArrayList<>();
        InvocationRequest request = new DefaultInvocationRequest();
        request.setBaseDirectory(project.toFile());
        request.addArg("test");
        request.setBatchMode(true);
        request.setNoTransferProgress(true);
        request.setJavaHome(java.get().toFile());
        request.setLocalRepositoryDirectory(repository);
        request.setOutputHandler(output::add);
        Properties properties = new Properties();
        properties.putAll(build.properties());
        request.setProperties(properties);
        DefaultInvoker invoker = new DefaultInvoker();
        invoker.setMavenHome(maven);
        int exit = invoker.execute(request).getExitCode();
        String said = String.join("\n", output);
        List<String> missing = missing(build, said, reports(project));
        String result = exit == 0 ? passed(said) : failed(build, said);
        return missing.isEmpty() || !result.equals(build.expected()) ? result : "ran without " + missing;
    }

    private static String passed(String said) {
        return last(TESTS, said)
                .filter(tests -> Integer.parseInt(tests.group(1)) > 0)
                .map(tests -> PASSES)
                .orElseGet(() -> last(OUTCOME, said).map(MatchResult::group).orElse("ran no tests"));
    }

    private static String failed(Build build, String said) {
        if (!build.says().isEmpty() && said.contains(build.says())) {
            return build.expected();
        }
        return said.lines()
                .filter(line -> line.startsWith("[ERROR]"))
                .limit(20)
                .collect(Collectors.joining("\n", "failed:\n", ""));
    }

    private static Optional<MatchResult> last(Pattern pattern, String said) {
        return pattern.matcher(said).results().reduce((one, next) -> next);
    }

    /** What the build was told to have, and did not: a property that no pom knows changes nothing. */
    private static List<String> missing(Build build, String said, String reports) {
        Stream<String> jars = build.jars().filter(jar -> !reports.contains(jar));
        Stream<String> surefire = Stream.of(build.version("surefire"))
                .filter(version -> !Pattern.compile("surefire(-plugin)?:" + Pattern.quote(version) + ":test")
                        .matcher(said)
                        .find())
                .filter(version -> !version.isEmpty())
                .map(version -> "Surefire " + version);
        Stream<String> jdk = Stream.of(build.jdk())
                .filter(version -> !reports.contains("name=\"java.specification.version\" value=\"" + version + "\""))
                .map(version -> "JDK " + version);
        // The first minute: nothing but what the reader asked for.
        Stream<String> quiet =
                Stream.of("silence").filter(unused -> build.sample().equals("quick-start") && said.contains("SLF4J"));
        return Stream.of(jars, surefire, jdk, quiet).flatMap(found -> found).toList();
    }

    private static String reports(Path project) throws IOException {
        Path reports = project.resolve(Path.of("target", "surefire-reports"));
        if (!Files.isDirectory(reports)) {
            return "";
        }
        try (Stream<Path> files = Files.list(reports)) {
            return files.filter(file -> file.toString().endsWith(".xml"))
                    .map(Compatibility::read)
                    .collect(Collectors.joining());
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Where that JDK is: what runs this, what CI services and people tell by a variable, or where systems put them. */
    static Optional<Path> home(int jdk) {
        if (Runtime.version().feature() == jdk) {
            return Optional.of(Path.of(System.getProperty("java.home")));
        }
        Stream<Path> told = System.getenv().entrySet().stream()
                .filter(variable ->
                        variable.getKey().matches("JAVA_?" + jdk + "(_HOME)?|JAVA_HOME_" + jdk + "(_\\w+)?"))
                .map(variable -> Path.of(variable.getValue()));
        Stream<Path> installed = Stream.of("/usr/lib/jvm", "/Library/Java/JavaVirtualMachines")
                .map(File::new)
                .flatMap(directory ->
                        Optional.ofNullable(directory.listFiles()).stream().flatMap(Stream::of))
                .filter(found -> found.getName().matches("\\D*" + jdk + "\\b.*"))
                .flatMap(found -> Stream.of(found.toPath(), found.toPath().resolve(Path.of("Contents", "Home"))));
        return Stream.concat(told, installed)
                .filter(home -> Files.isRegularFile(home.resolve("release")) && Files.isDirectory(home.resolve("bin")))
                .findFirst();
    }
}
