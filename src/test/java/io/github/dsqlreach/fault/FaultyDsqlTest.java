package io.github.dsqlreach.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import eu.rekawek.toxiproxy.Proxy;
import eu.rekawek.toxiproxy.model.ToxicDirection;
import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.FailureKind;
import io.github.dsqlreach.HostAndPort;
import io.github.dsqlreach.Negotiation;
import io.github.dsqlreach.Transport;
import io.github.dsqlreach.connect.ConnectProxy;
import io.github.dsqlreach.connect.DsqlDataSource;
import io.github.dsqlreach.local.LocalDsql;
import io.github.dsqlreach.toxiproxy.ToxiproxyServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.dsql.jdbc.AuroraDsqlCredentialsManager;

class FaultyDsqlTest {
    private final LocalDsql cluster = SharedCluster.get();

    @Test
    void keepsTheClustersNameAndChangesWhereTcpGoes() {
        try (FaultyDsql dsql = start()) {
            Endpoint real = cluster.endpoint();
            Endpoint endpoint = dsql.endpoint();
            assertThat(endpoint.connectTo()).isPresent().isNotEqualTo(real.connectTo());
            assertThat(endpoint.toBuilder().connectTo(real.target()).build()).isEqualTo(real);
            assertThat(dsql.jdbcUrl()).startsWith("jdbc:postgresql://" + real.address() + "/postgres?");
            assertThat(dsql.connectorUrl()).startsWith("jdbc:aws-dsql:postgresql://" + real.address() + "/postgres?");
        }
    }

    @Test
    void dataSourceFollowsFaultsAsTheyComeAndGo() throws SQLException {
        try (FaultyDsql dsql = start()) {
            DataSource dataSource = dsql.dataSource();
            for (Fault fault : List.of(Fault.TLS_RESET, Fault.DNS_NAME_NOT_FOUND, Fault.TCP_REFUSED)) {
                dsql.inject(fault);
                assertThat(dsql.faults()).hasToString("[" + fault + "]");
                assertThatThrownBy(dataSource::getConnection).isInstanceOf(SQLException.class);
                dsql.clearFaults();
                assertThat(dsql.faults()).isEmpty();
                assertWorks(dataSource);
            }
        }
    }

    @Test
    void standsInFrontOfTheWebSocketOnPort443Too() throws SQLException {
        cluster.webSocketAddress();
        try (FaultyDsql dsql = FaultyDsql.builder(cluster.endpoint().over(Transport.WEBSOCKET))
                .credentials(cluster.credentialsProvider())
                .start()) {
            DataSource dataSource = dsql.dataSource();
            for (Fault fault : List.of(Fault.TLS_RESET, Fault.TCP_REFUSED)) {
                dsql.inject(fault);
                assertThatThrownBy(dataSource::getConnection).isInstanceOf(SQLException.class);
                dsql.clearFaults();
                assertWorks(dataSource);
            }
            assertWorks(DsqlDataSource.of(dsql.endpoint(), cluster.credentialsProvider()));
        }
    }

    /** Where only an HTTP proxy leads out, the fault stands before it, and what gets through goes that way. */
    @Test
    void reachesTheWebSocketThroughTheHttpProxyThatLeadsThere() throws Exception {
        try (ConnectProxy proxy = new ConnectProxy(cluster.webSocketAddress(), null);
                FaultyDsql dsql = FaultyDsql.builder(cluster.endpoint().over(Transport.WEBSOCKET).toBuilder()
                                .connectTo(null)
                                .proxy(new HostAndPort("127.0.0.1", proxy.port()))
                                .build())
                        .credentials(cluster.credentialsProvider())
                        .start()) {
            assertWorks(dsql.dataSource());
            dsql.inject(Fault.WEBSOCKET_REFUSED);
            assertThatThrownBy(dsql.dataSource()::getConnection).isInstanceOf(SQLException.class);
            assertThat(proxy.requests())
                    .isNotEmpty()
                    .allMatch(request ->
                            request.equals("CONNECT " + cluster.endpoint().host() + ":443 HTTP/1.1"));
        }
    }

    @Test
    void leavesTheOtherDoorOfARealClusterAlone() {
        Endpoint real = Endpoint.parse("abc.dsql.us-east-1.on.aws").over(Transport.AUTO);
        try (FaultyDsql dsql = FaultyDsql.inFrontOf(real)) {
            assertThat(dsql.endpoint().target()).isEqualTo(dsql.address());
            assertThat(dsql.endpoint().over(Transport.WEBSOCKET).target()).hasToString("abc.dsql.us-east-1.on.aws:443");
        }
    }

