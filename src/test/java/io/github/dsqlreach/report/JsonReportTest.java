package io.github.dsqlreach.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.github.dsqlreach.Attempt;
import io.github.dsqlreach.Cause;
import io.github.dsqlreach.Confirmation;
import io.github.dsqlreach.Diagnosis;
import io.github.dsqlreach.Evidence;
import io.github.dsqlreach.Experiment;
import io.github.dsqlreach.ExperimentName;
import io.github.dsqlreach.Experiments;
import io.github.dsqlreach.Failure;
import io.github.dsqlreach.FailureKind;
import io.github.dsqlreach.FollowUp;
import io.github.dsqlreach.HostAndPort;
import io.github.dsqlreach.Negotiation;
import io.github.dsqlreach.Phase;
import io.github.dsqlreach.PhaseResult;
import io.github.dsqlreach.Reachability;
import io.github.dsqlreach.SentMessage;
import io.github.dsqlreach.Waiting;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonReportTest {
    static List<Reachability> samples() {
        return SampleReachabilities.all();
    }

    static Stream<Long> seeds() {
        return Stream.iterate(1L, seed -> seed + 1).limit(50);
    }

    @ParameterizedTest
    @MethodSource("samples")
    void readsWhatItWrote(Reachability reachability) {
        // A user with control characters is written without them: only then do both differ.
        String json = Report.of(reachability).json();
        Reachability read = Report.parse(json).reachability();
        assertThat(Report.of(read).json()).isEqualTo(json);
        if (!reachability.equals(SampleReachabilities.hostile())) {
            assertThat(read).isEqualTo(reachability);
        }
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void readsWhatItWroteWhateverTheFacts(long seed) {
        Reachability reachability = random(new Random(seed));
        assertThat(Report.parse(Report.of(reachability).json()).reachability()).isEqualTo(reachability);
    }

    @Test
    void writesTheContractsFields() {
        JsonObject json = JsonParser.parseString(
                        Report.of(SampleReachabilities.reset()).json())
                .getAsJsonObject();
        assertThat(json.keySet())
                .containsExactly(
                        "schema",
                        "endpoint",
                        "simulated",
                        "verdict",
                        "layer",
                        "cause",
                        "confidence",
                        "rule",
                        "summary",
                        "explanation",
                        "evidence",
                        "remedies",
                        "details",
                        "through",
                        "phases",
                        "experiments",
                        "confirmation",
                        "replaced",
                        "repeated",
                        "waiting",
                        "overTcp",
                        "startedAt",
                        "tookMillis",
                        "tool");
        assertThat(json.getAsJsonObject("endpoint").keySet())
                .contains("host", "port", "region", "user", "connectTo", "negotiation");
        assertThat(json.get("schema").getAsString()).isEqualTo("dsql-reach/1");
        assertThat(json.get("verdict").getAsString()).isEqualTo("BLOCKED");
        assertThat(json.get("layer").getAsString()).isEqualTo("TLS");
        assertThat(json.get("cause").getAsString()).isEqualTo("POSTGRES_NEGOTIATION_BLOCKED");
        JsonArray phases = json.getAsJsonArray("phases");
        assertThat(phases).hasSize(6);
        JsonObject dns = phases.get(0).getAsJsonObject();
        assertThat(dns.keySet()).containsExactly("phase", "status", "millis", "evidence", "failure");
        assertThat(dns.get("millis").getAsString()).isEqualTo("12.345");
        assertThat(dns.get("failure").isJsonNull()).isTrue();
        JsonObject tls = phases.get(3).getAsJsonObject();
        assertThat(tls.getAsJsonObject("failure").get("kind").getAsString()).isEqualTo("RESET");
        assertThat(tls.getAsJsonObject("evidence").get("bytesSent").getAsString())
                .isEqualTo("8");
        JsonObject experiment = json.getAsJsonArray("experiments").get(0).getAsJsonObject();
        assertThat(experiment.keySet()).containsExactly("name", "attempt");
        assertThat(experiment.get("name").getAsString()).isEqualTo("direct-tls");
        assertThat(experiment.getAsJsonObject("attempt").keySet()).containsExactly("through", "phases");
        assertThat(json.getAsJsonObject("tool").keySet()).containsExactly("version", "java", "os");
    }

    @Test
    void hasTheFieldsThatTheDocumentationLists() throws IOException {
        Set<String> documented = new TreeSet<>();
        Files.readString(Path.of("docs/reports.md"))
                .transform(text -> text.substring(text.indexOf("\n## JSON")))
                .lines()
                .takeWhile(line -> !line.equals("## Simulated"))
                .filter(line -> line.startsWith("| `"))
                .forEach(row -> {
                    String[] names =
                            row.split("\\|")[1].replace("`", "").strip().split(", ");
                    String parent = names[0].substring(0, Math.max(0, names[0].lastIndexOf('.')));
                    Stream.of(names)
                            .map(name -> name.startsWith(".") ? parent + name : name)
                            .forEach(documented::add);
                });
        Set<String> written = new TreeSet<>();
        Reachability simulated =
                SampleReachabilities.reset().simulated(new Reachability.Simulation("TLS_RESET", Map.of("after", 1.0)));
        Stream.concat(samples().stream(), Stream.of(simulated))
                .map(reachability -> Report.of(reachability).json())
                .forEach(json -> fields("", JsonParser.parseString(json).getAsJsonObject(), written));
        // Their parts are listed.
        written.removeAll(Set.of("endpoint.trust", "tool"));
        assertThat(documented).isEqualTo(written);
    }

    /** What is documented in another row, or in a table of its own. */
    private static final Pattern AS_ELSEWHERE =
            Pattern.compile("(evidence|parameters|attempt|replaced|repeated|overTcp)$");

    private static void fields(String parent, JsonObject json, Set<String> fields) {
        json.entrySet().forEach(entry -> {
            String field = parent + entry.getKey();
            JsonElement value = entry.getValue();
            fields.add(field);
            if (value.isJsonArray()) {
                value.getAsJsonArray().asList().stream()
                        .filter(JsonElement::isJsonObject)
                        .forEach(element -> fields(field + "[].", element.getAsJsonObject(), fields));
            } else if (value.isJsonObject() && !AS_ELSEWHERE.matcher(field).find()) {
                fields(field + ".", value.getAsJsonObject(), fields);
            }
        });
    }

    @Test
    void writesNullsWhereThereIsNothing() {
        JsonObject json = JsonParser.parseString(
                        Report.of(SampleReachabilities.notConfigured()).json())
                .getAsJsonObject();
        assertThat(json.get("endpoint").isJsonNull()).isTrue();
        assertThat(json.get("layer").isJsonNull()).isTrue();
        assertThat(json.getAsJsonArray("phases")).isEmpty();
    }

    @Test
    void ignoresFieldsOfANewerMinor() {
        String json = Report.of(SampleReachabilities.reset())
                .json()
                .replace("\"verdict\"", "\"novel\": {\"deep\": [1, null]},\n  \"verdict\"")
                .replace("\"host\"", "\"novel\": 1,\n    \"host\"");
        assertThat(Report.parse(json).reachability()).isEqualTo(SampleReachabilities.reset());
    }

    @Test
    void refusesACauseOfANewerMinor() {
        refuses(
                Report.of(SampleReachabilities.reset()).json().replace("POSTGRES_NEGOTIATION_BLOCKED", "QUIC_BLOCKED"),
                "cannot read the report cafe.json: field 'cause': 'QUIC_BLOCKED' is not known to this version");
    }

    @Test
    void namesTheFieldThatIsWrongWithAllThatItIsIn() {
        String json = Report.of(SampleReachabilities.reset()).json();
        refuses(
                json.replace("\"kind\": \"RESET\"", "\"kind\": \"MELTED\""),
                "field 'phases[3].failure.kind': 'MELTED' is not known to this version");
        refuses(
                json.replace("\"mode\": \"verify-full\"", "\"mode\": \"VERIFY_FULL\""),
                "field 'endpoint.trust.mode': 'VERIFY_FULL' is not known to this version, which knows verify-full,"
                        + " verify-ca, require");
        refuses(json.replace("\"host\"", "\"hosts\""), "field 'endpoint.host': it is missing");
        refuses(json.replace("\"slow\": false", "\"slow\": 0"), "field 'details.slow': it is not a boolean");
        refuses(
                json.replaceFirst("\"millis\": [\\d.]+", "\"millis\": 1e999999999"),
                "field 'phases[0].millis': '1e999999999' is not a duration in milliseconds");
        refuses(
                json.replaceFirst("\"startedAt\": \"[^\"]+", "\"startedAt\": \"+1000000000-12-31T23:59:59Z"),
                "field 'startedAt': '+1000000000-12-31T23:59:59Z' is not a time such as 2026-11-23T08:40:14Z");
        refuses(
                json.replace("\"verdict\": \"BLOCKED\"", "\"verdict\": \"REACHABLE\""),
                "a verdict REACHABLE with the cause POSTGRES_NEGOTIATION_BLOCKED");
    }

    @Test
    void refusesAnotherSchema() {
        refuses(
                Report.of(SampleReachabilities.reset()).json().replace("dsql-reach/1", "dsql-reach/2"),
                "its schema is 'dsql-reach/2', and this version reads only dsql-reach/1");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "null",
                "[]",
                "hello",
                "{",
                "{}",
                "{\"schema\": {}}",
                "{\"schema\": \"dsql-reach/1\"}",
                "{\"schema\": \"dsql-reach/1\"} {}",
                "{'schema': 'dsql-reach/1'}",
                "<html></html>"
            })
    void refusesWhatIsNoReport(String garbage) {
        refuses(garbage, "cannot read the report cafe.json: ");
    }

    @Test
    void saysWhereTextIsNoJsonAndNothingOfItsParser() {
        refuses("{'schema': 'dsql-reach/1'}", "it is not JSON: malformed JSON at line 1 column 3");
    }

    @Test
    void refusesNestingWithoutEnd() {
        refuses("{\"schema\":".repeat(100_000), "it is not JSON");
    }

    @ParameterizedTest
    @ValueSource(strings = {"-1", "1e999999999", "\"83\"", "{}"})
    void refusesATimeThatIsNone(String millis) {
        refuses(
                Report.of(SampleReachabilities.reset()).json().replace("\"millis\": 83", "\"millis\": " + millis),
                "cannot read the report cafe.json: ");
    }

    @Test
    void refusesAnyReportWithAPartMissing() {
        JsonObject whole = JsonParser.parseString(
                        Report.of(SampleReachabilities.reset()).json())
                .getAsJsonObject();
        for (String key : List.of(
                "verdict",
                "confidence",
                "summary",
                "explanation",
                "remedies",
                "phases",
                "experiments",
                "startedAt",
                "tookMillis",
                "tool",
                "through",
                "cause")) {
            JsonObject without = whole.deepCopy();
            without.remove(key);
            refuses(without.toString(), "cannot read the report cafe.json: ");
        }
    }

    @Test
    void refusesMoreThanAReportCanBe(@TempDir Path dir) throws IOException {
        refuses(" ".repeat(JsonReport.MOST_BYTES + 1), "larger than 5 MB");
        Path file = Files.write(dir.resolve("big.json"), new byte[JsonReport.MOST_BYTES + 1]);
        assertThatExceptionOfType(UnreadableReportException.class)
                .isThrownBy(() -> JsonReport.read(file))
                .withMessageContaining("big.json: it is larger than 5 MB");
    }

    @Test
    void readsAFileAndNamesTheOneItCannotRead(@TempDir Path dir) throws IOException {
        Path file = dir.resolve("café.json");
        Files.writeString(
                file, "\ufeff" + Report.of(SampleReachabilities.intercepted()).json());
        assertThat(JsonReport.read(file)).isEqualTo(SampleReachabilities.intercepted());

        assertThatExceptionOfType(UnreadableReportException.class)
                .isThrownBy(() -> JsonReport.read(dir.resolve("none.json")))
                .withMessageEndingWith("none.json: there is no such file");
        Path other = Files.write(dir.resolve("utf16.json"), "\ufeff{}".getBytes(StandardCharsets.UTF_16LE));
        assertThatExceptionOfType(UnreadableReportException.class)
                .isThrownBy(() -> JsonReport.read(other))
                .withMessageEndingWith("utf16.json: it is not text in UTF-8");
    }

    private static void refuses(String json, String message) {
        assertThatExceptionOfType(UnreadableReportException.class)
                .isThrownBy(() -> JsonReport.read(json, "cafe.json"))
                .withMessageContaining(message);
    }

    private static Reachability random(Random random) {
        List<PhaseResult> results = new ArrayList<>();
        for (Phase phase : Phase.values()) {
            results.add(
                    switch (random.nextInt(3)) {
                        case 0 -> PhaseResult.passed(phase, duration(random), evidence(random));
                        case 1 -> PhaseResult.failed(phase, duration(random), evidence(random), failure(random));
                        default -> PhaseResult.notReached(phase);
                    });
        }
        List<Experiment> experiments = Stream.generate(() -> Experiments.experiment(
                        pick(random, ExperimentName.values()),
                        duration(random),
                        evidence(random),
                        random.nextBoolean() ? Optional.of(failure(random)) : Optional.empty()))
                .limit(random.nextInt(4))
                .toList();
        Attempt attempt = new Attempt(pick(random, Phase.values()), results);
        FollowUp followUp = FollowUp.of(experiments);
        if (random.nextBoolean()) {
            followUp = followUp.with(new Confirmation(
                            pick(random, ExperimentName.values()),
                            duration(random),
                            new Confirmation.Repetitions(5, 1),
                            new Confirmation.Repetitions(4, 4)))
                    .replacing(attempt);
        }
        if (random.nextBoolean()) {
            followUp = followUp.repeatedBy(attempt)
                    .after(new Waiting(Cause.CLUSTER_WAKING_UP, random.nextInt(9), duration(random)));
        }
        if (random.nextInt(4) == 0) {
            followUp = followUp.after(random(random));
        }
        Cause cause = pick(random, Cause.values());
        Diagnosis diagnosis = SampleReachabilities.diagnosis(
                cause,
                pick(random, io.github.dsqlreach.Confidence.values()),
                text(random),
                List.of(text(random)),
                List.of(text(random), text(random)));
        return Reachability.of(
                        Optional.of(SampleReachabilities.endpoint()),
                        Optional.of(attempt),
                        followUp,
                        random.nextBoolean() ? diagnosis : diagnosis.byRule(text(random)))
                .timed(
                        java.time.Instant.ofEpochSecond(random.nextInt(), random.nextInt(1_000_000_000)),
                        duration(random))
                .by(new Reachability.Tool(text(random), "17", "Linux"));
    }

    private static Duration duration(Random random) {
        return Duration.ofNanos(random.nextLong(1L << 1 + random.nextInt(45)));
    }

    private static Evidence evidence(Random random) {
        return Evidence.builder()
                .put(Evidence.ANSWER, text(random))
                .put(Evidence.BYTES_SENT, random.nextLong())
                .put(Evidence.AFTER_MILLIS, random.nextGaussian() * Math.pow(10, random.nextInt(12)))
                .put(Evidence.VERIFIED, random.nextBoolean())
                .put(Evidence.NOTES, List.of(text(random), text(random)))
                .put(Evidence.AFTER, pick(random, SentMessage.values()))
                .put(Evidence.NEGOTIATION, pick(random, Negotiation.values()))
                .put(Evidence.PROXY, new HostAndPort("proxy", 1 + random.nextInt(65_535)))
                .put(Evidence.CERTIFICATE_NOT_AFTER, Instant.ofEpochSecond(random.nextInt()))
                .build();
    }

    private static Failure failure(Random random) {
        return new Failure(pick(random, FailureKind.values()), text(random));
    }

    private static String text(Random random) {
        String[] parts = {"a", "é", "\n", "\"", "\\", "##", "<b>", "\u001b", "😀", "::", " ", "\t", "{", "\u2028"};
        StringBuilder text = new StringBuilder("x");
        for (int i = random.nextInt(12); i > 0; i--) {
            text.append(pick(random, parts));
        }
        // What was scrubbed stays as it is; texts of the tool are not scrubbed by their value.
        return io.github.dsqlreach.Scrubber.scrub(text.toString());
    }

    private static <T> T pick(Random random, T[] values) {
        return values[random.nextInt(values.length)];
    }
}
