package io.github.dsqlreach.junit;

import io.github.dsqlreach.Configuration;
import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.Reachability;
import io.github.dsqlreach.Setting;
import io.github.dsqlreach.fault.ToxiproxySource;
import io.github.dsqlreach.internal.StrictJson;
import io.github.dsqlreach.internal.results.ClassResult.TestResult;
import io.github.dsqlreach.internal.results.ReportNames;
import io.github.dsqlreach.internal.results.TestOutcome;
import io.github.dsqlreach.junit.ReachabilitySummaryListener.EndedClass;
import io.github.dsqlreach.junit.ReachabilitySummaryListener.EndedTest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * One run of JUnit Jupiter: what was decided about annotated classes and methods. With what the listener tells of a class that
 * has ended, this becomes the result of the class; at the end of the run the {@link RunSummary} is printed.
 */
final class TestRun {
    private final Configuration configuration;
    private final Optional<RunSummary> summary;
    private final ReportEntries entries;
    private final Optional<SimulationStrikes> strikes;
    private final Map<String, Decided> decisions = new ConcurrentHashMap<>();

    private final Map<String, Lost> lost = new ConcurrentHashMap<>();

    private final Set<String> withConnectionFailure = ConcurrentHashMap.newKeySet();

    private final Set<String> contextsWithoutConnection = ConcurrentHashMap.newKeySet();

    /** What a check found after the connection of a test or class broke, and whether it was aborted because of that. */
    private record Lost(Reachability now, boolean aborted) {}

    private record Decided(Decision decision, Optional<Endpoint> endpoint) {
        /** The name of the endpoint in test results. */
        String endpointName() {
            return endpoint.map(ReportNames::of).orElseGet(ReportNames::withoutEndpoint);
        }
    }

    private TestRun(ExtensionContext context) {
        configuration = TestSettings.of(context);
        checkSettings();
        entries = new ReportEntries(RunSummary.directory(configuration).isPresent());
        Optional<ReachabilitySummaryListener> listener = ReachabilitySummaryListener.of(context.getUniqueId());
        strikes = SimulatedFault.of(configuration).map(simulated -> simulated.strikes(context));
        summary = listener.map(of -> new RunSummary(configuration, of.environment(), of.out(), of.jvm()));
        String engine = context.getRoot().getUniqueId();
        listener.ifPresent(of -> of.onEndOfClass(type -> {
            if (type.id().startsWith(engine)) {
                ended(type);
            }
        }));
    }

    /** The run that this context belongs to. */
    static TestRun of(ExtensionContext context) {
        return RunStore.computeOnce(context, TestRun.class, () -> new TestRun(context), TestRun::end);
    }

    /** All settings of the run: a wrong one fails the tests, and does not wait until it would have an effect. */
    private void checkSettings() {
        StrictJson.check();
        Setting.all().stream()
                .filter(setting -> setting.group() != Setting.Group.ENDPOINT)
                .forEach(configuration::get);
        SimulatedFault.of(configuration);
        ToxiproxySource.configured(configuration);
    }

    /**
     * Records a decision about an annotated class or method.
     *
     * @param endpoint the endpoint that it needs
     */
    void decided(ExtensionContext context, Decision decision, Optional<Endpoint> endpoint) {
        decisions.put(context.getUniqueId(), new Decided(decision, endpoint));
        summary.ifPresent(of -> decision.reachability().ifPresent(of::checked));
        if (decision.kind() == Decision.Kind.SKIP) {
            entries.skipped(context, decision.reachability().orElseThrow());
        }
    }

    /** An annotated class or method has started, and fails. */
    void failed(ExtensionContext context, Reachability reachability) {
        entries.failed(context, reachability);
    }

    /** The connection of a test or class broke while it ran. */
    void lost(ExtensionContext context, Reachability now, boolean aborted) {
        if (lost.put(context.getUniqueId(), new Lost(now, aborted)) == null) {
            entries.lost(context, now);
        }
    }

    /** Whether it is about a connection, or about a Spring context that was not loaded before because of one. */
    boolean isConnectionFailure(Throwable failure) {
        Optional<String> context = ConnectionFailure.springContext(failure);
        if (ConnectionFailure.isIn(failure)) {
            context.ifPresent(contextsWithoutConnection::add);
            return true;
        }
        return context.filter(contextsWithoutConnection::contains).isPresent();
    }

    /** Whether no connection of this test or class had broken before. */
    boolean isFirstConnectionFailure(ExtensionContext context) {
        return withConnectionFailure.add(context.getUniqueId());
    }

    private void ended(EndedClass type) {
        Map<String, Reachability> reports = new HashMap<>();
        List<TestResult> tests = new ArrayList<>();
        type.tests().forEach(test -> result(test, reports).ifPresent(tests::add));
        if (!tests.isEmpty()) {
            summary.ifPresent(
                    of -> of.ended(type.name(), tests, reports, strikes.flatMap(SimulationStrikes::sinceLastReport)));
        }
    }

    /** Empty for a test that needs no cluster, or that JUnit skipped for another reason. */
    private Optional<TestResult> result(EndedTest test, Map<String, Reachability> reports) {
        List<Decided> made = test.path().stream()
                .map(decisions::get)
                .filter(Objects::nonNull)
                .toList();
        if (made.isEmpty()) {
            return Optional.empty();
        }
        Optional<Decision> stopped = made.stream()
                .map(Decided::decision)
                .filter(decision -> decision.kind() != Decision.Kind.RUN)
                .findFirst();
        Optional<Lost> broken = test.path().stream()
                .flatMap(id -> Optional.ofNullable(lost.get(id)).stream())
                .findFirst();
        Optional<TestOutcome> outcome = stopped.map(
                        decision -> decision.kind() == Decision.Kind.SKIP ? TestOutcome.SKIPPED : TestOutcome.FAILED)
                .or(() -> broken.map(found -> found.aborted ? TestOutcome.SKIPPED : TestOutcome.LOST))
                .or(test::outcome);
        Optional<Reachability> reported = stopped.isPresent()
                ? stopped.get().reachability()
                : broken.isPresent()
                        ? broken.map(Lost::now)
                        : made.stream()
                                .flatMap(decided -> decided.decision().reachability().stream())
                                .filter(Reachability::usedWebSocketFallback)
                                .findFirst();
        Optional<String> report = reported.map(ReportNames::of);
        report.ifPresent(name -> reports.put(name, reported.get()));
        return outcome.map(what ->
                new TestResult(test.id(), test.testClass(), what, made.get(0).endpointName(), report.orElse(null)));
    }

    private void end() {
        summary.ifPresent(of -> of.print(strikes));
        summary.ifPresent(of -> strikes.ifPresent(its -> its.failIfUnused(of.ran(), configuration)));
        if (summary.isEmpty() && configuration.get(Setting.MIN_RUN).isPresent()) {
            throw new AssertionError(
                    Setting.MIN_RUN + " is set, and there are no test results to judge: JUnit's launcher"
                            + " does not use the listener of dsql-reach; enable the automatic registration of listeners");
        }
    }
}
