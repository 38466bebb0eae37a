package io.github.dsqlreach.toxiproxy;

import com.google.gson.JsonObject;
import java.util.SplittableRandom;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A toxic as it was asked for.
 *
 * @param stream the direction, spelled as the client spelled it
 * @param id tells it from another that had the same name before
 * @param onStrike runs for each connection on which the toxic has an effect
 * @param addedAt when it was added, as {@link System#nanoTime()}
 * @param seed decides which share of the connections it acts on
 */
record ToxicSpec(
        long id,
        String name,
        String type,
        String stream,
        Direction direction,
        float toxicity,
        Toxic<?> toxic,
        Runnable onStrike,
        long addedAt,
        long seed) {

    ToxicSpec with(float newToxicity, Toxic<?> newToxic) {
        return new ToxicSpec(
                id, name, type, stream, direction, newToxicity, newToxic, onStrike, addedAt, seedOf(newToxic));
    }

    /** The seed that the toxic was given, or a new one. */
    static long seedOf(Toxic<?> toxic) {
        return toxic.seed().orElseGet(() -> ThreadLocalRandom.current().nextLong());
    }

    /** Whether the toxic acts on the connection of that number. Toxics with the same seed and toxicity act on the same ones. */
    boolean draws(long connection) {
        return new SplittableRandom(seed + connection * 0x9E3779B97F4A7C15L).nextDouble() < toxicity;
    }

    JsonObject toJson() {
        JsonObject json = new JsonObject();
        json.add("attributes", Json.GSON.toJsonTree(toxic.attributes()));
        json.addProperty("name", name);
        json.addProperty("type", type);
        json.addProperty("stream", stream);
        json.addProperty("toxicity", Json.shortest(toxicity));
        return json;
    }

    /** As users have it. */
    ToxicDefinition definition() {
        double share = Math.max(0, Math.min(1, Json.shortest(toxicity).doubleValue()));
        return new ToxicDefinition(name, type, direction, share, toxic.attributes());
    }
}
