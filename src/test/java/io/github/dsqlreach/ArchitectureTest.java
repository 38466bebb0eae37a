package io.github.dsqlreach;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.Extension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ArgumentsProvider;
import org.junit.jupiter.params.provider.EnumSource;

/** Dependencies between the packages of {@code CONTRIBUTING.md} only point downwards. */
class ArchitectureTest {
    private static final String ROOT = ArchitectureTest.class.getPackageName();
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages(ROOT);

    /** The circles that there are, and why. */
    private static final Map<Set<String>, String> CIRCLES = Map.of(
            Set.of("FollowUp", "Reachability", "ReachabilityText"),
            "an answer prints itself, and may follow a whole answer over TCP",
            Set.of("fault.Fault", "fault.TunedFault"),
            "Fault.LATENCY.with(…) is how users write it",
            Set.of("fault.FaultSocketFactory", "fault.FaultyDsql"),
            "the driver makes the factory by its name, so that it must find its proxy in a table",
            Set.of("internal.probe.Failures", "internal.probe.TimeoutAssessment"),
            "silence is one of the failures, and worded as they are",
            Set.of("toxiproxy.Link", "toxiproxy.Pipe", "toxiproxy.Stage"),
            "a connection, its two directions and their steps: the parts tell the whole what happened");

    /** A number put before a unit of time. */
    private static final Pattern PRINTED_TIME =
            Pattern.compile("[+] \"\\s?(ms|s|min|h)\\b(?! ?%)|%[0-9.]*[df] ?(ms|s|min|h)\\b");

    /** Who prints times beside {@code Numbers}, and why. */
    private static final Map<String, String> TIMES = Map.of(
            "ValueType", "a setting's value, as one would set it",
            "AuthToken", "a token's lifetime, in seconds as AWS counts it",
            "Phrases", "a token's lifetime, in seconds as AWS counts it",
            "ProbeSettings", "a limit as it was set",
            "WebSocketSocketFactory", "a limit as it was set",
            "CheckRun", "a pause, for a log",
            "ClockSkew", "how wrong a clock is: minutes and hours",
            "TcpPhase", "whole seconds, which tell of packets sent again");

    /** The table: each package with those that it may use, and with what they may use. */
    enum Layer {
        INTERNAL,
        DOMAIN(INTERNAL),
        CLIENT(DOMAIN),
        CONNECT(CLIENT),
        PROBE(CONNECT),
        DIAGNOSIS(PROBE),
        TOXIPROXY(INTERNAL),
        FAULT(TOXIPROXY, CONNECT),
        LOCAL(CONNECT, FAULT),
        REPORT(DOMAIN),
        RESULTS(DOMAIN, REPORT),
        ASSERTJ(DOMAIN),
        JUNIT(CONNECT, PROBE, DIAGNOSIS, TOXIPROXY, FAULT, LOCAL, REPORT, RESULTS),
        CLI(CONNECT, PROBE, DIAGNOSIS, TOXIPROXY, FAULT, LOCAL, REPORT, RESULTS, ASSERTJ);

        private final Set<Layer> below;

        Layer(Layer... below) {
            this.below = Stream.of(below)
                    .flatMap(layer -> Stream.concat(Stream.of(layer), layer.below.stream()))
                    .collect(Collectors.toUnmodifiableSet());
        }

        String packageName() {
            String name = name().toLowerCase(java.util.Locale.ROOT);
            return this == DOMAIN
                    ? ROOT
                    : ROOT + (Set.of(CLIENT, PROBE, RESULTS).contains(this) ? ".internal." : ".") + name;
        }
    }

    @ParameterizedTest
    @EnumSource
    void usesOnlyThePackagesBelow(Layer layer) {
        String[] forbidden = Stream.of(Layer.values())
                .filter(other -> other != layer && !layer.below.contains(other))
                .map(Layer::packageName)
                .toArray(String[]::new);

        noClasses()
                .that()
                .resideInAPackage(layer.packageName())
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(forbidden)
                .allowEmptyShould(true)
                .check(CLASSES);
    }

    @Test
    void hasNoOtherPackages() {
        Set<String> known = Stream.of(Layer.values()).map(Layer::packageName).collect(Collectors.toSet());

        assertThat(CLASSES.stream().map(JavaClass::getPackageName).distinct()).isSubsetOf(known);
    }

    /** {@code -Dtest=ArchitectureTest -Dgolden.write=true} draws it anew. */
    @Test
    void isDrawnInTheDocumentation() {
        Map<Layer, Set<Layer>> uses = new EnumMap<>(Layer.class);
        for (Layer layer : Layer.values()) {
            uses.put(layer, usedBy(layer));
        }
        StringBuilder picture = new StringBuilder("```mermaid\nflowchart TD\n");
        for (Layer layer : Layer.values()) {
            picture.append("    ")
                    .append(layer)
                    .append("[\"")
                    .append(shortName(layer))
                    .append("\"]\n");
        }
        uses.forEach((layer, used) -> used.stream()
                .filter(one -> used.stream().noneMatch(other -> isReached(one, other, uses)))
                .forEach(one -> picture.append("    ")
                        .append(layer)
                        .append(" --> ")
                        .append(one)
                        .append('\n')));

        GoldenFile.assertContains(
                Path.of("docs/architecture.md"),
                Map.of("packages", picture.append("```\n").toString()));
    }

