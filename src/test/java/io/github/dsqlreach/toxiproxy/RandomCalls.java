package io.github.dsqlreach.toxiproxy;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;

/** Sends the same random calls to two servers, and makes a sequence that is answered differently as short as it gets. */
final class RandomCalls {
    private static final int LENGTH = 25;
    private static final int PORTS = 4;

    private final Side ours;
    private final Side theirs;
    private final Random random;

    RandomCalls(URI ours, URI theirs, long seed) throws IOException {
        this.ours = new Side(ours);
        this.theirs = new Side(theirs);
        this.random = new Random(seed);
    }

    /** One call; a port in braces stands for one that each server has of its own. */
    record Call(String method, String path, String body) {
        @Override
        public String toString() {
            return method + " " + path + (body.isEmpty() ? "" : " " + body);
        }
    }

    /** One of the servers, with ports that are its own. */
    private static final class Side {
        private final RawApi api;
        private final List<Integer> ports = new ArrayList<>();

        Side(URI uri) throws IOException {
            api = new RawApi(uri);
            List<ServerSocket> held = new ArrayList<>();
            for (int i = 0; i < PORTS; i++) {
                held.add(new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1")));
                ports.add(held.get(i).getLocalPort());
            }
            for (ServerSocket socket : held) {
                socket.close();
            }
        }

        void clear() throws IOException, InterruptedException {
            for (String name : api.get("/proxies").json().keySet()) {
                api.delete("/proxies/" + name);
            }
        }

        /** The answer, without what is each server's own. */
        String answer(Call call) throws IOException, InterruptedException {
            String body = call.body;
            for (int i = 0; i < PORTS; i++) {
                body = body.replace("{" + i + "}", String.valueOf(ports.get(i)));
            }
            RawApi.Answer answer = api.send(call.method, call.path, body, "test");
            return answer.status() + " " + answer.contentType() + " " + canonical(answer.body());
        }

        private String canonical(String body) {
            String text = body;
            for (int i = 0; i < PORTS; i++) {
                // On loopback instead of everywhere: listed in the documentation.
                text = text.replaceAll(
                        "(127\\.0\\.0\\.1|0\\.0\\.0\\.0|\\[::]|):" + ports.get(i) + "(?=\\D)", "HERE:{" + i + "}");
            }
            text = text.replaceAll("(127\\.0\\.0\\.1|\\[::]):[1-9]\\d{4}", "HERE:ANY")
                    .replaceAll("(bad request body)(?:[^\"\\\\]|\\\\.)*", "$1") // The words after it are our own.
                    .replace("\"Logger\":{},", ""); // An accident of 2.12, listed too.
            try {
                return sorted(JsonParser.parseString(text)).toString();
            } catch (JsonParseException e) {
                return text.strip();
            }
        }
    }

    private static JsonElement sorted(JsonElement json) {
        if (json.isJsonArray()) {
            JsonArray array = new JsonArray();
            json.getAsJsonArray().forEach(element -> array.add(sorted(element)));
            return array;
        }
        if (!json.isJsonObject()) {
            return json;
        }
        JsonObject object = new JsonObject();
        json.getAsJsonObject().entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .forEach(entry -> object.add(entry.getKey(), sorted(entry.getValue())));
        return object;
    }

    /** The shortest sequence for each kind of difference. */
    List<String> differences(int sequences) throws IOException, InterruptedException {
        Map<String, String> kinds = new LinkedHashMap<>();
        for (int i = 0; i < sequences; i++) {
            List<Call> calls = Stream.generate(this::call).limit(LENGTH).toList();
            int at = firstDifference(calls);
            if (at >= 0) {
                List<Call> shortest = shrunk(calls.subList(0, at + 1));
                String[] answers = lastAnswers(shortest);
                // Else it was chance: a port that somebody else took for a moment, or the order of a map of Go's.
                if (differsAlways(shortest)) {
                    kinds.putIfAbsent(kind(shortest, answers), told(shortest, answers));
                }
            }
        }
        ours.clear();
        theirs.clear();
        return List.copyOf(kinds.values());
    }

    private static String kind(List<Call> calls, String[] answers) {
        Call last = calls.get(calls.size() - 1);
        return last.method
                + last.path.replaceAll("/[^/]*$", "")
                + answers[0].substring(0, 3)
                + answers[1].substring(0, 3);
    }

    private static String told(List<Call> calls, String[] answers) {
        StringBuilder text = new StringBuilder();
        calls.forEach(call -> text.append("  ").append(call).append('\n'));
        return text + "    ours:   " + answers[0] + "\n    theirs: " + answers[1];
    }

    private int firstDifference(List<Call> calls) throws IOException, InterruptedException {
        ours.clear();
        theirs.clear();
        for (int i = 0; i < calls.size(); i++) {
            if (!ours.answer(calls.get(i)).equals(theirs.answer(calls.get(i)))) {
                return i;
            }
        }
        return -1;
    }

    private boolean differsAlways(List<Call> calls) throws IOException, InterruptedException {
        for (int i = 0; i < 8; i++) {
            if (firstDifference(calls) < 0) {
                return false;
            }
        }
        return true;
    }

    private String[] lastAnswers(List<Call> calls) throws IOException, InterruptedException {
        ours.clear();
        theirs.clear();
        String[] answers = new String[2];
        for (Call call : calls) {
            answers[0] = ours.answer(call);
            answers[1] = theirs.answer(call);
        }
        return answers;
    }

