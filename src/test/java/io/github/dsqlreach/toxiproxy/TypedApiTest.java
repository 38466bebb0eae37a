package io.github.dsqlreach.toxiproxy;

import static io.github.dsqlreach.toxiproxy.Direction.DOWNSTREAM;
import static io.github.dsqlreach.toxiproxy.Direction.UPSTREAM;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.github.dsqlreach.Jvm;
import io.github.dsqlreach.toxiproxy.ToxicDefinition.Certificate;
import io.github.dsqlreach.toxiproxy.ToxicDefinition.MatchOn;
import io.github.dsqlreach.toxiproxy.ToxicDefinition.MatchThen;
import java.net.ConnectException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Proxies and toxics by calls. */
class TypedApiTest {
    @AutoClose
    private final ToxiproxyServer server = ToxiproxyServer.start();

    @AutoClose
    private final Upstream upstream = Upstream.echo();

    private ToxiproxyServer.Proxy proxy;

    @BeforeEach
    void start() {
        proxy = server.createProxy("p", "127.0.0.1:0", upstream.address());
    }

    private static List<ToxicDefinition> oneOfEachType() {
        return List.of(
                ToxicDefinition.match(MatchOn.SNI, MatchThen.TLS_ALERT)
                        .with("value", "*.b.test")
                        .with("alert", "unrecognized_name")
                        .with("delay", 5L),
                ToxicDefinition.intercept(Certificate.EXPIRED).withToxicity(0.25),
                ToxicDefinition.afterTls(3, MatchThen.SILENCE),
                ToxicDefinition.latency(Duration.ofMillis(20)).with("jitter", 3L),
                ToxicDefinition.bandwidth(1000),
                ToxicDefinition.slowClose(Duration.ofSeconds(1)),
                ToxicDefinition.timeout(Duration.ZERO).withToxicity(0),
                ToxicDefinition.resetPeer(Duration.ofMillis(7)).withToxicity(0),
                ToxicDefinition.slicer(100, 10, Duration.ofNanos(50_000)),
                ToxicDefinition.limitData(1 << 20));
    }

    @Test
    void readsBackEachToxicThatItCreates() {
        for (ToxicDefinition toxic : oneOfEachType()) {
            proxy.add(toxic);
        }
        assertThat(proxy.toxics())
                .usingElementComparator((read, asked) -> read.name().equals(asked.name())
                                && read.type().equals(asked.type())
                                && read.direction() == asked.direction()
                                && read.toxicity() == asked.toxicity()
                                && read.attributes()
                                        .entrySet()
                                        .containsAll(asked.attributes().entrySet())
                        ? 0
                        : 1)
                .containsExactlyElementsOf(oneOfEachType());
    }

    @Test
    void seesAndIsSeenByHttp() throws Exception {
        RawApi http = new RawApi(server.uri());
        http.post("/proxies/p/toxics", "{\"type\": \"latency\", \"toxicity\": 0.5, \"attributes\": {\"latency\": 7}}");
        assertThat(server.proxy("p").toxics())
                .containsExactly(ToxicDefinition.latency(Duration.ofMillis(7))
                        .with("jitter", 0L)
                        .withToxicity(0.5));
        proxy.add(ToxicDefinition.limitData(9).on(UPSTREAM).named("nine"));
        assertThat(http.get("/proxies/p/toxics/nine").body())
                .contains("\"bytes\":9", "\"stream\":\"upstream\"", "\"type\":\"limit_data\"");
        proxy.change(ToxicDefinition.limitData(10).named("nine"));
        assertThat(http.get("/proxies/p/toxics/nine").body()).contains("\"bytes\":10", "\"stream\":\"upstream\"");
        proxy.remove("nine");
        assertThat(http.get("/proxies/p/toxics/nine").status()).isEqualTo(404);
        server.reset();
        assertThat(proxy.toxics()).isEmpty();
    }

    @Test
    void actsOnConnections() throws Exception {
        proxy.add(ToxicDefinition.limitData(0).on(UPSTREAM));
        try (Wire wire = Wire.to(proxy.listen())) {
            assertThat(wire.send("x").next()).isEqualTo("FIN");
        }
        proxy.remove("limit_data_upstream");
        try (Wire wire = Wire.to(proxy.listen())) {
            assertThat(wire.echo("hello")).isEqualTo("hello");
            assertThat(proxy.connections().accepted()).isEqualTo(2);
            proxy.disable();
            assertThat(wire.next()).isEqualTo("FIN");
        }
        assertThat(proxy.isEnabled()).isFalse();
        String listen = proxy.listen();
        Assertions.assertThatThrownBy(() -> Wire.to(listen)).isInstanceOf(ConnectException.class);
        proxy.enable();
        try (Wire wire = Wire.to(listen);
                Upstream other = Upstream.echo()) {
            assertThat(wire.echo("again")).isEqualTo("again");
            proxy.setUpstream(other.address());
            assertThat(wire.next()).isEqualTo("FIN");
            assertThat(proxy.upstream()).isEqualTo(other.address());
        }
        proxy.delete();
        assertThat(server.proxies()).isEmpty();
    }

    @Test
    void saysWhatIsWrong() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> server.createProxy("p", "127.0.0.1:0", "a:1"))
                .withMessageContaining("proxy already exists");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> server.createProxy("q", "192.0.2.1:0", "a:1"))
                .withMessageContaining("192.0.2.1:0");
        assertThatIllegalStateException()
                .isThrownBy(() -> server.createProxy("q", proxy.listen(), "a:1"))
                .withMessageContaining(proxy.listen());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> server.proxy("nobody"))
                .withMessageContaining("proxy not found");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> proxy.remove("nothing"))
                .withMessageContaining("toxic not found");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> proxy.add(ToxicDefinition.of("no_such", DOWNSTREAM)))
                .withMessageContaining("invalid toxic type");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> proxy.add(
                        ToxicDefinition.match(MatchOn.SNI, MatchThen.RESET).on(DOWNSTREAM)))
                .withMessageContaining("upstream");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ToxicDefinition.limitData(1).withToxicity(1.5))
                .withMessageContaining("1.5");
        server.close();
        assertThatIllegalStateException().isThrownBy(() -> server.createProxy("q", "127.0.0.1:0", "a:1"));
        assertThatIllegalStateException().isThrownBy(() -> server.uri()).withMessageContaining("closed");
    }

    @Test
    void startsNoHttpServerUntilSomebodyAsksForItsAddress(@TempDir Path temp) throws Exception {
        assertThat(classesLoadedBy("calls", temp)).noneMatch(line -> line.contains("] sun.net.httpserver."));
        assertThat(classesLoadedBy("uri", temp)).anyMatch(line -> line.contains("] sun.net.httpserver."));
    }

    private static List<String> classesLoadedBy(String way, Path temp) throws Exception {
        Path log = temp.resolve(way);
        ProcessBuilder child = Jvm.running(Child.class, List.of("-Xlog:class+load:file=" + log), way);
        assertThat(Jvm.outputOf(child)).contains("hello");
        return Files.readAllLines(log);
    }

    static final class Child {
        public static void main(String... way) throws Exception {
            try (ToxiproxyServer server = ToxiproxyServer.start();
                    Upstream upstream = Upstream.echo()) {
                ToxiproxyServer.Proxy proxy = server.createProxy("p", "127.0.0.1:0", upstream.address());
                proxy.add(ToxicDefinition.latency(Duration.ofMillis(1)));
                if (way[0].equals("uri")) {
                    server.uri();
                }
                try (Wire wire = Wire.to(proxy.listen())) {
                    System.out.println(wire.echo("hello"));
                }
            }
        }
    }
}
