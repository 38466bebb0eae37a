package io.github.dsqlreach.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.github.dsqlreach.Background;
import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.LoopbackServer;
import io.github.dsqlreach.Negotiation;
import io.github.dsqlreach.Transport;
import io.github.dsqlreach.Trust;
import io.github.dsqlreach.connect.DriverProperties;
import io.github.dsqlreach.connect.DsqlDataSource;
import io.github.dsqlreach.diagnosis.ReachabilityCheck;
import io.github.dsqlreach.fault.FaultyDsql;
import io.github.dsqlreach.fault.ToxiproxySource;
import io.github.dsqlreach.internal.Rfc9525HostnameVerifier;
import io.github.dsqlreach.internal.probe.TestChain;
import io.github.dsqlreach.internal.probe.TestChain.Leaf;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Proxy;
import java.net.Socket;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.sql.DriverManager;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import javax.net.ssl.HostnameVerifier;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;
import javax.sql.DataSource;
import org.bouncycastle.asn1.x509.GeneralName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.postgresql.ssl.PGjdbcHostnameVerifier;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;

/** Every connection that may carry a token accepts the same certificates: those of RFC 9525. */
class HostnameVerificationTest {
    private static final String HOST = "fooabcdefghijklmnopqrstuvw.dsql.us-east-1.on.aws";
    private static final TestChain.Authority ROOT = TestChain.authority("Verification Test CA");
    private static final AwsCredentialsProvider CREDENTIALS =
            StaticCredentialsProvider.create(AwsBasicCredentials.create("AKIDVERIFICATION", "verificationTestKey"));

    @TempDir
    private static Path directory;

    /** A certificate, and whether it is for {@link #HOST} or the host given. */
    enum Case {
        THE_NAME(true, leaf -> leaf.names(HOST)),
        ONE_OF_SEVERAL(true, leaf -> leaf.names("other.example").names(HOST)),
        UPPER_CASE(true, leaf -> leaf.names(HOST.toUpperCase(java.util.Locale.ROOT))),
        WILDCARD(true, leaf -> leaf.names("*.dsql.us-east-1.on.aws")),
        WILDCARD_IN_UPPER_CASE(true, leaf -> leaf.names("*.DSQL.us-east-1.ON.AWS")),
        HOST_IN_UPPER_CASE(true, "FOOABCDEFGHIJKLMNOPQRSTUVW.dsql.us-east-1.on.aws", leaf -> leaf.names(HOST)),
        HOST_WITH_FINAL_DOT(true, HOST + ".", leaf -> leaf.names(HOST)),
        PUNYCODE(true, "xn--bcher-kva.example.com", leaf -> leaf.names("xn--bcher-kva.example.com")),
        PUNYCODE_BY_WILDCARD(true, "xn--bcher-kva.example.com", leaf -> leaf.names("*.example.com")),
        ADDRESS(true, "127.0.0.1", leaf -> leaf.name(GeneralName.iPAddress, "127.0.0.1")),
        IPV6_ADDRESS(true, "[::1]", leaf -> leaf.name(GeneralName.iPAddress, "0:0:0:0:0:0:0:1")),

