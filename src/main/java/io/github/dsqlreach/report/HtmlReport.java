package io.github.dsqlreach.report;

import static io.github.dsqlreach.report.HtmlPage.escape;
import static io.github.dsqlreach.report.HtmlPage.line;
import static io.github.dsqlreach.report.HtmlPage.rich;

import io.github.dsqlreach.Diagnosis;
import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.Evidence;
import io.github.dsqlreach.Experiment;
import io.github.dsqlreach.Phase;
import io.github.dsqlreach.PhaseResult;
import io.github.dsqlreach.PhaseResult.Status;
import io.github.dsqlreach.Reachability;
import io.github.dsqlreach.Verdict;
import io.github.dsqlreach.internal.Numbers;
import io.github.dsqlreach.report.PhaseDiagram.Direction;
import io.github.dsqlreach.report.PhaseDiagram.Message;
import io.github.dsqlreach.report.PhaseDiagram.Place;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Reports as one HTML page to look at, print or send to whoever runs the network: a single file that asks for nothing
 * else, runs no script, and is readable in light, in dark and on a phone.
 *
 * <pre>{@code
 * Files.writeString(Path.of("report.html"), HtmlReport.of(reachability));
 * }</pre>
 */
public final class HtmlReport {
    private static final DateTimeFormatter WHEN =
            DateTimeFormatter.ofPattern("d MMMM uuuu, HH:mm:ss 'UTC'", Locale.ENGLISH);

    private final StringBuilder html = new StringBuilder();

    private HtmlReport() {}

    /** One report as a page. */
    public static String of(Reachability reachability) {
        return of(List.of(Reported.of(reachability)));
    }

    /** Several reports on one page, below each other. */
    public static String of(List<Reported> reports) {
        HtmlReport report = new HtmlReport();
        reports.forEach(report::add);
        return HtmlPage.of(title(reports), report.html.toString());
    }

    private static String title(List<Reported> reports) {
        if (reports.size() != 1) {
            return "DSQL reachability of " + reports.size() + " endpoints";
        }
        Reachability only = reports.get(0).reachability();
        return "DSQL " + Phrases.verdict(only)
                + only.endpoint().map(e -> ": " + e.host()).orElse("");
    }

    /** One report, to stand on a page. */
    static String article(Reported reported) {
        HtmlReport report = new HtmlReport();
        report.add(reported);
        return report.html.toString();
    }

    private void add(Reported reported) {
        Reachability reachability = reported.reachability();
        html.append("<article>\n");
        header(reachability);
        if (reachability.walk().isPresent()) {
            waterfall(reachability);
        }
        if (!reachability.isReachable()) {
            remedies(reachability);
            diagram(reachability);
            why(reachability);
        }
        experiments(reachability);
        tests(reported);
        facts(reachability);
        footer(reachability);
        html.append("</article>\n");
    }

    private void header(Reachability reachability) {
        html.append("<header class=\"").append(tone(reachability.verdict())).append("\">\n");
        html.append("<p class=\"verdict\">")
                .append(escape(Phrases.mark(reachability) + " " + Phrases.verdict(reachability)))
                .append("</p>\n");
        html.append("<h1>").append(line(Phrases.headline(reachability))).append("</h1>\n");
        html.append("<p>").append(line(reachability.summary())).append("</p>\n");
        Phrases.simulation(reachability)
                .ifPresent(
                        note -> html.append("<p><strong>").append(escape(note)).append("</strong></p>\n"));
        reachability
                .endpoint()
                .ifPresent(endpoint -> html.append("<p class=\"endpoint\">")
                        .append(escape(Phrases.endpoint(endpoint)))
                        .append("</p>\n"));
        html.append("</header>\n");
    }

    /** For example {@code blocked at TLS}, and whether it is simulated. */
    static String tone(Verdict verdict) {
        return switch (verdict) {
            case REACHABLE -> "good";
            case BLOCKED -> "bad";
            default -> "warn";
        };
    }

