package io.github.dsqlreach.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.dsqlreach.Negotiation;
import io.github.dsqlreach.Phase;
import io.github.dsqlreach.Reachability;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ComparisonTest {
    private final Report cafe = Report.of(SampleReachabilities.reset()).labelled("café");
    private final Report home = Report.of(SampleReachabilities.reachable()).labelled("home");

    @Test
    void concludesInOneSentence() {
        assertThat(conclusion(home, Report.of(SampleReachabilities.reachable()).labelled("office")))
                .isEqualTo("home and office both reach the cluster.");
        assertThat(conclusion(cafe, Report.of(SampleReachabilities.reset()).labelled("train")))
                .isEqualTo("café and train are blocked at TLS (connection reset); it is the same everywhere, so look at"
                        + " what they share before blaming one network.");
        assertThat(conclusion(
                        cafe, Report.of(SampleReachabilities.intercepted()).labelled("train"), home))
                .isEqualTo(
                        "The network of café resets PostgreSQL's SSLRequest; the network of train intercepts TLS; home"
                                + " reaches the cluster.");
        assertThat(conclusion(Report.of(SampleReachabilities.denied()).labelled("ci"), cafe))
                .isEqualTo("Settings of ci are wrong (WRONG_TOKEN_ACTION); café is blocked at TLS (connection"
                        + " reset).");
        assertThat(conclusion(home)).isEqualTo("home reaches the cluster; there is nothing to compare it with.");
    }

    @Test
    void blamesNoNetworkWhereAnotherReachedAnotherEndpoint() {
        Reachability elsewhere =
                SampleReachabilities.reset(io.github.dsqlreach.Endpoint.parse("zzz.dsql.eu-west-1.on.aws"));
        Comparison comparison = Comparison.of(List.of(Report.of(elsewhere).labelled("café"), home));
        assertThat(comparison.conclusion())
                .isEqualTo("café is blocked at TLS (connection reset); home reaches its cluster.");
        assertThat(comparison.remarks())
                .singleElement()
                .asString()
                .startsWith(
                        "The endpoints differ, and that may be the reason: café zzz.dsql.eu-west-1.on.aws:5432; home");
    }

    @Test
    void blamesNoNetworkWhereAnotherNegotiatesOtherwiseOrDidNotGetSoFar() {
        Reachability direct = SampleReachabilities.reset(SampleReachabilities.endpoint().toBuilder()
                .negotiation(Negotiation.DIRECT)
                .build());
        assertThat(conclusion(Report.of(direct).labelled("café"), home)).startsWith("café is blocked at TLS");
        Comparison comparison = Comparison.of(
                List.of(cafe, Report.of(SampleReachabilities.through(Phase.TCP)).labelled("home")));
        assertThat(comparison.conclusion())
                .isEqualTo("café is blocked at TLS (connection reset); home reaches the cluster.");
        assertThat(comparison.remarks()).containsExactly("home was checked up to TCP only.");
    }

    @Test
    void tellsReportsOfTheSameLabelApart() {
        assertThat(conclusion(home, home, home)).isEqualTo("home, home (2) and home (3) all reach the cluster.");
    }

    @Test
    void staysReadableWithManyNetworks() {
        List<Report> many = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            many.add(
                    Report.of(SampleReachabilities.all().get(i)).labelled("network number " + i + " with a long name"));
        }
        Comparison comparison = Comparison.of(many);
        assertThat(comparison.text(TextStyle.plain()).lines())
                .allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(100));
        assertThat(comparison.html()).contains("network number 11");
        assertThat(comparison.markdown()).contains("network number 11");
    }

    @Test
    void rendersHtml() {
        Comparison comparison = Comparison.of(List.of(cafe, home));
        assertThat(comparison.html())
                .contains("<h1>The network of café resets PostgreSQL&#39;s SSLRequest; home does not.</h1>")
                .contains("<td class=\"bad\"><b>✗</b> connection reset, 0.4 ms</td>");
    }

    @Test
    void readsReportsUnderTheirFileNames(@TempDir Path dir) throws IOException {
        Path file = Files.writeString(
                dir.resolve("café.json"), Report.of(cafe.reachability()).json());
        assertThat(Report.read(file)).isEqualTo(cafe);
        Path other = Files.writeString(dir.resolve("other.json"), "{\"schema\": \"dsql-reach/9\"}");
        assertThatExceptionOfType(UnreadableReportException.class)
                .isThrownBy(() -> Report.read(other))
                .withMessageContaining("other.json: its schema is 'dsql-reach/9'");
    }

    @Test
    void needsAReport() {
        assertThatIllegalArgumentException().isThrownBy(() -> Comparison.of(List.of()));
    }

    private static String conclusion(Report... reports) {
        return Comparison.of(List.of(reports)).conclusion();
    }
}
