package io.github.dsqlreach.report;

import static io.github.dsqlreach.report.Html.block;
import static io.github.dsqlreach.report.Html.inline;
import static io.github.dsqlreach.report.Html.line;
import static io.github.dsqlreach.report.Html.section;

import io.github.dsqlreach.Diagnosis;
import io.github.dsqlreach.Evidence;
import io.github.dsqlreach.Phase;
import io.github.dsqlreach.PhaseResult;
import io.github.dsqlreach.PhaseResult.Status;
import io.github.dsqlreach.Reachability;
import io.github.dsqlreach.Verdict;
import io.github.dsqlreach.internal.Numbers;
import io.github.dsqlreach.report.Html.Attribute;
import io.github.dsqlreach.report.Messages.Direction;
import io.github.dsqlreach.report.Messages.Message;
import io.github.dsqlreach.report.Messages.Place;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Reports as one self-contained HTML page to look at, print or send to the network's administrator: no script, no request,
 * readable in light and dark and on a phone.
 */
final class HtmlReport {
    private static final DateTimeFormatter WHEN =
            DateTimeFormatter.ofPattern("d MMMM uuuu, HH:mm:ss 'UTC'", Locale.ENGLISH);

    private static final Attribute ROW = new Attribute("scope", "row");
    private static final Attribute HIDDEN = new Attribute("aria-hidden", "true");

    private HtmlReport() {}

    static String of(List<Content> reports) {
        return Html.page(
                title(reports),
                Html.of(reports.stream().map(HtmlReport::article).toList()));
    }

    private static String title(List<Content> reports) {
        if (reports.size() != 1) {
            return "DSQL reachability of " + reports.size() + " endpoints";
        }
        Reachability only = reports.get(0).reachability();
        return "DSQL " + Phrases.verdict(only)
                + only.endpoint().map(e -> ": " + e.host()).orElse("");
    }

    /** One report as a part of a page. */
    static Html article(Content content) {
        Reachability reachability = content.reachability();
        List<Html> problem = reachability.isReachable()
                ? List.of()
                : List.of(remedies(reachability), diagram(reachability), why(reachability.diagnosis()));
        Html tried = Html.of(waterfall(reachability), problem, experiments(reachability));
        return block("article", header(reachability), tried, tests(content), facts(reachability), footer(reachability));
    }

    private static Html header(Reachability reachability) {
        return block(
                "header." + tone(reachability.verdict()),
                line("p.verdict", Phrases.mark(reachability) + " " + Phrases.verdict(reachability)),
                line("h1", Phrases.headline(reachability)),
                line("p", reachability.summary()),
                Phrases.simulation(reachability).map(note -> line("p", inline("strong", note))),
                reachability.endpoint().map(endpoint -> line("p.endpoint", Phrases.endpoint(endpoint))));
    }

    private static String tone(Verdict verdict) {
        return switch (verdict) {
            case REACHABLE -> "good";
            case BLOCKED -> "bad";
            default -> "warn";
        };
    }

