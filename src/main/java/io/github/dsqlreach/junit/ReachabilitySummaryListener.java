package io.github.dsqlreach.junit;

import io.github.dsqlreach.Configuration;
import io.github.dsqlreach.report.BuildRecord;
import io.github.dsqlreach.report.BuildRecord.Found;
import java.io.PrintStream;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.platform.commons.JUnitException;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.UniqueId;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.TestPlan;

/**
 * Tells the extension what only JUnit's launcher knows: which tests there are, and the names of all configuration
 * parameters. With it the run says at its end why tests were skipped or failed for DSQL: one block for each endpoint on the
 * console, the reports as files, and the CI service's own annotations. Test runners show little or nothing of skip reasons.
 *
 * <p>Found by JUnit's {@code ServiceLoader}; not meant to be used otherwise. See the settings
 * {@code dsql.reach.summary} and {@code dsql.reach.reports-dir}.
 */
public final class ReachabilitySummaryListener implements TestExecutionListener {
    /** JUnit makes extensions and listeners by itself and connects them by nothing but the identifiers of tests. */
    private static final List<ReachabilitySummaryListener> RUNNING = new CopyOnWriteArrayList<>();

    /** What JUnit adds to the identifier of a method or class for each time that it runs. */
    private static final Pattern INVOCATION =
            Pattern.compile("/\\[(test-template-invocation|class-template-invocation|dynamic-[a-z]+):[^]]*]");

    private final Map<String, String> environment;
    private final @Nullable PrintStream out;
    /** What an assumption ended, and tests that came to another end. */
    private final Set<String> aborted = ConcurrentHashMap.newKeySet();

    private final Set<String> ended = ConcurrentHashMap.newKeySet();
    private volatile TestPlan plan;

    /** For the {@code ServiceLoader}. */
    public ReachabilitySummaryListener() {
        this(System.getenv(), null);
    }

    /** Without a stream it is the standard output of the moment: build tools exchange it. */
    @SuppressWarnings("NullAway.Init") // the plan by testPlanExecutionStarted()
    ReachabilitySummaryListener(Map<String, String> environment, @Nullable PrintStream out) {
        this.environment = environment;
        this.out = out;
    }

    /** That of the run which this test or class belongs to; empty where a run has none. */
    static Optional<ReachabilitySummaryListener> of(String uniqueId) {
        return RUNNING.stream()
                .filter(listener -> listener.find(uniqueId).isPresent())
                .findFirst();
    }

    @Override
    public void testPlanExecutionStarted(TestPlan testPlan) {
        plan = testPlan;
        RUNNING.add(this);
    }

    @Override
    public void testPlanExecutionFinished(TestPlan testPlan) {
        RUNNING.remove(this);
    }

    @Override
    public void executionFinished(TestIdentifier identifier, TestExecutionResult result) {
        if (result.getStatus() == TestExecutionResult.Status.ABORTED) {
            tests(identifier).map(test -> test(test.getUniqueId())).forEach(aborted::add);
        } else if (identifier.isTest()) {
            ended.add(test(identifier.getUniqueId()));
        }
    }

    /** The tests of the run until now of which an assumption let nothing run to its end. */
    Set<String> aborted() {
        return aborted.stream().filter(test -> !ended.contains(test)).collect(Collectors.toSet());
    }

    private Optional<TestIdentifier> find(String uniqueId) {
        try {
            return Optional.of(plan.getTestIdentifier(UniqueId.parse(uniqueId)));
        } catch (JUnitException e) {
            return Optional.empty();
        }
    }

    /** The names of the run's configuration parameters; an extension can only ask for one. */
    Set<String> parameters() {
        return plan.getConfigurationParameters().keySet();
    }

    /** The tests at and below a class or method; one that makes several, as a parameterized test, is one. */
    Set<String> testsOf(String uniqueId) {
        return find(uniqueId).stream()
                .flatMap(this::tests)
                .map(test -> test(test.getUniqueId()))
                .collect(Collectors.toSet());
    }

    /** The test that this is a run of. */
    static String test(String uniqueId) {
        return INVOCATION.matcher(uniqueId).replaceAll("");
    }

    private Stream<TestIdentifier> tests(TestIdentifier identifier) {
        Set<TestIdentifier> children = plan.getChildren(identifier);
        return children.isEmpty() ? Stream.of(identifier) : children.stream().flatMap(this::tests);
    }

    /** Says at the end of the run what was found, and gives back what is known of the whole build. */
    BuildRecord say(Configuration configuration, List<Found> found) {
        return new SummaryWriter(configuration, environment, out == null ? System.out : out).write(found);
    }
}
