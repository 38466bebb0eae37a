package io.github.dsqlreach.toxiproxy;

import com.google.gson.FieldNamingPolicy;
import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.Strictness;
import com.google.gson.TypeAdapter;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import com.google.gson.stream.JsonWriter;
import java.io.IOException;
import java.io.StringReader;
import java.util.Locale;
import java.util.Map;

/** Reads requests as strictly as the Go server: a number is no string, and a fraction no integer. */
final class Json {
    static final Gson GSON = new GsonBuilder()
            .setFieldNamingPolicy(FieldNamingPolicy.LOWER_CASE_WITH_UNDERSCORES)
            .registerTypeAdapter(long.class, new WholeNumber())
            .disableHtmlEscaping()
            .serializeNulls()
            .create();

    private Json() {}

    static JsonElement parse(String body) {
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
        return value.getAsString();
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
}
