package io.github.dsqlreach.ground;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.github.dsqlreach.HostAndPort;
import io.github.dsqlreach.local.LocalDsql;
import io.github.dsqlreach.local.Refusal;
import io.github.dsqlreach.local.TestCertificateAuthority;
import io.github.dsqlreach.local.TestCertificateAuthority.Leaf;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;

/**
 * Everything beyond the firewalls, in a namespace and a JVM of its own, which ends with its input. Clusters are
 * {@link LocalDsql}s, which listen on loopback: the kernel leads each server's address to its port.
 */
final class World {
    static final String CLUSTER_ID = "abcdefghijklmnopqrstuvwx23";
    static final String REGION = "us-east-1";
    static final String HOST = CLUSTER_ID + ".dsql." + REGION + ".on.aws";
    static final String API_HOST = "dsql." + REGION + ".api.aws";
    static final String ACCESS_KEY = "ASIAPROVINGGROUND001";
    static final String SECRET_KEY = "a-secret-key-of-the-proving-ground-00001";
    /** As long as those of real assumed roles: the token then fills more than one packet. */
    static final String SESSION_TOKEN = "FwoGZXIvYXdzE".repeat(110);

    private final Path directory;
    private final TestCertificateAuthority authority = TestCertificateAuthority.create("Ground Root CA");
    private final HostAndPort postgres;