    private static Html waterfall(Reachability reachability) {
        List<PhaseResult> results = Phrases.results(reachability);
        Map<Phase, Double> starts = starts(results);
        double whole = Math.max(
                0.001,
                results.stream()
                        .mapToDouble(r -> starts.getOrDefault(r.phase(), 0.0) + r.millis())
                        .max()
                        .orElse(0));
        List<Html> rows = new ArrayList<>();
        for (PhaseResult result : results) {
            boolean tried = result.status() != Status.NOT_REACHED;
            String bar = String.format(
                    Locale.ROOT,
                    "margin-left:%.2f%%;width:%.2f%%",
                    Math.min(99, 100 * starts.getOrDefault(result.phase(), 0.0) / whole),
                    100 * result.millis() / whole);
            rows.add(line(
                    "tr." + tone(result.status()),
                    inline("th", ROW, inline("span", Phrases.mark(result.status())), " " + result.phase()),
                    inline("td.time", tried ? Numbers.print(result.duration()) : ""),
                    inline(
                            "td.what",
                            tried ? inline("div.track", inline("i", new Attribute("style", bar))) : "",
                            Phrases.note(result, Phrases.through(reachability)))));
        }
        return section("section", "Phases", block("table.waterfall", block("tbody", rows)));
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

    private static Html remedies(Reachability reachability) {
        Html remedies = block("ol.remedies", items(reachability.diagnosis().remedies()));
        return section("section", Phrases.whatToDo(reachability), remedies);
    }

    private static List<Html> items(List<String> sentences) {
        return sentences.stream()
                .map(sentence -> line("li", Html.rich(sentence)))
                .toList();
    }

    private static Html diagram(Reachability reachability) {
        List<Message> messages = Messages.of(reachability);
        if (messages.isEmpty()) {
            return Html.of();
        }
        List<Html> places = Messages.places(reachability).stream()
                .map(place -> inline("b", place))
                .toList();
        Html head = line("li.places", HIDDEN, inline("span"), inline("div", places));
        List<Html> lines = messages.stream().map(HtmlReport::message).toList();
        return section("section.whole", "Where it failed", block("ul.diagram", head, lines));
    }

    private static Html message(Message message) {
        return line(
                "li." + tone(message.status()),
                inline("span", Phrases.mark(message.status()) + " " + message.label()),
                inline("div", HIDDEN, wire(message)),
                message.broke() && !message.note().isEmpty() ? inline("p", message.note()) : "");
    }

    private static Html wire(Message message) {
        if (message.place() == Place.HERE) {
            return inline("b.here", message.broke() ? "✗" : "●");
        }
        if (message.direction() == Direction.NONE) {
            return Html.of();
        }
        String length = message.place() == Place.CLUSTER ? ".far" : ".near";
        Html wire = inline("i" + length + (message.direction() == Direction.OUT ? ".out" : ".back"));
        if (message.place() == Place.SOMEWHERE) {
            return Html.of(wire, inline("b.near", "?"));
        }
        return message.broke() ? Html.of(wire, inline("b" + length, "✗")) : wire;
    }

    private static Html why(Diagnosis diagnosis) {
        Html cause = inline("code", diagnosis.cause().map(Enum::name));
        Html confidence = inline("span", diagnosis.confidence().name().toLowerCase(Locale.ROOT));
        Optional<Html> rule = diagnosis.rule().map(id -> Html.of(" ", inline("span", "rule " + id)));
        return section(
                "section",
                "Why",
                line("p", Html.rich(diagnosis.explanation())),
                line("p.cause", cause, " ", confidence, rule),
                block("ul", items(diagnosis.evidence())));
    }

    private static Html experiments(Reachability reachability) {
        List<Html> rows = new ArrayList<>();
        for (Phrases.Tried tried : Phrases.tried(reachability)) {
            rows.add(line(
                    "tr." + tone(tried.status()),
                    inline("th", ROW, inline("span", tried.mark()), " " + tried.what()),
                    inline("td.time", Numbers.print(tried.duration())),
                    inline("td", tried.note())));
        }
        if (rows.isEmpty()) {
            return Html.of();
        }
        String what = "The failed step again, with one thing changed. What changes the outcome is the trigger.";
        return section("section", "Experiments", line("p.dim", what), block("table.rows", block("tbody", rows)));
    }

    private static Html tests(Content content) {
        List<Html> rows = new ArrayList<>();
        for (AffectedTests tests : content.tests()) {
            rows.add(line("tr", inline("td", inline("code", tests.className())), inline("td", tests.outcome())));
        }
        return section("section", content.titleOfTests(), block("table.rows.tests", block("tbody", rows)));
    }

    private static Html facts(Reachability reachability) {
        List<Html> steps = new ArrayList<>();
        Phrases.results(reachability)
                .forEach(result -> steps.add(facts(result.phase().name(), result.evidence())));
        reachability
                .experiments()
                .forEach(tried -> tried.attempt()
                        .phases()
                        .forEach(result -> steps.add(facts(tried.name() + ", " + result.phase(), result.evidence()))));
        return section("section.whole", "Everything observed", block("table.facts", steps));
    }

    private static Html facts(String step, Evidence evidence) {
        List<Html> rows = new ArrayList<>();
        for (Evidence.Key<?> key : evidence.keys()) {
            rows.add(line("tr", inline("th", ROW, key.name()), inline("td", evidence.text(key))));
        }
        Html head = inline("th", new Attribute("colspan", "2"), new Attribute("scope", "rowgroup"), step);
        return rows.isEmpty() ? Html.of() : block("tbody", line("tr", head), rows);
    }

    private static Html footer(Reachability reachability) {
        Reachability.Tool tool = reachability.tool();
        String checked = "Checked on " + WHEN.format(reachability.startedAt().atOffset(ZoneOffset.UTC)) + ", in "
                + Numbers.print(reachability.took()) + ", by dsql-reach " + tool.version() + " with Java " + tool.java()
                + " on " + tool.os() + ".";
        return block("footer", line("p", checked), line("p", "This report contains no password, token or key."));
    }
}
