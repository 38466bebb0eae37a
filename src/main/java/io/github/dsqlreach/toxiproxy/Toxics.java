package io.github.dsqlreach.toxiproxy;

import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;

/** The types of toxics, and how one is made from its JSON. */
final class Toxics {
    private Toxics() {}

    /** The same toxic with some attributes changed. */
    static Toxic<?> change(Toxic<?> toxic, JsonObject attributes, Direction direction) {
        JsonObject all = attributes(toxic);
        attributes.entrySet().stream()
                .filter(given -> !given.getValue().isJsonNull())
                .forEach(given -> all.add(given.getKey(), given.getValue()));
        return parse(toxic.getClass(), all, direction);
    }

    static JsonObject attributes(Toxic<?> toxic) {
        return Json.GSON.toJsonTree(toxic).getAsJsonObject();
    }

    static Toxic<?> parse(Class<?> type, JsonObject attributes, Direction direction) {
        try {
            Toxic<?> toxic = (Toxic<?>) Json.GSON.fromJson(attributes, type);
            toxic.validate(direction);
            return toxic;
        } catch (JsonParseException | IllegalArgumentException e) {
            throw ApiException.badBody(e.getMessage());
        }
    }

    static Class<? extends Toxic<?>> find(String type) {
        return switch (type) {
            case "latency" -> LatencyToxic.class;
            case "bandwidth" -> BandwidthToxic.class;
            case "slow_close" -> SlowCloseToxic.class;
            case "timeout" -> TimeoutToxic.class;
            case "reset_peer" -> ResetPeerToxic.class;
            case "slicer" -> SlicerToxic.class;
            case "limit_data" -> LimitDataToxic.class;
            case "noop" -> NoopToxic.class;
            case "match" -> MatchToxic.class;
            case "intercept" -> InterceptToxic.class;
            case "after_tls" -> AfterTlsToxic.class;
            default -> throw new ApiException(400, "invalid toxic type");
        };
    }
}
