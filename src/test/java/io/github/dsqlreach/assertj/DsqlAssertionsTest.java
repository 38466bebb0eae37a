package io.github.dsqlreach.assertj;

import static io.github.dsqlreach.assertj.DsqlAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.dsqlreach.Cause;
import io.github.dsqlreach.Phase;
import io.github.dsqlreach.Reachability;
import io.github.dsqlreach.Verdict;
import io.github.dsqlreach.diagnosis.Diagnoses;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;

class DsqlAssertionsTest {
    private final Reachability notConfigured =
            Diagnoses.notChecked(Cause.ENDPOINT_NOT_CONFIGURED, "no endpoint is configured");

    @Test
    void readsAsASentence() {
        assertThat(notConfigured).hasVerdict(Verdict.MISCONFIGURED).because(Cause.ENDPOINT_NOT_CONFIGURED);
    }

    @Test
    void showsTheWholeReportWhenTheVerdictIsAnother() {
        assertThatThrownBy(() -> assertThat(notConfigured).isReachable())
                .isInstanceOf(AssertionError.class)
                .hasMessageContainingAll(
                        "Expected the verdict REACHABLE, but it is MISCONFIGURED", notConfigured.summary());
    }

    @Test
    void tellsAMissingLayerFromTheExpectedOne() {
        assertThatThrownBy(() -> assertThat(notConfigured).at(Phase.TLS))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("Expected the layer TLS, but it is null");
    }

    @Test
    void tellsACauseFromAnother() {
        assertThatThrownBy(() -> assertThat(notConfigured).because(Cause.TLS_RESET))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("Expected the cause TLS_RESET, but it is ENDPOINT_NOT_CONFIGURED");
    }

    /** It runs as {@link FirewallTest}. */
    @Test
    void areShownInTheDocumentation() throws IOException {
        String example = Files.readString(Path.of("src/test/java/io/github/dsqlreach/assertj/FirewallTest.java"));

        Assertions.assertThat(Path.of("docs/requires-dsql-reachability.md"))
                .content()
                .contains(example.substring(example.indexOf("import static")));
    }

    @Test
    void failsForNull() {
        assertThatThrownBy(() -> assertThat(null).isBlocked()).isInstanceOf(AssertionError.class);
        assertThatThrownBy(() -> assertThat(null).isDenied()).isInstanceOf(AssertionError.class);
    }
}