        NO_NAME(false, leaf -> leaf.commonName("server")),
        COMMON_NAME_ONLY(false, leaf -> leaf.commonName(HOST)),
        COMMON_NAME_BESIDE_ANOTHER_NAME(false, leaf -> leaf.commonName(HOST).names("other.example")),
        OTHER_NAME(false, leaf -> leaf.names("other.example")),
        OTHER_CLUSTER(false, leaf -> leaf.names("barabcdefghijklmnopqrstuvw.dsql.us-east-1.on.aws")),
        PARENT_DOMAIN(false, leaf -> leaf.names("dsql.us-east-1.on.aws")),
        SUBDOMAIN(false, leaf -> leaf.names("a." + HOST)),
        WILDCARD_ONE_LABEL_HIGHER(false, leaf -> leaf.names("*.us-east-1.on.aws")),
        WILDCARD_TWO_LABELS_HIGHER(false, leaf -> leaf.names("*.on.aws")),
        WILDCARD_OF_THE_TOP_LEVEL(false, leaf -> leaf.names("*.aws")),
        WILDCARD_ALONE(false, leaf -> leaf.names("*")),
        WILDCARD_BELOW_THE_HOST(false, leaf -> leaf.names("*." + HOST)),
        WILDCARD_WITH_ONE_LABEL_AFTER_IT(false, "foo.example", leaf -> leaf.names("*.example")),
        TWO_WILDCARDS(false, leaf -> leaf.names("*.*.us-east-1.on.aws")),
        THREE_WILDCARDS(false, leaf -> leaf.names("*.*.*.on.aws")),
        ALL_WILDCARDS(false, leaf -> leaf.names("*.*.*.*.*")),
        WILDCARD_AFTER_A_BEGINNING(false, leaf -> leaf.names("foo*.dsql.us-east-1.on.aws")),
        WILDCARD_BEFORE_AN_END(false, leaf -> leaf.names("*vw.dsql.us-east-1.on.aws")),
        WILDCARD_IN_THE_MIDDLE(false, leaf -> leaf.names("foo*vw.dsql.us-east-1.on.aws")),
        WILDCARD_BESIDE_THE_WHOLE_LABEL(false, leaf -> leaf.names("*fooabcdefghijklmnopqrstuvw.dsql.us-east-1.on.aws")),
        DOUBLE_WILDCARD(false, leaf -> leaf.names("**.dsql.us-east-1.on.aws")),
        WILDCARD_FOR_DSQL(false, leaf -> leaf.names("fooabcdefghijklmnopqrstuvw.*.us-east-1.on.aws")),
        WILDCARD_FOR_THE_REGION(false, leaf -> leaf.names("fooabcdefghijklmnopqrstuvw.dsql.*.on.aws")),
        WILDCARDS_FOR_CLUSTER_AND_REGION(false, leaf -> leaf.names("*.dsql.*.on.aws")),
        WILDCARD_WITHOUT_A_DOT(false, leaf -> leaf.names("*dsql.us-east-1.on.aws")),
        NAME_WITH_FINAL_DOT(false, leaf -> leaf.names(HOST + ".")),
        NAME_WITH_FIRST_DOT(false, leaf -> leaf.names(".dsql.us-east-1.on.aws")),
        NAME_WITH_A_BLANK(false, leaf -> leaf.names(HOST + " ")),
        NUL_AFTER_THE_NAME(false, leaf -> leaf.names(HOST + "\0.attacker.example")),
        NUL_AT_THE_END(false, leaf -> leaf.names(HOST + "\0")),
        EMPTY_NAME(false, leaf -> leaf.commonName(HOST).names("")),
        PUNYCODE_OF_A_LOOKALIKE(false, leaf -> leaf.names("xn--" + HOST)),
        PARTIAL_WILDCARD_IN_PUNYCODE(false, "xn--bcher-kva.example.com", leaf -> leaf.names("xn--*.example.com")),
        E_MAIL(false, leaf -> leaf.name(GeneralName.rfc822Name, "admin@" + HOST)),
        URI(false, leaf -> leaf.name(GeneralName.uniformResourceIdentifier, "https://" + HOST + "/")),
        DIRECTORY_NAME(false, leaf -> leaf.name(GeneralName.directoryName, "CN=" + HOST)),
        OTHER_ADDRESS(false, "127.0.0.1", leaf -> leaf.name(GeneralName.iPAddress, "127.0.0.2")),
        ADDRESS_AS_A_DNS_NAME(false, "127.0.0.1", leaf -> leaf.names("127.0.0.1")),
        ADDRESS_AS_THE_COMMON_NAME(false, "127.0.0.1", leaf -> leaf.commonName("127.0.0.1")),
        WILDCARD_IN_AN_ADDRESS(false, "127.0.0.1", leaf -> leaf.names("*.0.0.1")),
        ADDRESS_FOR_A_NAME(false, leaf -> leaf.name(GeneralName.iPAddress, "127.0.0.1"));

        private final boolean counts;
        private final String host;
        private final TestChain chain;

        Case(boolean counts, Consumer<Leaf> certificate) {
            this(counts, HOST, certificate);
        }

        Case(boolean counts, String host, Consumer<Leaf> certificate) {
            this.counts = counts;
            this.host = host;
            this.chain = ROOT.issue(certificate);
        }
    }

