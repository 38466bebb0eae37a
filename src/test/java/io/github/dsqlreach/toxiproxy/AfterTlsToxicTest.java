package io.github.dsqlreach.toxiproxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import eu.rekawek.toxiproxy.Proxy;
import eu.rekawek.toxiproxy.ToxiproxyClient;
import io.github.dsqlreach.local.LocalDsql;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.List;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(30)
class AfterTlsToxicTest {
    private static final byte[] SSL_REQUEST = {0, 0, 0, 8, 0x04, (byte) 0xd2, 0x16, 0x2f};
    /** User {@code admin}, after length and version 3.0. */
    private static final byte[] STARTUP = ("\0\0\0\u0014\0\3\0\0user\0admin\0\0").getBytes(StandardCharsets.ISO_8859_1);

    @AutoClose
    private static final LocalDsql cluster = LocalDsql.start();

    @AutoClose
    private static final ToxiproxyServer server = ToxiproxyServer.start();

    @ParameterizedTest
    @CsvSource({"TLSv1.2, true", "TLSv1.2, false", "TLSv1.3, true", "TLSv1.3, false"})
    void actsOnTheFirstMessageAfterTheHandshake(String protocol, boolean sslRequest) throws Exception {
        Proxy proxy = proxyWith(1, "reset");
        try (SSLSocket socket = connect(proxy, protocol, sslRequest)) {
            assertThatThrownBy(() -> {
                        startUp(socket);
                        socket.getInputStream().read();
                    })
                    .satisfiesAnyOf(
                            e -> assertThat(e).isInstanceOf(SocketException.class),
                            e -> assertThat(e)
                                    .isInstanceOf(SSLException.class)
                                    .hasRootCauseInstanceOf(SocketException.class));
        }
    }

    @ParameterizedTest
    @CsvSource({"TLSv1.2, true", "TLSv1.2, false", "TLSv1.3, true", "TLSv1.3, false"})
    void letsEarlierMessagesThrough(String protocol, boolean sslRequest) throws Exception {
        Proxy proxy = proxyWith(2, "silence");
        try (SSLSocket socket = connect(proxy, protocol, sslRequest)) {
            startUp(socket);
            InputStream in = socket.getInputStream();
            assertThat(in.read()).as("a request for authentication").isEqualTo('R');
            in.readNBytes(8);
            socket.getOutputStream().write("p\0\0\0\6x\0".getBytes(StandardCharsets.ISO_8859_1));
            socket.getOutputStream().flush();
            socket.setSoTimeout(200);
            assertThatThrownBy(in::read).isInstanceOf(SocketTimeoutException.class);
        }
    }

    @Test
    void letsWhatIsNoTlsThrough() throws Exception {
        try (Upstream echo = Upstream.echo()) {
            Proxy proxy = client().createProxy("echo", "127.0.0.1:0", "127.0.0.1:" + echo.port());
            addToxic(proxy, 1, "reset");
            try (Socket socket = new Socket("127.0.0.1", port(proxy))) {
                socket.setSoTimeout(5_000);
                socket.getOutputStream().write("hello".getBytes(StandardCharsets.US_ASCII));
                assertThat(socket.getInputStream().readNBytes(5)).asString().isEqualTo("hello");
            }
            proxy.delete();
        }
    }

    @Test
    void refusesAttributesThatMakeNoSense() throws Exception {
        Proxy proxy = client().createProxy("unused", "127.0.0.1:0", "127.0.0.1:1");
        assertThat(addToxic(proxy, 0, "reset").body()).contains("message must be 1 or more, not 0");
        assertThat(addToxic(proxy, 1, "explode").body()).contains("then must be one of reset, close, silence");
        proxy.delete();
    }

    private static ToxiproxyClient client() {
        return new ToxiproxyClient(server.host(), server.port());
    }

    private static Proxy proxyWith(int message, String then) throws Exception {
        String name = "p" + java.util.UUID.randomUUID();
        Proxy proxy =
                client().createProxy(name, "127.0.0.1:0", cluster.address().toString());
        assertThat(addToxic(proxy, message, then).statusCode()).isEqualTo(200);
        return proxy;
    }

    private static HttpResponse<String> addToxic(Proxy proxy, int message, String then) throws Exception {
        URI uri = server.uri().resolve("/proxies/" + proxy.getName() + "/toxics");
        String body = "{\"type\": \"after_tls\", \"stream\": \"upstream\", \"attributes\": {\"message\": " + message
                + ", \"then\": \"" + then + "\"}}";
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(uri)
                                .POST(HttpRequest.BodyPublishers.ofString(body))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
    }

    private static int port(Proxy proxy) {
        return Integer.parseInt(proxy.getListen().substring(proxy.getListen().lastIndexOf(':') + 1));
    }

    private static SSLSocket connect(Proxy proxy, String protocol, boolean sslRequest) throws Exception {
        Socket plain = new Socket("127.0.0.1", port(proxy));
        plain.setSoTimeout(5_000);
        if (sslRequest) {
            plain.getOutputStream().write(SSL_REQUEST);
            assertThat(plain.getInputStream().read()).isEqualTo('S');
        }
        String host = cluster.endpoint().host();
        SSLSocket socket = (SSLSocket) trusting().getSocketFactory().createSocket(plain, host, 5432, true);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setServerNames(List.of(new SNIHostName(host)));
        parameters.setProtocols(new String[] {protocol});
        if (!sslRequest) {
            parameters.setApplicationProtocols(new String[] {"postgresql"});
        }
        socket.setSSLParameters(parameters);
        socket.startHandshake();
        assertThat(socket.getSession().getProtocol()).isEqualTo(protocol);
        return socket;
    }

    private static void startUp(SSLSocket socket) throws Exception {
        OutputStream out = socket.getOutputStream();
        out.write(STARTUP);
        out.flush();
    }

    private static SSLContext trusting() throws Exception {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        try (InputStream in = Files.newInputStream(cluster.rootCertificate())) {
            store.setCertificateEntry(
                    "root", CertificateFactory.getInstance("X.509").generateCertificate(in));
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }
}
