package io.github.dsqlreach.junit;

import io.github.dsqlreach.Configuration;
import io.github.dsqlreach.Configuration.Source;
import io.github.dsqlreach.InvalidConfigurationException;
import io.github.dsqlreach.Reachability;
import io.github.dsqlreach.report.AffectedTests.Outcome;
import io.github.dsqlreach.report.Reported;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.support.descriptor.ClassSource;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.TestPlan;

/**
 * Says at the end of the run why tests were skipped or failed for DSQL: one block for each endpoint on the console, the
 * reports as files, and the CI service's own annotations. Test runners show little or nothing of skip reasons.
 *
 * <p>Found by JUnit's {@code ServiceLoader}; not meant to be used otherwise. See the settings
 * {@code dsql.reach.summary} and {@code dsql.reach.reports-dir}.
 */
public final class ReachabilitySummaryListener implements TestExecutionListener {
    private final BiConsumer<Configuration, List<Reported>> writer;
    private volatile TestPlan plan;
    private volatile RunSummary summary = new RunSummary();

    /** For the {@code ServiceLoader}. */
    public ReachabilitySummaryListener() {
        this((configuration, all) -> new SummaryWriter(configuration, System.getenv(), System.out).write(all));
    }

    ReachabilitySummaryListener(BiConsumer<Configuration, List<Reported>> writer) {
        this.writer = writer;
    }

    @Override
    public void testPlanExecutionStarted(TestPlan testPlan) {
        plan = testPlan;
        summary = new RunSummary();
        Ledger.parameters(testPlan.getConfigurationParameters().keySet());
    }

    @Override
    public void executionSkipped(TestIdentifier identifier, String reason) {
        Ledger.take(identifier.getUniqueId())
                .filter(reachability -> reachability.summary().equals(reason))
                .ifPresent(reachability -> affected(reachability, identifier, Outcome.SKIPPED));
    }

    @Override
    public void executionStarted(TestIdentifier identifier) {
        Ledger.take(identifier.getUniqueId()).filter(Reachability::isReachable).ifPresent(summary::found);
    }

    @Override
    public void executionFinished(TestIdentifier identifier, TestExecutionResult result) {
        result.getThrowable()
                .filter(DsqlUnreachableError.class::isInstance)
                .map(error -> ((DsqlUnreachableError) error).reachability())
                .ifPresent(reachability -> affected(reachability, identifier, Outcome.FAILED));
    }

    private void affected(Reachability reachability, TestIdentifier identifier, Outcome outcome) {
        summary.affected(reachability, className(identifier), tests(identifier), outcome);
    }

    /** The tests at and below; a parameterized test that has not started is one. */
    private int tests(TestIdentifier identifier) {
        if (plan == null || plan.getChildren(identifier).isEmpty()) {
            return 1;
        }
        return plan.getChildren(identifier).stream().mapToInt(this::tests).sum();
    }

    private static String className(TestIdentifier identifier) {
        return identifier
                .getSource()
                .map(source -> source instanceof ClassSource type
                        ? type.getClassName()
                        : source instanceof MethodSource method ? method.getClassName() : null)
                .orElseGet(identifier::getDisplayName);
    }

    @Override
    public void testPlanExecutionFinished(TestPlan testPlan) {
        Configuration configuration = Configuration.ofSystem()
                .preferring(Source.byKey(
                        "JUnit configuration parameter",
                        key -> testPlan.getConfigurationParameters().get(key).orElse(null)));
        try {
            writer.accept(configuration, summary.all());
        } catch (InvalidConfigurationException e) {
            System.out.println("dsql-reach: no summary: " + e.getMessage());
        }
        plan = null;
        summary = new RunSummary();
        Ledger.parameters(Set.of());
    }
}
