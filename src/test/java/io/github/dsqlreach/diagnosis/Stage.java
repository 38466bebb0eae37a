package io.github.dsqlreach.diagnosis;

import com.google.gson.JsonParser;
import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.HostAndPort;
import io.github.dsqlreach.LoopbackServer;
import io.github.dsqlreach.Negotiation;
import io.github.dsqlreach.local.LocalDsql;
import io.github.dsqlreach.local.TestCertificateAuthority;
import io.github.dsqlreach.toxiproxy.ToxiproxyServer;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;

/** What all scenarios share: a cluster, a Toxiproxy, a certificate authority that the endpoint trusts. */
final class Stage implements AutoCloseable {
    static final String HOST = "corpus.dsql.us-east-1.on.aws";
    static final String API_HOST = "dsql.us-east-1.api.aws";
    /** Long enough for a busy machine, short enough for many scenarios of silence. */
    static final Duration TIMEOUT = Duration.ofSeconds(2);

    final TestCertificateAuthority authority = TestCertificateAuthority.create("Corpus Test CA");
    final TestCertificateAuthority stranger = TestCertificateAuthority.create("Corpus Inspecting Proxy CA");
    final LocalDsql cluster = LocalDsql.builder()
            .clusterId("corpus")
            .certificate(authority.issue(HOST))
            .start();
    final SSLContext trusted = authority.issue(HOST).serverContext();
    private final SSLContext api = authority.issue(API_HOST).serverContext();
    private final ToxiproxyServer toxiproxy = ToxiproxyServer.start();
    private final AtomicInteger names = new AtomicInteger();

    Stage() throws SQLException {
        cluster.createRole("app");
    }

    /** What one scenario sets up; it is gone when the scenario is over. */
    final class Scene implements AutoCloseable {
        private final Deque<AutoCloseable> open = new ArrayDeque<>();
        private final Duration timeout;

        private Scene(Duration timeout) {
            this.timeout = timeout;
        }

        Stage stage() {
            return Stage.this;
        }

        <T extends AutoCloseable> T keep(T resource) {
            open.push(resource);
            return resource;
        }

        HostAndPort server(LoopbackServer.Talk talk) throws IOException {
            return keep(new LoopbackServer(talk)).address();
        }

        HostAndPort middlebox(Middlebox.Program program) throws IOException {
            return keep(Middlebox.before(cluster.address(), program)).address();
        }

        /** A door of its own to the shared cluster, with the same name. */
        LocalDsql.Builder door() {
            return LocalDsql.builder()
                    .inFrontOf(cluster)
                    .clusterId("corpus")
                    .certificate(authority.issue(HOST))
                    .credentials(cluster.credentialsProvider().resolveCredentials());
        }

        /** A TLS server that stands for the regional AWS API. */
        HostAndPort api() throws IOException {
            return server(Talks.tls(api));
        }

        /** The regional AWS API behind a device. */
        HostAndPort api(Middlebox.Program program) throws IOException {
            return keep(Middlebox.before(api(), program)).address();
        }

        /** A Toxiproxy in front of the cluster. */
        HostAndPort toxics(String... toxics) throws IOException {
            String proxy = "corpus" + names.getAndIncrement();
            String created = post(
                    "/proxies",
                    "{\"name\":\"" + proxy + "\",\"listen\":\"127.0.0.1:0\",\"upstream\":\"" + cluster.address()
                            + "\"}");
            for (String toxic : toxics) {
                post("/proxies/" + proxy + "/toxics", toxic.replace('\'', '"'));
            }
            return HostAndPort.parse(
                    JsonParser.parseString(created)
                            .getAsJsonObject()
                            .get("listen")
                            .getAsString(),
                    0);
        }

        private String post(String path, String body) throws IOException {
            HttpURLConnection connection = (HttpURLConnection)
                    URI.create(toxiproxy.uri() + path).toURL().openConnection();
            connection.setRequestMethod("POST");
            connection.setDoOutput(true);
            connection.getOutputStream().write(body.getBytes(StandardCharsets.UTF_8));
            if (connection.getResponseCode() >= 300) {
                throw new IOException(path + " " + body + ": " + connection.getResponseCode() + " "
                        + new String(connection.getErrorStream().readAllBytes(), StandardCharsets.UTF_8));
            }
            return new String(connection.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }

        /** The cluster's endpoint, over that address. */
        Endpoint.Builder over(HostAndPort address) {
            // Without the WebSocket, whatever other scenarios asked the cluster for.
            return cluster.endpoint().toBuilder().connectTo(address).webSocketConnectTo(null);
        }

        ReachabilityCheck check(HostAndPort address) {
            return check(over(address));
        }

        ReachabilityCheck direct(HostAndPort address) {
            return check(over(address).negotiation(Negotiation.DIRECT));
        }

        ReachabilityCheck check(Endpoint.Builder endpoint) {
            return ReachabilityCheck.of(endpoint.build()).timeout(timeout).credentials(cluster.credentialsProvider());
        }

        @Override
        public void close() {
            while (!open.isEmpty()) {
                try {
                    open.pop().close();
                } catch (Exception e) {
                    throw new IllegalStateException("cannot clear the scene", e);
                }
            }
        }
    }

    Scene scene() {
        return scene(TIMEOUT);
    }

    /** A scene whose checks have that much time. */
    Scene scene(Duration timeout) {
        return new Scene(timeout);
    }

    @Override
    public void close() {
        toxiproxy.close();
        cluster.close();
    }
}
