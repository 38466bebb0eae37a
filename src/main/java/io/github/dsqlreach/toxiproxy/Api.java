package io.github.dsqlreach.toxiproxy;

import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;

/** Toxiproxy's HTTP API. */
final class Api implements HttpHandler {
    /** The version of Toxiproxy whose API and toxics these are; some clients parse it, so it is nothing but a version. */
    static final String VERSION = "2.12.0";

    private static final int LONGEST_BODY = 1 << 20;
    /** How much is read of a body that is not used. */
    private static final int LONGEST_LEFT = 16 << 20;

    private static final Answer VERSION_ANSWER =
            new Answer(200, "application/json;charset=utf-8", "{\"version\": \"" + VERSION + "\"}\n");

    private static final Set<String> SHAPES = Set.of(
            "/version", "/reset", "/populate", "/proxies", "/proxies/*", "/proxies/*/toxics", "/proxies/*/toxics/*");

    /** IP addresses, and names that are never registered in public. */
    private static final Pattern LOCAL_HOST =
            Pattern.compile("(?i)([0-9.]+|\\[[0-9a-f:.%]+]|(?:[a-z0-9-]+\\.)*(?:localhost|internal))(?::\\d{1,5})?");

    private final AtomicLong requests = new AtomicLong();
    private final Proxies proxies;

    Api(Proxies proxies) {
        this.proxies = proxies;
    }

