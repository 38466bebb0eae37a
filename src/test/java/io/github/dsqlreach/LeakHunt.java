package io.github.dsqlreach;

import io.github.dsqlreach.connect.AuthToken;
import io.github.dsqlreach.connect.DsqlDataSource;
import io.github.dsqlreach.diagnosis.ReachabilityCheck;
import io.github.dsqlreach.internal.client.Credentials;
import io.github.dsqlreach.junit.DsqlUnreachableError;
import io.github.dsqlreach.local.LocalDsql;
import io.github.dsqlreach.local.Refusal;
import io.github.dsqlreach.local.TestCertificateAuthority;
import io.github.dsqlreach.report.Report;
import io.github.dsqlreach.report.TextStyle;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.logging.Level;
import java.util.logging.Logger;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;

/**
 * Checks of all kinds, with everything that the library can say printed; every secret used goes into a file. A program
 * of its own, so that logging is at its loudest and the console is all its own; {@link LeakHuntTest} runs and searches it.
 */
final class LeakHunt {
    /**
     * The driver writes down what a server says, word for word, when asked for its fine logs: that is not ours to mask.
     * What it sends itself it does not show.
     */
    private static final Logger DRIVER = Logger.getLogger("org.postgresql");

    private static final Set<String> SECRETS = new TreeSet<>();

    private LeakHunt() {}

    public static void main(String[] arguments) throws Exception {
        try (LocalDsql local = LocalDsql.builder().clusterId("abc").start()) {
            local.createRole("app");
            AwsCredentials basic = used(local.credentialsProvider());
            AwsSessionCredentials session = (AwsSessionCredentials) used(local.temporaryCredentialsProvider());
            for (AwsCredentials credentials : List.of(basic, session)) {
                show(check(local.endpoint(), credentials));
                show(check(local.endpoint("app"), credentials));
                System.out.println(AuthToken.generate(local.endpoint(), credentials, Duration.ofSeconds(900)));
                query(local.endpoint(), StaticCredentialsProvider.create(credentials));
            }
            refusals(local, session);
            providers(local.endpoint(), session);
            DRIVER.setLevel(Level.INFO);
            quoting(local, session);
            reflecting(session);
            DRIVER.setLevel(Level.ALL);
            inTheMiddle(local, session);
            Endpoint withPassword =
                    Endpoint.parse(local.jdbcUrl() + "&password=" + secret("inTheUrl+9" + System.nanoTime()));
            System.out.println(withPassword + " " + local + " " + local.jdbcUrl());
        }
        Files.write(Path.of(arguments[0]), SECRETS);
    }

    private static void refusals(LocalDsql local, AwsSessionCredentials credentials) {
        for (Refusal refusal : Refusal.values()) {
            local.refuseWith(refusal);
            show(check(local.endpoint(), credentials));
            query(local.endpoint(), StaticCredentialsProvider.create(credentials));
        }
        local.accept();
    }

    /** A server that knows the keys, as IAM does, and talks too much. */
    private static void quoting(LocalDsql local, AwsSessionCredentials credentials) {
        for (String said : mentions(credentials)) {
            local.refuseWith("28000", "access denied: " + said, said);
            show(check(local.endpoint(), credentials));
            query(local.endpoint(), StaticCredentialsProvider.create(credentials));
        }
        local.accept();
    }

    private static List<String> mentions(AwsSessionCredentials credentials) {
        String key = credentials.secretAccessKey();
        String token = credentials.sessionToken();
        return List.of(
                "the key is " + key + " and the token " + token,
                "{\"SecretAccessKey\" : \"" + key + "\", \"SessionToken\":\"" + token + "\"}",
                key.substring(0, 20) + "\n" + key.substring(20) + " " + token.substring(0, 200) + "\r\n  "
                        + token.substring(200),
                URLEncoder.encode(key, StandardCharsets.UTF_8) + "&"
                        + URLEncoder.encode(token, StandardCharsets.UTF_8));
    }

    /** Providers that fail and tell why, with all that they know. */
    private static void providers(Endpoint endpoint, AwsSessionCredentials credentials) {
        List<RuntimeException> failures = new ArrayList<>();
        for (String said : mentions(credentials)) {
            failures.add(new IllegalStateException(said));
            failures.add(new UncheckedIOException("wrapped", new IOException(said, new SQLException(said))));
            RuntimeException suppressing = new IllegalArgumentException("clean");
            suppressing.addSuppressed(new IllegalStateException(said));
            failures.add(suppressing);
        }
        // Keys that nobody announced, as a provider has them before it gives them away.
        String unknown =
                secret("wJalrXUtnFEMI/K7MDENG/bPxRfiCY" + (System.nanoTime() % 9_000_000_000L + 1_000_000_000L));
        failures.add(new IllegalStateException("cannot use " + unknown + " here"));
        failures.add(new IllegalStateException(
                "aws_secret_access_key=" + unknown, new IOException("secretKey: " + unknown)));
        for (RuntimeException failure : failures) {
            AwsCredentialsProvider provider = () -> {
                throw failure;
            };
            System.out.println(Credentials.of(provider));
            show(ReachabilityCheck.of(endpoint)
                    .credentials(provider)
                    .experiments(false)
                    .run());
            query(endpoint, provider);
        }
    }

