package io.github.dsqlreach.diagnosis;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.Evidence;
import io.github.dsqlreach.LoopbackServer;
import io.github.dsqlreach.Phase;
import io.github.dsqlreach.connect.DriverProperties;
import io.github.dsqlreach.local.LocalDsql;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The parameters of a URL mean to the check and to the data source of the tests what they mean to the driver. */
class UrlTest {
    @TempDir
    private static Path directory;

    private static LocalDsql cluster;

    @BeforeAll
    static void start() {
        cluster = LocalDsql.start();
    }

    @AfterAll
    static void stop() {
        cluster.close();
    }

    private static final String DRIVERS = "org.postgresql.ssl.";

    /** Parameters with which all three clients agree. */
    enum Same {
        ROOT("sslmode=verify-full&sslrootcert={root}", ""),
        ROOT_OF_CHAIN("sslmode=verify-ca&sslrootcert={root}", ""),
        SSL_TRUE("ssl=true&sslrootcert={root}", ""),
        SSL_EMPTY("ssl&sslrootcert={root}", ""),
        REQUIRE("sslmode=require", ""),
        DRIVERS_FACTORY("sslmode=verify-full&sslrootcert={root}&sslfactory=" + DRIVERS + "LibPQFactory", ""),
        NON_VALIDATING("sslmode=require&sslfactory=" + DRIVERS + "NonValidatingFactory", ""),
        NON_VALIDATING_WITH_NAME("sslmode=verify-full&sslfactory=" + DRIVERS + "NonValidatingFactory", ""),
        PINNED("sslmode=require&sslfactory=" + DRIVERS + "SingleCertValidatingFactory&sslfactoryarg=file:{root}", ""),
        PINNED_NOTHING(
                "sslmode=require&sslfactory=" + DRIVERS + "SingleCertValidatingFactory&sslfactoryarg=file:/missing",
                "URL_PARAMETER"),
        UNKNOWN_CLASS_OF_DRIVER("sslmode=require&sslfactory=" + DRIVERS + "NoSuchFactory", "URL_PARAMETER"),
        MISSING_ROOT("sslmode=verify-full&sslrootcert=/missing/root.pem", "ROOT_CERTIFICATE_UNREADABLE"),
        SYSTEM("sslmode=verify-full&sslrootcert=system", "ROOT_CERTIFICATE_UNREADABLE"),
        JDK_ROOTS("sslmode=verify-full&sslfactory=" + DRIVERS + "DefaultJavaSSLFactory", "TLS_INTERCEPTED"),
        JDK_ROOTS_AND_A_FILE(
                "sslmode=verify-full&sslrootcert={root}&sslfactory=" + DRIVERS + "DefaultJavaSSLFactory",
                "TLS_INTERCEPTED"),
        JDK_ROOTS_AND_REQUIRE("sslmode=require&sslfactory=" + DRIVERS + "DefaultJavaSSLFactory", "TLS_INTERCEPTED"),
        DIRECT("sslNegotiation=direct&sslmode=verify-full&sslrootcert={root}", ""),
        CLIENT_KEY_THAT_IS_NOT_ASKED_FOR(
                "sslmode=verify-full&sslrootcert={root}&sslcert=/missing.crt&sslkey=/missing.pk8", ""),
        GSS("sslmode=require&gssEncMode=allow", ""),
        SCHEMA("sslmode=require&currentSchema=public", ""),
        OTHER_DATABASE("sslmode=require&ApplicationName=tests&tcpKeepAlive=true&preferQueryMode=simple", "");

        private final String parameters;
        private final String cause;

        Same(String parameters, String cause) {
            this.parameters = parameters;
            this.cause = cause;
        }
    }

    @ParameterizedTest
    @EnumSource
    void meansTheSameToAllThreeClients(Same same) throws Exception {
        ThreeClients said = ThreeClients.here(url(same.parameters), cluster.credentialsProvider());

        assertThat(said.cause()).as(said.output()).isEqualTo(same.cause);
        assertThat(said.check().equals("REACHABLE")).isEqualTo(same.cause.isEmpty());
        assertThat(said.driverConnects()).as(said.output()).isEqualTo(same.cause.isEmpty());
        assertThat(said.dataSourceConnects()).as(said.output()).isEqualTo(same.cause.isEmpty());
    }

