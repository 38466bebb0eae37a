package io.github.dsqlreach.diagnosis;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.dsqlreach.Cause;
import io.github.dsqlreach.Evidence;
import io.github.dsqlreach.ExperimentName;
import io.github.dsqlreach.FailureKind;
import io.github.dsqlreach.GoldenFile;
import io.github.dsqlreach.Phase;
import io.github.dsqlreach.Reachability;
import io.github.dsqlreach.SentMessage;
import io.github.dsqlreach.Verdict;
import io.github.dsqlreach.report.Report;
import io.github.dsqlreach.report.SampleReachabilities;
import io.github.dsqlreach.report.TextStyle;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * The examples of {@code docs/verdicts.md} are real reports. {@code mvn test -Dtest=VerdictsPageTest -Dgolden.write=true} writes
 * them anew.
 */
class VerdictsPageTest {
    private static final Path PAGE = Path.of("docs/verdicts.md");

    /** By the rule that applies, the empty text for none. */
    private record Example(String title, String rule, Reachability result) {}

    private static final List<Example> EXAMPLES = List.of(
            new Example("The cluster is reachable", "", SampleReachabilities.reachable()),
            new Example(
                    "A firewall drops packets to port 5432",
                    "tcp-timeout",
                    HandMade.attempt()
                            .fail(Phase.TCP, FailureKind.TIMEOUT, "no answer in 10 s")
                            .took(Phase.TCP, 10_000)
                            .tried(ExperimentName.CONTROL_443, e -> {})
                            .diagnosed()),
            new Example(
                    "A firewall blocks PostgreSQL's SSLRequest",
                    "tls-ssl-request",
                    HandMade.attempt()
                            .fail(
                                    Phase.TLS,
                                    FailureKind.RESET,
                                    "connection reset 84 ms after SSLRequest",
                                    DiagnosisCases.after(SentMessage.SSL_REQUEST)
                                            .andThen(e -> e.put(Evidence.AFTER_MILLIS, 84.0)))
                            .triggeredBy(ExperimentName.DIRECT_TLS)
                            .diagnosed()),
            ofRule("A firewall blocks TLS on port 5432", "tls-port"),
            ofRule("A proxy replaces the certificate", "tls-intercepted"),
            ofRule("The cluster is waking up", "refused-waking-up"),
            ofRule("The cluster denies access", "refused-access-denied"),
            ofRule("The role is not mapped to the IAM identity", "refused-role-not-mapped"),
            ofRule("The token has expired", "refused-token-expired"),
            ofRule("The host name does not exist", "dns-no-such-name"),
            new Example(
                    "There are no AWS credentials",
                    "token-no-credentials",
                    diagnosed(SampleReachabilities.noCredentials())),
            new Example(
                    "No endpoint is configured",
                    "",
                    Diagnoses.notChecked(Cause.ENDPOINT_NOT_CONFIGURED, "no endpoint is configured")),
            ofRule("The evidence is inconclusive", "nothing-fits"));

    /** The first case of a rule. */
    private static Example ofRule(String title, String rule) {
        return new Example(
                title,
                rule,
                DiagnosisCases.all().stream()
                        .filter(each -> each.rule().equals(rule))
                        .findFirst()
                        .orElseThrow()
                        .facts()
                        .diagnosed());
    }

    /** The facts of a sample, and what the table says about them. */
    private static Reachability diagnosed(Reachability sample) {
        return Reachability.of(
                        sample.endpoint(),
                        sample.attempt(),
                        sample.followUp(),
                        Diagnoses.of(
                                sample.endpoint().orElseThrow(),
                                sample.attempt().orElseThrow(),
                                sample.followUp()))
                .timed(sample.startedAt(), sample.took());
    }

    @Test
    void containsTheExamples() {
        GoldenFile.assertContains(
                PAGE,
                Map.of(
                        "examples",
                        EXAMPLES.stream().map(VerdictsPageTest::section).collect(Collectors.joining("\n"))));
    }

    @Test
    void hasAnExampleOfEachVerdictByItsRule() {
        assertThat(EXAMPLES.stream().map(example -> example.result().verdict())).contains(Verdict.values());
        assertThat(EXAMPLES)
                .allSatisfy(example -> assertThat(
                                example.result().diagnosis().rule().orElse(""))
                        .isEqualTo(example.rule()));
    }

    private static String section(Example example) {
        Optional<Cause> cause = example.result().diagnosis().cause().filter(each -> each != Cause.UNKNOWN);
        return "## " + example.title() + "\n\n`" + example.result().verdict() + "`"
                + cause.map(each -> ", cause `" + each + "`").orElse("")
                + (example.rule().isEmpty()
                        ? ""
                        : ", rule [`" + example.rule() + "`](diagnosis.md#rule-" + example.rule() + ")")
                + "\n\n```text\n" + Report.of(example.result()).text(TextStyle.plain()) + "```\n";
    }
}
