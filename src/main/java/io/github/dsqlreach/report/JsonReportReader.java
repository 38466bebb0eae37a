package io.github.dsqlreach.report;

import com.google.gson.Gson;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import io.github.dsqlreach.Cause;
import io.github.dsqlreach.Confidence;
import io.github.dsqlreach.Diagnosis;
import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.Evidence;
import io.github.dsqlreach.Experiment;
import io.github.dsqlreach.Failure;
import io.github.dsqlreach.FailureKind;
import io.github.dsqlreach.HostAndPort;
import io.github.dsqlreach.Phase;
import io.github.dsqlreach.PhaseResult;
import io.github.dsqlreach.Reachability;
import io.github.dsqlreach.SentMessage;
import io.github.dsqlreach.Setting;
import io.github.dsqlreach.Trust;
import io.github.dsqlreach.Verdict;
import io.github.dsqlreach.Walk;
import java.io.IOException;
import java.io.StringReader;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads what {@link JsonReport} writes, and says what is wrong with anything else. */
final class JsonReportReader {
    /** More than any check takes; a bound for numbers that would not fit into a duration. */
    private static final BigDecimal LONGEST_MILLIS =
            BigDecimal.valueOf(Duration.ofDays(365).toMillis());

    private final String source;

    JsonReportReader(String source) {
        this.source = source;
    }

    Reachability read(String text) {
        JsonObject json = parse(text.startsWith("\ufeff") ? text.substring(1) : text);
        checkSchema(json);
        try {
            return reachability(json);
        } catch (UnreadableReportException e) {
            throw e;
        } catch (RuntimeException e) {
            // The values check themselves: a host name, a region, a cause without a failing verdict.
            throw new UnreadableReportException(source, String.valueOf(e.getMessage()));
        }
    }

    private JsonObject parse(String text) {
        JsonReader reader = new JsonReader(new StringReader(text));
        reader.setStrictness(Strictness.STRICT);
        try {
            JsonElement json = new Gson().getAdapter(JsonElement.class).read(reader);
            if (json.isJsonObject() && reader.peek() == JsonToken.END_DOCUMENT) {
                return json.getAsJsonObject();
            }
            throw new UnreadableReportException(source, "it is no JSON object");
        } catch (IOException | JsonParseException | IllegalStateException | NumberFormatException e) {
            throw new UnreadableReportException(source, "it is no JSON: " + firstLine(e));
        }
    }

    private static String firstLine(Exception e) {
        return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
    }

    private void checkSchema(JsonObject json) {
        JsonElement schema = json.get("schema");
        if (schema == null || !schema.isJsonPrimitive()) {
            throw new UnreadableReportException(
                    source, "it has no field 'schema', so it is no report; a report has " + JsonReport.SCHEMA);
        }
        if (!schema.getAsString().equals(JsonReport.SCHEMA)) {
            throw new UnreadableReportException(
                    source,
                    "its schema is '" + schema.getAsString() + "', and this version reads only " + JsonReport.SCHEMA
                            + "; use the dsql-reach that wrote it");
        }
    }

    private Reachability reachability(JsonObject json) {
        Optional<Phase> through = optional(json, "through", Phase.class);
        List<PhaseResult> phases =
                objects(json, "phases").stream().map(this::phase).toList();
        if (through.isPresent() == phases.isEmpty()) {
            throw wrong("through", "it is there exactly when 'phases' are");
        }
        Optional<Reachability.Simulation> simulation =
                present(json, "simulated") ? Optional.of(simulation(object(json, "simulated"))) : Optional.empty();
        Diagnosis diagnosis = Diagnosis.of(
                        constant(json, "verdict", Verdict.class),
                        optional(json, "layer", Phase.class),
                        optional(json, "cause", Cause.class),
                        constant(json, "confidence", Confidence.class),
                        summary(text(json, "summary"), simulation))
                .explained(text(json, "explanation"), texts(json, "evidence"), texts(json, "remedies"))
                .finding(present(json, "findings") ? findings(object(json, "findings")) : Diagnosis.Findings.none());
        Reachability answer = Reachability.of(
                        present(json, "endpoint") ? Optional.of(endpoint(object(json, "endpoint"))) : Optional.empty(),
                        through.map(last -> new Walk(last, phases)),
                        objects(json, "experiments").stream()
                                .map(this::experiment)
                                .toList(),
                        diagnosis)
                .timed(instant(json, "startedAt"), millis(json, "tookMillis"))
                .by(tool(object(json, "tool")));
        return simulation.map(answer::simulated).orElse(answer);
    }

