package io.github.dsqlreach.junit;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.testkit.engine.EngineExecutionResults;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Event;

/** Runs test-case classes with the real engine, apart from the run that this is. */
final class Jupiter {
    /** Test cases run only with this parameter, so that no runner takes them for tests. */
    static final String MARK = "dsql-reach.test-case";

    private Jupiter() {}

    /** Keeps a test case from other runners. */
    static final class OnlyByTheTest implements ExecutionCondition {
        @Override
        public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
            return context.getConfigurationParameter(MARK).isPresent()
                    ? ConditionEvaluationResult.enabled("run by a test")
                    : ConditionEvaluationResult.disabled("a test case that only a test runs");
        }
    }

    static EngineExecutionResults run(Class<?>... types) {
        return run(Map.of(), types);
    }

    static EngineExecutionResults run(Map<String, String> parameters, Class<?>... types) {
        EngineTestKit.Builder kit = EngineTestKit.engine("junit-jupiter")
                .configurationParameter(MARK, "true")
                .configurationParameters(parameters);
        for (Class<?> type : types) {
            kit.selectors(selectClass(type));
        }
        return kit.execute();
    }

    /** The reason why something was skipped. */
    static String skipReason(EngineExecutionResults results) {
        return results.allEvents().skipped().stream()
                .findFirst()
                .orElseThrow(() -> new AssertionError("nothing was skipped"))
                .getRequiredPayload(String.class);
    }

    /** What the first class or test that failed failed with. */
    static Throwable failure(EngineExecutionResults results) {
        return results.allEvents().failed().stream()
                .map(Event::getPayload)
                .flatMap(Optional::stream)
                .map(TestExecutionResult.class::cast)
                .flatMap(result -> result.getThrowable().stream())
                .findFirst()
                .orElseThrow(() -> new AssertionError("nothing failed"));
    }
}