    /** A kind of connection that may carry a token. */
    enum Way {
        CHECK {
            @Override
            void connect(Endpoint endpoint) {
                check(endpoint.toBuilder().negotiation(Negotiation.POSTGRES).build());
            }
        },
        CHECK_WITH_DIRECT_TLS {
            @Override
            void connect(Endpoint endpoint) {
                check(endpoint.toBuilder().negotiation(Negotiation.DIRECT).build());
            }
        },
        CHECK_OVER_WEBSOCKET {
            @Override
            void connect(Endpoint endpoint) {
                check(endpoint.over(Transport.WEBSOCKET));
            }
        },
        DATA_SOURCE {
            @Override
            void connect(Endpoint endpoint) throws Exception {
                open(DsqlDataSource.of(endpoint, CREDENTIALS));
            }
        },
        DATA_SOURCE_WITH_DIRECT_TLS {
            @Override
            void connect(Endpoint endpoint) throws Exception {
                open(DsqlDataSource.of(
                        endpoint.toBuilder().negotiation(Negotiation.DIRECT).build(), CREDENTIALS));
            }
        },
        DATA_SOURCE_OVER_WEBSOCKET {
            @Override
            void connect(Endpoint endpoint) throws Exception {
                open(DsqlDataSource.of(endpoint.over(Transport.WEBSOCKET), CREDENTIALS));
            }
        },
        DRIVER_OVER_WEBSOCKET {
            @Override
            void connect(Endpoint endpoint) throws Exception {
                DriverManager.getConnection(
                                DriverProperties.url(endpoint.over(Transport.WEBSOCKET)), "admin", "a token")
                        .close();
            }
        },
        TUNNEL {
            @Override
            void connect(Endpoint endpoint) {
                Run.of("tunnel", DriverProperties.url(endpoint.over(Transport.WEBSOCKET)), "--listen", "127.0.0.1:0");
            }
        },
        FIXTURE {
            @Override
            void connect(Endpoint endpoint) throws Exception {
                fixture(endpoint);
            }
        },
        FIXTURE_OVER_WEBSOCKET {
            @Override
            void connect(Endpoint endpoint) throws Exception {
                fixture(endpoint.over(Transport.WEBSOCKET));
            }
        };

        /** Connects, and fails at the latest when the server closes the connection after the first bytes in TLS. */
        abstract void connect(Endpoint endpoint) throws Exception;

        private static void check(Endpoint endpoint) {
            ReachabilityCheck.of(endpoint)
                    .credentials(CREDENTIALS)
                    .experiments(false)
                    .timeout(Duration.ofSeconds(20))
                    .run();
        }

        private static void open(DataSource dataSource) throws Exception {
            dataSource.getConnection().close();
        }

        private static void fixture(Endpoint endpoint) throws Exception {
            try (FaultyDsql faulty = FaultyDsql.builder(endpoint)
                    .toxiproxy(ToxiproxySource.inJvm())
                    .credentials(CREDENTIALS)
                    .start()) {
                DriverManager.getConnection(faulty.jdbcUrl()).close();
            }
        }
    }

    /** What a server hears that shows a certificate: the bytes that the client sends when the handshake is over. */
    private static final class Server implements AutoCloseable {
        private final SSLContext context;
        private final LoopbackServer server;
        private final AtomicInteger heard = new AtomicInteger();
        private final CompletableFuture<Void> over = new CompletableFuture<>();

        Server(TestChain chain) throws Exception {
            context = chain.serverContext();
            server = new LoopbackServer((client, connection) -> serve(client));
        }

        private void serve(Socket client) throws IOException {
            try {
                InputStream in = client.getInputStream();
                byte[] first = in.readNBytes(1);
                if (first[0] == 0) { // an SSLRequest
                    in.readNBytes(7);
                    client.getOutputStream().write('S');
                    first = new byte[0];
                }
                SSLSocket encrypted = (SSLSocket)
                        context.getSocketFactory().createSocket(client, new ByteArrayInputStream(first), true);
                encrypted.setHandshakeApplicationProtocolSelector((s, names) -> names.isEmpty() ? "" : names.get(0));
                encrypted.startHandshake();
                heard.addAndGet(encrypted.getInputStream().readNBytes(1).length);
            } finally {
                over.complete(null);
            }
        }

        @Override
        public void close() throws IOException {
            server.close();
        }
    }