    /** That of the diagnosis, to which a report adds what stands before it. */
    private static String summary(String text, Optional<Reachability.Simulation> simulation) {
        String headline = simulation.map(Reachability.Simulation::headline).orElse("");
        return text.startsWith(headline) ? text.substring(headline.length()) : text;
    }

    private Reachability.Simulation simulation(JsonObject json) {
        JsonObject parameters = object(json, "parameters");
        Map<String, Double> values = new LinkedHashMap<>();
        parameters
                .keySet()
                .forEach(name -> values.put(name, number(parameters, name).doubleValue()));
        return new Reachability.Simulation(text(json, "fault"), values);
    }

    private Diagnosis.Findings findings(JsonObject json) {
        return new Diagnosis.Findings(
                optionalText(json, "trigger"),
                optional(json, "after", SentMessage.class),
                constant(json, "origin", Diagnosis.Origin.class),
                truth(json, "slow"),
                truth(json, "unsteady"));
    }

    private boolean truth(JsonObject json, String name) {
        JsonElement value = required(json, name);
        if (!value.isJsonPrimitive() || !value.getAsJsonPrimitive().isBoolean()) {
            throw wrong(name, "it is no truth");
        }
        return value.getAsBoolean();
    }

    private Endpoint endpoint(JsonObject json) {
        HostAndPort address = new HostAndPort(text(json, "host"), port(json));
        Endpoint.Builder builder = Endpoint.parse(address.toString()).toBuilder();
        optionalText(json, "region").ifPresent(builder::region);
        builder.user(text(json, "user"));
        builder.database(text(json, "database"));
        optionalText(json, "connectTo").ifPresent(target -> builder.connectTo(HostAndPort.parse(target, 0)));
        // Reports of the first version have neither.
        optionalText(json, "transport").ifPresent(transport -> builder.transport(Setting.TRANSPORT.parse(transport)));
        optionalText(json, "webSocketConnectTo")
                .ifPresent(target -> builder.webSocketConnectTo(HostAndPort.parse(target, 0)));
        builder.negotiation(Endpoint.negotiation(text(json, "negotiation")));
        builder.trust(trust(object(json, "trust")));
        builder.options(text(json, "options"));
        return builder.build();
    }

    private int port(JsonObject json) {
        try {
            return number(json, "port").intValueExact();
        } catch (ArithmeticException e) {
            throw wrong("port", "it is no whole number");
        }
    }

    private Trust trust(JsonObject json) {
        String mode = text(json, "mode");
        return new Trust(
                mode(mode).orElseThrow(() -> unknown("mode", mode)),
                optionalText(json, "rootCertificate").map(Path::of));
    }

    /** The mode whose {@code sslmode} this is; empty if there is none. */
    private static Optional<Trust.Mode> mode(String sslmode) {
        return List.of(Trust.Mode.values()).stream()
                .filter(mode -> mode.sslmode().equals(sslmode))
                .findFirst();
    }

    private PhaseResult phase(JsonObject json) {
        return new PhaseResult(
                constant(json, "phase", Phase.class),
                constant(json, "status", PhaseResult.Status.class),
                millis(json, "millis"),
                evidence(object(json, "evidence")),
                failure(json));
    }

    private Experiment experiment(JsonObject json) {
        Optional<Failure> failure = failure(json);
        boolean passed = constant(json, "outcome", PhaseResult.Status.class) == PhaseResult.Status.PASSED;
        if (passed == failure.isPresent()) {
            throw wrong("outcome", "it contradicts 'failure'");
        }
        return new Experiment(text(json, "name"), millis(json, "millis"), evidence(object(json, "evidence")), failure);
    }

    private Optional<Failure> failure(JsonObject json) {
        if (!present(json, "failure")) {
            return Optional.empty();
        }
        JsonObject failure = object(json, "failure");
        return Optional.of(new Failure(constant(failure, "kind", FailureKind.class), text(failure, "message")));
    }

