package io.github.dsqlreach.toxiproxy;

import static eu.rekawek.toxiproxy.model.ToxicDirection.DOWNSTREAM;
import static eu.rekawek.toxiproxy.model.ToxicDirection.UPSTREAM;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import eu.rekawek.toxiproxy.Proxy;
import java.net.ServerSocket;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The HTTP API. */
class ApiConformanceTest extends ToxiproxyConformance {

    @Test
    void tellsItsVersion() throws Exception {
        assertThat(client().version()).contains("\"version\"");
        assertThat(api().get("/version").string("version")).matches("2\\..*");
    }

    @Test
    void createsAProxyOnTheFreePortItAnswers() throws Exception {
        Upstream upstream = echo();
        String name = newName();
        RawApi.Answer answer = api().post("/proxies", """
            {"name": "%s", "listen": "localhost:0", "upstream": "%s"}\
            """.formatted(name, upstream.address()));
        assertThat(answer.status()).isEqualTo(201);
        assertThat(answer.string("name")).isEqualTo(name);
        assertThat(answer.string("upstream")).isEqualTo(upstream.address());
        assertThat(answer.at("enabled").getAsBoolean()).isTrue();
        assertThat(answer.at("toxics").getAsJsonArray()).isEmpty();
        assertThat(answer.string("listen")).matches("127\\.0\\.0\\.1:[1-9]\\d+");
        assertThat(closed(Wire.to(answer.string("listen"))).echo("hello")).isEqualTo("hello");

        RawApi.Answer shown = api().get("/proxies/" + name);
        assertThat(shown.status()).isEqualTo(200);
        assertThat(shown.string("listen")).isEqualTo(answer.string("listen"));
        RawApi.Answer all = api().get("/proxies");
        assertThat(all.status()).isEqualTo(200);
        assertThat(all.at(name).getAsJsonObject().get("listen")).isEqualTo(answer.at("listen"));
    }

    @Test
    void listensOnLoopbackWithoutAHost() throws Exception {
        Proxy proxy = client().createProxy(newName(), ":0", echo().address());
        String port = proxy.getListen().replaceAll(".*:", "");
        assertThat(closed(Wire.to("127.0.0.1:" + port)).echo("hello")).isEqualTo("hello");
    }

    @Test
    void resolvesTheNameOfTheUpstream() throws Exception {
        Proxy proxy = client().createProxy(newName(), "127.0.0.1:0", "localhost:" + echo().port());
        assertThat(connect(proxy).echo("hello")).isEqualTo("hello");
    }

    @Test
    void createsADisabledProxy() throws Exception {
        String name = newName();
        RawApi.Answer answer = api().post("/proxies", """
            {"name": "%s", "listen": "127.0.0.1:0", "upstream": "%s", "enabled": false}\
            """.formatted(name, echo().address()));
        assertThat(answer.status()).isEqualTo(201);
        assertThat(answer.at("enabled").getAsBoolean()).isFalse();
        Proxy proxy = client().getProxy(name);
        proxy.enable();
        assertThat(connect(client().getProxy(name)).echo("hello")).isEqualTo("hello");
    }

    @Test
    void refusesAProxyWhoseNameIsTaken() throws Exception {
        Proxy proxy = proxyToEcho();
        RawApi.Answer answer = api().post("/proxies", """
            {"name": "%s", "listen": "127.0.0.1:0", "upstream": "127.0.0.1:1"}\
            """.formatted(proxy.getName()));
        assertError(answer, 409, "proxy already exists");
    }

    @Test
    void refusesAProxyWithoutNameOrUpstream() throws Exception {
        assertError(api().post("/proxies", "{\"upstream\": \"127.0.0.1:1\"}"), 400, "missing required field: name");
        assertError(api().post("/proxies", "{\"name\": \"conformance-x\"}"), 400, "missing required field: upstream");
    }

