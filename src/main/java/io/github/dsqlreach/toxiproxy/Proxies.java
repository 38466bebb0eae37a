package io.github.dsqlreach.toxiproxy;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What the API does to proxies, one request at a time. */
final class Proxies implements AutoCloseable {
    private final Loops loops = new Loops();
    private final Ports ports;
    private final Map<String, ToxicProxy> proxies = new TreeMap<>();
    private boolean closed;

    Proxies(Ports ports) {
        this.ports = ports;
    }

    synchronized JsonObject list() {
        JsonObject all = new JsonObject();
        proxies.forEach((name, proxy) -> all.add(name, proxy.toJson()));
        return all;
    }

    synchronized JsonObject show(String name) {
        return get(name).toJson();
    }

    synchronized List<String> names() {
        return List.copyOf(proxies.keySet());
    }

    /** Reads from a proxy while no other thread changes it. */
    synchronized <T> T read(String name, Function<ToxicProxy, T> reader) {
        return reader.apply(get(name));
    }

    synchronized JsonObject create(JsonElement body) {
        return create(Request.parse(Json.object(body, "the proxy"), "")).toJson();
    }

    synchronized ToxicProxy create(Request request) {
        if (proxies.containsKey(request.name)) {
            throw new ApiException(409, "proxy already exists");
        }
        return add(request);
    }

    synchronized JsonObject update(String name, JsonElement body) {
        ToxicProxy proxy = get(name);
        JsonObject json = Json.object(body, "the proxy");
        Json.string(json, "name", ""); // Not used, but of its type.
        String listen = Json.string(json, "listen", proxy.listen());
        String upstream = Json.string(json, "upstream", proxy.upstream());
        boolean enabled = Json.bool(json, "enabled", proxy.isEnabled());
        if (proxy.differs(listen, upstream)) {
            proxy.moveTo(listen, upstream);
        }
        if (enabled) {
            proxy.start();
        } else {
            proxy.stop();
        }
        return proxy.toJson();
    }

    synchronized void delete(String name) {
        ToxicProxy proxy = get(name);
        proxy.stop();
        proxies.remove(name);
    }

    /** Adds the proxies, replaces those that listen elsewhere or go elsewhere, and leaves the others as they are. */
    synchronized Populated populate(JsonElement body) {
        List<ToxicProxy> done = new ArrayList<>();
        ApiException error = null;
        try {
            for (Request request : Request.parseAll(body)) {
                done.add(addOrReplace(request));
            }
        } catch (ApiException e) {
            error = e;
        }
        JsonArray all = new JsonArray();
        done.forEach(proxy -> all.add(proxy.toJson()));
        return new Populated(all.isEmpty() ? JsonNull.INSTANCE : all, error);
    }

    private ToxicProxy addOrReplace(Request request) {
        ToxicProxy existing = proxies.get(request.name);
        if (existing != null) {
            if (!existing.differs(request.listen, request.upstream)) {
                return existing;
            }
            existing.stop();
        }
        return add(request);
    }

    private ToxicProxy add(Request request) {
        if (closed) {
            throw new ApiException(503, "the server is closed");
        }
        Addresses.listen(request.listen); // What can never be listened on is refused at once.
        ToxicProxy proxy = new ToxicProxy(loops, ports, request.name, request.listen, request.upstream);
        if (request.enabled) {
            proxy.start();
        }
        proxies.put(request.name, proxy);
        return proxy;
    }

    /** Enables all proxies and removes all toxics. */
    synchronized void reset() {
        for (ToxicProxy proxy : proxies.values()) {
            proxy.start();
            proxy.removeToxics();
        }
    }

    synchronized JsonArray toxics(String proxy) {
        return get(proxy).toxicsJson();
    }

    synchronized JsonObject toxic(String proxy, String toxic) {
        return get(proxy).toxic(toxic).toJson();
    }

