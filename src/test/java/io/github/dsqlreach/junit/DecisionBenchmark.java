package io.github.dsqlreach.junit;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.platform.testkit.engine.EngineTestKit;

/** What deciding for a further annotated class costs, once its endpoint has been checked: {@code mvn verify -Drun=bench}. */
final class DecisionBenchmark {
    private static final int CALLS = 20_000;

    private DecisionBenchmark() {}

    public static void main(String[] args) {
        System.out.println();
        System.out.println("| measured | dsql-reach, mean of " + CALLS + " | budget |");
        System.out.println("|---|---|---|");
        EngineTestKit.engine("junit-jupiter")
                .selectors(selectClass(Annotated.class))
                .execute()
                .testEvents()
                .assertStatistics(stats -> stats.succeeded(1));
    }

    @RequiresDsqlReachability
    @WithLocalDsql
    @ExtendWith(Measuring.class)
    static class Annotated {
        @Test
        void runs() {}
    }

    static final class Measuring implements BeforeAllCallback {
        @Override
        public void beforeAll(ExtensionContext context) {
            decide(context);
            double micros = decide(context);
            System.out.printf(Locale.ROOT, "| deciding for a further annotated class | %.1f µs | ≤ 50 µs |%n", micros);
        }

        private static double decide(ExtensionContext context) {
            long begin = System.nanoTime();
            for (int i = 0; i < CALLS; i++) {
                if (Requirement.decideAnew(context).kind() != Decision.Kind.RUN) {
                    throw new IllegalStateException("measured something else");
                }
            }
            return (System.nanoTime() - begin) / 1e3 / CALLS;
        }
    }
}
