package io.github.dsqlreach.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.dsqlreach.Evidence;
import io.github.dsqlreach.Experiment;
import io.github.dsqlreach.ExperimentName;
import io.github.dsqlreach.Experiments;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What the HTML page and the Markdown hold; how the page looks was checked in a browser. */
class PagesTest {
    private final Report reset = Report.of(SampleReachabilities.reset()).affecting("com.acme.OrderIT", 12, 0, 0);

    @Test
    void thePageTellsAllThereIsToTell() {
        assertThat(Report.html(List.of(reset)))
                .contains("<title>DSQL blocked at TLS: " + SampleReachabilities.HOST + "</title>")
                .contains("✗ blocked at TLS", "<h2>Phases</h2>", "<h2>What to do</h2>", "<h2>Where it failed</h2>")
                .contains("<code>POSTGRES_NEGOTIATION_BLOCKED</code> <span>confirmed</span> <span>rule"
                        + " tls-ssl-request</span>")
                .contains("TLS to AWS on port 443")
                .contains("12 tests skipped because of this", "<code>com.acme.OrderIT</code>")
                .contains("Checked on 23 November 2026, 08:40:14 UTC")
                .contains("dsql-reach 0.1.0 with Java 17.0.15 on Linux 6.1.0 amd64");
    }

    @Test
    void theHeadlineIsOneLineAndTheDetailsStandBelow() {
        assertThat(Report.html(List.of(reset)))
                .containsSubsequence(
                        "<h1>DSQL blocked at TLS: connection reset</h1>",
                        "<p>DSQL blocked at TLS: connection reset 0.3 ms after the SSLRequest");
        assertThat(List.of(
                        SampleReachabilities.reachable(),
                        SampleReachabilities.hostile("x\n".repeat(500)),
                        SampleReachabilities.notConfigured()))
                .extracting(Phrases::headline)
                .allSatisfy(headline ->
                        assertThat(headline).hasSizeLessThanOrEqualTo(100).doesNotContain("\n"));
    }

    @Test
    void aHandshakeWithAnInterceptorIsNoPassedOneWithTheCluster() {
        Evidence evidence = Evidence.builder()
                .put(Evidence.PROTOCOL, "TLSv1.3")
                .put(Evidence.VERIFIED, false)
                .build();
        Experiment passed =
                Experiments.experiment(ExperimentName.DIRECT_TLS, Duration.ofMillis(9), evidence, Optional.empty());
        assertThat(Phrases.note(passed)).isEqualTo("passed, TLSv1.3, certificate NOT verified: perhaps another server");
    }

    @Test
    void barsBeginWhereTheirPhaseBegan() {
        // DNS 12.345 ms, then TCP 83 ms, then TLS 0.4 ms; the token is made meanwhile.
        assertThat(Report.of(SampleReachabilities.reset()).html())
                .containsSubsequence(
                        "margin-left:0.00%;width:12.89%",
                        "margin-left:12.89%;width:86.69%",
                        "margin-left:0.00%;width:2.19%",
                        "margin-left:99.00%;width:0.42%");
    }

    @Test
    void whateverAnElementIsGivenAsTextIsShownAsText() {
        Html element = Html.inline(
                "b.near",
                new Html.Attribute("style", "\"><i>"),
                "<script>",
                List.of(" & ", Html.inline("i", "'")),
                Optional.of("<"),
                7);
        assertThat(element)
                .hasToString(
                        "<b class=\"near\" style=\"&quot;&gt;&lt;i&gt;\">&lt;script&gt; &amp; <i>&#39;</i>&lt;7</b>");
        assertThat(Html.block("ul", List.of(), "", Optional.empty())).hasToString("");
        assertThat(Markdown.of(
                        "<b>", Markdown.code("<b>"), List.of(" | ", Optional.of("*")), Markdown.strong("_a_"), 7))
                .hasToString("&lt;b\\>`<b>` \\| \\***\\_a\\_**7");
        assertThat(Markdown.section("Nothing", List.of())).hasToString("");
    }

    @Test
    void longCommandsStandInABlockWithoutAPointBelow() {
        assertThat(Html.rich("Run `" + "aws dsql ".repeat(8) + "`; then `b`.").toString())
                .isEqualTo("Run <code class=\"block\">" + "aws dsql ".repeat(8) + "</code>then <code>b</code>.");
    }

    @Test
    void aReachableEndpointHasNoSectionsOfTrouble() {
        assertThat(Report.of(SampleReachabilities.reachable()).html())
                .contains("✓ reachable", "<h2>Phases</h2>")
                .doesNotContain("<h2>Why</h2>", "<h2>What to do</h2>", "<h2>Where it failed</h2>");
        assertThat(Report.of(SampleReachabilities.reachable()).markdown())
                .startsWith("## ✅ DSQL reachable\n")
                .doesNotContain("### ");
    }

    @Test
    void severalReportsShareAPage() {
        String page = Report.html(List.of(reset, Report.of(SampleReachabilities.notConfigured())));
        assertThat(page).contains("<title>DSQL reachability of 2 endpoints</title>");
        assertThat(page.split("<article>", -1)).hasSize(3);
        assertThat(Report.markdown(List.of(reset, reset)).split("## ❌", -1)).hasSize(3);
    }

    @Test
    void markdownEscapesTextAndKeepsCode() {
        assertThat(Markdown.of("1. *a* [b](c) <d> e_f _g_ | # h"))
                .hasToString("1\\. \\*a\\* \\[b\\]\\(c) &lt;d\\> e_f \\_g\\_ \\| \\# h");
        assertThat(Markdown.code("a `` b`")).hasToString("``` a `` b` ```");
    }
}
