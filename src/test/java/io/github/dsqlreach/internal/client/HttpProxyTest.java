package io.github.dsqlreach.internal.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.github.dsqlreach.Background;
import io.github.dsqlreach.CiCommands;
import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.HostAndPort;
import io.github.dsqlreach.LoopbackServer;
import io.github.dsqlreach.Transport;
import io.github.dsqlreach.connect.ConnectProxy;
import io.github.dsqlreach.connect.DsqlDataSource;
import io.github.dsqlreach.local.LocalDsql;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.postgresql.Driver;

/** Which proxy it is, what it answers, and the driver through one. */
@ResourceLock(Resources.SYSTEM_PROPERTIES)
class HttpProxyTest {
    private static final HostAndPort SERVER = new HostAndPort("abc.dsql.us-east-1.on.aws", 443);
    private static final ProxySelector NONE = ProxySelector.of(null);

    @AutoClose
    private static final LocalDsql local = LocalDsql.start();

    @AfterEach
    void forgetProxy() {
        List.of("https.proxyHost", "https.proxyPort", "https.proxyUser", "https.proxyPassword", "http.nonProxyHosts")
                .forEach(System::clearProperty);
    }

    private static Optional<String> ofEnvironment(Map<String, String> environment) throws IOException {
        return HttpProxy.to(SERVER, NONE, new Properties(), environment).map(HttpProxy::toString);
    }

