package io.github.dsqlreach.toxiproxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import eu.rekawek.toxiproxy.Proxy;
import eu.rekawek.toxiproxy.ToxiproxyClient;
import io.github.dsqlreach.Background;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The toxics that Shopify's server lacks. */
class OwnToxicsTest {
    private static final Duration A_WHILE = Duration.ofMillis(150);
    private static final byte[] SSL_REQUEST = PostgresRequest.SSL_REQUEST.bytes();

    @AutoClose
    private final ToxiproxyServer server = ToxiproxyServer.start();

    @AutoClose
    private final Upstream upstream = Upstream.manual();

    private Proxy proxy;

    @BeforeEach
    void start() throws Exception {
        proxy = new ToxiproxyClient(server.host(), server.port()).createProxy("p", "127.0.0.1:0", upstream.address());
    }

    private RawApi.Answer toxic(String type, String attributes) throws Exception {
        return new RawApi(server.uri()).post("/proxies/p/toxics", """
                        {"type": "%s", "stream": "upstream", "attributes": {%s}}""".formatted(type, attributes));
    }

    private void match(String attributes) throws Exception {
        RawApi.Answer answer = toxic("match", attributes);
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    }

    /** The client library knows only the types it was built with. */
    private void remove(String toxic) throws Exception {
        assertThat(new RawApi(server.uri()).delete("/proxies/p/toxics/" + toxic).status())
                .isEqualTo(204);
    }

    static byte[] hello(String name, String... protocols) throws Exception {
        SSLEngine engine = SSLContext.getDefault().createSSLEngine();
        engine.setUseClientMode(true);
        SSLParameters parameters = engine.getSSLParameters();
        parameters.setServerNames(List.of(new SNIHostName(name)));
        parameters.setApplicationProtocols(protocols);
        engine.setSSLParameters(parameters);
        ByteBuffer out = ByteBuffer.allocate(32 << 10);
        engine.wrap(ByteBuffer.allocate(0), out);
        byte[] bytes = new byte[out.flip().remaining()];
        out.get(bytes);
        return bytes;
    }