    private World(Path directory) throws IOException {
        this.directory = directory;
        EmbeddedPostgres server = EmbeddedPostgres.builder().start();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> close(server)));
        this.postgres = new HostAndPort("127.0.0.1", server.getPort());
    }

    /** @param arguments a directory, and the servers that are wanted */
    public static void main(String[] arguments) throws Exception {
        World world = new World(Path.of(arguments[0]));
        Files.writeString(world.directory.resolve("postgres.port"), String.valueOf(world.postgres.port()));
        world.strangeCertificates();
        Files.writeString(
                world.directory.resolve("root.pem"),
                world.authority.pem() + Files.readString(world.directory.resolve("strange-root.pem")));
        Leaf good = world.good();
        Set<Server> wanted =
                new TreeSet<>(List.of(Server.CLUSTER, Server.CLUSTER_TOO, Server.CLUSTER_PRIVATE, Server.API));
        for (int i = 1; i < arguments.length; i++) {
            wanted.add(Server.valueOf(arguments[i]));
        }
        for (Server server : wanted) {
            world.serve(server, good);
        }
        System.out.println("ready");
        while (System.in.read() >= 0) {}
        System.exit(0);
    }

    private void serve(Server server, Leaf good) throws Exception {
        switch (server) {
            case API -> https(server.address, authority.issue(API_HOST));
            case CLUSTER, CLUSTER_TOO, CLUSTER_PRIVATE -> {
                https(server.address, good);
                open(server, good);
            }
            case CLUSTER_WEB_SOCKET -> {
                LocalDsql local = open(server, good);
                lead(server, 443, local.webSocketAddress());
            }
            case NOT_ACCEPTING ->
                open(server, good).refuseWith("57P03", "the database system is not accepting connections", null);
            case WAKING_UP -> open(server, good).refuseWith(Refusal.WAKING_UP);
            case ACCESS_DENIED -> open(server, good).refuseWith(Refusal.ACCESS_DENIED);
            case DENIED_BY_POLICY ->
                open(server, good)
                        .refuseWith(
                                "08006",
                                "unable to accept connection, access denied",
                                "User: arn:aws:sts::123456789012:assumed-role/ci/run is not authorized to perform:"
                                        + " dsql:DbConnectAdmin on resource: arn:aws:dsql:us-east-1:123456789012:cluster/"
                                        + CLUSTER_ID + " with an explicit deny in a resource-based policy");
            case INVALID_TOKEN ->
                open(server, good)
                        .refuseWith(
                                "08006",
                                "unable to accept connection, access denied",
                                "The security token included in the request is invalid.");
            case EXPIRED ->
                open(
                        server,
                        authority.issue(
                                Instant.now().minus(Duration.ofDays(40)),
                                Instant.now().minus(Duration.ofDays(2)),
                                HOST));
            case OTHER_NAME -> open(server, authority.issue("db.example.com"));
            case OTHER_AUTHORITY ->
                open(server, TestCertificateAuthority.create("Zscaler Root CA").issue(HOST));
            case SHORT_KEY -> open(server, strange("short-key", "RSA"));
            case CLIENT_ONLY -> open(server, strange("client-only", "EC"));
            case CN_ONLY -> open(server, strange("cn-only", "EC"));
            case LOCALHOST -> open(server, strange("localhost", "EC", "localhost-ca"));
            default -> {
                // A program of its own, or nobody.
            }
        }
    }

    /** As large as a real one with its chain of four: 4 kB, which do not fit into one or two packets. */
    private Leaf good() {
        List<String> names = new ArrayList<>(List.of(HOST));
        for (int i = 0; i < 60; i++) {
            names.add("another-name-of-this-certificate-number-" + i + ".dsql.us-east-1.on.aws");
        }
        return authority.issue(names.toArray(String[]::new));
    }

    private LocalDsql open(Server server, Leaf certificate) throws IOException {
        LocalDsql local = LocalDsql.builder()
                .region(REGION)
                .clusterId(CLUSTER_ID)
                .credentials(AwsSessionCredentials.create(ACCESS_KEY, SECRET_KEY, SESSION_TOKEN))
                .certificate(certificate)
                .inFrontOf(postgres, "postgres", "", "postgres")
                .start();
        lead(server, 5432, local.address());
        return local;
    }

    private static void lead(Server server, int port, HostAndPort door) throws IOException {
        for (String chain : List.of("PREROUTING", "OUTPUT")) {
            Shell.run("iptables -t nat -A " + chain + " -d " + server.address + " -p tcp --dport " + port
                    + " -j DNAT --to-destination " + door);
        }
    }

    private static void https(String address, Leaf leaf) throws IOException {
        HttpsServer server = HttpsServer.create(new InetSocketAddress(address, 443), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(leaf.serverContext()));
        server.start();
    }

    /** Certificates with faults that the test authority does not make: of openssl, under a root that is trusted as well. */
    private void strangeCertificates() throws IOException {
        Shell.run("cd " + directory + "\n" + """
                exec 2>/dev/null
                new() { openssl req -nodes -newkey $2 -keyout $1.key -out $1.csr -subj "/CN=$1"; }
                issue() {
                    printf '%s\\n' "$4" > ext
                    openssl x509 -req -in $1.csr -CA $2.pem -CAkey $2.key -set_serial $3 -days 30 -extfile ext -out $1.pem
                }
                ec='ec -pkeyopt ec_paramgen_curve:P-256'
                openssl req -x509 -nodes -newkey $ec -keyout strange-root.key -out strange-root.pem -days 30 \
                    -subj "/O=Ground/CN=Ground Other Root CA" -addext keyUsage=keyCertSign
                new middle "$ec"; issue middle strange-root 2 "basicConstraints=critical,CA:TRUE"
                new short-key rsa:1008; issue short-key strange-root 3 "subjectAltName=DNS:HOST"
                new client-only "$ec"; issue client-only strange-root 4 "subjectAltName=DNS:HOST
                extendedKeyUsage=clientAuth"
                new leaf "$ec"; issue leaf middle 5 "subjectAltName=DNS:HOST
                extendedKeyUsage=serverAuth"
                openssl req -nodes -newkey $ec -keyout cn-only.key -out cn-only.csr -subj "/CN=HOST"
                issue cn-only strange-root 6 "extendedKeyUsage=serverAuth"
                openssl req -x509 -nodes -newkey $ec -keyout localhost-ca.key -out localhost-ca.pem -days 30 \
                    -subj "/CN=localhost CA" -addext keyUsage=keyCertSign
                new localhost "$ec"; issue localhost localhost-ca 7 "subjectAltName=DNS:localhost"
                cat leaf.key leaf.pem > no-intermediate.pem; cat leaf.pem middle.pem > inspecting.pem
                openssl req -x509 -nodes -newkey rsa:2048 -keyout interceptor.key -out interceptor.pem -days 30 \
                    -subj "/O=Zscaler Inc./CN=Zscaler Root CA" -addext keyUsage=keyCertSign
                """.replace("HOST", HOST));
    }

    private Leaf strange(String name, String algorithm) throws Exception {
        return strange(name, algorithm, "strange-root");
    }

    private Leaf strange(String name, String algorithm, String issuer) throws Exception {
        String key = Files.readString(directory.resolve(name + ".key")).replaceAll("-----.*-----|\\s", "");
        return new Leaf(
                certificate(name),
                KeyFactory.getInstance(algorithm)
                        .generatePrivate(
                                new PKCS8EncodedKeySpec(Base64.getDecoder().decode(key))),
                certificate(issuer));
    }

    private X509Certificate certificate(String name) throws Exception {
        try (InputStream in = Files.newInputStream(directory.resolve(name + ".pem"))) {
            return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
        }
    }

    private static void close(EmbeddedPostgres server) {
        try {
            server.close();
        } catch (IOException e) {
            // The machine's next run clears what is left.
        }
    }
}
