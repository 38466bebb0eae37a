package io.github.dsqlreach.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import eu.rekawek.toxiproxy.Proxy;
import eu.rekawek.toxiproxy.ToxiproxyClient;
import io.github.dsqlreach.junit.after.SlowInventoryIT;
import io.github.dsqlreach.toxiproxy.ToxiproxyServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;

@Timeout(60)
class ToxiproxyExtensionTest {
    private static final Path PAGE = Path.of("docs", "from-toxiproxycontainer.md");
    private static final List<ToxiproxyServer> SEEN = new CopyOnWriteArrayList<>();

    @BeforeEach
    void nothingIsSeen() {
        SEEN.clear();
    }

    @Test
    void theTestOfThePageRunsWithoutDocker() {
        Jupiter.run(SlowInventoryIT.class)
                .testEvents()
                .assertStatistics(events -> events.succeeded(1).failed(0));
    }

    @Test
    void thePageShowsWhatIsCompiledAndRun() throws IOException {
        String page = Files.readString(PAGE);
        assertThat(page).contains("```java\n" + String.join("\n", code()) + "\n```");
    }

    @Test
    void theLinesThatThePageAddsAreThoseOfTheTest() throws IOException {
        List<String> added = Files.readAllLines(PAGE).stream()
                .filter(line -> line.startsWith("+"))
                .map(line -> line.substring(1))
                .toList();
        assertThat(added).hasSize(1);
        assertThat(code()).containsAll(added);
    }

    @Test
    void aPortIsANameSoThatTwoOfThemUseTheSame() throws IOException {
        try (ServerSocket upstream = new ServerSocket(0, 5, InetAddress.getByName("127.0.0.1"));
                ToxiproxyExtension one = new ToxiproxyExtension();
                ToxiproxyExtension other = new ToxiproxyExtension()) {
            one.start();
            other.start();
            int known = one.getMappedPort(8666); // Before there is a proxy.
            assertThat(known).isNotEqualTo(other.getMappedPort(8666)).isNotEqualTo(one.getMappedPort(8667));
            for (ToxiproxyExtension each : List.of(one, other)) {
                Proxy proxy = client(each).createProxy("p", "0.0.0.0:8666", "127.0.0.1:" + upstream.getLocalPort());
                assertThat(proxy.getListen()).isEqualTo("127.0.0.1:8666");
                try (Socket client = new Socket(each.getHost(), each.getMappedPort(8666));
                        Socket accepted = upstream.accept()) {
                    client.getOutputStream().write('x');
                    assertThat(accepted.getInputStream().read()).isEqualTo('x');
                }
                proxy.disable();
                proxy.enable();
                new Socket(each.getHost(), each.getMappedPort(8666)).close();
                upstream.accept().close();
            }
            assertThat(one.getMappedPort(8666)).isEqualTo(known);
            assertThat(one.getMappedPort(8474)).isEqualTo(one.getControlPort());
        }
    }

    @Test
    void aProxyOnAnyPortIsReachedWhereItSays() throws IOException {
        try (ToxiproxyExtension toxiproxy = new ToxiproxyExtension()) {
            toxiproxy.start();
            ToxiproxyServer.Proxy proxy = toxiproxy.server().createProxy("p", "0.0.0.0:0", "127.0.0.1:1");
            int port = Integer.parseInt(proxy.listen().substring("127.0.0.1:".length()));
            assertThat(toxiproxy.getMappedPort(port)).isEqualTo(port);
            new Socket("127.0.0.1", port).close();
        }
    }

    @Test
    void startsAndStopsByHand() {
        ToxiproxyExtension toxiproxy = new ToxiproxyExtension();
        assertThatIllegalStateException().isThrownBy(toxiproxy::getControlPort).withMessageContaining("call start()");
        toxiproxy.stop();
        toxiproxy.start();
        ToxiproxyServer server = toxiproxy.server();
        toxiproxy.start();
        assertThat(toxiproxy.server()).isSameAs(server);
        assertThat(toxiproxy.isRunning()).isTrue();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> toxiproxy.getMappedPort(0))
                .withMessageContaining("not 0");
        toxiproxy.stop();
        assertThat(toxiproxy.isRunning()).isFalse();
        assertThatIllegalStateException().isThrownBy(() -> server.createProxy("p", "127.0.0.1:0", "a:1"));
    }

    @Test
    void aStaticFieldLivesAsLongAsItsClassAndAnotherAsLongAsATest() {
        Jupiter.run(StaticCase.class)
                .testEvents()
                .assertStatistics(events -> events.succeeded(3).failed(0));
        assertThat(SEEN).hasSize(1);
        assertThat(StaticCase.toxiproxy.isRunning()).isFalse();

        SEEN.clear();
        Jupiter.run(InstanceCase.class)
                .testEvents()
                .assertStatistics(events -> events.succeeded(2).failed(0));
        assertThat(SEEN).hasSize(2);
    }

    @Test
    void isAParameterWhereATestExtendsWithIt() {
        Jupiter.run(ParameterCase.class)
                .testEvents()
                .assertStatistics(events -> events.succeeded(1).failed(0));
        assertThat(SEEN)
                .hasSize(1)
                .allSatisfy(server -> assertThatIllegalStateException().isThrownBy(server::uri));
    }

    private static ToxiproxyClient client(ToxiproxyExtension toxiproxy) {
        return new ToxiproxyClient(toxiproxy.getHost(), toxiproxy.getControlPort());
    }

    private static void see(ToxiproxyServer server) {
        if (!SEEN.contains(server)) {
            SEEN.add(server);
        }
    }

    /** As the page has it: the class without package and imports. */
    private static List<String> code() throws IOException {
        List<String> lines =
                Files.readAllLines(Path.of("src/test/java/io/github/dsqlreach/junit/after/SlowInventoryIT.java"));
        return lines.subList(lines.indexOf("public class SlowInventoryIT {"), lines.size());
    }

    @ExtendWith(Jupiter.OnlyByTheTest.class)
    static class StaticCase {
        @RegisterExtension
        static final ToxiproxyExtension toxiproxy = new ToxiproxyExtension();

        @BeforeAll
        static void before() {
            see(toxiproxy.server());
        }

        @Test
        void one() {
            see(toxiproxy.server());
        }

        @Test
        void two() {
            see(toxiproxy.server());
        }

        @Nested
        class Inner {
            @Test
            void three() {
                see(toxiproxy.server());
            }
        }
    }

    @ExtendWith(Jupiter.OnlyByTheTest.class)
    static class InstanceCase {
        @RegisterExtension
        final ToxiproxyExtension toxiproxy = new ToxiproxyExtension();

        @Test
        void one() {
            see(toxiproxy.server());
        }

        @Test
        void two() {
            see(toxiproxy.server());
        }
    }

    @ExtendWith({Jupiter.OnlyByTheTest.class, ToxiproxyExtension.class})
    static class ParameterCase {
        @BeforeAll
        static void before(ToxiproxyServer server) {
            see(server);
        }

        @Test
        void test(ToxiproxyExtension toxiproxy, ToxiproxyServer server) {
            see(server);
            assertThat(toxiproxy.server()).isSameAs(server);
        }
    }
}