    /** Leaves out calls, then fields of bodies, as long as something differs. */
    private List<Call> shrunk(List<Call> calls) throws IOException, InterruptedException {
        List<Call> best = new ArrayList<>(calls);
        for (int i = best.size() - 2; i >= 0; i--) {
            List<Call> fewer = new ArrayList<>(best);
            fewer.remove(i);
            int at = firstDifference(fewer);
            if (at >= 0) {
                best = new ArrayList<>(fewer.subList(0, at + 1));
                i = Math.min(i, best.size() - 1);
            }
        }
        for (int i = 0; i < best.size(); i++) {
            for (String smaller : withoutAField(best.get(i).body)) {
                List<Call> simpler = new ArrayList<>(best);
                simpler.set(i, new Call(best.get(i).method, best.get(i).path, smaller));
                if (firstDifference(simpler) == best.size() - 1) {
                    best = simpler;
                }
            }
        }
        return best;
    }

    private static List<String> withoutAField(String body) {
        List<String> all = new ArrayList<>();
        try {
            if (JsonParser.parseString(body) instanceof JsonObject json) {
                for (String field : json.keySet()) {
                    JsonObject less = json.deepCopy();
                    less.remove(field);
                    all.add(less.toString());
                }
            }
        } catch (JsonParseException e) {
            // It stays as it is.
        }
        return all;
    }

    // The calls

    private Call call() {
        String proxy = "/proxies/" + one("a", "a", "a", "b", "nobody");
        String toxic = proxy + "/toxics/" + one("t", "t", "latency_downstream", "nothing");
        String write = one("POST", "POST", "PATCH");
        return switch (random.nextInt(18)) {
            case 0, 1, 2 -> new Call("POST", "/proxies", spoilt(proxy()));
            case 3, 4 -> new Call(write, proxy, spoilt(some(proxy())));
            case 5 -> new Call("POST", "/populate", spoilt("[" + proxy() + one("", "," + proxy()) + "]"));
            case 6, 7, 8, 9 -> new Call("POST", proxy + "/toxics", spoilt(toxic()));
            case 10, 11, 12 -> new Call(write, toxic, spoilt(some(toxic())));
            case 13 -> new Call("DELETE", toxic, "");
            case 14 -> new Call("DELETE", proxy, "");
            case 15 -> new Call("POST", "/reset", "");
            case 16 ->
                new Call(
                        one("PUT", "DELETE", "HEAD", "POST", "PATCH"),
                        one("/proxies", "/version", "/reset", toxic),
                        "");
            default -> new Call("GET", one("/proxies", "/version", proxy, proxy + "/toxics", toxic, "/nothing"), "");
        };
    }

    private String proxy() {
        // A wildcard on a port of its own: that both come to 127.0.0.1 is listed.
        String listen = random.nextInt(3) > 0
                ? one("127.0.0.1:", "localhost:") + "{" + random.nextInt(PORTS - 1) + "}"
                : one("0.0.0.0:", ":") + "{" + (PORTS - 1) + "}";
        JsonObject json = new JsonObject();
        json.addProperty("name", one("a", "a", "b"));
        json.addProperty("listen", one(listen, listen, listen, "127.0.0.1:0"));
        json.addProperty("upstream", one("127.0.0.1:1", "127.0.0.1:1", "localhost:2", "x"));
        if (random.nextInt(3) == 0) {
            json.addProperty("enabled", random.nextBoolean());
        }
        return json.toString();
    }

    private String toxic() {
        JsonObject json = new JsonObject();
        json.addProperty("name", one("t", "t", "u", ""));
        json.addProperty(
                "type",
                one(
                        "latency",
                        "bandwidth",
                        "slow_close",
                        "timeout",
                        "reset_peer",
                        "slicer",
                        "limit_data",
                        "noop",
                        "odd"));
        json.addProperty("stream", one("upstream", "downstream", "downstream", "UpStream", "both"));
        if (random.nextInt(3) == 0) {
            json.add("toxicity", JsonParser.parseString(one("0", "1", "0.3", "0.123456789", "-1", "2", "1e-9", "1e9")));
        }
        JsonObject attributes = new JsonObject();
        for (int i = random.nextInt(3); i > 0; i--) {
            attributes.add(
                    one(
                            "latency",
                            "jitter",
                            "rate",
                            "delay",
                            "timeout",
                            "average_size",
                            "size_variation",
                            "bytes",
                            "odd"),
                    JsonParser.parseString(one(
                            "0",
                            "1",
                            "100",
                            "-5",
                            "1.5",
                            "1e3",
                            "\"7\"",
                            "null",
                            "true",
                            "[]",
                            "9223372036854775807",
                            "9223372036854775808")));
        }
        json.add("attributes", attributes);
        return json.toString();
    }

    /** Some of its fields. */
    private String some(String body) {
        JsonObject json = JsonParser.parseString(body).getAsJsonObject();
        for (String field : List.copyOf(json.keySet())) {
            if (random.nextInt(3) == 0) {
                json.remove(field);
            }
        }
        return json.toString();
    }

    /** Now and then something else, or something wrong in it. */
    private String spoilt(String body) {
        return switch (random.nextInt(20)) {
            case 0 -> one("", "{", "null", "[]", "{}", "7", "\"x\"", "[null]", "[7]", "\u00e9");
            case 1 ->
                body.replaceFirst("\"(a|b|t|upstream|downstream)\"", one("7", "null", "true", "\"\"", "{}", "[]"));
            case 2 -> body.replaceFirst("\\{", "{\"odd\":1,");
            case 3 -> body + one(" ", "x", "{}");
            case 4 -> body.replaceFirst("\"(name|type|listen|stream)\"", "\"Name\"");
            default -> body;
        };
    }

    private String one(String... choices) {
        return choices[random.nextInt(choices.length)];
    }
}
