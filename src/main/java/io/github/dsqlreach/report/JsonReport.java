package io.github.dsqlreach.report;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.github.dsqlreach.Diagnosis;
import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.Evidence;
import io.github.dsqlreach.Experiment;
import io.github.dsqlreach.Failure;
import io.github.dsqlreach.HostAndPort;
import io.github.dsqlreach.PhaseResult;
import io.github.dsqlreach.Reachability;
import io.github.dsqlreach.Scrubber;
import io.github.dsqlreach.Walk;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * A report as JSON, by a contract that is stable from the first release; {@code docs/reports.md} lists its fields.
 *
 * <pre>{@code
 * String json = JsonReport.write(reachability);
 * Reachability same = JsonReport.read(json, "the JSON above");
 * Reachability other = JsonReport.read(Path.of("cafe.json"));
 * }</pre>
 *
 * <p>What is read equals what was written, so that a report can be shown, compared and diagnosed again later. Fields
 * that this version does not know are ignored; a schema, cause or other constant that it does not know is refused.
 */
public final class JsonReport {
    /** The value of the field {@code schema}. */
    public static final String SCHEMA = "dsql-reach/1";

    static final int MOST_BYTES = 5_000_000;

    private static final Gson GSON = new GsonBuilder()
            .setPrettyPrinting()
            .serializeNulls()
            .disableHtmlEscaping()
            .create();

    private JsonReport() {}

    /** The report as pretty-printed JSON, with a line feed at the end. */
    public static String write(Reachability reachability) {
        Diagnosis diagnosis = reachability.diagnosis();
        JsonObject json = new JsonObject();
        json.addProperty("schema", SCHEMA);
        json.add("endpoint", reachability.endpoint().map(JsonReport::endpoint).orElse(JsonNull.INSTANCE));
        json.add(
                "simulated",
                reachability.simulation().map(JsonReport::simulation).orElse(JsonNull.INSTANCE));
        json.addProperty("verdict", diagnosis.verdict().name());
        json.add("layer", name(diagnosis.layer()));
        json.add("cause", name(diagnosis.cause()));
        json.addProperty("confidence", diagnosis.confidence().name());
        json.addProperty("summary", reachability.summary());
        json.addProperty("explanation", diagnosis.explanation());
        json.add("evidence", texts(diagnosis.evidence()));
        json.add("remedies", texts(diagnosis.remedies()));
        json.add("findings", findings(diagnosis.findings()));
        json.add("through", name(reachability.walk().map(Walk::through)));
        JsonArray phases = new JsonArray();
        reachability.walk().map(Walk::results).orElse(List.of()).forEach(result -> phases.add(phase(result)));
        json.add("phases", phases);
        JsonArray experiments = new JsonArray();
        reachability.experiments().forEach(experiment -> experiments.add(experiment(experiment)));
        json.add("experiments", experiments);
        json.addProperty("startedAt", reachability.startedAt().toString());
        json.addProperty("tookMillis", millis(reachability.took()));
        json.add("tool", tool(reachability.tool()));
        // JSON may end up in a CI service's log. Only inside a text can "##" stand, and there an escape loses nothing.
        return GSON.toJson(json).replace("##", "#\\u0023") + "\n";
    }

    private static JsonElement simulation(Reachability.Simulation simulation) {
        JsonObject parameters = new JsonObject();
        simulation.parameters().forEach(parameters::addProperty);
        JsonObject json = new JsonObject();
        json.addProperty("fault", simulation.fault());
        json.add("parameters", parameters);
        return json;
    }

    private static JsonObject findings(Diagnosis.Findings findings) {
        JsonObject json = new JsonObject();
        json.addProperty("trigger", findings.trigger().orElse(null));
        json.add("after", name(findings.after()));
        json.addProperty("origin", findings.origin().name());
        json.addProperty("slow", findings.slow());
        json.addProperty("unsteady", findings.unsteady());
        return json;
    }

    private static JsonElement endpoint(Endpoint endpoint) {
        JsonObject trust = new JsonObject();
        trust.addProperty("mode", endpoint.trust().mode().sslmode());
        trust.addProperty(
                "rootCertificate",
                endpoint.trust().rootCertificate().map(Path::toString).orElse(null));
        JsonObject json = new JsonObject();
        json.addProperty("host", endpoint.host());
        json.addProperty("port", endpoint.port());
        json.addProperty("region", endpoint.region().orElse(null));
        json.addProperty("clusterId", endpoint.clusterId().orElse(null));
        json.addProperty("user", Scrubber.scrub(endpoint.user()));
        json.addProperty("database", Scrubber.scrub(endpoint.database()));
        json.addProperty(
                "connectTo", endpoint.connectTo().map(HostAndPort::toString).orElse(null));
        json.addProperty("transport", endpoint.transport().parameter());
        json.addProperty(
                "webSocketConnectTo",
                endpoint.webSocketConnectTo().map(HostAndPort::toString).orElse(null));
        json.addProperty("negotiation", endpoint.negotiation().parameter());
        json.add("trust", trust);
        json.addProperty("options", Scrubber.scrub(endpoint.options()));
        return json;
    }