    synchronized JsonObject createToxic(String proxyName, JsonElement body) {
        get(proxyName);
        JsonObject json = Json.object(body, "the toxic");
        String type = Json.string(json, "type", "");
        String stream = Json.string(json, "stream", "downstream");
        String name = Json.string(json, "name", "");
        float toxicity = Json.number(json, "toxicity", 1);
        Map<String, Object> attributes = Json.values(Json.object(json, "attributes"));
        return createToxic(proxyName, name, type, stream, toxicity, attributes, () -> {})
                .toJson();
    }

    synchronized ToxicSpec createToxic(
            String proxyName,
            String given,
            String type,
            String stream,
            float toxicity,
            Map<String, Object> attributes,
            Runnable onStrike) {
        ToxicProxy proxy = get(proxyName);
        String name = given.isEmpty() ? type + "_" + stream : given;
        Direction direction = Direction.parse(stream);
        Function<Attributes, Toxic<?>> known = Toxics.find(type);
        if (proxy.hasToxic(name)) {
            throw new ApiException(409, "toxic already exists");
        }
        return proxy.addToxic(
                name, type, stream, direction, toxicity, Toxics.make(known, attributes, direction), onStrike);
    }

    synchronized JsonObject updateToxic(String proxyName, String toxicName, JsonElement body) {
        ToxicSpec spec = get(proxyName).toxic(toxicName);
        JsonObject json = Json.object(body, "the toxic");
        float toxicity = Json.number(json, "toxicity", spec.toxicity());
        return updateToxic(proxyName, toxicName, toxicity, Json.values(Json.object(json, "attributes")))
                .toJson();
    }

    /** Attributes that are not given stay. */
    synchronized ToxicSpec updateToxic(
            String proxyName, String toxicName, float toxicity, Map<String, Object> attributes) {
        ToxicProxy proxy = get(proxyName);
        ToxicSpec spec = proxy.toxic(toxicName);
        Map<String, Object> all = new LinkedHashMap<>(spec.toxic().attributes());
        all.putAll(attributes);
        ToxicSpec changed = spec.with(toxicity, Toxics.make(Toxics.find(spec.type()), all, spec.direction()));
        proxy.changeToxic(changed);
        return changed;
    }

    synchronized void deleteToxic(String proxyName, String toxicName) {
        ToxicProxy proxy = get(proxyName);
        proxy.removeToxic(proxy.toxic(toxicName));
    }

    @Override
    public synchronized void close() {
        closed = true;
        proxies.values().forEach(ToxicProxy::stop);
        proxies.clear();
        ports.close();
        loops.close();
    }

    private ToxicProxy get(String name) {
        ToxicProxy proxy = proxies.get(name);
        if (proxy == null) {
            throw new ApiException(404, "proxy not found");
        }
        return proxy;
    }

    /** The result of a populate: the proxies up to the first error, which is null if there was none. */
    record Populated(JsonElement proxies, @Nullable ApiException error) {}

    /** A proxy as it is asked for. */
    record Request(String name, String listen, String upstream, boolean enabled) {

        static Request parse(JsonObject json, String where) {
            return new Request(
                            Json.string(json, "name", ""),
                            Json.string(json, "listen", ""),
                            Json.string(json, "upstream", ""),
                            Json.bool(json, "enabled", true))
                    .checked(where);
        }

        Request checked(String where) {
            if (name.isEmpty()) {
                throw ApiException.missing("name" + where);
            }
            if (upstream.isEmpty()) {
                throw ApiException.missing("upstream" + where);
            }
            return this;
        }

        /** All, before any takes effect. */
        static List<Request> parseAll(JsonElement body) {
            if (body.isJsonNull()) {
                return List.of();
            }
            if (!body.isJsonArray()) {
                throw ApiException.badBody("must be an array of proxies");
            }
            List<Request> requests = new ArrayList<>();
            for (JsonElement proxy : body.getAsJsonArray()) {
                requests.add(parse(Json.object(proxy, "a proxy"), " at proxy " + (requests.size() + 1)));
            }
            return requests;
        }
    }
}