    private static Set<Layer> usedBy(Layer layer) {
        return CLASSES.stream()
                .filter(type -> type.getPackageName().equals(layer.packageName()))
                .flatMap(type -> type.getDirectDependenciesFromSelf().stream())
                .map(dependency -> dependency.getTargetClass().getPackageName())
                .flatMap(used -> Stream.of(Layer.values())
                        .filter(other -> other != layer && other.packageName().equals(used)))
                .collect(Collectors.toCollection(() -> EnumSet.noneOf(Layer.class)));
    }

    /** Whether the other one uses it too, directly or by others. */
    private static boolean isReached(Layer one, Layer other, Map<Layer, Set<Layer>> uses) {
        return uses.get(other).stream().anyMatch(next -> next == one || isReached(one, next, uses));
    }

    private static String shortName(Layer layer) {
        return layer == Layer.DOMAIN ? ROOT : layer.packageName().substring(ROOT.length() + 1);
    }

    /** So that the same duration reads the same wherever it stands. */
    @Test
    void hasOnePrinterOfTimes() throws IOException {
        try (Stream<Path> files = Files.walk(Path.of("src/main/java"))) {
            Set<String> printers = files.filter(file -> file.toString().endsWith(".java"))
                    .filter(file -> PRINTED_TIME.matcher(read(file)).find())
                    .map(file -> file.getFileName().toString().replace(".java", ""))
                    .collect(Collectors.toCollection(TreeSet::new));
            assertThat(printers.remove("Numbers")).isTrue();
            assertThat(printers).isEqualTo(TIMES.keySet());
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Between classes of a file there may be cycles; from file to file each needs a reason. */
    @Test
    void hasNoCirclesOfClassesButThose() {
        assertThat(circles()).isEqualTo(CIRCLES.keySet());
    }

    private static Set<Set<String>> circles() {
        Map<String, Set<String>> needed = new HashMap<>();
        for (JavaClass from : CLASSES) {
            for (Dependency dependency : from.getDirectDependenciesFromSelf()) {
                JavaClass to = dependency.getTargetClass();
                if (to.getPackageName().startsWith(ROOT) && !namesItsExtension(from, to)) {
                    needed.computeIfAbsent(file(from), unused -> new TreeSet<>())
                            .add(file(to));
                }
            }
        }
        Map<String, Set<String>> reached = new HashMap<>();
        needed.keySet().forEach(file -> reached.put(file, reached(file, needed)));
        return needed.keySet().stream()
                .map(file -> reached.get(file).stream()
                        .filter(other -> reached.getOrDefault(other, Set.of()).contains(file))
                        .collect(Collectors.toCollection(TreeSet::new)))
                .filter(circle -> circle.size() > 1)
                .collect(Collectors.toSet());
    }

    /** By {@code @ExtendWith} and its like: JUnit's way. */
    private static boolean namesItsExtension(JavaClass from, JavaClass to) {
        return from.isAnnotation()
                && (to.isAssignableTo(Extension.class) || to.isAssignableTo(ArgumentsProvider.class));
    }

    private static Set<String> reached(String from, Map<String, Set<String>> needed) {
        Set<String> reached = new TreeSet<>();
        Deque<String> next = new ArrayDeque<>(Set.of(from));
        while (!next.isEmpty()) {
            for (String file : needed.getOrDefault(next.remove(), Set.of())) {
                if (reached.add(file)) {
                    next.add(file);
                }
            }
        }
        return reached;
    }

    /** For example {@code report.Phrases}. */
    private static String file(JavaClass type) {
        return type.getEnclosingClass()
                .map(ArchitectureTest::file)
                .orElseGet(() -> type.getName().substring(ROOT.length() + 1));
    }

    /** Else nothing in them is checked. */
    @ParameterizedTest
    @EnumSource
    void saysOfEachPackageWhatMayBeNull(Layer layer) {
        assertThat(CLASSES.getPackage(layer.packageName()).isAnnotatedWith(NullMarked.class))
                .isTrue();
    }

    /** Java 17 users without the optional libraries must be able to load the domain types. */
    @Test
    void needsNothingButTheJdkForTheDomainTypes() {
        classes()
                .that()
                .resideInAPackage(ROOT)
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        ROOT, Layer.INTERNAL.packageName(), "java..", "javax..", "org.jspecify.annotations..")
                .check(CLASSES);
        noClasses()
                .that()
                .resideInAPackage(ROOT)
                .should()
                .transitivelyDependOnClassesThat()
                .resideInAPackage("com.google.gson..")
                .check(CLASSES);
    }

    @Test
    void keepsOptionalLibrariesWhereTheyBelong() {
        noClasses()
                .that()
                .resideOutsideOfPackages(Layer.LOCAL.packageName())
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.zonky..")
                .check(CLASSES);
        noClasses()
                .that()
                .resideOutsideOfPackages(Layer.CLI.packageName())
                .should()
                .dependOnClassesThat()
                .resideInAPackage("picocli..")
                .check(CLASSES);
        noClasses()
                .that()
                .resideOutsideOfPackages(Layer.JUNIT.packageName())
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.junit..")
                .check(CLASSES);
    }
}
