package io.github.dsqlreach.fault;

import com.google.gson.Gson;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import io.github.dsqlreach.Scrubber;
import io.github.dsqlreach.toxiproxy.ToxicDefinition;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Toxiproxy's control API: what toxiproxy-java cannot do, toxics of any type, and all of it bounded in time. */
final class ToxiproxyApi implements ToxiproxyControl {
    private static final int PATIENCE_MILLIS = 5_000;
    private static final int LONGEST_ANSWER = 1 << 20;
    private static final Gson GSON = new Gson();

    private final URI uri;

    ToxiproxyApi(URI uri) {
        this.uri = uri;
    }

    @Override
    public String version() throws IOException {
        String answer = call("GET", "/version", null);
        try {
            return GSON.fromJson(answer, JsonObject.class).get("version").getAsString();
        } catch (JsonParseException | NullPointerException | IllegalStateException | ClassCastException e) {
            // Servers before 2.5 answer in plain text.
            String text = answer.strip();
            if (text.matches("[\\w.+-]{1,40}")) {
                return text;
            }
            throw new IOException("this is no Toxiproxy: " + Scrubber.line(answer, 100), e);
        }
    }

    @Override
    public String createProxy(String name, String listen, String upstream) throws IOException {
        Map<String, Object> body = Map.of("name", name, "listen", listen, "upstream", upstream, "enabled", true);
        String answer = call("POST", "/proxies", body);
        return GSON.fromJson(answer, JsonObject.class).get("listen").getAsString();
    }

    @Override
    public void enableProxy(String name, boolean enabled) throws IOException {
        call("POST", "/proxies/" + name, Map.of("enabled", enabled));
    }

    @Override
    public void deleteProxy(String name) throws IOException {
        call("DELETE", "/proxies/" + name, null);
    }

    @Override
    public void addToxic(String proxy, ToxicDefinition toxic) throws IOException {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("name", toxic.name());
        body.put("type", toxic.type());
        body.put("stream", toxic.direction().name().toLowerCase(Locale.ROOT));
        body.put("toxicity", toxic.toxicity());
        body.put("attributes", toxic.attributes());
        call("POST", "/proxies/" + proxy + "/toxics", body);
    }

    @Override
    public void removeToxic(String proxy, String name) throws IOException {
        call("DELETE", "/proxies/" + proxy + "/toxics/" + name, null);
    }

    private String call(String method, String path, @Nullable Object body) throws IOException {
        HttpURLConnection connection =
                (HttpURLConnection) uri.resolve(path).toURL().openConnection();
        connection.setConnectTimeout(PATIENCE_MILLIS);
        connection.setReadTimeout(PATIENCE_MILLIS);
        connection.setRequestMethod(method);
        connection.setRequestProperty("User-Agent", "dsql-reach");
        if (body != null) {
            connection.setDoOutput(true);
            connection.setRequestProperty("Content-Type", "application/json");
            try (OutputStream out = connection.getOutputStream()) {
                out.write(GSON.toJson(body).getBytes(StandardCharsets.UTF_8));
            }
        }
        int status = connection.getResponseCode();
        String answer = read(status < 400 ? connection.getInputStream() : connection.getErrorStream());
        if (status >= 400) {
            throw new Refused(status, status + " " + Scrubber.line(answer, 300));
        }
        return answer;
    }

    private static String read(InputStream in) throws IOException {
        if (in == null) {
            return "";
        }
        try (in) {
            return new String(in.readNBytes(LONGEST_ANSWER), StandardCharsets.UTF_8);
        }
    }
}
