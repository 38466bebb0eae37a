package io.github.dsqlreach.toxiproxy;

import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import java.util.Arrays;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Makes toxics from their JSON: the type {@code reset_peer} is the class {@code ResetPeerToxic} of this package. */
final class Toxics {
    private static final Pattern TYPE = Pattern.compile("[a-z]{1,32}(_[a-z]{1,32}){0,3}");

    private Toxics() {}

    /** The same toxic with some attributes changed. */
    static Toxic change(Toxic toxic, JsonObject attributes, Direction direction) {
        JsonObject all = attributes(toxic);
        attributes.entrySet().stream()
                .filter(given -> !given.getValue().isJsonNull())
                .forEach(given -> all.add(given.getKey(), given.getValue()));
        return parse(toxic.getClass(), all, direction);
    }

    static JsonObject attributes(Toxic toxic) {
        return Json.GSON.toJsonTree(toxic).getAsJsonObject();
    }

    static Toxic parse(Class<? extends Toxic> type, JsonObject attributes, Direction direction) {
        try {
            Toxic toxic = Json.GSON.fromJson(attributes, type);
            toxic.validate(direction);
            return toxic;
        } catch (JsonParseException | IllegalArgumentException e) {
            throw ApiException.badBody(e.getMessage());
        }
    }

    static Class<? extends Toxic> find(String type) {
        if (!TYPE.matcher(type).matches()) {
            throw new ApiException(400, "invalid toxic type");
        }
        String name = Arrays.stream(type.split("_"))
                .map(word -> Character.toUpperCase(word.charAt(0)) + word.substring(1))
                .collect(Collectors.joining("", Toxic.class.getPackageName() + ".", "Toxic"));
        try {
            return Class.forName(name, true, Toxics.class.getClassLoader()).asSubclass(Toxic.class);
        } catch (ClassNotFoundException | ClassCastException e) {
            throw new ApiException(400, "invalid toxic type");
        }
    }
}