    @ParameterizedTest
    @CsvSource({
        "http://10.0.0.1:3128, 10.0.0.1:3128",
        "http://10.0.0.1:3128/, 10.0.0.1:3128",
        "10.0.0.1:3128, 10.0.0.1:3128",
        "http://proxy.example, proxy.example:80",
        "http://me:p%40ss@proxy.example:8080, proxy.example:8080",
        "http://[::1]:3128, [::1]:3128"
    })
    void isTheOneOfTheEnvironment(String value, String proxy) throws Exception {
        assertThat(ofEnvironment(Map.of("HTTPS_PROXY", value))).contains("proxy " + proxy);
        assertThat(ofEnvironment(Map.of("https_proxy", value))).contains("proxy " + proxy);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "*; true",
                "on.aws; true",
                ".on.aws; true",
                "*.on.aws; true",
                "localhost, .US-EAST-1.on.aws; true",
                "abc.dsql.us-east-1.on.aws:443; true",
                "abc.dsql.us-east-1.on.aws.; true",
                "abc.dsql.us-east-1.on.aws.:443; true",
                "ABC.dsql.us-east-1.ON.aws; true",
                "10.0.0.0/8,on.aws; true",
                "0.0.0.0/0; false",
                "::/0; false",
                ".; false",
                "*.; false",
                "[on.aws; false",
                "on.aws:; false",
                "on.aws:999999; false",
                "n.aws; false",
                "abc.dsql.us-east-1.on.aws:5432; false",
                "example.org; false",
                "' , '; false"
            })
    void leavesOutTheNamesOfNoProxy(String list, boolean exempt) throws Exception {
        assertThat(ofEnvironment(Map.of("HTTPS_PROXY", "http://10.0.0.1:3128", "NO_PROXY", list))
                        .isEmpty())
                .isEqualTo(exempt);
    }

    /** As curl and Go read the list; a server that is named by an address. */
    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "10.1.2.3; 10.1.2.3; true",
                "10.1.2.3; 10.1.2.3:443; true",
                "10.1.2.3; 10.1.2.3:5432; false",
                "10.1.2.3; 10.0.0.0/8; true",
                "10.1.2.3; 10.1.2.0/31; false",
                "10.1.2.3; 10.1.2.2/31; true",
                "10.1.2.3; 10.1.2.3/32; true",
                "10.1.2.3; 0.0.0.0/0; true",
                "10.1.2.3; 10.1.2.3/33; false",
                "10.1.2.3; 10.1.2.3/x; false",
                "10.1.2.3; 10.1.2.3/; false",
                "10.1.2.3; 1.2.3; false",
                "10.1.2.3; 3; false",
                "10.1.2.3; ::ffff:a01:203; true",
                "10.1.2.3; ::/0; false",
                "2001:db8::1; 2001:db8::1; true",
                "2001:db8::1; [2001:db8::1]; true",
                "2001:db8::1; [2001:db8::1]:443; true",
                "2001:db8::1; [2001:db8::1]:5432; false",
                "2001:db8::1; 2001:DB8:0:0:0:0:0:1; true",
                "2001:db8::1; 2001:db8::/32; true",
                "2001:db8::1; 2001:db9::/32; false",
                "2001:db8::1; 2001:db8::2/127; false",
                "2001:db8::1; 0.0.0.0/0; false",
                "2001:db8::1; *; true",
                "127.0.0.1; ''; true",
                "::1; ''; true",
                "localhost; ''; true"
            })
    void leavesOutTheAddressesOfNoProxy(String host, String list, boolean exempt) throws Exception {
        Map<String, String> environment = Map.of("HTTPS_PROXY", "http://10.9.9.9:3128", "NO_PROXY", list);

        assertThat(HttpProxy.to(new HostAndPort(host, 443), NONE, new Properties(), environment)
                        .isEmpty())
                .isEqualTo(exempt);
    }

    @Test
    void leavesOutAServerWhoseNameEndsWithADot() throws Exception {
        HostAndPort absolute = new HostAndPort(SERVER.host() + ".", 443);

        assertThat(HttpProxy.to(
                        absolute,
                        NONE,
                        new Properties(),
                        Map.of("HTTPS_PROXY", "http://10.0.0.1:3128", "NO_PROXY", "on.aws")))
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "https://10.0.0.1:3128",
        "socks5://10.0.0.1:1080",
        "http://me:secret-word",
        "http://me:secret-word/",
        "http://me:secret-word:3128",
        "http:me:secret-word",
        "me:secret-word",
        "//me:secret-word@10.0.0.1",
        "ftp://me:secret-word",
        "http://[me:secret-word]",
        "http://me:secret-word?x",
        "http://me:secret-word@",
        "http://me:secret-word@no host",
        "http://me:secret-word%@10.0.0.1:3128"
    })
    void isToldWhereTheEnvironmentNamesNoneThatCanBeUsed(String value) {
        assertThatThrownBy(() -> ofEnvironment(Map.of("HTTPS_PROXY", value)))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith("HTTPS_PROXY '")
                .hasMessageContaining("allowed is http://[USER:PASSWORD@]HOST:PORT")
                .hasMessageNotContaining("secret-word");
    }

    @Test
    void isTheOneOfTheSelectorFirst() throws Exception {
        ProxySelector selector = new ProxySelector() {
            @Override
            public List<Proxy> select(URI uri) {
                assertThat(uri).hasToString("https://" + SERVER + "/");
                return List.of(new Proxy(Proxy.Type.HTTP, InetSocketAddress.createUnresolved("selected", 1234)));
            }

            @Override
            public void connectFailed(URI uri, SocketAddress address, IOException e) {}
        };
        Map<String, String> environment = Map.of("HTTPS_PROXY", "http://10.0.0.1:3128");

        assertThat(HttpProxy.to(SERVER, selector, new Properties(), environment))
                .map(HttpProxy::toString)
                .contains("proxy selected:1234");
        assertThat(HttpProxy.to(SERVER, NONE, new Properties(), environment)).isPresent();
        assertThat(HttpProxy.to(SERVER, NONE, new Properties(), Map.of())).isEmpty();
    }

    private static ProxySelector selecting(String host, int port) {
        return new ProxySelector() {
            @Override
            public List<Proxy> select(URI uri) {
                return List.of(new Proxy(Proxy.Type.HTTP, InetSocketAddress.createUnresolved(host, port)));
            }

            @Override
            public void connectFailed(URI uri, SocketAddress address, IOException e) {}
        };
    }

    /** What the proxy that the selector names is sent, while the properties name one on port 3128 of 10.0.0.1. */
    private static String sentTo(String host, int port) throws Exception {
        Properties properties = new Properties();
        properties.setProperty("https.proxyHost", "proxy.example");
        properties.setProperty("https.proxyPort", "3128");
        properties.setProperty("https.proxyUser", "me");
        properties.setProperty("https.proxyPassword", "for-proxy-example");
        HttpProxy proxy = HttpProxy.to(SERVER, selecting(host, port), properties, Map.of())
                .orElseThrow();
        CompletableFuture<String> sent = new CompletableFuture<>();
        try (LoopbackServer server = new LoopbackServer((client, connection) -> {
                    byte[] bytes = new byte[4096];
                    int count = client.getInputStream().read(bytes);
                    sent.complete(new String(bytes, 0, count, StandardCharsets.US_ASCII));
                });
                Socket socket = new Socket("127.0.0.1", server.address().port())) {
            assertThatThrownBy(() -> proxy.tunnel(socket, SERVER)).isInstanceOf(IOException.class);
            return sent.get(20, TimeUnit.SECONDS);
        }
    }

    @Test
    void isGivenTheLoginOfThePropertiesOnlyWhereTheyNameIt() throws Exception {
        assertThat(sentTo("proxy.example", 3128)).contains("Proxy-Authorization: Basic ");
        assertThat(sentTo("PROXY.example", 3128)).contains("Proxy-Authorization: Basic ");
        assertThat(sentTo("proxy.example", 3129)).doesNotContain("Proxy-Authorization");
        assertThat(sentTo("other.example", 3128)).doesNotContain("Proxy-Authorization");
        assertThat(sentTo("proxy.example.attacker.example", 3128)).doesNotContain("Proxy-Authorization");
    }

    @Test
    void isToldWhereASelectorFailsOrNamesNoHost() {
        ProxySelector failing = new ProxySelector() {
            @Override
            public List<Proxy> select(URI uri) {
                throw new IllegalStateException("out of order");
            }

            @Override
            public void connectFailed(URI uri, SocketAddress address, IOException e) {}
        };

        assertThatThrownBy(() -> HttpProxy.to(SERVER, failing, new Properties(), Map.of()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("this JVM's ProxySelector failed")
                .hasMessageContaining("out of order");
        assertThatThrownBy(() -> HttpProxy.to(
                        SERVER, selecting("http://me:secret-word@proxy.example", 3128), new Properties(), Map.of()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("names 'http://***@proxy.example', which is not a host name")
                .hasMessageNotContaining("secret-word");
    }

    @Test
    void leavesOutTheNamesOfNonProxyHostsWhateverTheEnvironmentSays() throws Exception {
        System.setProperty("https.proxyHost", "10.0.0.1");
        Map<String, String> environment = Map.of("HTTPS_PROXY", "http://10.0.0.2:3128");

        assertThat(HttpProxy.to(SERVER, ProxySelector.getDefault(), System.getProperties(), environment))
                .map(HttpProxy::toString)
                .contains("proxy 10.0.0.1:443");

        System.setProperty("http.nonProxyHosts", "*.on.aws");
        assertThat(HttpProxy.to(SERVER, ProxySelector.getDefault(), System.getProperties(), environment))
                .isEmpty();
    }

    static Stream<Arguments> answers() {
        return Stream.of(
                arguments(
                        "HTTP/1.1 403 Forbidden\r\n\r\n",
                        403,
                        "does not connect to " + SERVER + ": HTTP 403 Forbidden"),
                arguments("HTTP/1.1 502 Bad Gateway\r\n\r\n", 502, "HTTP 502 Bad Gateway"),
                arguments(
                        "HTTP/1.1 407 Login\r\nProxy-Authenticate: Basic realm=\"x\"\r\n\r\n",
                        407,
                        "wants a login (HTTP 407"),
                arguments(
                        "HTTP/1.1 407 Login\r\nProxy-Authenticate: Negotiate\r\nProxy-Authenticate: NTLM\r\n\r\n",
                        407,
                        "of an unsupported kind; only Basic is supported (HTTP 407 Login; it offers Negotiate, NTLM)"),
                arguments("HTTP/1.0 401 Unauthorized\r\n\r\n", 401, "wants a login (HTTP 401 Unauthorized)"),
                arguments("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html>", 200, "with a page"),
                arguments("HTTP/1.1 302 Found\r\nLocation: http://login.example/\r\n\r\n", 302, "HTTP 302 Found"),
                arguments("SSH-2.0-OpenSSH_9.6\r\n", 0, "the answer to CONNECT is not HTTP: \"SSH-2.0"));
    }

    @ParameterizedTest
    @MethodSource("answers")
    void saysWhatItAnswersInsteadOfAWayThrough(String answer, int status, String message) throws Exception {
        try (ServerSocket proxy = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            answerOnce(proxy, answer);

            assertThatThrownBy(() -> tunnel(proxy, 20_000))
                    .isInstanceOfSatisfying(
                            HttpRefusedException.class,
                            e -> assertThat(e.status()).isEqualTo(status))
                    .hasMessageStartingWith("proxy 127.0.0.1:" + proxy.getLocalPort())
                    .hasMessageContaining(message);
        }
    }

    @Test
    void commandsNobodyByWhatItAnswers() {
        for (String text : CiCommands.texts()) {
            CiCommands.assertHarmless(new HttpRefusedException(403, text).getMessage());
        }
        assertThat(new HttpRefusedException(403, "x".repeat(100_000)).getMessage())
                .hasSizeLessThan(400);
    }

    private static void answerOnce(ServerSocket proxy, String answer) {
        Background.run(() -> {
            try (Socket socket = proxy.accept()) {
                for (int tail = 0; tail != 0x0d0a0d0a; ) {
                    tail = tail << 8 | socket.getInputStream().read();
                }
                socket.getOutputStream().write(answer.getBytes(StandardCharsets.US_ASCII));
                socket.shutdownOutput();
                socket.getInputStream().read();
            } catch (IOException e) {
                // The other side shows what came of it.
            }
        });
    }

    private static void tunnel(ServerSocket proxy, int timeout) throws IOException {
        Map<String, String> environment = Map.of("HTTPS_PROXY", "http://127.0.0.1:" + proxy.getLocalPort());
        HttpProxy found =
                HttpProxy.to(SERVER, NONE, new Properties(), environment).orElseThrow();
        try (Socket socket = new Socket(found.address().host(), found.address().port())) {
            socket.setSoTimeout(timeout);
            found.tunnel(socket, SERVER);
        }
    }

    /** Each byte comes within the time of a read, and there is no end of them. */
    @Test
    @Timeout(60)
    void givesUpOnAnAnswerThatComesByteByByte() throws Exception {
        try (ServerSocket proxy = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            CompletableFuture<Void> dripping = Background.run(() -> {
                try (Socket socket = proxy.accept()) {
                    socket.getOutputStream().write("HTTP/1.1 200 ".getBytes(StandardCharsets.US_ASCII));
                    socket.setSoTimeout(20);
                    while (isConnected(socket)) {
                        socket.getOutputStream().write('O');
                    }
                } catch (IOException e) {
                    // The other side gave up.
                }
            });

            assertThatThrownBy(() -> HttpProxy.at(HostAndPort.parse("127.0.0.1:" + proxy.getLocalPort(), 0))
                            .open(SERVER, 500))
                    .isInstanceOf(SocketTimeoutException.class);
            assertThat(dripping).succeedsWithin(Duration.ofSeconds(20));
        }
    }

    /** Waits for the socket's timeout meanwhile, or reads what it says. */
    private static boolean isConnected(Socket socket) throws IOException {
        try {
            return socket.getInputStream().read() >= 0;
        } catch (SocketTimeoutException e) {
            return true;
        }
    }

    @Test
    void tellsSilenceFromAConnectionThatWasClosed() throws Exception {
        try (ServerSocket proxy = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            assertThatThrownBy(() -> tunnel(proxy, 100))
                    .isInstanceOf(SocketTimeoutException.class)
                    .hasMessage("proxy 127.0.0.1:%d does not answer CONNECT %s", proxy.getLocalPort(), SERVER);
            proxy.accept().close();

            answerOnce(proxy, "");
            assertThatThrownBy(() -> tunnel(proxy, 20_000))
                    .hasMessage(
                            "proxy 127.0.0.1:%d closed the connection after CONNECT %s", proxy.getLocalPort(), SERVER);
        }
    }

    private static String url() {
        local.webSocketAddress();
        return "jdbc:postgresql://" + local.endpoint().host() + ":443/postgres?sslmode=disable&user=admin"
                + "&socketFactory=io.github.dsqlreach.connect.WebSocketSocketFactory"
                + "&sslrootcert=" + URLEncoder.encode(local.rootCertificate().toString(), StandardCharsets.UTF_8);
    }

    private static Connection connect() throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("password", local.token("admin"));
        return new Driver().connect(url(), properties);
    }

    @Test
    void carriesTheDriverWhichAsksItForTheClusterByName() throws Exception {
        try (ConnectProxy proxy = new ConnectProxy(local.webSocketAddress(), null)) {
            useProxy(proxy.port());
            try (Connection connection = connect()) {
                assertThat(connection.isValid(20)).isTrue();
            }
            assertThat(proxy.requests())
                    .containsExactly("CONNECT " + local.endpoint().host() + ":443 HTTP/1.1");
        }
    }

    @Test
    void carriesADataSourceOverAWebSocket() throws Exception {
        try (ConnectProxy proxy = new ConnectProxy(local.webSocketAddress(), null)) {
            useProxy(proxy.port());
            Endpoint endpoint = local.endpoint().toBuilder()
                    .transport(Transport.WEBSOCKET)
                    .connectTo(null)
                    .webSocketConnectTo(null)
                    .build();
            DataSource dataSource = DsqlDataSource.of(endpoint, local.credentialsProvider());
            try (Connection connection = dataSource.getConnection()) {
                assertThat(connection.isValid(20)).isTrue();
            }
            assertThat(proxy.requests()).hasSize(1);
        }
    }

    @Test
    void isGivenALoginThatNothingShows() throws Exception {
        try (ConnectProxy proxy = new ConnectProxy(local.webSocketAddress(), "me:open-sesame")) {
            useProxy(proxy.port());
            assertThatThrownBy(HttpProxyTest::connect).cause().hasMessageContaining("wants a login (HTTP 407");

            System.setProperty("https.proxyUser", "me");
            System.setProperty("https.proxyPassword", "open-barley");
            assertThatThrownBy(HttpProxyTest::connect).satisfies(e -> {
                StringWriter text = new StringWriter();
                e.printStackTrace(new PrintWriter(text));
                assertThat(text.toString())
                        .contains("rejects the given login")
                        .doesNotContain("open-barley", "bWU6b3Blbi1iYXJsZXk");
            });

            System.setProperty("https.proxyPassword", "open-sesame");
            try (Connection connection = connect()) {
                assertThat(connection.isValid(20)).isTrue();
            }
        }
    }

    @Test
    void isTheOneOfTheUrlAndGetsNoLoginOfAnother() throws Exception {
        useProxy(1);
        System.setProperty("https.proxyUser", "me");
        System.setProperty("https.proxyPassword", "open-sesame");
        Properties properties = new Properties();
        properties.setProperty("password", local.token("admin"));
        try (ConnectProxy open = new ConnectProxy(local.webSocketAddress(), null);
                ConnectProxy locked = new ConnectProxy(local.webSocketAddress(), "me:open-sesame")) {
            String url = url() + "&socketFactoryArg=http://127.0.0.1:";
            try (Connection connection = new Driver().connect(url + open.port(), properties)) {
                assertThat(connection.isValid(20)).isTrue();
            }
            assertThat(open.requests()).hasSize(1);
            assertThatThrownBy(() -> new Driver().connect(url + locked.port(), properties))
                    .cause()
                    .hasMessageContaining("wants a login (HTTP 407");
        }
    }

    private static void useProxy(int port) {
        System.setProperty("https.proxyHost", "127.0.0.1");
        System.setProperty("https.proxyPort", String.valueOf(port));
    }

    @Test
    void isNamedWhereItCannotBeReached() throws Exception {
        int port = LoopbackServer.nobody().port();
        useProxy(port);

        assertThatThrownBy(HttpProxyTest::connect)
                .cause()
                .hasMessageContaining("proxy 127.0.0.1:" + port + " cannot be reached: Connection refused");
    }

    @Test
    void isNamedWhereWhatItLeadsToIsSilent() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
                ConnectProxy proxy = new ConnectProxy(new HostAndPort("127.0.0.1", silent.getLocalPort()), null)) {
            useProxy(proxy.port());

            assertThatThrownBy(() -> new Driver().connect(url() + "&connectTimeout=2", new Properties()))
                    .cause()
                    .isInstanceOf(SocketTimeoutException.class)
                    .hasMessage(
                            "no answer to TLS from %s:443 through proxy 127.0.0.1:%d within 2 s",
                            local.endpoint().host(), proxy.port());
        }
    }

    @Test
    void isNotAskedWhereTheUrlSaysWhereToConnectTo() throws Exception {
        useProxy(1);
        Properties properties = new Properties();
        properties.setProperty("password", local.token("admin"));
        String tunnel = url() + "&socketFactoryArg=" + local.webSocketAddress();
        try (Connection connection = new Driver().connect(tunnel, properties)) {
            assertThat(connection.isValid(20)).isTrue();
        }
    }
}
