package io.github.dsqlreach.toxiproxy;

import static eu.rekawek.toxiproxy.model.ToxicDirection.DOWNSTREAM;
import static eu.rekawek.toxiproxy.model.ToxicDirection.UPSTREAM;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import eu.rekawek.toxiproxy.Proxy;
import eu.rekawek.toxiproxy.ToxiproxyClient;
import eu.rekawek.toxiproxy.model.ToxicDirection;
import eu.rekawek.toxiproxy.model.toxic.Bandwidth;
import eu.rekawek.toxiproxy.model.toxic.Latency;
import eu.rekawek.toxiproxy.model.toxic.LimitData;
import eu.rekawek.toxiproxy.model.toxic.Timeout;
import java.io.IOException;
import java.net.ConnectException;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What every Toxiproxy does. Runs against the in-JVM server, and against the one that the environment variable
 * {@code DSQL_REACH_TOXIPROXY_URL} names, for example {@code http://127.0.0.1:8474}; that one must be on this machine.
 */
@ParameterizedClass(name = "{0}")
@MethodSource("servers")
@org.junit.jupiter.api.Timeout(60)
class ToxiproxyConformanceTest {
    private static final Duration A_WHILE = Duration.ofMillis(150);
    private static final AtomicInteger NAMES = new AtomicInteger();

    static Stream<Server> servers() {
        String url = System.getenv("DSQL_REACH_TOXIPROXY_URL");
        return url == null || url.isBlank()
                ? Stream.of(Server.inJvm())
                : Stream.of(Server.inJvm(), new Server("at " + url, URI.create(url), () -> {}));
    }

    record Server(String name, URI uri, Runnable stop) implements AutoCloseable {
        static Server inJvm() {
            ToxiproxyServer server = ToxiproxyServer.start();
            return new Server("in this JVM", server.uri(), server::close);
        }

        @Override
        public void close() {
            stop.run();
        }

        @Override
        public String toString() {
            return name;
        }
    }

    @Parameter
    Server server;

    private final List<AutoCloseable> opened = new ArrayList<>();

    @AfterEach
    void closeAll() throws Exception {
        for (AutoCloseable closeable : opened) {
            closeable.close();
        }
        ToxiproxyClient client = client();
        for (Proxy proxy : client.getProxies()) {
            if (proxy.getName().startsWith("conformance-")) {
                proxy.delete();
            }
        }
    }

    private ToxiproxyClient client() {
        return new ToxiproxyClient(server.uri().getHost(), server.uri().getPort());
    }

    private RawApi api() {
        return new RawApi(server.uri());
    }

    private static String newName() {
        return "conformance-" + NAMES.incrementAndGet();
    }

    private Upstream echo() {
        return closed(Upstream.echo());
    }

    private Upstream manual() {
        return closed(Upstream.manual());
    }

    private <T extends AutoCloseable> T closed(T closeable) {
        opened.add(0, closeable);
        return closeable;
    }

    private Proxy proxyTo(Upstream upstream) throws IOException {
        return client().createProxy(newName(), "127.0.0.1:0", upstream.address());
    }

    private Proxy proxyToEcho() throws IOException {
        return proxyTo(echo());
    }

    private Wire connect(Proxy proxy) throws IOException {
        return closed(Wire.to(proxy));
    }

    /** A toxic by its JSON, for what the client library has no method for. */
    private void toxic(Proxy proxy, String json) throws IOException, InterruptedException {
        RawApi.Answer answer = api().post("/proxies/" + proxy.getName() + "/toxics", json);
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    }

    private static long millisOf(Action action) throws Exception {
        long start = System.nanoTime();
        action.run();
        return Duration.ofNanos(System.nanoTime() - start).toMillis();
    }

    private interface Action {
        void run() throws Exception;
    }

    private static byte[] noise(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }

    private static void assertRefuses(String address) {
        Awaitility.await()
                .untilAsserted(
                        () -> assertThatThrownBy(() -> Wire.to(address).close()).isInstanceOf(ConnectException.class));
    }

    @Nested
    class Api {

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
            assertError(
                    api().post("/proxies", "{\"name\": \"conformance-x\"}"), 400, "missing required field: upstream");
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
                strings = {"", "garbage", "[]", "\"text\"", "12", "{\"name\": 12}", "{\"name\": \"x\", \"enabled\": 1}"
                })
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
            assertThat(StreamSupport.stream(
                            answer.at("proxies").getAsJsonArray().spliterator(), false))
                    .extracting(proxy -> proxy.getAsJsonObject().get("enabled").getAsBoolean())
                    .containsExactly(false, true);
        }

        @Test
        void refusesAnUpdateWhoseNameIsNoText() throws Exception {
            Proxy proxy = proxyToEcho();
            assertThat(api().post("/proxies/" + proxy.getName(), "{\"name\": {}}")
                            .status())
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
                assertThat(toxicsLeft == 1 ? wire.echo("still") : wire.next())
                        .isEqualTo(toxicsLeft == 1 ? "still" : "FIN");
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
            assertThat(api().post("/proxies", body.formatted(name)).string("name"))
                    .isEqualTo(name + "\ufffd");
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

    @Nested
    class Traffic {

        @Test
        void passesAllBytesBothWays() throws Exception {
            Wire wire = connect(proxyToEcho());
            byte[] bytes = noise(5_000_000);
            CompletableFuture<Void> sent = CompletableFuture.runAsync(() -> {
                try {
                    wire.send(bytes);
                } catch (IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            });
            assertThat(wire.socket().getInputStream().readNBytes(bytes.length)).isEqualTo(bytes);
            sent.join();
        }

        @Test
        void deliversAllBeforeTheClose() throws Exception {
            Upstream upstream = manual();
            Wire wire = connect(proxyTo(upstream));
            byte[] bytes = noise(3_000_000);
            try (Socket socket = upstream.accepted()) {
                CompletableFuture<byte[]> received = CompletableFuture.supplyAsync(() -> {
                    try {
                        return wire.receiveAll();
                    } catch (IOException e) {
                        throw new java.io.UncheckedIOException(e);
                    }
                });
                socket.getOutputStream().write(bytes);
                socket.shutdownOutput();
                assertThat(received.join()).isEqualTo(bytes);
            }
        }

        @Test
        void tellsTheUpstreamThatTheClientHasClosed() throws Exception {
            Upstream upstream = manual();
            Wire wire = connect(proxyTo(upstream));
            Socket socket = closed(upstream.accepted());
            wire.send("bye").close();
            assertThat(socket.getInputStream().readAllBytes()).hasSize(3);
        }

        @Test
        void tellsTheUpstreamThatTheClientWasReset() throws Exception {
            Upstream upstream = manual();
            Wire wire = connect(proxyTo(upstream));
            Socket socket = closed(upstream.accepted());
            wire.reset();
            assertThat(socket.getInputStream().readAllBytes()).isEmpty();
        }

        @Test
        void closesBothSidesWhenOneIsHalfClosed() throws Exception {
            Upstream upstream = manual();
            Wire wire = connect(proxyTo(upstream));
            Socket socket = closed(upstream.accepted());
            wire.socket().shutdownOutput();
            assertThat(socket.getInputStream().readAllBytes()).isEmpty();
            assertThat(wire.next()).isEqualTo("FIN");
        }

        @Test
        void closesTheClientWhenTheUpstreamRefuses() throws Exception {
            int port;
            try (Upstream gone = Upstream.manual()) {
                port = gone.port();
            }
            Wire wire = connect(client().createProxy(newName(), "127.0.0.1:0", "127.0.0.1:" + port));
            assertThat(wire.next()).isIn("FIN", "RST");
        }

        @Test
        void servesManyAtOnce() throws Exception {
            Proxy proxy = proxyToEcho();
            List<Wire> wires = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                wires.add(connect(proxy));
            }
            for (int i = 0; i < wires.size(); i++) {
                wires.get(i).send("hello " + i);
            }
            for (int i = 0; i < wires.size(); i++) {
                assertThat(wires.get(i).receive(("hello " + i).length())).isEqualTo("hello " + i);
            }
        }
    }

    @Nested
    class Toxics {

        @ParameterizedTest
        @EnumSource(ToxicDirection.class)
        void latencyDelays(ToxicDirection direction) throws Exception {
            Proxy proxy = proxyToEcho();
            proxy.toxics().latency("slow", direction, 150);
            Wire wire = connect(proxy);
            assertThat(millisOf(() -> wire.echo("hello"))).isBetween(145L, 2_000L);
            assertThat(millisOf(() -> wire.echo("hello"))).isBetween(145L, 2_000L);
        }

        @Test
        void latencyOfBothDirectionsAddsUp() throws Exception {
            Proxy proxy = proxyToEcho();
            proxy.toxics().latency("there", UPSTREAM, 100);
            proxy.toxics().latency("back", DOWNSTREAM, 100);
            Wire wire = connect(proxy);
            assertThat(millisOf(() -> wire.echo("hello"))).isBetween(195L, 2_000L);
        }

        @Test
        void latencyCountsFromWhenAChunkCameAndKeepsTheOrder() throws Exception {
            Upstream upstream = manual();
            Proxy proxy = proxyTo(upstream);
            proxy.toxics().latency("slow", UPSTREAM, 100).setJitter(50);
            Wire wire = connect(proxy);
            Socket socket = closed(upstream.accepted());
            String sent = "0123456789".repeat(5);
            long millis = millisOf(() -> {
                for (char digit : sent.toCharArray()) {
                    wire.send(String.valueOf(digit));
                }
                assertThat(new String(socket.getInputStream().readNBytes(sent.length())))
                        .isEqualTo(sent);
            });
            assertThat(millis).as("one after the other it would be 5 s").isBetween(45L, 2_500L);
        }

        @Test
        void latencyDelaysNoCloseButKeepsItBehindTheData() throws Exception {
            Upstream upstream = manual();
            Proxy proxy = proxyTo(upstream);
            proxy.toxics().latency("slow", DOWNSTREAM, 200);
            Wire wire = connect(proxy);
            long millis = millisOf(() -> {
                try (Socket socket = upstream.accepted()) {
                    socket.getOutputStream().write("last words".getBytes());
                }
                assertThat(wire.receiveAll()).asString().isEqualTo("last words");
            });
            assertThat(millis).isBetween(195L, 2_000L);
        }

        @Test
        void bandwidthLimitsTheRate() throws Exception {
            Proxy proxy = proxyToEcho();
            proxy.toxics().bandwidth("narrow", DOWNSTREAM, 100);
            Wire wire = connect(proxy);
            byte[] bytes = noise(50_000);
            long millis = millisOf(() -> {
                wire.send(bytes);
                assertThat(wire.socket().getInputStream().readNBytes(bytes.length))
                        .isEqualTo(bytes);
            });
            assertThat(millis).isBetween(400L, 2_000L);
        }

        @Test
        void bandwidthZeroStopsUntilItIsChanged() throws Exception {
            Proxy proxy = proxyToEcho();
            Bandwidth narrow = proxy.toxics().bandwidth("narrow", DOWNSTREAM, 0);
            Wire wire = connect(proxy);
            wire.send("hello");
            assertThat(wire.next(A_WHILE)).isEqualTo("silence");
            narrow.setRate(1000);
            assertThat(wire.receive(5)).isEqualTo("hello");
        }

        @Test
        void slowCloseDelaysTheCloseOnly() throws Exception {
            Upstream upstream = manual();
            Proxy proxy = proxyTo(upstream);
            proxy.toxics().slowClose("slow", DOWNSTREAM, 300);
            Wire wire = connect(proxy);
            try (Socket socket = upstream.accepted()) {
                socket.getOutputStream().write("bye".getBytes());
            }
            assertThat(wire.receive(3)).isEqualTo("bye");
            assertThat(millisOf(() -> assertThat(wire.next()).isEqualTo("FIN"))).isBetween(200L, 2_000L);
        }

        @Test
        void slowCloseRemovedClosesAtOnce() throws Exception {
            Upstream upstream = manual();
            Proxy proxy = proxyTo(upstream);
            proxy.toxics().slowClose("slow", DOWNSTREAM, 60_000);
            Wire wire = connect(proxy);
            upstream.accepted().close();
            assertThat(wire.next(A_WHILE)).isEqualTo("silence");
            proxy.toxics().get("slow").remove();
            assertThat(wire.next()).isEqualTo("FIN");
        }

        @ParameterizedTest
        @EnumSource(ToxicDirection.class)
        void timeoutSwallowsAndCloses(ToxicDirection direction) throws Exception {
            Proxy proxy = proxyToEcho();
            proxy.toxics().timeout("dead", direction, 300);
            Wire wire = connect(proxy);
            wire.send("hello");
            assertThat(millisOf(() -> assertThat(wire.next()).isEqualTo("FIN"))).isBetween(200L, 2_000L);
        }

        @Test
        void timeoutCountsFromTheConnectionWithoutData() throws Exception {
            Proxy proxy = proxyToEcho();
            proxy.toxics().timeout("dead", DOWNSTREAM, 200);
            Wire wire = connect(proxy);
            assertThat(millisOf(() -> assertThat(wire.next()).isEqualTo("FIN"))).isBetween(100L, 2_000L);
        }

        @Test
        void timeoutZeroIsSilentUntilItIsRemovedWhichCloses() throws Exception {
            Proxy proxy = proxyToEcho();
            Timeout dead = proxy.toxics().timeout("dead", UPSTREAM, 0);
            Wire wire = connect(proxy);
            wire.send("hello");
            assertThat(wire.next(A_WHILE)).isEqualTo("silence");
            dead.remove();
            assertThat(wire.next()).isEqualTo("FIN");
            assertThat(connect(proxy).echo("hello")).isEqualTo("hello");
        }

        @Test
        void timeoutStillPassesOnTheClose() throws Exception {
            Upstream upstream = manual();
            Proxy proxy = proxyTo(upstream);
            proxy.toxics().timeout("dead", UPSTREAM, 0);
            Wire wire = connect(proxy);
            Socket socket = closed(upstream.accepted());
            wire.send("swallowed").close();
            assertThat(socket.getInputStream().readAllBytes()).isEmpty();
        }

        @ParameterizedTest
        @EnumSource(ToxicDirection.class)
        void resetPeerResetsInsteadOfTheFirstChunk(ToxicDirection direction) throws Exception {
            Proxy proxy = proxyToEcho();
            proxy.toxics().resetPeer("reset", direction, 0);
            Wire wire = connect(proxy);
            assertThat(wire.next(A_WHILE)).as("before any data").isEqualTo("silence");
            wire.send("hello");
            assertThat(wire.next()).isEqualTo("RST");
        }

        @Test
        void resetPeerResetsTheUpstreamToo() throws Exception {
            Upstream upstream = manual();
            Proxy proxy = proxyTo(upstream);
            proxy.toxics().resetPeer("reset", UPSTREAM, 0);
            Wire wire = connect(proxy);
            Socket socket = closed(upstream.accepted());
            wire.send("hello");
            assertThat(wire.next()).isEqualTo("RST");
            assertThatThrownBy(() -> socket.getInputStream().read()).isInstanceOf(java.net.SocketException.class);
        }

        @Test
        void resetPeerWaits() throws Exception {
            Proxy proxy = proxyToEcho();
            proxy.toxics().resetPeer("reset", UPSTREAM, 300);
            Wire wire = connect(proxy);
            wire.send("hello");
            assertThat(millisOf(() -> assertThat(wire.next()).isEqualTo("RST"))).isBetween(250L, 2_000L);
        }

        @Test
        void resetPeerOfToxicityZeroTurnsTheCloseIntoAReset() throws Exception {
            Proxy proxy = proxyToEcho();
            proxy.toxics().limitData("nine", UPSTREAM, 9);
            Wire finished = connect(proxy);
            assertThat(finished.echo("12345678")).isEqualTo("12345678");
            assertThat(finished.send("90").next()).isIn("9", "FIN");

            proxy.toxics().resetPeer("reset", UPSTREAM, 0).setToxicity(0);
            Wire reset = connect(proxy);
            assertThat(reset.echo("12345678")).isEqualTo("12345678");
            assertThat(reset.send("90").next()).isIn("9", "RST");
            assertThat(reset.next()).isEqualTo("RST");
        }

        @Test
        void slicerKeepsTheBytesAndTakesItsTime() throws Exception {
            Upstream upstream = manual();
            Proxy proxy = proxyTo(upstream);
            proxy.toxics().slicer("slices", UPSTREAM, 10, 10_000).setSizeVariation(3);
            Wire wire = connect(proxy);
            Socket socket = closed(upstream.accepted());
            byte[] bytes = noise(200);
            List<Integer> pieces = new ArrayList<>();
            long millis = millisOf(() -> {
                wire.send(bytes);
                byte[] buffer = new byte[1000];
                int total = 0;
                while (total < bytes.length) {
                    int count = socket.getInputStream().read(buffer, total, buffer.length - total);
                    pieces.add(count);
                    total += count;
                }
                assertThat(java.util.Arrays.copyOf(buffer, total)).isEqualTo(bytes);
            });
            assertThat(pieces).hasSizeGreaterThan(5);
            assertThat(pieces.get(0)).isLessThanOrEqualTo(30);
            assertThat(millis).isBetween(80L, 3_000L);
        }

        @Test
        void limitDataPassesSoManyBytesThenCloses() throws Exception {
            Upstream upstream = manual();
            Proxy proxy = proxyTo(upstream);
            proxy.toxics().limitData("short", DOWNSTREAM, 10);
            Wire wire = connect(proxy);
            upstream.accepted().getOutputStream().write("0123456789abc".getBytes());
            assertThat(wire.receiveAll()).asString().isEqualTo("0123456789");
        }

        @Test
        void limitDataZeroClosesOnTheFirstByte() throws Exception {
            Proxy proxy = proxyToEcho();
            proxy.toxics().limitData("short", UPSTREAM, 0);
            Wire wire = connect(proxy);
            assertThat(wire.next(A_WHILE)).isEqualTo("silence");
            assertThat(wire.send("a").next()).isEqualTo("FIN");
        }

        @Test
        void limitDataRemembersWhatItPassedWhenItIsChanged() throws Exception {
            Upstream upstream = manual();
            Proxy proxy = proxyTo(upstream);
            LimitData limit = proxy.toxics().limitData("short", UPSTREAM, 100);
            Wire wire = connect(proxy);
            Socket socket = closed(upstream.accepted());
            wire.send("01234");
            assertThat(socket.getInputStream().readNBytes(5)).asString().isEqualTo("01234");
            limit.setBytes(8);
            wire.send("56789");
            assertThat(socket.getInputStream().readAllBytes()).asString().isEqualTo("567");
        }

        @Test
        void orderOfCreationIsTheOrderOfTheChain() throws Exception {
            Proxy proxy = proxyToEcho();
            proxy.toxics().limitData("first", UPSTREAM, 5);
            proxy.toxics().timeout("second", UPSTREAM, 0);
            assertThat(connect(proxy).send("0123456789").next())
                    .as("the limit sees the data, and closes")
                    .isEqualTo("FIN");

            Proxy other = proxyToEcho();
            other.toxics().timeout("first", UPSTREAM, 0);
            other.toxics().limitData("second", UPSTREAM, 5);
            assertThat(connect(other).send("0123456789").next(A_WHILE))
                    .as("the limit sees nothing")
                    .isEqualTo("silence");
        }

        @Test
        void directionsAreIndependent() throws Exception {
            Upstream upstream = manual();
            Proxy proxy = proxyTo(upstream);
            proxy.toxics().timeout("dead", DOWNSTREAM, 0);
            Wire wire = connect(proxy);
            Socket socket = closed(upstream.accepted());
            wire.send("hello");
            assertThat(socket.getInputStream().readNBytes(5)).asString().isEqualTo("hello");
            socket.getOutputStream().write("lost".getBytes());
            assertThat(wire.next(A_WHILE)).isEqualTo("silence");
        }
    }

    /**
     * A close while bytes of the sender wait unread: the kernel owes the sender a reset, and the other side an orderly end.
     * Chance decides about the moment, so each is done often: {@code -Dconformance.runs} says how often.
     */
    @Nested
    class CloseWithUnreadBytes {
        private static final int RUNS = Integer.getInteger("conformance.runs", 200);
        /** More than a proxy takes in, less than the kernel holds. */
        private static final byte[] UNREAD = noise(300_000);

        @ParameterizedTest
        @EnumSource(ToxicDirection.class)
        void resetsTheSenderWhenTheLimitIsReached(ToxicDirection direction) throws Exception {
            Upstream upstream = manual();
            Proxy proxy = proxyTo(upstream);
            proxy.toxics().limitData("short", direction, 10);
            assertThat(ends(upstream, () -> proxy, direction, () -> {}))
                    .containsOnly(Map.entry("RST, 10 bytes FIN", RUNS));
        }

        @ParameterizedTest
        @EnumSource(ToxicDirection.class)
        void resetsTheSenderOfADisabledProxy(ToxicDirection direction) throws Exception {
            Upstream upstream = manual();
            Proxy proxy = stalled(upstream, direction);
            assertThat(ends(
                            upstream,
                            () -> {
                                proxy.enable();
                                return proxy;
                            },
                            direction,
                            proxy::disable))
                    .containsOnly(Map.entry("RST, 0 bytes FIN", RUNS));
        }

        @ParameterizedTest
        @EnumSource(ToxicDirection.class)
        void resetsTheSenderOfADeletedProxy(ToxicDirection direction) throws Exception {
            Upstream upstream = manual();
            Proxy[] proxy = {null};
            assertThat(ends(
                            upstream,
                            () -> proxy[0] = stalled(upstream, direction),
                            direction,
                            () -> proxy[0].delete()))
                    .containsOnly(Map.entry("RST, 0 bytes FIN", RUNS));
        }

        @ParameterizedTest
        @EnumSource(ToxicDirection.class)
        void resetsTheSenderWhenTheUpstreamIsChanged(ToxicDirection direction) throws Exception {
            Upstream upstream = manual();
            Proxy proxy = stalled(upstream, direction);
            assertThat(ends(
                            upstream,
                            () -> {
                                proxy.setUpstream(upstream.address());
                                return proxy;
                            },
                            direction,
                            () -> proxy.setUpstream("127.0.0.1:1")))
                    .containsOnly(Map.entry("RST, 0 bytes FIN", RUNS));
        }

        /** A proxy through which nothing gets in that direction. */
        private Proxy stalled(Upstream upstream, ToxicDirection direction) throws IOException {
            Proxy proxy = proxyTo(upstream);
            proxy.toxics().bandwidth("narrow", direction, 0);
            return proxy;
        }

        /** How often the sender and the receiver saw what. */
        private Map<String, Integer> ends(
                Upstream upstream, Callable<Proxy> proxy, ToxicDirection direction, Action close) throws Exception {
            Map<String, Integer> seen = new TreeMap<>();
            for (int run = 0; run < RUNS; run++) {
                try (Wire client = Wire.to(proxy.call());
                        Wire server = Wire.of(upstream.accepted())) {
                    Wire sender = direction == UPSTREAM ? client : server;
                    String sent = sender.sendUnlessClosed(UNREAD);
                    close.run();
                    String end = sent.isEmpty() ? sender.next() : sent;
                    Wire receiver = direction == UPSTREAM ? server : client;
                    seen.merge(end + ", " + receiver.end(), 1, Integer::sum);
                }
            }
            return seen;
        }

        /**
         * Whoever is blocked in a write, or whoever is blocked in a read, hears of the reset; but for the few times when
         * the sender had just paused, and nothing was left unread.
         */
        @Test
        void nearlyAlwaysResetsASenderThatNeverStops() throws Exception {
            Upstream upstream = manual();
            Proxy proxy = proxyTo(upstream);
            proxy.toxics().limitData("short", UPSTREAM, 1_000_000);
            Map<Boolean, Integer> seen = new TreeMap<>();
            for (int run = 0; run < RUNS; run++) {
                try (Wire client = Wire.to(proxy);
                        Wire server = Wire.of(upstream.accepted())) {
                    CompletableFuture<String> read = CompletableFuture.supplyAsync(() -> {
                        try {
                            return client.next();
                        } catch (IOException e) {
                            throw new java.io.UncheckedIOException(e);
                        }
                    });
                    CompletableFuture<String> received = CompletableFuture.supplyAsync(server::end);
                    String written = "";
                    while (written.isEmpty()) {
                        written = client.sendUnlessClosed(UNREAD);
                    }
                    assertThat(received.get()).isEqualTo("1000000 bytes FIN");
                    seen.merge(List.of(written, read.get()).contains("RST"), 1, Integer::sum);
                }
            }
            assertThat(seen.get(true)).as("of %d", RUNS).isGreaterThan(RUNS / 2);
        }
    }

    @Nested
    class Toxicity {

        @Test
        void zeroNeverStrikes() throws Exception {
            Proxy proxy = proxyToEcho();
            proxy.toxics().timeout("dead", UPSTREAM, 0).setToxicity(0);
            for (int i = 0; i < 20; i++) {
                assertThat(connect(proxy).echo("hello")).isEqualTo("hello");
            }
        }

        @Test
        void halfStrikesSomeConnectionsEachAsAWhole() throws Exception {
            Proxy proxy = proxyToEcho();
            toxic(proxy, """
                {"type": "limit_data", "stream": "upstream", "toxicity": 0.5, "attributes": {"bytes": 0}}\
                """);
            List<Boolean> passed = IntStream.range(0, 60)
                    .mapToObj(i -> {
                        try {
                            Wire wire = connect(proxy);
                            String first = wire.send("a").next();
                            return first.equals("a") && wire.echo("still").equals("still");
                        } catch (IOException e) {
                            throw new java.io.UncheckedIOException(e);
                        }
                    })
                    .toList();
            assertThat(passed).contains(true, false);
        }

        @Test
        void changedToOneStrikesLivingConnections() throws Exception {
            Proxy proxy = proxyToEcho();
            Latency slow = proxy.toxics().latency("slow", DOWNSTREAM, 200);
            slow.setToxicity(0);
            Wire wire = connect(proxy);
            assertThat(millisOf(() -> wire.echo("hello"))).isLessThan(195);
            slow.setToxicity(1);
            assertThat(millisOf(() -> wire.echo("hello"))).isBetween(195L, 2_000L);
        }
    }

    @Nested
    class LivingConnections {

        @Test
        void feelToxicsAddedChangedAndRemoved() throws Exception {
            Proxy proxy = proxyToEcho();
            Wire wire = connect(proxy);
            assertThat(wire.echo("hello")).isEqualTo("hello");
            Latency slow = proxy.toxics().latency("slow", DOWNSTREAM, 150);
            assertThat(millisOf(() -> wire.echo("hello"))).isBetween(145L, 2_000L);
            slow.setLatency(300);
            assertThat(millisOf(() -> wire.echo("hello"))).isBetween(295L, 2_000L);
            slow.remove();
            assertThat(millisOf(() -> assertThat(wire.echo("hello")).isEqualTo("hello")))
                    .isLessThan(140);
        }

        @Test
        void getWhatIsHeldWhenTheToxicIsRemoved() throws Exception {
            Proxy proxy = proxyToEcho();
            Latency slow = proxy.toxics().latency("slow", DOWNSTREAM, 60_000);
            Wire wire = connect(proxy);
            wire.send("hello");
            assertThat(wire.next(A_WHILE)).isEqualTo("silence");
            slow.remove();
            assertThat(wire.receive(5)).isEqualTo("hello");
            assertThat(wire.echo("again")).isEqualTo("again");
        }

        @Test
        void fallSilentAndDie() throws Exception {
            Proxy proxy = proxyToEcho();
            Wire wire = connect(proxy);
            assertThat(wire.echo("hello")).isEqualTo("hello");
            Timeout dead = proxy.toxics().timeout("dead", DOWNSTREAM, 0);
            wire.send("hello");
            assertThat(wire.next(A_WHILE)).isEqualTo("silence");
            dead.setTimeout(100);
            assertThat(wire.next()).isEqualTo("FIN");
        }

        @Test
        void dieByAResetPeerAdded() throws Exception {
            Proxy proxy = proxyToEcho();
            Wire wire = connect(proxy);
            assertThat(wire.echo("hello")).isEqualTo("hello");
            proxy.toxics().resetPeer("reset", UPSTREAM, 0);
            // Toxiproxy sets SO_LINGER when a connection begins, so there it is a FIN.
            assertThat(wire.send("hello").next()).isIn("RST", "FIN");
        }

        @Test
        void liveOnWhenOneToxicOfAChainGoes() throws Exception {
            Proxy proxy = proxyToEcho();
            proxy.toxics().latency("one", UPSTREAM, 10);
            proxy.toxics().slicer("two", UPSTREAM, 3, 0);
            proxy.toxics().latency("three", UPSTREAM, 10);
            Wire wire = connect(proxy);
            assertThat(wire.echo("hello world")).isEqualTo("hello world");
            proxy.toxics().get("two").remove();
            assertThat(wire.echo("hello world")).isEqualTo("hello world");
            proxy.toxics().get("one").remove();
            proxy.toxics().get("three").remove();
            assertThat(wire.echo("hello world")).isEqualTo("hello world");
        }

        @Test
        void areHealedByReset() throws Exception {
            Proxy proxy = proxyToEcho();
            Wire wire = connect(proxy);
            proxy.toxics().latency("slow", DOWNSTREAM, 60_000);
            wire.send("hello");
            assertThat(wire.next(A_WHILE)).isEqualTo("silence");
            client().reset();
            assertThat(wire.receive(5)).isEqualTo("hello");
        }
    }
}