    @Test
    void refusesAPortThatIsTaken() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, java.net.InetAddress.getByName("127.0.0.1"))) {
            RawApi.Answer answer = api().post("/proxies", """
                {"name": "%s", "listen": "127.0.0.1:%d", "upstream": "127.0.0.1:1"}\
                """.formatted(newName(), taken.getLocalPort()));
            assertThat(answer.status()).isEqualTo(500);
            assertThat(answer.string("error"))
                    .isEqualTo("listen tcp 127.0.0.1:" + taken.getLocalPort() + ": bind: address already in use");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "garbage", "[]", "\"text\"", "12", "{\"name\": 12}", "{\"name\": \"x\", \"enabled\": 1}"})
    void refusesWhatIsNoProxy(String body) throws Exception {
        RawApi.Answer answer = api().post("/proxies", body);
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.string("error")).startsWith("bad request body");
        assertThat(answer.at("status").getAsInt()).isEqualTo(400);
    }

    @Test
    void knowsNothingOfProxiesAndToxicsThatAreNotThere() throws Exception {
        String nobody = "/proxies/conformance-nobody";
        assertError(api().get(nobody), 404, "proxy not found");
        assertError(api().post(nobody, "{}"), 404, "proxy not found");
        assertError(api().patch(nobody, "{}"), 404, "proxy not found");
        assertError(api().delete(nobody), 404, "proxy not found");
        assertError(api().get(nobody + "/toxics"), 404, "proxy not found");
        assertError(api().post(nobody + "/toxics", "{}"), 404, "proxy not found");

        String toxic = "/proxies/" + proxyToEcho().getName() + "/toxics/nothing";
        assertError(api().get(toxic), 404, "toxic not found");
        assertError(api().post(toxic, "{}"), 404, "toxic not found");
        assertError(api().patch(toxic, "{}"), 404, "toxic not found");
        assertError(api().delete(toxic), 404, "toxic not found");
    }

    @Test
    void knowsNoOtherPathsAndMethods() throws Exception {
        assertThat(api().get("/nothing").status()).isEqualTo(404);
        assertThat(api().get("/proxies/a/b/c/d").status()).isEqualTo(404);
        assertThat(api().delete("/proxies").status()).isEqualTo(405);
        assertThat(api().get("/reset").status()).isEqualTo(405);
    }

    @Test
    void keepsBrowsersOut() throws Exception {
        RawApi.Answer answer = api().send("GET", "/proxies", "", "Mozilla/5.0 (X11; Linux x86_64)");
        assertThat(answer.status()).isEqualTo(403);
    }

    @Test
    void deletesAProxyWithItsConnections() throws Exception {
        Proxy proxy = proxyToEcho();
        Wire wire = connect(proxy);
        assertThat(wire.echo("hello")).isEqualTo("hello");
        RawApi.Answer answer = api().delete("/proxies/" + proxy.getName());
        assertThat(answer.status()).isEqualTo(204);
        assertThat(answer.body()).isEmpty();
        assertThat(wire.next()).isEqualTo("FIN");
        assertRefuses(proxy.getListen());
        assertThat(api().get("/proxies/" + proxy.getName()).status()).isEqualTo(404);
    }

    @Test
    void disablesAndEnablesOnTheSamePort() throws Exception {
        Proxy proxy = proxyToEcho();
        String listen = proxy.getListen();
        Wire wire = connect(proxy);
        assertThat(wire.echo("hello")).isEqualTo("hello");
        proxy.disable();
        assertThat(wire.next()).isEqualTo("FIN");
        assertRefuses(listen);
        assertThat(client().getProxy(proxy.getName()).isEnabled()).isFalse();
        proxy.enable();
        assertThat(client().getProxy(proxy.getName()).getListen()).isEqualTo(listen);
        assertThat(connect(proxy).echo("again")).isEqualTo("again");
    }

    @Test
    void changesTheUpstreamAndDropsConnections() throws Exception {
        Proxy proxy = proxyToEcho();
        Wire wire = connect(proxy);
        assertThat(wire.echo("hello")).isEqualTo("hello");
        Upstream other = manual();
        proxy.setUpstream(other.address());
        assertThat(wire.next()).isEqualTo("FIN");
        Wire second = connect(client().getProxy(proxy.getName()));
        other.accepted().getOutputStream().write("other".getBytes());
        assertThat(second.receive(5)).isEqualTo("other");
    }

    @Test
    void changesThePortAndDropsConnections() throws Exception {
        Proxy proxy = proxyToEcho();
        String before = proxy.getListen();
        Wire wire = connect(proxy);
        assertThat(wire.echo("hello")).isEqualTo("hello");
        RawApi.Answer answer = api().patch("/proxies/" + proxy.getName(), "{\"listen\": \"localhost:0\"}");
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.string("listen")).isNotEqualTo(before);
        assertThat(wire.next()).isEqualTo("FIN");
        assertRefuses(before);
        assertThat(closed(Wire.to(answer.string("listen"))).echo("again")).isEqualTo("again");
    }

    @Test
    void keepsConnectionsWhenAnUpdateChangesNothing() throws Exception {
        Proxy proxy = proxyToEcho();
        Wire wire = connect(proxy);
        assertThat(wire.echo("hello")).isEqualTo("hello");
        String body = "{\"listen\": \"%s\", \"upstream\": \"%s\", \"enabled\": true}"
                .formatted(proxy.getListen(), proxy.getUpstream());
        assertThat(api().post("/proxies/" + proxy.getName(), body).status()).isEqualTo(200);
        assertThat(wire.echo("still")).isEqualTo("still");
    }

    @Test
    void populates() throws Exception {
        String one = newName();
        String two = newName();
        String body = """
            [{"name": "%s", "listen": "127.0.0.1:0", "upstream": "%s"},
             {"name": "%s", "listen": "127.0.0.1:0", "upstream": "%s", "enabled": false}]\
            """.formatted(one, echo().address(), two, echo().address());
        RawApi.Answer answer = api().post("/populate", body);
        assertThat(answer.status()).isEqualTo(201);
        assertThat(names(answer.at("proxies"))).containsExactly(one, two);
        assertThat(client().getProxy(one).isEnabled()).isTrue();
        assertThat(client().getProxy(two).isEnabled()).isFalse();
    }

    @Test
    void populatesTheLastOfTwoWithOneName() throws Exception {
        String name = newName();
        String body = """
            [{"name": "%1$s", "listen": "127.0.0.1:0", "upstream": "%2$s"},
             {"name": "%1$s", "listen": "127.0.0.1:0", "upstream": "%2$s"}]\
            """.formatted(name, echo().address());
        RawApi.Answer answer = api().post("/populate", body);
        assertThat(answer.status()).isEqualTo(201);
        assertThat(StreamSupport.stream(answer.at("proxies").getAsJsonArray().spliterator(), false))
                .extracting(proxy -> proxy.getAsJsonObject().get("enabled").getAsBoolean())
                .containsExactly(false, true);
    }

    @Test
    void refusesAnUpdateWhoseNameIsNoText() throws Exception {
        Proxy proxy = proxyToEcho();
        assertThat(api().post("/proxies/" + proxy.getName(), "{\"name\": {}}").status())
                .isEqualTo(400);
    }

    @Test
    void populatesWithoutTouchingWhatIsThereAlready() throws Exception {
        Proxy same = proxyToEcho();
        Proxy moved = proxyToEcho();
        same.toxics().latency("slow", DOWNSTREAM, 1);
        moved.toxics().latency("slow", DOWNSTREAM, 1);
        Wire wire = connect(same);
        assertThat(wire.echo("hello")).isEqualTo("hello");
        String body = """
            [{"name": "%s", "listen": "%s", "upstream": "%s"},
             {"name": "%s", "listen": "%s", "upstream": "%s"}]\
            """.formatted(
                        same.getName(),
                        same.getListen(),
                        same.getUpstream(),
                        moved.getName(),
                        moved.getListen(),
                        echo().address());
        assertThat(api().post("/populate", body).status()).isEqualTo(201);
        assertThat(wire.echo("still")).isEqualTo("still");
        assertThat(same.toxics().getAll()).hasSize(1);
        assertThat(client().getProxy(moved.getName()).toxics().getAll()).isEmpty();
    }

    /** A suite that populates before each test counts on it: toxics are gone, or stay, as on Toxiproxy 2.12. */
    @ParameterizedTest
    @CsvSource({"127.0.0.1, 1", "localhost, 1", "LOCALHOST, 1", "0.0.0.0, 0", "'', 0"})
    void populatesAndUpdatesByTheResolvedAddress(String host, int toxicsLeft) throws Exception {
        for (String path : List.of("/populate", "")) {
            Proxy proxy = proxyToEcho();
            proxy.toxics().latency("slow", DOWNSTREAM, 1);
            Wire wire = connect(proxy);
            assertThat(wire.echo("hello")).isEqualTo("hello");
            String spelled =
                    host + proxy.getListen().substring(proxy.getListen().lastIndexOf(':'));
            String body = "{\"name\": \"%s\", \"listen\": \"%s\", \"upstream\": \"%s\"}"
                    .formatted(proxy.getName(), spelled, proxy.getUpstream());
            boolean update = path.isEmpty();
            RawApi.Answer answer =
                    update ? api().post("/proxies/" + proxy.getName(), body) : api().post(path, "[" + body + "]");
            assertThat(answer.status()).as(answer.body()).isEqualTo(update ? 200 : 201);
            assertThat(client().getProxy(proxy.getName()).toxics().getAll())
                    .as("an update restarts the proxy, and keeps its toxics")
                    .hasSize(update ? 1 : toxicsLeft);
            assertThat(toxicsLeft == 1 ? wire.echo("still") : wire.next()).isEqualTo(toxicsLeft == 1 ? "still" : "FIN");
        }
    }

    @Test
    void tellsWhatIsMissingBeforeWhatIsWrong() throws Exception {
        String garbage = "{garbage";
        assertError(api().post("/proxies/conformance-nobody", garbage), 404, "proxy not found");
        assertError(api().post("/proxies/conformance-nobody/toxics", garbage), 404, "proxy not found");
        Proxy proxy = proxyToEcho();
        String toxics = "/proxies/" + proxy.getName() + "/toxics";
        assertError(api().patch(toxics + "/nothing", garbage), 404, "toxic not found");
        proxy.toxics().latency("there", DOWNSTREAM, 0);
        assertError(
                api().post(
                                toxics,
                                "{\"name\": \"there\", \"type\": \"latency\", \"attributes\": {\"latency\":"
                                        + " \"1\"}}"),
                409,
                "toxic already exists");
        assertError(api().post(toxics, "{\"name\": \"there\", \"type\": \"no_such\"}"), 400, "invalid toxic type");
    }

    @Test
    void answersErrorsAsTextButThoseOfPopulateAsJson() throws Exception {
        RawApi.Answer error = api().get("/proxies/conformance-nobody");
        assertThat(error.contentType()).isEqualTo("text/plain; charset=utf-8");
        RawApi.Answer populate = api().post("/populate", "{garbage");
        assertThat(populate.status()).isEqualTo(400);
        assertThat(populate.contentType()).isEqualTo("application/json");
        assertThat(populate.at("proxies").isJsonNull()).isTrue();
    }

    @Test
    void answersHeadWithoutABody() throws Exception {
        for (String path : List.of("/version", "/proxies", "/nothing")) {
            RawApi.Answer answer = api().send("HEAD", path, "", "test");
            assertThat(answer.status()).isEqualTo(path.equals("/nothing") ? 404 : 405);
            assertThat(answer.body()).isEmpty();
        }
    }

    @Test
    void refusesAByteOrderMark() throws Exception {
        RawApi.Answer answer = api().post("/populate", "\ufeff[]");
        assertThat(answer.status()).isEqualTo(400);
    }

    @Test
    void replacesHalfACharacter() throws Exception {
        String body = "{\"name\": \"%s\\ud800\", \"listen\": \"127.0.0.1:0\", \"upstream\": \"127.0.0.1:1\"}";
        String name = newName();
        assertThat(api().post("/proxies", body.formatted(name)).string("name")).isEqualTo(name + "\ufffd");
        assertThat(api().delete("/proxies/" + name + "%EF%BF%BD").status()).isEqualTo(204);
    }

    @ParameterizedTest
    @CsvSource({
        "1, 1",
        "1.0, 1",
        "0.10, 0.1",
        "2, 2",
        "0.33333333, 0.33333334",
        "123456789, 123456790",
        "0.00001, 0.00001",
        "1e-9, 1e-9"
    })
    void writesToxicityAsTheShortestNumber(String given, String written) throws Exception {
        Proxy proxy = proxyToEcho();
        RawApi.Answer answer = api().post(
                        "/proxies/" + proxy.getName() + "/toxics",
                        "{\"type\": \"latency\", \"toxicity\": " + given + "}");
        assertThat(answer.body()).contains("\"toxicity\":" + written + "}");
    }

    @Test
    void writesIpv6InItsShortForm() throws Exception {
        Proxy proxy = client().createProxy(newName(), "[0:0:0:0:0:0:0:1]:0", echo().address());
        assertThat(proxy.getListen()).startsWith("[::1]:");
    }

    @Test
    void populatesNothingWhenAProxyLacksAField() throws Exception {
        String one = newName();
        String body =
                "[{\"name\": \"%s\", \"listen\": \"127.0.0.1:0\", \"upstream\": \"127.0.0.1:1\"}, {\"name\": \"x\"}]"
                        .formatted(one);
        RawApi.Answer answer = api().post("/populate", body);
        assertError(answer, 400, "missing required field: upstream at proxy 2");
        assertThat(answer.at("proxies").isJsonNull()).isTrue();
        assertThat(api().get("/proxies/" + one).status()).isEqualTo(404);
        assertThat(api().post("/populate", "{\"proxies\": []}").status()).isEqualTo(400);
    }

    @Test
    void resetEnablesAllAndRemovesToxics() throws Exception {
        Proxy proxy = proxyToEcho();
        proxy.toxics().latency("slow", DOWNSTREAM, 10_000);
        proxy.toxics().limitData("short", UPSTREAM, 0);
        proxy.disable();
        RawApi.Answer answer = api().post("/reset", "");
        assertThat(answer.status()).isEqualTo(204);
        assertThat(client().getProxy(proxy.getName()).isEnabled()).isTrue();
        assertThat(proxy.toxics().getAll()).isEmpty();
        assertThat(connect(proxy).echo("hello")).isEqualTo("hello");
    }

    @Test
    void givesAToxicItsDefaults() throws Exception {
        Proxy proxy = proxyToEcho();
        String toxics = "/proxies/" + proxy.getName() + "/toxics";
        RawApi.Answer answer =
                api().post(toxics, "{\"type\": \"latency\", \"attributes\": {\"latency\": 7, \"other\": 1}}");
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.string("name")).isEqualTo("latency_downstream");
        assertThat(answer.string("stream")).isEqualTo("downstream");
        assertThat(answer.string("type")).isEqualTo("latency");
        assertThat(answer.at("toxicity").getAsDouble()).isEqualTo(1);
        JsonObject attributes = answer.at("attributes").getAsJsonObject();
        assertThat(attributes.keySet()).containsExactlyInAnyOrder("latency", "jitter");
        assertThat(attributes.get("latency").getAsInt()).isEqualTo(7);
        assertThat(attributes.get("jitter").getAsInt()).isZero();
        assertThat(api().get(toxics + "/latency_downstream").json()).isEqualTo(answer.json());
        assertThat(api().get("/proxies/" + proxy.getName()).at("toxics").getAsJsonArray())
                .containsExactly(answer.json());
    }

    @Test
    void listsToxicsOfTheUpstreamFirstAndEachInOrder() throws Exception {
        Proxy proxy = proxyToEcho();
        proxy.toxics().latency("d1", DOWNSTREAM, 0);
        proxy.toxics().latency("u1", UPSTREAM, 0);
        proxy.toxics().latency("d2", DOWNSTREAM, 0);
        proxy.toxics().latency("u2", UPSTREAM, 0);
        RawApi.Answer answer = api().get("/proxies/" + proxy.getName());
        assertThat(names(answer.at("toxics"))).containsExactly("u1", "u2", "d1", "d2");
    }

    @ParameterizedTest
    @ValueSource(strings = {"PATCH", "POST"})
    void changesOnlyTheAttributesGiven(String method) throws Exception {
        Proxy proxy = proxyToEcho();
        String path = "/proxies/" + proxy.getName() + "/toxics";
        toxic(
                proxy,
                "{\"name\": \"t\", \"type\": \"latency\", \"toxicity\": 0.5, \"attributes\": {\"latency\": 7,"
                        + " \"jitter\": 3}}");
        RawApi.Answer answer = api().send(method, path + "/t", "{\"attributes\": {\"latency\": 9}}", "test");
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.at("toxicity").getAsDouble()).isEqualTo(0.5);
        JsonObject attributes = answer.at("attributes").getAsJsonObject();
        assertThat(attributes.get("latency").getAsInt()).isEqualTo(9);
        assertThat(attributes.get("jitter").getAsInt()).isEqualTo(3);
        answer = api().send(method, path + "/t", "{\"toxicity\": 0.25}", "test");
        assertThat(answer.at("toxicity").getAsDouble()).isEqualTo(0.25);
        assertThat(answer.at("attributes")).isEqualTo(attributes);
    }

    @Test
    void refusesToxicsItCannotHave() throws Exception {
        Proxy proxy = proxyToEcho();
        String toxics = "/proxies/" + proxy.getName() + "/toxics";
        proxy.toxics().latency("there", DOWNSTREAM, 0);
        assertError(api().post(toxics, "{\"type\": \"no_such\"}"), 400, "invalid toxic type");
        assertError(api().post(toxics, "{}"), 400, "invalid toxic type");
        assertError(
                api().post(toxics, "{\"type\": \"latency\", \"stream\": \"sideways\"}"),
                400,
                "stream was invalid, can be either upstream or downstream");
        assertError(
                api().post(toxics, "{\"type\": \"latency\", \"name\": \"there\", \"stream\": \"upstream\"}"),
                409,
                "toxic already exists");
        for (String body : List.of(
                "",
                "garbage",
                "[]",
                "{\"type\": \"latency\", \"attributes\": []}",
                "{\"type\": \"latency\", \"attributes\": {\"latency\": \"12\"}}",
                "{\"type\": \"latency\", \"attributes\": {\"latency\": 1.5}}",
                "{\"type\": \"latency\", \"toxicity\": \"high\"}")) {
            RawApi.Answer answer = api().post(toxics, body);
            assertThat(answer.status()).as(body).isEqualTo(400);
            assertThat(answer.string("error")).startsWith("bad request body");
        }
        assertThat(proxy.toxics().getAll()).hasSize(1);
    }

    private void assertError(RawApi.Answer answer, int status, String error) {
        assertThat(answer.status()).as(answer.body()).isEqualTo(status);
        assertThat(answer.string("error")).isEqualTo(error);
        assertThat(answer.at("status").getAsInt()).isEqualTo(status);
    }

    private List<String> names(JsonElement array) {
        return StreamSupport.stream(array.getAsJsonArray().spliterator(), false)
                .map(element -> element.getAsJsonObject().get("name").getAsString())
                .toList();
    }
}