    /** A server that sends back the password that it got: the token itself, in several forms. */
    private static void reflecting(AwsSessionCredentials credentials) throws Exception {
        Path root = Files.createTempFile("leak-hunt", ".pem");
        TestCertificateAuthority authority = TestCertificateAuthority.create("Leak hunt");
        authority.writePem(root);
        SSLSocketFactory tls =
                authority.issue("abc.dsql.us-east-1.on.aws").serverContext().getSocketFactory();
        // Two connections for each form: one of the attempt, one of the data source.
        LoopbackServer.Talk talk = (socket, connection) -> reflect(socket, tls, connection / 2);
        try (LoopbackServer server = new LoopbackServer(talk)) {
            Endpoint endpoint = Endpoint.builder("abc.dsql.us-east-1.on.aws")
                    .connectTo(server.address())
                    .trust(Trust.rootCertificate(root))
                    .build();
            for (int form = 0; form < 6; form++) {
                show(check(endpoint, credentials));
                query(endpoint, StaticCredentialsProvider.create(credentials));
            }
        } finally {
            Files.delete(root);
        }
    }

    private static void reflect(Socket socket, SSLSocketFactory tls, int form) throws IOException {
        new DataInputStream(socket.getInputStream()).readFully(new byte[8]);
        socket.getOutputStream().write('S');
        try (SSLSocket encrypted = (SSLSocket) tls.createSocket(socket, null, true)) {
            encrypted.setUseClientMode(false);
            DataInputStream in = new DataInputStream(encrypted.getInputStream());
            OutputStream out = encrypted.getOutputStream();
            in.readFully(new byte[in.readInt() - 4]);
            out.write(new byte[] {'R', 0, 0, 0, 8, 0, 0, 0, 3});
            in.readByte();
            byte[] password = new byte[in.readInt() - 4];
            in.readFully(password);
            String said = form(new String(password, 0, password.length - 1, StandardCharsets.UTF_8), form);
            out.write(LoopbackServer.error("28000", "no entry with " + said, "H" + said));
        }
    }

    private static String form(String token, int form) {
        int signature = token.length() - 64;
        return switch (form) {
            case 0 -> token;
            case 1 -> URLEncoder.encode(token, StandardCharsets.UTF_8);
            case 2 -> URLEncoder.encode(URLEncoder.encode(token, StandardCharsets.UTF_8), StandardCharsets.UTF_8);
            case 3 -> token.substring(signature);
            case 4 -> token.substring(0, signature + 20) + "\n   " + token.substring(signature + 20);
            default -> "Authorization: AWS4-HMAC-SHA256 Credential=x, Signature=" + token.substring(signature);
        };
    }

    /** Servers that are not the cluster: what they received counts, not what we say. */
    private static void inTheMiddle(LocalDsql local, AwsSessionCredentials credentials) throws Exception {
        String host = local.endpoint().host();
        TestCertificateAuthority good = TestCertificateAuthority.create("Good");
        TestCertificateAuthority evil = TestCertificateAuthority.create("Evil");
        Path root = Files.createTempFile("leak-hunt", ".pem");
        good.writePem(root);
        Instant now = Instant.now();
        List<LocalDsql.Builder> others = List.of(
                LocalDsql.builder().certificate(evil.issue(host)),
                LocalDsql.builder().certificate(good.issue("another.example.org")),
                LocalDsql.builder().certificate(good.issue(now.minusSeconds(3_600), now.minusSeconds(60), host)),
                LocalDsql.builder().withoutTls());
        try {
            for (LocalDsql.Builder builder : others) {
                try (LocalDsql other = builder.clusterId("abc").inFrontOf(local).start()) {
                    Endpoint endpoint = local.endpoint().toBuilder()
                            .connectTo(other.address())
                            .trust(Trust.rootCertificate(root))
                            .build();
                    show(ReachabilityCheck.of(endpoint)
                            .credentials(StaticCredentialsProvider.create(credentials))
                            .timeout(Duration.ofSeconds(2))
                            .run());
                    query(endpoint, StaticCredentialsProvider.create(credentials));
                    System.out.println("in the middle, passwords received: "
                            + other.connections().passwordsReceived());
                }
            }
        } finally {
            Files.delete(root);
        }
    }

    private static AwsCredentials used(AwsCredentialsProvider provider) {
        AwsCredentials credentials = provider.resolveCredentials();
        secret(credentials.secretAccessKey());
        if (credentials instanceof AwsSessionCredentials session) {
            secret(session.sessionToken());
        }
        return credentials;
    }

    private static String secret(String secret) {
        SECRETS.add(secret);
        SECRETS.add(URLEncoder.encode(secret, StandardCharsets.UTF_8));
        return secret;
    }

    private static Reachability check(Endpoint endpoint, AwsCredentials credentials) {
        return ReachabilityCheck.of(endpoint)
                .credentials(StaticCredentialsProvider.create(credentials))
                .onPhase(System.out::println)
                .run();
    }

    private static void show(Reachability reachability) {
        System.out.println(reachability);
        System.out.println(reachability.attempt() + " " + reachability.experiments() + " "
                + reachability.diagnosis().evidence() + reachability.diagnosis().explanation()
                + reachability.diagnosis().remedies());
        System.out.println(Report.of(reachability).text(TextStyle.plain()));
        System.out.println(Report.of(reachability).markdown());
        System.out.println(Report.of(reachability).html());
        String json = Report.of(reachability).json();
        System.out.println(json);
        System.out.println(Report.parse(json).reachability());
        new DsqlUnreachableError(reachability).printStackTrace();
    }

    private static void query(Endpoint endpoint, AwsCredentialsProvider credentials) {
        DsqlDataSource dataSource = DsqlDataSource.of(endpoint, credentials);
        dataSource.setLoginTimeout(5);
        System.out.println(dataSource);
        try (Connection connection = dataSource.getConnection()) {
            System.out.println(connection.getMetaData().getURL());
        } catch (SQLException e) {
            e.printStackTrace();
            System.out.println(e);
        }
    }
}