    @Test
    void readsTheDriversDefaultFileIfTheUrlAsksForVerificationAndNamesNone() throws Exception {
        for (String parameters : List.of("sslmode=verify-full", "sslmode=verify-ca", "ssl=true")) {
            ThreeClients said = ThreeClients.in(List.of("-Duser.home=" + directory), cluster, url(parameters));

            assertThat(said.cause()).as(said.output()).isEqualTo("ROOT_CERTIFICATE_UNREADABLE");
            assertThat(said.report()).contains(directory.resolve(".postgresql") + "/root.crt", "DefaultJavaSSLFactory");
            assertThat(said.driver()).contains("Could not open SSL root certificate file");
            assertThat(said.dataSource()).contains("Could not open SSL root certificate file");
        }
    }

    @Test
    void trustsTheDriversDefaultFile(@TempDir Path home) throws Exception {
        Files.createDirectory(home.resolve(".postgresql"));
        Files.copy(cluster.rootCertificate(), home.resolve(".postgresql/root.crt"));
        ThreeClients said = ThreeClients.in(List.of("-Duser.home=" + home), cluster, url("sslmode=verify-full"));

        assertThat(said.check()).as(said.output()).isEqualTo("REACHABLE");
        assertThat(said.driverConnects()).isTrue();
        assertThat(said.dataSourceConnects()).isTrue();
    }

    /** Stricter than the driver, which does not verify then; both clients of this library agree. */
    @Test
    void verifiesInFullIfTheUrlSaysNothingAboutIt() throws Exception {
        for (String parameters : List.of("", "sslmode=prefer")) {
            ThreeClients said = ThreeClients.here(url(parameters), cluster.credentialsProvider());

            assertThat(said.cause()).as(said.output()).isEqualTo("TLS_INTERCEPTED");
            assertThat(said.driverConnects()).as(said.output()).isTrue();
            assertThat(said.dataSourceConnects()).isFalse();
        }
    }

    @Test
    void doesNotLoadAClassThatAUrlNamesAndSaysSo() throws Exception {
        ThreeClients said = ThreeClients.here(
                url("sslmode=require&sslfactory=evil.Factory&authenticationPluginClassName=evil.Plugin&loggerFile=x"),
                cluster.credentialsProvider());

        assertThat(said.check()).as(said.output()).isEqualTo("REACHABLE");
        assertThat(said.report()).contains("ignoredParameters authenticationPluginClassName, loggerFile, sslfactory");
        assertThat(said.dataSourceConnects()).isTrue();
    }

    @Test
    void givesTheUrlsOtherParametersToTheLogin() throws Exception {
        ThreeClients said =
                ThreeClients.here(url("sslmode=require&targetServerType=secondary"), cluster.credentialsProvider());

        assertThat(said.check()).as(said.output()).isNotEqualTo("REACHABLE");
        assertThat(said.driver()).contains("targetServerType");
        assertThat(said.dataSource()).contains("targetServerType");
        assertThat(said.report()).contains("targetServerType");
    }

    @Test
    void saysWhichClusterIsBehindAnotherName() throws Exception {
        ThreeClients said = ThreeClients.here(
                "jdbc:postgresql://localhost:" + cluster.address().port()
                        + "/postgres?region=us-east-1&sslmode=verify-full&sslrootcert=" + cluster.rootCertificate(),
                cluster.credentialsProvider());

        assertThat(said.check()).as(said.output()).isEqualTo("MISCONFIGURED");
        assertThat(said.cause()).isEqualTo("CLUSTER_UNDER_OTHER_NAME");
        assertThat(said.report())
                .contains("dsql.reach.endpoint=" + cluster.endpoint().host(), "dsql.reach.connect-to=localhost:");
        assertThat(said.driverConnects()).isFalse();
        assertThat(said.dataSourceConnects()).isFalse();
    }

