package io.github.dsqlreach.fault;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * One toxic of a recipe.
 *
 * @param type the toxic's type
 * @param stream {@code upstream} or {@code downstream}
 * @param toxicity its own share of the connections; empty for that of the fault
 * @param attributes its attributes, texts and numbers
 */
record Ingredient(String type, String stream, Double toxicity, Map<String, Object> attributes) {

    /** On the client's bytes. */
    static Ingredient upstream(String type) {
        return new Ingredient(type, "upstream", null, Map.of());
    }

    /** On the server's bytes. */
    static Ingredient downstream(String type) {
        return new Ingredient(type, "downstream", null, Map.of());
    }

    /** Deep packet inspection: acts on what the client says. */
    static Ingredient match(String on, String then) {
        return upstream("match").with("on", on).with("then", then);
    }

    Ingredient with(String name, Object value) {
        Map<String, Object> all = new LinkedHashMap<>(attributes);
        all.put(name, value);
        return new Ingredient(type, stream, toxicity, all);
    }

    Ingredient toxicity(double share) {
        return new Ingredient(type, stream, share, attributes);
    }

    /** Whether servers other than this library's own have it. */
    boolean isStock() {
        return switch (type) {
            case "latency", "bandwidth", "slow_close", "timeout", "reset_peer", "slicer", "limit_data" -> true;
            default -> false;
        };
    }

    /** For example {@code limit_data upstream (bytes 9)}. */
    @Override
    public String toString() {
        String details = attributes.entrySet().stream()
                .map(attribute -> attribute.getKey() + " " + attribute.getValue())
                .collect(Collectors.joining(", "));
        String share =
                toxicity == null ? "" : (details.isEmpty() ? "" : ", ") + "toxicity " + Parameter.print(toxicity);
        return "`" + type + "` " + stream + (details.isEmpty() && share.isEmpty() ? "" : " (" + details + share + ")");
    }
}
