package io.github.dsqlreach.toxiproxy;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;

/** Toxiproxy's API without a client library, to see status codes and bodies as they are. */
final class RawApi {
    private static final HttpClient HTTP =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private final URI uri;

    RawApi(URI uri) {
        this.uri = uri;
    }

    Answer get(String path) throws IOException, InterruptedException {
        return send("GET", path, "", "test");
    }

    Answer post(String path, String body) throws IOException, InterruptedException {
        return send("POST", path, body, "test");
    }

    Answer patch(String path, String body) throws IOException, InterruptedException {
        return send("PATCH", path, body, "test");
    }

    Answer delete(String path) throws IOException, InterruptedException {
        return send("DELETE", path, "", "test");
    }

    Answer send(String method, String path, String body, String userAgent) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(uri.resolve(path))
                .timeout(Duration.ofSeconds(20))
                .header("User-Agent", userAgent)
                .method(method, HttpRequest.BodyPublishers.ofString(body))
                .build();
        HttpResponse<String> response = HTTP.send(request, HttpResponse.BodyHandlers.ofString());
        return new Answer(
                response.statusCode(),
                response.body(),
                response.headers().firstValue("Content-Type").orElse(""));
    }

    record Answer(int status, String body, String contentType) {
        JsonObject json() {
            return JsonParser.parseString(body).getAsJsonObject();
        }

        String string(String field) {
            return json().get(field).getAsString();
        }

        JsonElement at(String field) {
            return json().get(field);
        }
    }
}