    @ParameterizedTest
    @EnumSource
    void everyConnectionAcceptsTheSameNames(Case named) throws Exception {
        Path root = ROOT.write(directory);
        Map<Way, Boolean> accepted = new TreeMap<>();
        for (Way way : Way.values()) {
            try (Server server = new Server(named.chain)) {
                Endpoint endpoint = Endpoint.builder(named.host)
                        .connectTo(server.server.address())
                        .region("us-east-1")
                        .trust(Trust.rootCertificate(root))
                        .build();
                CompletableFuture<Void> client = Background.run(() -> way.connect(endpoint));
                server.over.get(30, TimeUnit.SECONDS);
                client.handle((nothing, refused) -> nothing).get(30, TimeUnit.SECONDS);
                accepted.put(way, server.heard.get() > 0);
            }
        }

        assertThat(accepted)
                .hasSize(Way.values().length)
                .allSatisfy((way, heard) -> assertThat(heard)
                        .as("%s sends something to a server that shows %s", way, named)
                        .isEqualTo(named.counts));
    }

    /** A connection of the user's own, by a URL, is verified by the driver: it accepts whatever the check accepts. */
    @ParameterizedTest
    @EnumSource(
            mode = EnumSource.Mode.EXCLUDE,
            names = {"HOST_WITH_FINAL_DOT", "IPV6_ADDRESS"})
    void theDriversOwnVerifierAcceptsWhatCounts(Case named) {
        SSLSession session = (SSLSession) Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {SSLSession.class},
                (proxy, method, arguments) -> named.chain.certificates().toArray(X509Certificate[]::new));

        assertThat(!named.counts || PGjdbcHostnameVerifier.INSTANCE.verify(named.host, session))
                .isTrue();
    }

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("io.github.dsqlreach");

    /** Each class that opens TLS or lets the driver log in, with what tests its connections above, or why nothing does. */
    private static final Map<String, String> USERS_OF_TLS = Map.of(
            "internal.probe.TlsHandshake", "CHECK, CHECK_WITH_DIRECT_TLS, CHECK_OVER_WEBSOCKET",
            "internal.probe.Session", "logs in over the connection that TlsHandshake verified",
            "connect.WebSocketSocketFactory", "DATA_SOURCE_OVER_WEBSOCKET, DRIVER_OVER_WEBSOCKET, TUNNEL",
            "connect.DsqlDataSource", "DATA_SOURCE, DATA_SOURCE_WITH_DIRECT_TLS, FIXTURE",
            "toxiproxy.Interceptor",
                    "simulates a man in the middle: clients must not trust it, and it verifies nobody");

    @Test
    void noOtherClassOpensTls() {
        Map<String, String> users = new TreeMap<>();
        for (JavaClass type : CLASSES) {
            // LocalDsql is a server, and connects to its own PostgreSQL on loopback without a token.
            type.getAccessesFromSelf().stream()
                    .filter(access -> !type.getPackageName().endsWith(".local"))
                    .filter(HostnameVerificationTest::opensTls)
                    .forEach(access -> users.put(topLevel(type), access.getDescription()));
        }

        assertThat(users).containsOnlyKeys(USERS_OF_TLS.keySet());
    }

    private static boolean opensTls(JavaAccess<?> access) {
        String owner = access.getTargetOwner().getName();
        String name = access.getName();
        return owner.equals("javax.net.ssl.SSLContext")
                        && (name.equals("createSSLEngine")
                                || name.equals("getSocketFactory")
                                || name.equals("getDefault"))
                || owner.equals("javax.net.ssl.SSLSocketFactory")
                || owner.startsWith("javax.net.ssl.Https")
                || owner.startsWith("java.net.http.")
                || name.equals("setEndpointIdentificationAlgorithm")
                || owner.equals("java.sql.DriverManager")
                || owner.startsWith("org.postgresql.ds.")
                || owner.equals("org.postgresql.Driver") && name.equals("connect");
    }

    private static String topLevel(JavaClass type) {
        return type.getName().replaceFirst("^io\\.github\\.dsqlreach\\.", "").replaceFirst("\\$.*", "");
    }

    @Test
    void thereIsOneVerifierOfHostNames() {
        assertThat(CLASSES.stream().filter(type -> type.isAssignableTo(HostnameVerifier.class)))
                .extracting(JavaClass::getName)
                .containsExactly(Rfc9525HostnameVerifier.class.getName());
        assertThat(CLASSES.stream()
                        .filter(type -> type.getDirectDependenciesFromSelf().stream()
                                .anyMatch(dependency -> dependency
                                        .getTargetClass()
                                        .getName()
                                        .equals(PGjdbcHostnameVerifier.class.getName()))))
                .isEmpty();
    }
}