    @Test
    void severalFaultsAreInForceAtOnce() {
        try (FaultyDsql dsql = start()) {
            dsql.inject(Fault.LATENCY.with("latency", 120)).inject(Fault.AUTH_RESET);
            long start = System.nanoTime();
            assertThatThrownBy(dsql.dataSource()::getConnection).isInstanceOf(SQLException.class);
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofMillis(240));
            assertThat(dsql).hasToString(cluster.endpoint().address() + " behind [LATENCY(latency=120), AUTH_RESET]");
        }
    }

    @Test
    void aUrlAloneLogsInWithAFreshTokenEachTime() throws SQLException {
        AtomicInteger asked = new AtomicInteger();
        AwsCredentialsProvider credentials = () -> {
            asked.incrementAndGet();
            return cluster.credentialsProvider().resolveCredentials();
        };
        cluster.createRole("by_url");
        try (FaultyDsql dsql =
                FaultyDsql.builder(cluster.endpoint()).credentials(credentials).start()) {
            DriverManager.getConnection(dsql.jdbcUrl()).close();
            DriverManager.getConnection(dsql.jdbcUrl(), "by_url", null).close();
            assertThat(asked).as("one token for each").hasValue(2);

            DriverManager.getConnection(dsql.jdbcUrl(), "admin", "petclinic").close();
            assertThat(asked).as("a password that is no token is not used").hasValue(3);

            String expired = cluster.token("admin").replaceFirst("X-Amz-Date=\\d{8}", "X-Amz-Date=20200101");
            assertThatThrownBy(() -> DriverManager.getConnection(dsql.jdbcUrl(), "admin", expired))
                    .hasMessageContaining("access denied");
            assertThat(asked).as("a given token is used").hasValue(3);
        }
        try (FaultyDsql dsql =
                FaultyDsql.builder(cluster.endpoint()).credentials(() -> null).start()) {
            assertThatThrownBy(() -> DriverManager.getConnection(dsql.jdbcUrl()))
                    .isInstanceOf(SQLException.class)
                    .hasMessageContaining("no token for")
                    .extracting(e -> ((SQLException) e).getSQLState())
                    .isEqualTo("28000");
        }
    }

    @Test
    void countsConnections() throws SQLException {
        try (FaultyDsql dsql = start()) {
            DataSource dataSource = dsql.dataSource();
            try (Connection first = dataSource.getConnection();
                    Connection second = dataSource.getConnection()) {
                assertThat(first).isNotSameAs(second);
                assertThat(dsql.connections()).isEqualTo(new ToxiproxyServer.Connections(2, 2, 0));
            }
            await().untilAsserted(
                            () -> assertThat(dsql.connections()).isEqualTo(new ToxiproxyServer.Connections(2, 0, 0)));
        }
    }

    @Test
    void tellsHowManyConnectionsEachFaultMetAndStruck() throws SQLException {
        try (FaultyDsql dsql = start()) {
            DataSource dataSource = dsql.dataSource();
            assertWorks(dataSource);
            await().untilAsserted(() -> assertThat(dsql.connections().open()).isZero());
            dsql.inject(Fault.LATENCY.with("latency", 5)).inject(Fault.QUERY_RESET);
            assertWorks(dataSource);
            dsql.clearFaults();
            assertWorks(dataSource);
            await().untilAsserted(() -> assertThat(dsql.connections().open()).isZero());
            try (Connection open = dataSource.getConnection()) {
                dsql.inject(Fault.TCP_REFUSED);
                assertThatThrownBy(dataSource::getConnection).isInstanceOf(SQLException.class);
                assertThat(open.isValid(1)).isTrue();
                assertThat(dsql.clearFaults().effects())
                        .hasToString("[LATENCY(latency=5): 1 of 1 connection struck,"
                                + " QUERY_RESET: 0 of 1 connection struck, TCP_REFUSED: 1 of 2 connections struck]");
            }
        }
    }

    @Test
    void listensOnThePortThatItIsGiven() throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        try (FaultyDsql dsql = builder().port(port).start()) {
            assertThat(dsql.endpoint().connectTo()).hasToString("Optional[127.0.0.1:" + port + "]");
            assertWorks(dsql.dataSource());
        }
    }

    @Test
    void leavesToxicsOfOnesOwnAlone() throws Exception {
        try (FaultyDsql dsql = start()) {
            Proxy proxy = dsql.proxy();
            proxy.toxics().latency("mine", ToxicDirection.DOWNSTREAM, 100);
            dsql.inject(Fault.TLS_CLOSED).clearFaults();
            assertThat(proxy.toxics().getAll()).extracting("name").containsExactly("mine");
        }
    }

    @Test
    void tellsEachFaultThatIsInjected() {
        List<String> told = new ArrayList<>();
        try (FaultyDsql dsql =
                builder().onInject(fault -> told.add(fault.toString())).start()) {
            dsql.inject(Fault.SILENCE).inject(Fault.LATENCY.with("latency", 5));
        }
        assertThat(told).containsExactly("SILENCE", "LATENCY(latency=5)");
    }

    static Stream<Fault> ofConnections() {
        return Arrays.stream(Fault.values()).filter(fault -> !fault.isAtCommit());
    }

    @Test
    void twoInFrontOfTheSameEndpointKnowNothingOfEachOther() throws SQLException {
        try (FaultyDsql faulty = start();
                FaultyDsql other = start()) {
            faulty.inject(Fault.TLS_RESET);
            assertWorks(other.dataSource());
            assertThatThrownBy(faulty.dataSource()::getConnection).isInstanceOf(SQLException.class);
        }
    }

    @ParameterizedTest
    @MethodSource("ofConnections")
    @Timeout(20)
    void closingTakesEverythingBack(Fault fault) throws IOException {
        try (FaultyDsql other = start()) {
            FaultyDsql dsql = start();
            dsql.inject(fault);
            InetSocketAddress address = new InetSocketAddress(
                    dsql.endpoint().target().host(), dsql.endpoint().target().port());
            String url = dsql.jdbcUrl();
            dsql.close();
            dsql.close();

            assertThatThrownBy(() -> connect(address)).isInstanceOf(IOException.class);
            assertThatThrownBy(() -> DriverManager.getConnection(url, "admin", "secret"))
                    .hasStackTraceContaining("is closed, or of another JVM");
            assertThatThrownBy(() -> dsql.inject(fault)).hasMessageContaining("is closed");
            new RemoteToxiproxy(other.toxiproxy()).check();
        }
    }

    @Test
    @Timeout(60)
    void noThreadOutlivesIt() {
        Set<Thread> before = ownThreads();
        ToxiproxySource source = new ToxiproxySource("a server of this test", InJvmToxiproxy::new);
        for (Fault fault : ofConnections().toList()) {
            try (FaultyDsql dsql = builder().toxiproxy(source).start()) {
                dsql.inject(fault);
                boolean silent = ClientView.of(fault, Negotiation.POSTGRES)
                        .kind()
                        .filter(FailureKind.TIMEOUT::equals)
                        .isPresent();
                assertThat(silent ? "would take too long" : attempt(dsql)).isNotNull();
            }
        }
        await().untilAsserted(() ->
                assertThat(ownThreads()).allSatisfy(thread -> assertThat(before).contains(thread)));
    }

    private static Set<Thread> ownThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("dsql-reach-toxiproxy"))
                .collect(Collectors.toSet());
    }

    private static String attempt(FaultyDsql dsql) {
        try (Connection connection = dsql.dataSource().getConnection()) {
            return connection.toString();
        } catch (SQLException e) {
            return e.getMessage();
        }
    }

    @Test
    void aHikariPoolFailsFastOnSilenceAndRecovers() throws SQLException {
        try (FaultyDsql dsql = start()) {
            HikariConfig config = new HikariConfig();
            config.setJdbcUrl(dsql.jdbcUrl());
            config.addDataSourceProperty("connectTimeout", "1");
            config.addDataSourceProperty("socketTimeout", "1");
            config.setMaximumPoolSize(1);
            config.setConnectionTimeout(500);
            config.setValidationTimeout(250);
            try (HikariDataSource pool = new HikariDataSource(config)) {
                assertWorks(pool);
                dsql.inject(Fault.SILENCE);
                pool.getHikariPoolMXBean().softEvictConnections();
                long start = System.nanoTime();
                assertThatThrownBy(pool::getConnection).isInstanceOf(SQLException.class);
                assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(4));

                dsql.clearFaults();

                await().ignoreExceptions().atMost(20, TimeUnit.SECONDS).untilAsserted(() -> assertWorks(pool));
            }
        }
    }

    @Test
    void aHikariPoolTakesTheDataSource() throws SQLException {
        try (FaultyDsql dsql = start()) {
            HikariConfig config = new HikariConfig();
            config.setDataSource(dsql.dataSource());
            config.setMaximumPoolSize(1);
            try (HikariDataSource pool = new HikariDataSource(config)) {
                assertWorks(pool);
            }
        }
    }

    @Test
    void theConnectorOfAwsGoesThroughTheProxy() throws SQLException {
        AuroraDsqlCredentialsManager.setProvider(cluster.credentialsProvider());
        try (FaultyDsql dsql = start()) {
            try (Connection connection = DriverManager.getConnection(dsql.connectorUrl(), new Properties())) {
                assertThat(connection.isValid(1)).isTrue();
            }
            assertThat(dsql.connections().accepted()).isEqualTo(1);

            dsql.inject(Fault.TLS_RESET);

            assertThatThrownBy(() -> DriverManager.getConnection(dsql.connectorUrl(), new Properties()))
                    .isInstanceOf(SQLException.class)
                    .hasStackTraceContaining("reset");
        } finally {
            AuroraDsqlCredentialsManager.resetProvider();
        }
    }

    @Test
    void refusesAConnectTimeoutOutOfRange() {
        assertThatThrownBy(() -> builder().connectTimeout(Duration.ZERO))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("connectTimeout is PT0S; allowed is 1 ms to 10 min");
    }

    private FaultyDsql.Builder builder() {
        return FaultyDsql.builder(cluster.endpoint())
                .toxiproxy(ToxiproxySource.inJvm())
                .credentials(cluster.credentialsProvider())
                .connectTimeout(Duration.ofMillis(500));
    }

    private FaultyDsql start() {
        return builder().start();
    }

    private static void connect(InetSocketAddress address) throws IOException {
        try (Socket socket = new Socket()) {
            socket.connect(address, 500);
        }
    }

    private static void assertWorks(DataSource dataSource) throws SQLException {
        try (Connection connection = dataSource.getConnection()) {
            assertThat(connection.isValid(1)).isTrue();
        }
    }
}
