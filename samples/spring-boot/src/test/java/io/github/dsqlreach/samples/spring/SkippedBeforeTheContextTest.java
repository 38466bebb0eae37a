package io.github.dsqlreach.samples.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import io.github.dsqlreach.local.LocalDsql;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.junit.platform.testkit.engine.EngineExecutionResults;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;

/** Where the network is in the way no context starts; and which cluster it is does not matter to a test. */
@DisabledIfSystemProperty(named = "dsql.reach.simulate", matches = ".+", disabledReason = "simulates by itself")
class SkippedBeforeTheContextTest {
    private static final AtomicInteger CONTEXTS = new AtomicInteger();

    private static LocalDsql cluster;

    @BeforeEach
    void noneYet() {
        CONTEXTS.set(0);
    }

    @Test
    void noContextStartsBehindAFirewall() {
        EngineExecutionResults results = run(Map.of("dsql.reach.simulate", "TLS_RESET"));

        results.containerEvents().assertStatistics(events -> events.skipped(1));
        results.testEvents().assertStatistics(events -> events.started(0));
        assertThat(CONTEXTS).hasValue(0);
    }

    @Test
    void theSameTestRunsOnTheClusterThatIsConfigured() {
        try (LocalDsql configured = LocalDsql.start()) {
            cluster = configured;

            EngineExecutionResults results = run(Map.of(
                    "dsql.reach.endpoint", configured.jdbcUrl(),
                    "dsql.reach.credentials-provider", ItsCredentials.class.getName()));

            results.testEvents().assertStatistics(events -> events.succeeded(1));
            assertThat(CONTEXTS).hasValue(1);
            assertThat(configured.connections().loggedIn()).isGreaterThan(1);
        }
    }

    private static EngineExecutionResults run(Map<String, String> parameters) {
        return EngineTestKit.engine("junit-jupiter")
                .configurationParameters(parameters)
                .configurationParameter("dsql.reach.summary", "never")
                .selectors(selectClass(Case.class))
                .execute();
    }

    static class ItsCredentials implements AwsCredentialsProvider {
        @Override
        public AwsCredentials resolveCredentials() {
            return cluster.credentialsProvider().resolveCredentials();
        }
    }

    static class Case extends OrdersTest {
        @DynamicPropertySource
        static void count(DynamicPropertyRegistry registry) {
            CONTEXTS.incrementAndGet();
        }
    }
}