    /** The same handshake message in records of a few bytes each. */
    private static byte[] inTinyRecords(byte[] hello) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int at = 5; at < hello.length; at += 50) {
            int length = Math.min(50, hello.length - at);
            out.writeBytes(new byte[] {22, 3, 1, 0, (byte) length});
            out.write(hello, at, length);
        }
        return out.toByteArray();
    }

    private void assertPasses(byte[] bytes) throws Exception {
        try (Wire wire = Wire.to(proxy);
                Socket socket = upstream.accepted()) {
            wire.send(bytes);
            assertThat(socket.getInputStream().readNBytes(bytes.length)).isEqualTo(bytes);
            socket.getOutputStream().write("ok".getBytes());
            assertThat(wire.receive(2)).isEqualTo("ok");
        }
    }

    private String whatComesOf(byte[] bytes) throws Exception {
        try (Wire wire = Wire.to(proxy);
                Socket reached = upstream.accepted()) {
            assertThat(reached.isConnected()).isTrue();
            return wire.send(bytes).next();
        }
    }

    @Test
    void resetsOnTheSslRequestButLetsDirectTlsPass() throws Exception {
        match("\"on\": \"ssl_request\", \"then\": \"reset\"");
        assertThat(whatComesOf(SSL_REQUEST)).isEqualTo("RST");
        assertPasses(hello("a.test"));
    }

    @Test
    void resetsOnTheClientHelloAfterTheSslRequest() throws Exception {
        match("\"on\": \"client_hello\", \"then\": \"reset\"");
        try (Wire wire = Wire.to(proxy)) {
            Socket socket = upstream.accepted();
            wire.send(SSL_REQUEST);
            assertThat(socket.getInputStream().readNBytes(8)).isEqualTo(SSL_REQUEST);
            socket.getOutputStream().write('S');
            assertThat(wire.receive(1)).isEqualTo("S");
            assertThat(wire.send(hello("a.test")).next()).isEqualTo("RST");
            assertThatThrownBy(() -> socket.getInputStream().read()).isInstanceOf(IOException.class);
        }
    }

    @Test
    void resetsOnADirectClientHello() throws Exception {
        match("\"on\": \"client_hello\", \"then\": \"reset\"");
        assertThat(whatComesOf(hello("a.test"))).isEqualTo("RST");
    }

    @Test
    void readsBytesThatComeOneByOne() throws Exception {
        match("\"on\": \"sni\", \"value\": \"a.test\", \"then\": \"close\"");
        try (Wire wire = Wire.to(proxy)) {
            Socket socket = upstream.accepted();
            for (byte b : SSL_REQUEST) {
                wire.send(new byte[] {b});
            }
            assertThat(socket.getInputStream().readNBytes(8)).isEqualTo(SSL_REQUEST);
            byte[] hello = hello("a.test");
            for (int i = 0; i < hello.length - 1; i++) {
                wire.send(new byte[] {hello[i]});
            }
            assertThat(wire.next(A_WHILE)).isEqualTo("silence");
            wire.send(new byte[] {hello[hello.length - 1]});
            assertThat(wire.next()).isEqualTo("FIN");
            assertThat(socket.getInputStream().readAllBytes()).isEmpty();
        }
    }

    @Test
    void readsAClientHelloInManyRecords() throws Exception {
        match("\"on\": \"sni\", \"value\": \"a.test\", \"then\": \"close\"");
        assertThat(whatComesOf(inTinyRecords(hello("a.test")))).isEqualTo("FIN");
        assertPasses(inTinyRecords(hello("b.test")));
    }

    @Test
    void matchesNamesExactlyOrBySuffix() throws Exception {
        match("\"on\": \"sni\", \"value\": \"*.dsql.TEST\", \"then\": \"close\"");
        assertThat(whatComesOf(hello("abc.Dsql.test"))).isEqualTo("FIN");
        assertPasses(hello("abc.other.test"));
        remove("match_upstream");
        match("\"on\": \"sni\", \"value\": \"abc.test\", \"then\": \"close\"");
        assertThat(whatComesOf(hello("abc.test"))).isEqualTo("FIN");
        assertPasses(hello("xabc.test"));
    }

    @Test
    void matchesTheApplicationProtocol() throws Exception {
        match("\"on\": \"alpn\", \"value\": \"postgresql\", \"then\": \"close\"");
        assertThat(whatComesOf(hello("a.test", "http/1.1", "postgresql"))).isEqualTo("FIN");
        assertPasses(hello("a.test", "http/1.1"));
        assertPasses(hello("a.test"));
    }

    @Test
    void matchesAStartupInClearText() throws Exception {
        match("\"on\": \"startup\", \"then\": \"close\"");
        byte[] startup = {0, 0, 0, 9, 0, 3, 0, 0, 0};
        assertThat(whatComesOf(startup)).isEqualTo("FIN");
        assertPasses(hello("a.test"));
    }

    @Test
    void fallsSilent() throws Exception {
        match("\"on\": \"client_hello\", \"then\": \"silence\"");
        try (Wire wire = Wire.to(proxy)) {
            assertThat(wire.send(hello("a.test")).next(A_WHILE)).isEqualTo("silence");
            remove("match_upstream");
            assertThat(wire.next()).as("bytes were lost").isEqualTo("FIN");
        }
    }

    @Test
    void answersATlsAlert() throws Exception {
        match("\"on\": \"client_hello\", \"then\": \"tls_alert\", \"alert\": \"unrecognized_name\"");
        try (Wire wire = Wire.to(proxy)) {
            wire.send(hello("a.test"));
            assertThat(wire.receiveAll()).containsExactly(21, 3, 3, 0, 2, 2, 112);
        }
        assertThatThrownBy(() -> handshake(false, "a.test", null))
                .isInstanceOf(SSLHandshakeException.class)
                .hasMessageContaining("unrecognized_name");
    }

    @Test
    void answersABlockPage() throws Exception {
        match("\"on\": \"ssl_request\", \"then\": \"http_block_page\"");
        try (Wire wire = Wire.to(proxy)) {
            wire.send(SSL_REQUEST);
            assertThat(wire.receiveAll())
                    .asString()
                    .startsWith("HTTP/1.1 403 Forbidden\r\n")
                    .contains("<html>");
        }
    }

    @Test
    void waitsBeforeItActs() throws Exception {
        match("\"on\": \"ssl_request\", \"then\": \"close\", \"delay\": 250");
        try (Wire wire = Wire.to(proxy)) {
            wire.send(SSL_REQUEST);
            assertThat(wire.next(A_WHILE)).isEqualTo("silence");
            assertThat(wire.next()).isEqualTo("FIN");
        }
    }

    /** Too little to tell whether it is TLS. */
    @Test
    void anInterceptorLetsPassWhatItHeldWhenTheClientHasSaidAll() throws Exception {
        assertThat(toxic("intercept", "").status()).isEqualTo(200);
        try (Wire wire = Wire.to(proxy);
                Socket socket = upstream.accepted()) {
            wire.send(new byte[] {0, 0, 0}).socket().shutdownOutput();
            assertThat(socket.getInputStream().readAllBytes()).containsExactly(0, 0, 0);
        }
    }

    @Test
    void letsPassWhatItHeldWhenItIsRemoved() throws Exception {
        match("\"on\": \"ssl_request\", \"then\": \"close\", \"delay\": 60000");
        try (Wire wire = Wire.to(proxy)) {
            Socket socket = upstream.accepted();
            wire.send(SSL_REQUEST);
            assertThat(wire.next(A_WHILE)).isEqualTo("silence");
            remove("match_upstream");
            assertThat(socket.getInputStream().readNBytes(8)).isEqualTo(SSL_REQUEST);
        }
    }

    @Test
    void letsOtherProtocolsAndBrokenHellosPass() throws Exception {
        match("\"on\": \"sni\", \"value\": \"*\", \"then\": \"reset\"");
        assertPasses("GET / HTTP/1.1\r\n\r\n".getBytes());
        assertPasses(new byte[] {22, 3, 1, 0, 6, 1, 0, 0, 2, 3, 3});
        byte[] broken = hello("a.test");
        java.util.Arrays.fill(broken, 60, broken.length, (byte) 0xff);
        assertPasses(broken);
        byte[] endless = new byte[100_000];
        for (int at = 0; at < endless.length; at += 5) {
            System.arraycopy(new byte[] {22, 3, 1, 0, 0}, 0, endless, at, 5);
        }
        assertPasses(endless);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "\"on\": \"sni\", \"then\": \"reset\"",
                "\"on\": \"ssl_request\"",
                "\"on\": \"ssl_request\", \"then\": \"explode\"",
                "\"on\": \"full_moon\", \"then\": \"reset\"",
                "\"on\": \"ssl_request\", \"then\": \"tls_alert\", \"alert\": \"red\"",
                "\"on\": null, \"then\": \"reset\"",
                "\"on\": {}, \"then\": \"reset\""
            })
    void refusesAttributesThatMakeNoSense(String attributes) throws Exception {
        RawApi.Answer answer = toxic("match", attributes);
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.string("error")).startsWith("bad request body: ");
    }

    @Test
    void refusesTheWrongStream() throws Exception {
        RawApi.Answer answer = new RawApi(server.uri())
                .post(
                        "/proxies/p/toxics",
                        "{\"type\": \"match\", \"attributes\": {\"on\": \"ssl_request\", \"then\": \"reset\"}}");
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.string("error")).contains("stream must be upstream");
    }

    // Interception

    /** Connects through the proxy; with a given store only what it knows is trusted, else only the JVM's authorities. */
    private SSLSocket handshake(boolean sslRequest, String name, KeyStore trusted) throws Exception {
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        Socket socket = Wire.to(proxy).socket();
        if (sslRequest) {
            socket.getOutputStream().write(SSL_REQUEST);
            assertThat(socket.getInputStream().read()).isEqualTo('S');
        }
        SSLSocket tls = (SSLSocket) context.getSocketFactory().createSocket(socket, name, 5432, true);
        SSLParameters parameters = tls.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        parameters.setApplicationProtocols(new String[] {"postgresql"});
        tls.setSSLParameters(parameters);
        try {
            tls.startHandshake();
        } catch (IOException e) {
            tls.close();
            throw e;
        }
        return tls;
    }

    private static KeyStore store(InterceptCertificates.KeyAndChain keys) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry("it", keys.key(), "secret".toCharArray(), keys.chain());
        return store;
    }

    private static KeyStore trusting(Certificate root) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setCertificateEntry("root", root);
        return store;
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void interceptsWithACertificateThatNobodyTrusts(boolean sslRequest) throws Exception {
        assertThat(toxic("intercept", "").status()).isEqualTo(200);
        assertThatThrownBy(() -> handshake(sslRequest, "a.test", null))
                .isInstanceOf(SSLHandshakeException.class)
                .hasMessageContaining("unable to find valid certification path");
    }

    @Test
    void interceptsForTheNameThatIsAskedFor() throws Exception {
        X509Certificate leaf = InterceptCertificates.make(ToxicDefinition.Certificate.OTHER_CA, "a.test")
                .chain()[0];
        assertThat(leaf.getSubjectAlternativeNames().toString()).contains("a.test");
        leaf.checkValidity();
        X509Certificate expired = InterceptCertificates.make(ToxicDefinition.Certificate.EXPIRED, "a.test")
                .chain()[0];
        assertThatThrownBy(expired::checkValidity).isInstanceOf(java.security.cert.CertificateExpiredException.class);
        X509Certificate wrong = InterceptCertificates.make(ToxicDefinition.Certificate.WRONG_NAME, "a.test")
                .chain()[0];
        assertThat(wrong.getSubjectAlternativeNames().toString()).doesNotContain("a.test");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void goesOnToTheUpstreamWhenTheClientTrustsIt(boolean sslRequest, @TempDir Path temp) throws Exception {
        InterceptCertificates.KeyAndChain keys =
                InterceptCertificates.make(ToxicDefinition.Certificate.OTHER_CA, "a.test");
        Path file = temp.resolve("proxy.p12");
        try (var out = Files.newOutputStream(file)) {
            store(keys).store(out, "secret".toCharArray());
        }
        RawApi.Answer answer = toxic("intercept", "\"pkcs12\": \"%s\", \"password\": \"secret\"".formatted(file));
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);

        CompletableFuture<String> served = Background.call(() -> serveTls(sslRequest));
        try (SSLSocket client = handshake(sslRequest, "a.test", trusting(keys.chain()[1]))) {
            assertThat(client.getApplicationProtocol()).isEqualTo("postgresql");
            client.getOutputStream().write("hello".getBytes());
            assertThat(client.getInputStream().readNBytes(5)).asString().isEqualTo("HELLO");
        }
        assertThat(served.join()).isEqualTo("a.test postgresql");
    }

    /** The real server: answers in capitals, and tells the SNI and ALPN it was asked for. */
    private String serveTls(boolean sslRequest) {
        try {
            upstream.accepted(); // The link's own, given up when the client's TLS is diverted.
            Socket socket = upstream.accepted();
            if (sslRequest) {
                assertThat(socket.getInputStream().readNBytes(8)).isEqualTo(SSL_REQUEST);
                socket.getOutputStream().write('S');
            }
            KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            factory.init(
                    store(InterceptCertificates.make(ToxicDefinition.Certificate.OTHER_CA, "real")),
                    "secret".toCharArray());
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(factory.getKeyManagers(), null, null);
            try (SSLSocket tls = (SSLSocket) context.getSocketFactory().createSocket(socket, null, true)) {
                SSLParameters parameters = tls.getSSLParameters();
                parameters.setApplicationProtocols(new String[] {"postgresql"});
                tls.setSSLParameters(parameters);
                tls.startHandshake();
                byte[] read = tls.getInputStream().readNBytes(5);
                tls.getOutputStream().write(new String(read).toUpperCase().getBytes());
                var names = ((javax.net.ssl.ExtendedSSLSession) tls.getSession()).getRequestedServerNames();
                return ((SNIHostName) names.get(0)).getAsciiName() + " " + tls.getApplicationProtocol();
            }
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void interceptsNothingButTls() throws Exception {
        assertThat(toxic("intercept", "").status()).isEqualTo(200);
        assertPasses("GET / HTTP/1.1\r\n\r\n".getBytes());
    }

    @Test
    void refusesAKeyStoreThatIsNotThere() throws Exception {
        RawApi.Answer answer = toxic("intercept", "\"pkcs12\": \"/nowhere/at/all.p12\"");
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.string("error")).contains("/nowhere/at/all.p12");
    }
}
