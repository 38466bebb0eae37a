package io.github.dsqlreach.toxiproxy;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.github.dsqlreach.internal.StrictJson;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/** Reads requests as strictly as the Go server: a number is no string, and a fraction no integer. */
final class Json {
    static final Gson GSON =
            new GsonBuilder().disableHtmlEscaping().serializeNulls().create();

    private static final Pattern LONE_SURROGATE = Pattern.compile("\\p{Cs}");

    private Json() {}

    static JsonElement parse(String body) {
        if (body.startsWith("\ufeff")) {
            throw ApiException.badBody("not valid JSON: it begins with a byte order mark");
        }
        try {
            return GSON.getAdapter(JsonElement.class).read(StrictJson.reader(body));
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

    /** Its numbers, texts and what else there is but nulls. */
    static Map<String, Object> values(JsonObject json) {
        Map<String, Object> values = new LinkedHashMap<>();
        json.entrySet().stream()
                .filter(entry -> !entry.getValue().isJsonNull())
                .forEach(entry -> values.put(entry.getKey(), value(entry.getValue())));
        return values;
    }

    private static Object value(JsonElement json) {
        if (!json.isJsonPrimitive() || json.getAsJsonPrimitive().isBoolean()) {
            return json;
        }
        return json.getAsJsonPrimitive().isNumber() ? json.getAsNumber() : json.getAsString();
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
}
