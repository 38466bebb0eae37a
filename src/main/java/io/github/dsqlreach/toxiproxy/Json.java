package io.github.dsqlreach.toxiproxy;

import com.google.gson.FieldNamingPolicy;
import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.Strictness;
import com.google.gson.TypeAdapter;
import com.google.gson.TypeAdapterFactory;
import com.google.gson.reflect.TypeToken;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import com.google.gson.stream.JsonWriter;
import java.io.IOException;
import java.io.StringReader;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/** Reads requests as strictly as the Go server: a number is no string, and a fraction no integer. */
final class Json {
    static final Gson GSON = new GsonBuilder()
            .setFieldNamingPolicy(FieldNamingPolicy.LOWER_CASE_WITH_UNDERSCORES)
            .registerTypeAdapter(long.class, new WholeNumber())
            .registerTypeAdapterFactory(new Constants())
            .disableHtmlEscaping()
            .serializeNulls()
            .create();

    private static final Pattern LONE_SURROGATE = Pattern.compile("\\p{Cs}");

    private Json() {}

    static JsonElement parse(String body) {
        if (body.startsWith("\ufeff")) {
            throw ApiException.badBody("not valid JSON: it begins with a byte order mark");
        }
        JsonReader reader = new JsonReader(new StringReader(body));
        reader.setStrictness(Strictness.STRICT);
        try {
            return GSON.getAdapter(JsonElement.class).read(reader);
        } catch (IOException | JsonParseException | IllegalStateException e) {
            throw ApiException.badBody("not valid JSON");
        }
    }

    static JsonObject object(JsonElement json, String what) {
        if (json.isJsonNull()) {
            return new JsonObject();
        }
        if (!json.isJsonObject()) {
            throw ApiException.badBody(what + " must be an object");
        }
        JsonObject lowerCase = new JsonObject();
        for (Map.Entry<String, JsonElement> entry : json.getAsJsonObject().entrySet()) {
            lowerCase.add(entry.getKey().toLowerCase(Locale.ROOT), entry.getValue());
        }
        return lowerCase;
    }

    static JsonObject object(JsonObject parent, String field) {
        return parent.has(field) ? object(parent.get(field), field) : new JsonObject();
    }

    static String string(JsonObject json, String field, String otherwise) {
        JsonElement value = json.get(field);
        if (value == null || value.isJsonNull()) {
            return otherwise;
        }
        if (!value.isJsonPrimitive() || !value.getAsJsonPrimitive().isString()) {
            throw ApiException.badBody(field + " must be a string");
        }
        return LONE_SURROGATE.matcher(value.getAsString()).replaceAll("\ufffd");
    }

    /** The shortest number that reads back as this one, as Go writes it: 1 and not 1.0, 1e-9 and not 1E-9. */
    static Number shortest(float value) {
        BigDecimal exact = new BigDecimal(value);
        BigDecimal shortest = exact;
        for (int digits = 1; digits <= 9; digits++) {
            shortest = exact.round(new MathContext(digits));
            if (shortest.floatValue() == value) {
                break;
            }
        }
        BigDecimal stripped = shortest.stripTrailingZeros();
        BigDecimal plain = stripped.scale() < 0 ? stripped.setScale(0) : stripped;
        return JsonParser.parseString(plain.toString().toLowerCase(Locale.ROOT)).getAsNumber();
    }

    static boolean bool(JsonObject json, String field, boolean otherwise) {
        JsonElement value = json.get(field);
        if (value == null || value.isJsonNull()) {
            return otherwise;
        }
        if (!value.isJsonPrimitive() || !value.getAsJsonPrimitive().isBoolean()) {
            throw ApiException.badBody(field + " must be true or false");
        }
        return value.getAsBoolean();
    }

    static float number(JsonObject json, String field, float otherwise) {
        JsonElement value = json.get(field);
        if (value == null || value.isJsonNull()) {
            return otherwise;
        }
        if (!value.isJsonPrimitive() || !value.getAsJsonPrimitive().isNumber() || !Float.isFinite(value.getAsFloat())) {
            throw ApiException.badBody(field + " must be a number");
        }
        return value.getAsFloat();
    }

    private static final class WholeNumber extends TypeAdapter<Long> {
        @Override
        public Long read(JsonReader in) throws IOException {
            if (in.peek() == JsonToken.NUMBER) {
                String number = in.nextString();
                try {
                    return Long.valueOf(number);
                } catch (NumberFormatException e) {
                    throw new JsonParseException(in.getPath() + " must be a whole number, not " + number);
                }
            }
            if (in.peek() == JsonToken.NULL) {
                in.nextNull();
                return 0L;
            }
            throw new JsonParseException(in.getPath() + " must be a whole number");
        }

        @Override
        public void write(JsonWriter out, Long value) throws IOException {
            out.value(value);
        }
    }

    /** Constants by their names in lower case. */
    private static final class Constants implements TypeAdapterFactory {
        @Override
        public <T> TypeAdapter<T> create(Gson gson, TypeToken<T> type) {
            return type.getRawType().isEnum() ? new Constant<>(type) : null;
        }
    }

    private static final class Constant<T> extends TypeAdapter<T> {
        private final Map<String, T> byName = new LinkedHashMap<>();

        @SuppressWarnings("unchecked") // The constants of an enum are of its type.
        Constant(TypeToken<T> type) {
            for (Object constant : type.getRawType().getEnumConstants()) {
                byName.put(name(constant), (T) constant);
            }
        }

        @Override
        public T read(JsonReader in) throws IOException {
            boolean text = in.peek() == JsonToken.STRING;
            String given = text ? in.nextString() : "";
            if (!byName.containsKey(given)) {
                throw new JsonParseException(in.getPath().substring("$.".length()) + " must be one of "
                        + String.join(", ", byName.keySet()) + (text ? ", not \"" + given + "\"" : ""));
            }
            return byName.get(given);
        }

        @Override
        public void write(JsonWriter out, T value) throws IOException {
            out.value(name(value));
        }

        private static String name(Object constant) {
            return constant.toString().toLowerCase(Locale.ROOT);
        }
    }
}