    private void waterfall(Reachability reachability) {
        html.append("<section>\n<h2>Phases</h2>\n<table class=\"waterfall\">\n<tbody>\n");
        List<PhaseResult> results = Phrases.results(reachability);
        Map<Phase, Double> starts = starts(results);
        double whole = Math.max(
                0.001,
                results.stream()
                        .mapToDouble(r -> starts.get(r.phase()) + r.millis())
                        .max()
                        .orElse(0));
        for (PhaseResult result : results) {
            boolean tried = result.status() != Status.NOT_REACHED;
            html.append("<tr class=\"").append(tone(result.status())).append("\"><th scope=\"row\"><span>");
            html.append(Phrases.mark(result.status())).append("</span> ").append(result.phase());
            html.append("</th><td class=\"time\">").append(tried ? Numbers.print(result.duration()) : "");
            html.append("</td><td class=\"what\">");
            if (tried) {
                html.append(String.format(
                        Locale.ROOT,
                        "<div class=\"track\"><i style=\"margin-left:%.2f%%;width:%.2f%%\"></i></div>",
                        Math.min(99, 100 * starts.get(result.phase()) / whole),
                        100 * result.millis() / whole));
            }
            html.append(escape(Phrases.note(result, Phrases.through(reachability))))
                    .append("</td></tr>\n");
        }
        html.append("</tbody>\n</table>\n</section>\n");
    }

    /** TOKEN runs beside DNS and TCP; every other phase waits for those before it. */
    private static Map<Phase, Double> starts(List<PhaseResult> results) {
        Map<Phase, Double> starts = new EnumMap<>(Phase.class);
        double network = 0;
        double token = 0;
        for (PhaseResult result : results) {
            if (result.phase() == Phase.TOKEN) {
                starts.put(Phase.TOKEN, 0.0);
                token = result.millis();
            } else {
                double start = result.phase() == Phase.AUTH ? Math.max(network, token) : network;
                starts.put(result.phase(), start);
                network = start + result.millis();
            }
        }
        return starts;
    }

    static String tone(Status status) {
        return switch (status) {
            case PASSED -> "good";
            case FAILED -> "bad";
            case NOT_REACHED -> "none";
        };
    }

    private void remedies(Reachability reachability) {
        Diagnosis diagnosis = reachability.diagnosis();
        if (diagnosis.remedies().isEmpty()) {
            return;
        }
        html.append("<section>\n<h2>")
                .append(Phrases.whatToDo(reachability))
                .append("</h2>\n<ol class=\"remedies\">\n");
        diagnosis
                .remedies()
                .forEach(remedy -> html.append("<li>").append(rich(remedy)).append("</li>\n"));
        html.append("</ol>\n</section>\n");
    }

    private void diagram(Reachability reachability) {
        List<Message> messages = PhaseDiagram.messages(reachability);
        if (messages.isEmpty()) {
            return;
        }
        html.append("<section class=\"whole\">\n<h2>Where it broke</h2>\n<ul class=\"diagram\">\n");
        html.append("<li class=\"places\" aria-hidden=\"true\"><span></span><div><b>this machine</b><b>")
                .append(reachability.endpoint().flatMap(Endpoint::connectTo).isPresent() ? "tunnel" : "network")
                .append("</b><b>cluster</b></div></li>\n");
        messages.forEach(this::message);
        html.append("</ul>\n</section>\n");
    }

    private void message(Message message) {
        html.append("<li class=\"").append(tone(message.status())).append("\"><span>");
        html.append(Phrases.mark(message.status())).append(' ').append(escape(message.label()));
        html.append("</span><div aria-hidden=\"true\">").append(wire(message)).append("</div>");
        if (message.broke() && !message.note().isEmpty()) {
            html.append("<p>").append(escape(message.note())).append("</p>");
        }
        html.append("</li>\n");
    }

    private static String wire(Message message) {
        if (message.place() == Place.HERE) {
            return "<b class=\"here\">" + (message.broke() ? "✗" : "●") + "</b>";
        }
        if (message.direction() == Direction.NONE) {
            return "";
        }
        String length = message.place() == Place.CLUSTER ? "far" : "near";
        String wire = "<i class=\"" + length + (message.direction() == Direction.OUT ? " out" : " back") + "\"></i>";
        if (message.place() == Place.SOMEWHERE) {
            return wire + "<b class=\"near\">?</b>";
        }
        return message.broke() ? wire + "<b class=\"" + length + "\">✗</b>" : wire;
    }

