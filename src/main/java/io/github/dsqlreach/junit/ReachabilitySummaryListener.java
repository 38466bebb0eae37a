package io.github.dsqlreach.junit;

import io.github.dsqlreach.internal.results.TestOutcome;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.platform.commons.JUnitException;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.TestSource;
import org.junit.platform.engine.UniqueId;
import org.junit.platform.engine.support.descriptor.ClassSource;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.TestPlan;

/**
 * Tells the extension of {@link RequiresDsqlReachability} what only JUnit's launcher knows: which tests a class has, how they
 * ended, and the names of all configuration parameters. JUnit finds it by {@code ServiceLoader}:
 *
 * <pre>{@code
 * Launcher launcher = LauncherFactory.create(); // as Maven, Gradle and IDEs do
 * }</pre>
 *
 * <p>Without it, for example if a launcher's automatic registration is disabled, there are no test results and no summary at
 * the end of the run. See the settings {@code dsql.reach.summary} and {@code dsql.reach.reports-dir}.
 */
public final class ReachabilitySummaryListener implements TestExecutionListener {
    /** JUnit creates extensions and listeners separately; only the unique ids of tests connect them. */
    private static final List<ReachabilitySummaryListener> RUNNING = new CopyOnWriteArrayList<>();

    /** What JUnit multiplies when it starts: one test here, whether it starts or not. */
    private static final Set<String> TEMPLATES = Set.of("class-template", "test-template", "test-factory");

    private static final Set<String> TOP_CLASSES = Set.of("class", "class-template");

    private final Map<String, String> environment;
    private final @Nullable PrintStream out;
    private final JvmResults jvm;
    private final Set<String> skipped = ConcurrentHashMap.newKeySet();
    private final Map<String, TestExecutionResult.Status> ended = new ConcurrentHashMap<>();
    private final List<Consumer<EndedClass>> consumers = new CopyOnWriteArrayList<>();
    private volatile TestPlan plan;

    /**
     * A top-level test class that has ended.
     *
     * @param id its unique id
     * @param name its name
     * @param tests its tests
     */
    record EndedClass(String id, String name, List<EndedTest> tests) {}

    /**
     * A test of such a class.
     *
     * @param id its unique id
     * @param testClass the name of its class
     * @param path the unique ids of the class, of what is between, and of the test and what JUnit made of it
     * @param outcome {@link TestOutcome#RAN} or {@link TestOutcome#ABORTED}; empty if JUnit skipped it
     */
    record EndedTest(String id, String testClass, List<String> path, Optional<TestOutcome> outcome) {}

    /** For the {@code ServiceLoader}. */
    public ReachabilitySummaryListener() {
        this(System.getenv(), null, JvmResults.OF_THIS_JVM);
    }

    /** Without a stream, the summary goes to the standard output of the moment: build tools replace it. */
    @SuppressWarnings("NullAway.Init") // the plan by testPlanExecutionStarted()
    ReachabilitySummaryListener(Map<String, String> environment, @Nullable PrintStream out, JvmResults jvm) {
        this.environment = environment;
        this.out = out;
        this.jvm = jvm;
    }

    /** The listener of the run that this test or class belongs to; empty if the run has none. */
    static Optional<ReachabilitySummaryListener> of(String uniqueId) {
        return RUNNING.stream()
                .filter(listener -> listener.find(uniqueId).isPresent())
                .findFirst();
    }

    private Optional<TestIdentifier> find(String uniqueId) {
        try {
            return Optional.of(plan.getTestIdentifier(UniqueId.parse(uniqueId)));
        } catch (JUnitException e) {
            return Optional.empty();
        }
    }

    @Override
    public void testPlanExecutionStarted(TestPlan testPlan) {
        plan = testPlan;
        RUNNING.add(this);
    }

    @Override
    public void testPlanExecutionFinished(TestPlan testPlan) {
        RUNNING.remove(this);
        consumers.clear();
        skipped.clear();
        ended.clear();
    }

    @Override
    public void executionSkipped(TestIdentifier identifier, String reason) {
        skipped.add(identifier.getUniqueId());
        tellIfTopClass(identifier);
    }

    @Override
    public void executionFinished(TestIdentifier identifier, TestExecutionResult result) {
        ended.put(identifier.getUniqueId(), result.getStatus());
        tellIfTopClass(identifier);
    }

    private void tellIfTopClass(TestIdentifier identifier) {
        if (TOP_CLASSES.contains(type(identifier)) && !consumers.isEmpty()) {
            List<EndedTest> tests = new ArrayList<>();
            collect(identifier, List.of(), className(identifier, ""), tests);
            EndedClass type = new EndedClass(identifier.getUniqueId(), className(identifier, ""), List.copyOf(tests));
            consumers.forEach(consumer -> consumer.accept(type));
        }
    }

    /** From now on to the end of the run, that is told of each top-level class that has ended. */
    void onEndOfClass(Consumer<EndedClass> consumer) {
        consumers.add(consumer);
    }

    private void collect(TestIdentifier identifier, List<String> parents, String parentClass, List<EndedTest> tests) {
        List<String> path = Stream.concat(parents.stream(), Stream.of(identifier.getUniqueId()))
                .toList();
        String testClass = className(identifier, parentClass);
        if (identifier.isTest() || TEMPLATES.contains(type(identifier))) {
            List<String> below = plan.getDescendants(identifier).stream()
                    .map(TestIdentifier::getUniqueId)
                    .toList();
            tests.add(new EndedTest(
                    identifier.getUniqueId(),
                    testClass,
                    Stream.concat(path.stream(), below.stream()).toList(),
                    outcome(identifier, path)));
        } else {
            plan.getChildren(identifier).forEach(child -> collect(child, path, testClass, tests));
        }
    }

    private Optional<TestOutcome> outcome(TestIdentifier identifier, List<String> path) {
        if (path.stream().anyMatch(skipped::contains)) {
            return Optional.empty();
        }
        List<TestExecutionResult.Status> ends = Stream.concat(
                        Stream.of(identifier), plan.getDescendants(identifier).stream())
                .filter(TestIdentifier::isTest)
                .flatMap(test -> Optional.ofNullable(ended.get(test.getUniqueId())).stream())
                .toList();
        TestExecutionResult.Status own = ended.get(identifier.getUniqueId());
        boolean ran = ends.isEmpty()
                // A template without invocations, or whose source of invocations failed.
                ? own != null && own != TestExecutionResult.Status.ABORTED
                : ends.stream().anyMatch(status -> status != TestExecutionResult.Status.ABORTED);
        return Optional.of(ran ? TestOutcome.RAN : TestOutcome.ABORTED);
    }

    private static String type(TestIdentifier identifier) {
        return identifier.getUniqueIdObject().getLastSegment().getType();
    }

    private static String className(TestIdentifier identifier, String otherwise) {
        Optional<TestSource> source = identifier.getSource();
        return source.filter(ClassSource.class::isInstance)
                .map(type -> ((ClassSource) type).getClassName())
                .or(() -> source.filter(MethodSource.class::isInstance)
                        .map(method -> ((MethodSource) method).getClassName()))
                .orElse(otherwise);
    }

    /** The names of the run's configuration parameters; an extension can only ask for one by its name. */
    Set<String> parameters() {
        return plan.getConfigurationParameters().keySet();
    }

    Map<String, String> environment() {
        return environment;
    }

    /** Where the summary goes. */
    PrintStream out() {
        return out == null ? System.out : out;
    }

    /** The results of this JVM. */
    JvmResults jvm() {
        return jvm;
    }
}
