package io.github.dsqlreach.report;

import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import com.networknt.schema.InputFormat;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.github.dsqlreach.Evidence;
import io.github.dsqlreach.HostAndPort;
import io.github.dsqlreach.Phase;
import io.github.dsqlreach.PhaseResult;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** The JSON Schema of a report, made of the records that the JSON is bound to and of the keys of the evidence. */
public final class ReportSchema {
    private static final Map<Class<?>, String> SIMPLE = Map.of(
            String.class, "string",
            Path.class, "string",
            HostAndPort.class, "string",
            boolean.class, "boolean",
            Boolean.class, "boolean",
            int.class, "integer",
            Long.class, "integer",
            Double.class, "number",
            Duration.class, "number");

    private final JsonObject definitions = new JsonObject();
    private final boolean closed;

    private ReportSchema(boolean closed) {
        this.closed = closed;
    }

    /** Open for fields of later versions, as the documentation says. */
    static String published() {
        return new GsonBuilder()
                        .setPrettyPrinting()
                        .disableHtmlEscaping()
                        .create()
                        .toJson(of(false)) + "\n";
    }

    /**
     * What is wrong with a report of this version: also other fields than those of the schema, and facts in a phase that does
     * not observe them.
     */
    public static List<String> problems(String json) {
        return problems(of(true).toString(), json);
    }

    static List<String> problems(String schema, String json) {
        return SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                .getSchema(schema)
                .validate(json, InputFormat.JSON)
                .stream()
                .map(Object::toString)
                .toList();
    }

    private static JsonObject of(boolean closed) {
        ReportSchema schema = new ReportSchema(closed);
        JsonObject root = new JsonObject();
        root.addProperty("$schema", "https://json-schema.org/draft/2020-12/schema");
        root.addProperty("title", "A report of dsql-reach, " + JsonReport.SCHEMA);
        root.add("$ref", schema.type(JsonDocument.class).get("$ref"));
        root.add("$defs", schema.definitions);
        return root;
    }

    private JsonObject type(Type type) {
        JsonObject json = new JsonObject();
        if (type instanceof ParameterizedType generic) {
            Type of = generic.getActualTypeArguments()[generic.getActualTypeArguments().length - 1];
            if (generic.getRawType() == Optional.class) {
                JsonObject nothing = new JsonObject();
                nothing.addProperty("type", "null");
                JsonArray either = new JsonArray();
                either.add(type(of));
                either.add(nothing);
                json.add("anyOf", either);
            } else {
                boolean map = generic.getRawType() == Map.class;
                json.addProperty("type", map ? "object" : "array");
                json.add(map ? "additionalProperties" : "items", type(of));
            }
            return json;
        }
        Class<?> raw = (Class<?>) type;
        if (SIMPLE.containsKey(raw)) {
            json.addProperty("type", SIMPLE.get(raw));
        } else if (raw == Instant.class) {
            json.addProperty("type", "string");
            json.addProperty("format", "date-time");
        } else if (raw == Evidence.class) {
            json.addProperty("type", "object");
        } else {
            json.addProperty("$ref", "#/$defs/" + raw.getSimpleName());
            if (!definitions.has(raw.getSimpleName())) {
                definitions.add(raw.getSimpleName(), new JsonObject());
                definitions.add(raw.getSimpleName(), raw.isEnum() ? words(raw) : object(raw));
            }
        }
        return json;
    }

    private static JsonObject words(Class<?> constants) {
        JsonArray words = new JsonArray();
        for (Object constant : constants.getEnumConstants()) {
            words.add(JsonBinding.GSON.toJsonTree(constant));
        }
        JsonObject json = new JsonObject();
        json.add("enum", words);
        return json;
    }

    private JsonObject object(Class<?> type) {
        JsonObject properties = new JsonObject();
        JsonArray required = new JsonArray();
        for (RecordComponent part : type.getRecordComponents()) {
            String name = JsonBinding.name(part.getName(), part.getType());
            properties.add(name, name.equals("schema") ? constant(JsonReport.SCHEMA) : type(part.getGenericType()));
            required.add(name);
        }
        JsonObject json = new JsonObject();
        json.addProperty("type", "object");
        json.add("properties", properties);
        json.add("required", required);
        if (closed) {
            json.addProperty("additionalProperties", false);
        }
        if (type == PhaseResult.class) {
            JsonArray each = new JsonArray();
            for (Phase phase : Phase.values()) {
                each.add(evidenceOf(phase));
            }
            json.add("allOf", each);
        }
        return json;
    }

    /** If it is this phase, the evidence has these facts. */
    private JsonObject evidenceOf(Phase phase) {
        JsonObject facts = new JsonObject();
        keys().filter(key -> key.phases().contains(phase)).forEach(key -> facts.add(key.name(), fact(key.type())));
        JsonObject evidence = new JsonObject();
        evidence.add("properties", facts);
        if (closed) {
            evidence.addProperty("additionalProperties", false);
        }
        JsonObject json = new JsonObject();
        json.add("if", property("phase", constant(phase.name())));
        json.add("then", property("evidence", evidence));
        return json;
    }

    private static Stream<Evidence.Key<?>> keys() {
        return Arrays.stream(Evidence.class.getFields()).map(field -> {
            try {
                return (Evidence.Key<?>) field.get(null);
            } catch (IllegalAccessException e) {
                throw new IllegalStateException(e);
            }
        });
    }

    private static JsonObject fact(Class<?> type) {
        JsonObject json = new JsonObject();
        if (SIMPLE.containsKey(type)) {
            json.addProperty("type", SIMPLE.get(type));
        } else {
            json.addProperty("type", "array");
            JsonObject text = new JsonObject();
            text.addProperty("type", "string");
            json.add("items", text);
        }
        return json;
    }

    private static JsonObject constant(String value) {
        JsonObject json = new JsonObject();
        json.add("const", new JsonPrimitive(value));
        return json;
    }

    private static JsonObject property(String name, JsonElement value) {
        JsonObject properties = new JsonObject();
        properties.add(name, value);
        JsonObject json = new JsonObject();
        json.add("properties", properties);
        return json;
    }
}
