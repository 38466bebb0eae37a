package io.github.dsqlreach.toxiproxy;

import com.google.gson.JsonObject;

/**
 * A toxic as it was asked for.
 *
 * @param stream the direction, spelled as the client spelled it
 * @param id tells it from another that had the same name before
 */
record ToxicSpec(
        long id, String name, String type, String stream, Direction direction, float toxicity, Toxic<?> toxic) {

    ToxicSpec with(float newToxicity, Toxic<?> newToxic) {
        return new ToxicSpec(id, name, type, stream, direction, newToxicity, newToxic);
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