    private static JsonObject phase(PhaseResult result) {
        JsonObject json = new JsonObject();
        json.addProperty("phase", result.phase().name());
        json.addProperty("status", result.status().name());
        json.addProperty("millis", millis(result.duration()));
        json.add("failure", failure(result.failure()));
        json.add("evidence", evidence(result.evidence()));
        return json;
    }

    private static JsonObject experiment(Experiment experiment) {
        JsonObject json = new JsonObject();
        json.addProperty("name", experiment.name());
        json.addProperty("outcome", outcome(experiment.passed()).name());
        json.addProperty("millis", millis(experiment.duration()));
        json.add("failure", failure(experiment.failure()));
        json.add("evidence", evidence(experiment.evidence()));
        return json;
    }

    private static PhaseResult.Status outcome(boolean passed) {
        return passed ? PhaseResult.Status.PASSED : PhaseResult.Status.FAILED;
    }

    private static JsonElement failure(Optional<Failure> failure) {
        if (failure.isEmpty()) {
            return JsonNull.INSTANCE;
        }
        JsonObject json = new JsonObject();
        json.addProperty("kind", failure.get().kind().name());
        json.addProperty("message", failure.get().message());
        return json;
    }

    private static JsonObject evidence(Evidence evidence) {
        JsonObject json = new JsonObject();
        evidence.asMap().forEach((name, value) -> {
            if (value instanceof Number number) {
                json.addProperty(name, number);
            } else if (value instanceof Boolean truth) {
                json.addProperty(name, truth);
            } else if (value instanceof List<?> list) {
                json.add(name, texts(list));
            } else {
                json.addProperty(name, String.valueOf(value));
            }
        });
        return json;
    }

    private static JsonObject tool(Reachability.Tool tool) {
        JsonObject json = new JsonObject();
        json.addProperty("version", tool.version());
        json.addProperty("java", tool.java());
        json.addProperty("os", tool.os());
        return json;
    }

    private static JsonArray texts(List<?> texts) {
        JsonArray array = new JsonArray();
        texts.forEach(text -> array.add(String.valueOf(text)));
        return array;
    }

    private static JsonElement name(Optional<? extends Enum<?>> constant) {
        return constant.<JsonElement>map(c -> new JsonPrimitive(c.name())).orElse(JsonNull.INSTANCE);
    }

    /** Exact, so that reading gives the same duration; without zeros at the end. */
    private static BigDecimal millis(Duration duration) {
        BigDecimal millis = BigDecimal.valueOf(duration.getSeconds())
                .movePointRight(3)
                .add(BigDecimal.valueOf(duration.getNano(), 6))
                .stripTrailingZeros();
        return millis.scale() < 0 ? millis.setScale(0) : millis;
    }

    /**
     * Reads a report from a file of at most 5 MB, in UTF-8.
     *
     * @throws UnreadableReportException if the file cannot be read or is no report of this schema; the message says why
     */
    public static Reachability read(Path file) {
        String source = file.toString();
        byte[] bytes;
        try (InputStream in = Files.newInputStream(file)) {
            bytes = in.readNBytes(MOST_BYTES + 1);
        } catch (IOException e) {
            throw new UnreadableReportException(source, problem(e), e);
        }
        checkSize(source, bytes.length);
        try {
            return read(
                    StandardCharsets.UTF_8
                            .newDecoder()
                            .decode(ByteBuffer.wrap(bytes))
                            .toString(),
                    source);
        } catch (CharacterCodingException e) {
            throw new UnreadableReportException(source, "it is not text in UTF-8", e);
        }
    }

    private static String problem(IOException e) {
        if (e instanceof java.nio.file.NoSuchFileException) {
            return "there is no such file";
        }
        return e instanceof java.nio.file.AccessDeniedException ? "access denied" : String.valueOf(e.getMessage());
    }

    /**
     * Reads a report of at most 5 million characters.
     *
     * @param json the report
     * @param source where it comes from, for messages
     * @throws UnreadableReportException if it is no report of this schema; the message says why
     */
    public static Reachability read(String json, String source) {
        checkSize(source, json.length());
        return new JsonReportReader(source).read(json);
    }

    /**
     * Reads a report of at most 5 million characters.
     *
     * @throws UnreadableReportException if it is no report of this schema; the message says why
     */
    public static Reachability read(String json) {
        return read(json, "given as text");
    }

    private static void checkSize(String source, int size) {
        if (size > MOST_BYTES) {
            throw new UnreadableReportException(source, "it is larger than 5 MB, and no report is");
        }
    }
}