    /** The JDK sends no server name that ends with a dot, so the bare driver cannot log in. */
    @Test
    void leavesOutTheFinalDotOfAHostName() throws Exception {
        String host = cluster.endpoint().host();
        ThreeClients said = ThreeClients.here(
                url("sslmode=verify-full&sslrootcert={root}").replace(host + ":", host + ".:"),
                cluster.credentialsProvider());

        assertThat(said.check()).as(said.output()).isEqualTo("REACHABLE");
        assertThat(said.dataSourceConnects()).as(said.output()).isTrue();
    }

    /** A hosts file that leads the cluster's name to a tunnel is no sinkhole. */
    @Test
    void doesNotTakeATunnelForASinkhole() throws Exception {
        try (LoopbackServer tunnel = new LoopbackServer((client, connection) -> {
            int first = client.getInputStream().read();
            if (first == 0) {
                client.setSoLinger(true, 0);
                return;
            }
            try (Socket server = new Socket("127.0.0.1", cluster.address().port())) {
                server.getOutputStream().write(first);
                LoopbackServer.inThread(() -> copy(client, server));
                copy(server, client);
            }
        })) {
            Path hosts = Files.writeString(
                    directory.resolve("hosts"),
                    "127.0.0.1 " + cluster.endpoint().host() + "\n");
            ThreeClients said = ThreeClients.in(
                    List.of("-Djdk.net.hosts.file=" + hosts),
                    cluster,
                    "jdbc:postgresql://" + cluster.endpoint().host() + ":"
                            + tunnel.address().port() + "/postgres?sslmode=verify-full&sslrootcert="
                            + cluster.rootCertificate());

            assertThat(said.cause()).as(said.output()).isEqualTo("POSTGRES_NEGOTIATION_BLOCKED");
        }
    }

    private static void copy(Socket from, Socket to) {
        try {
            from.getInputStream().transferTo(to.getOutputStream());
            to.shutdownOutput();
        } catch (IOException e) {
            // One of them has closed.
        }
    }

    @Test
    void givesOutUrlsThatMeanTheSameToEveryVersionOfTheConnector() {
        Endpoint endpoint = cluster.endpoint();

        assertThat(DriverProperties.connectorUrl(endpoint))
                .startsWith("jdbc:aws-dsql:postgresql://")
                .contains(
                        "sslmode=verify-full", "sslNegotiation=postgres", "sslfactory=org.postgresql.ssl.LibPQFactory");
        assertThat(Endpoint.parse(DriverProperties.connectorUrl(endpoint))).isEqualTo(endpoint);
        assertThat(Endpoint.parse(DriverProperties.url(endpoint))).isEqualTo(endpoint);
    }

    private static String url(String parameters) {
        return "jdbc:postgresql://" + cluster.endpoint().address() + "/postgres?user=admin&" + ROUTE + cluster.address()
                + (parameters.isEmpty() ? "" : "&")
                + parameters.replace("{root}", cluster.rootCertificate().toString());
    }

    private static final String ROUTE =
            "socketFactory=io.github.dsqlreach.connect.ConnectToSocketFactory&socketFactoryArg=";

    @ParameterizedTest
    @CsvSource({"aws-dsql:postgresql, named-nowhere", "postgresql, "})
    void onlyAUrlOfTheConnectorNamesAProfile(String scheme, String profile) {
        Endpoint endpoint = Endpoint.parse("jdbc:" + scheme + "://"
                + cluster.endpoint().host() + "/postgres?user=admin&region=us-east-1&profile=named-nowhere");

        assertThat(endpoint.profile()).isEqualTo(Optional.ofNullable(profile));
    }

    @Test
    void theCheckTakesTheProfileOfTheUrlUnlessASettingNamesAnother() {
        Endpoint endpoint = Endpoint.parse(
                "jdbc:aws-dsql:postgresql://127.0.0.1:1/postgres?user=admin&region=us-east-1&profile=named-nowhere");

        assertThat(credentials(ReachabilityCheck.of(endpoint))).contains("the profile 'named-nowhere'");
        assertThat(credentials(ReachabilityCheck.of(endpoint).profile("named-here")))
                .contains("the profile 'named-here'");
    }

    private static Optional<String> credentials(ReachabilityCheck check) {
        return check.through(Phase.TOKEN)
                .run()
                .attempt()
                .orElseThrow()
                .evidence(Phase.TOKEN)
                .get(Evidence.CREDENTIALS);
    }
}