    private Evidence evidence(JsonObject json) {
        Evidence.Builder builder = Evidence.builder();
        for (Map.Entry<String, JsonElement> fact : json.entrySet()) {
            String name = fact.getKey();
            JsonElement value = fact.getValue();
            if (value.isJsonArray()) {
                builder.put(name, texts(json, name));
            } else if (!value.isJsonPrimitive()) {
                throw wrong(name, "evidence is a text, a number, a truth or a list of texts");
            } else if (value.getAsJsonPrimitive().isBoolean()) {
                builder.put(name, value.getAsBoolean());
            } else if (!value.getAsJsonPrimitive().isNumber()) {
                builder.put(name, value.getAsString());
            } else if (value.getAsString().matches("-?\\d+")) {
                builder.put(name, value.getAsLong());
            } else {
                builder.put(name, value.getAsDouble());
            }
        }
        return builder.build();
    }

    private Reachability.Tool tool(JsonObject json) {
        return new Reachability.Tool(text(json, "version"), text(json, "java"), text(json, "os"));
    }

    private Instant instant(JsonObject json, String name) {
        try {
            return Instant.parse(text(json, name));
        } catch (DateTimeException e) {
            throw wrong(name, "'" + text(json, name) + "' is no time such as 2026-11-23T08:40:14Z");
        }
    }

    private Duration millis(JsonObject json, String name) {
        BigDecimal millis = number(json, name);
        if (millis.signum() < 0 || millis.compareTo(LONGEST_MILLIS) > 0) {
            throw wrong(name, "'" + json.get(name) + "' is no duration in milliseconds");
        }
        return Duration.ofNanos(millis.movePointRight(6).longValue());
    }

    private BigDecimal number(JsonObject json, String name) {
        JsonElement value = required(json, name);
        if (!value.isJsonPrimitive() || !value.getAsJsonPrimitive().isNumber()) {
            throw wrong(name, "it is no number");
        }
        return value.getAsBigDecimal();
    }

    private <E extends Enum<E>> Optional<E> optional(JsonObject json, String name, Class<E> type) {
        return present(json, name) ? Optional.of(constant(json, name, type)) : Optional.empty();
    }

    private <E extends Enum<E>> E constant(JsonObject json, String name, Class<E> type) {
        String value = text(json, name);
        for (E constant : type.getEnumConstants()) {
            if (constant.name().equals(value)) {
                return constant;
            }
        }
        throw unknown(name, value);
    }

    private UnreadableReportException unknown(String name, String value) {
        return wrong(
                name,
                "'" + value
                        + "' is not known to this version; use the dsql-reach that wrote the report, or a newer one");
    }

    private Optional<String> optionalText(JsonObject json, String name) {
        return present(json, name) ? Optional.of(text(json, name)) : Optional.empty();
    }

    private String text(JsonObject json, String name) {
        return textOf(required(json, name), name);
    }

    private String textOf(JsonElement value, String name) {
        if (!value.isJsonPrimitive() || !value.getAsJsonPrimitive().isString()) {
            throw wrong(name, "it is no text");
        }
        return value.getAsString();
    }

    private List<String> texts(JsonObject json, String name) {
        List<String> texts = new ArrayList<>();
        array(json, name).forEach(element -> texts.add(textOf(element, name)));
        return texts;
    }

    private List<JsonObject> objects(JsonObject json, String name) {
        List<JsonObject> objects = new ArrayList<>();
        for (JsonElement element : array(json, name)) {
            if (!element.isJsonObject()) {
                throw wrong(name, "it is no list of objects");
            }
            objects.add(element.getAsJsonObject());
        }
        return objects;
    }

    private JsonArray array(JsonObject json, String name) {
        JsonElement value = required(json, name);
        if (!value.isJsonArray()) {
            throw wrong(name, "it is no list");
        }
        return value.getAsJsonArray();
    }

    private JsonObject object(JsonObject json, String name) {
        JsonElement value = required(json, name);
        if (!value.isJsonObject()) {
            throw wrong(name, "it is no object");
        }
        return value.getAsJsonObject();
    }

    private JsonElement required(JsonObject json, String name) {
        if (!present(json, name)) {
            throw wrong(name, "it is missing");
        }
        return json.get(name);
    }

    private static boolean present(JsonObject json, String name) {
        return json.has(name) && !json.get(name).isJsonNull();
    }

    private UnreadableReportException wrong(String name, String reason) {
        return new UnreadableReportException(source, "field '" + name + "': " + reason);
    }
}