    private void why(Reachability reachability) {
        Diagnosis diagnosis = reachability.diagnosis();
        html.append("<section>\n<h2>Why</h2>\n<p>")
                .append(rich(diagnosis.explanation()))
                .append("</p>\n");
        html.append("<p class=\"cause\"><code>")
                .append(diagnosis.cause().map(Enum::name).orElse(""))
                .append("</code> <span>")
                .append(diagnosis.confidence().name().toLowerCase(Locale.ROOT))
                .append("</span></p>\n");
        if (!diagnosis.evidence().isEmpty()) {
            html.append("<ul>\n");
            diagnosis
                    .evidence()
                    .forEach(fact -> html.append("<li>").append(rich(fact)).append("</li>\n"));
            html.append("</ul>\n");
        }
        html.append("</section>\n");
    }

    private void experiments(Reachability reachability) {
        if (reachability.experiments().isEmpty()) {
            return;
        }
        html.append("<section>\n<h2>Experiments</h2>\n<p class=\"dim\">The failed step again, with one thing changed."
                + " What changes the outcome is the trigger.</p>\n<table class=\"rows\">\n<tbody>\n");
        for (Experiment experiment : reachability.experiments()) {
            Status status = experiment.passed() ? Status.PASSED : Status.FAILED;
            html.append("<tr class=\"").append(tone(status)).append("\"><th scope=\"row\"><span>");
            html.append(Phrases.mark(status)).append("</span> ").append(escape(Phrases.name(experiment)));
            html.append("</th><td class=\"time\">").append(Numbers.print(experiment.duration()));
            html.append("</td><td>").append(escape(Phrases.note(experiment))).append("</td></tr>\n");
        }
        html.append("</tbody>\n</table>\n</section>\n");
    }

    private void tests(Reported reported) {
        if (reported.count().isEmpty()) {
            return;
        }
        html.append("<section>\n<h2>").append(escape(reported.count())).append(" because of this</h2>\n");
        html.append("<table class=\"rows tests\">\n<tbody>\n");
        for (AffectedTests tests : reported.tests()) {
            html.append("<tr><td><code>").append(line(tests.className())).append("</code></td><td class=\"time\">");
            html.append(tests.count()).append("</td><td>");
            html.append(tests.outcome().name().toLowerCase(Locale.ROOT)).append("</td></tr>\n");
        }
        html.append("</tbody>\n</table>\n</section>\n");
    }

    private void facts(Reachability reachability) {
        StringBuilder rows = new StringBuilder();
        Phrases.results(reachability)
                .forEach(result -> facts(rows, result.phase().name(), result.evidence()));
        reachability.experiments().forEach(experiment -> facts(rows, experiment.name(), experiment.evidence()));
        if (!rows.isEmpty()) {
            html.append("<section class=\"whole\">\n<h2>Everything observed</h2>\n<table class=\"facts\">\n")
                    .append(rows)
                    .append("</table>\n</section>\n");
        }
    }

    private static void facts(StringBuilder rows, String step, Evidence evidence) {
        if (evidence.asMap().isEmpty()) {
            return;
        }
        rows.append("<tbody>\n<tr><th colspan=\"2\" scope=\"rowgroup\">")
                .append(line(step))
                .append("</th></tr>\n");
        for (String name : evidence.asMap().keySet()) {
            rows.append("<tr><th scope=\"row\">").append(line(name)).append("</th><td>");
            rows.append(line(evidence.text(name).orElse(""))).append("</td></tr>\n");
        }
        rows.append("</tbody>\n");
    }

    private void footer(Reachability reachability) {
        Reachability.Tool tool = reachability.tool();
        html.append("<footer>\n<p>Checked on ")
                .append(WHEN.format(reachability.startedAt().atOffset(ZoneOffset.UTC)))
                .append(", in ")
                .append(Numbers.print(reachability.took()))
                .append(", by dsql-reach ")
                .append(line(tool.version()))
                .append(" with Java ")
                .append(line(tool.java()))
                .append(" on ")
                .append(line(tool.os()))
                .append(".</p>\n<p>This report holds no password, token or key.</p>\n</footer>\n");
    }
}