    @Override
    public void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            exchange.getResponseHeaders().set("X-Toxiproxy-Request-Id", Long.toHexString(requests.incrementAndGet()));
            Answer answer = answer(exchange);
            if (hasMoreThan(exchange.getRequestBody(), LONGEST_LEFT)) {
                exchange.getResponseHeaders().set("Connection", "close"); // The client must not use it again.
            }
            byte[] body = answer.body.getBytes(StandardCharsets.UTF_8);
            boolean head = exchange.getRequestMethod().equals("HEAD");
            if (!answer.body.isEmpty()) {
                exchange.getResponseHeaders().set("Content-Type", answer.contentType);
            }
            exchange.sendResponseHeaders(answer.status, head || body.length == 0 ? -1 : body.length);
            if (!head) {
                exchange.getResponseBody().write(body);
            }
        }
    }

    /** Reads a body to its end, so that the client is not cut off while it sends, but not for ever. */
    private static boolean hasMoreThan(InputStream body, long most) throws IOException {
        byte[] buffer = new byte[8192];
        for (long left = most; left > 0; ) {
            int count = body.read(buffer);
            if (count < 0) {
                return false;
            }
            left -= count;
        }
        return true;
    }

    private Answer answer(HttpExchange exchange) throws IOException {
        Headers headers = exchange.getRequestHeaders();
        String agent = headers.getFirst("User-Agent");
        if (agent != null && agent.startsWith("Mozilla/")) {
            return Answer.text(403, "User agent not allowed\n");
        }
        // A web page reaches loopback by a name of its own that resolves to it, or by a request across origins.
        if (headers.containsKey("Origin")) {
            return Answer.text(403, "Requests with an Origin are not allowed\n");
        }
        String host = headers.getFirst("Host");
        if (host != null && !LOCAL_HOST.matcher(host).matches()) {
            return Answer.text(403, "Host not allowed: use localhost or an IP address\n");
        }
        try {
            return route(exchange);
        } catch (ApiException e) {
            return Answer.error(e);
        } catch (OutOfMemoryError e) {
            return Answer.error(new ApiException(503, "this machine has no thread or no memory left"));
        } catch (RuntimeException e) {
            return Answer.error(
                    new ApiException(500, "internal error: " + e.getClass().getSimpleName()));
        }
    }

    private Answer route(HttpExchange exchange) throws IOException {
        String[] path = exchange.getRequestURI().getPath().split("/", -1);
        String shape = shape(path);
        return switch (exchange.getRequestMethod() + " " + shape) {
            case "GET /version" -> VERSION_ANSWER;
            case "POST /reset" -> Answer.noContent(proxies::reset);
            case "POST /populate" -> populate(exchange);
            case "GET /proxies" -> Answer.json(200, proxies.list());
            case "POST /proxies" -> Answer.json(201, proxies.create(body(exchange)));
            case "GET /proxies/*" -> Answer.json(200, proxies.show(path[2]));
            case "POST /proxies/*", "PATCH /proxies/*" -> {
                proxies.show(path[2]); // What is not there is told before what is wrong with the body.
                yield Answer.json(200, proxies.update(path[2], body(exchange)));
            }
            case "DELETE /proxies/*" -> Answer.noContent(() -> proxies.delete(path[2]));
            case "GET /proxies/*/toxics" -> Answer.json(200, proxies.toxics(path[2]));
            case "POST /proxies/*/toxics" -> {
                proxies.show(path[2]);
                yield Answer.json(200, proxies.createToxic(path[2], body(exchange)));
            }
            case "GET /proxies/*/toxics/*" -> Answer.json(200, proxies.toxic(path[2], path[4]));
            case "POST /proxies/*/toxics/*", "PATCH /proxies/*/toxics/*" -> {
                proxies.toxic(path[2], path[4]);
                yield Answer.json(200, proxies.updateToxic(path[2], path[4], body(exchange)));
            }
            case "DELETE /proxies/*/toxics/*" -> Answer.noContent(() -> proxies.deleteToxic(path[2], path[4]));
            default -> SHAPES.contains(shape) ? Answer.text(405, "") : Answer.text(404, "404 page not found\n");
        };
    }

    /** The path with names blotted out; an empty name is none. */
    private static String shape(String[] path) {
        if (path.length == 2) {
            return "/" + path[1];
        }
        boolean named = path.length > 2 && path[1].equals("proxies") && !path[2].isEmpty();
        if (named && path.length == 3) {
            return "/proxies/*";
        }
        if (named && path.length == 4) {
            return "/proxies/*/" + path[3];
        }
        return named && path.length == 5 && !path[4].isEmpty() ? "/proxies/*/" + path[3] + "/*" : "";
    }

    private Answer populate(HttpExchange exchange) throws IOException {
        Proxies.Populated populated;
        try {
            populated = proxies.populate(body(exchange));
        } catch (ApiException e) {
            populated = new Proxies.Populated(JsonNull.INSTANCE, e);
        }
        JsonObject json = populated.error() == null ? new JsonObject() : Answer.errorJson(populated.error());
        json.add("proxies", populated.proxies());
        return Answer.json(populated.error() == null ? 201 : populated.error().status(), json);
    }

    private static JsonElement body(HttpExchange exchange) throws IOException {
        byte[] bytes = exchange.getRequestBody().readNBytes(LONGEST_BODY + 1);
        if (bytes.length > LONGEST_BODY) {
            throw new ApiException(413, "bad request body: longer than " + LONGEST_BODY + " bytes");
        }
        return Json.parse(new String(bytes, StandardCharsets.UTF_8));
    }

    private record Answer(int status, String contentType, String body) {
        static Answer text(int status, String text) {
            return new Answer(status, "text/plain; charset=utf-8", text);
        }

        static Answer json(int status, JsonElement json) {
            return new Answer(status, "application/json", Json.GSON.toJson(json) + "\n");
        }

        static Answer noContent(Runnable action) {
            action.run();
            return text(204, "");
        }

        static Answer error(ApiException error) {
            // As Go's server, whose clients may rely on it.
            return text(error.status(), Json.GSON.toJson(errorJson(error)) + "\n");
        }

        static JsonObject errorJson(ApiException error) {
            JsonObject json = new JsonObject();
            json.addProperty("error", Objects.requireNonNullElse(error.getMessage(), ""));
            json.addProperty("status", error.status());
            return json;
        }
    }
}
