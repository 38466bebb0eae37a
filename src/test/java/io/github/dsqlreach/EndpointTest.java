package io.github.dsqlreach;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.dsqlreach.connect.DriverProperties;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EndpointTest {
    private static final String HOST = "fooabcdefghijklmnopqrstuvw.dsql.us-east-1.on.aws";
    private static final String VPCE = "vpce-0a1b2c3d4e5f-67890abc.dsql-fnh4.eu-west-1.vpce.amazonaws.com";

    @ParameterizedTest
    @ValueSource(
            strings = {
                HOST,
                "  " + HOST + "\n",
                HOST + ":5432",
                "jdbc:postgresql://" + HOST,
                "jdbc:postgresql://" + HOST + "/",
                "jdbc:postgresql://" + HOST + ":5432/postgres",
                "jdbc:postgresql://" + HOST + "/postgres?",
                "jdbc:postgresql://" + HOST + "/postgres?user=admin&sslmode=verify-full&sslNegotiation=postgres"
                        + "&sslfactory=org.postgresql.ssl.DefaultJavaSSLFactory",
                "jdbc:postgresql://" + HOST + "?sslmode=prefer",
                "jdbc:aws-dsql:postgresql://" + HOST + "/postgres",
            })
    void readsEveryFormToTheSameEndpoint(String text) {
        assertThat(Endpoint.parse(text)).isEqualTo(Endpoint.parse(HOST)).hasToString(HOST + ":5432");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"" + HOST + "\"",
                "'" + HOST + "'",
                "\u00a0" + HOST + "\u200b\ufeff",
                "\u201c" + HOST + "\u201d",
                HOST + ".",
                "arn:aws:dsql:us-east-1:123456789012:cluster/" + ID,
                "https://" + HOST,
                "https://" + HOST + ":443/console?x=1",
                "postgresql://" + HOST,
                "postgres://admin:secret@" + HOST + ":5432/postgres?sslmode=verify-full&sslrootcert=system",
                "postgresql://" + HOST + "/postgres?user=admin&sslmode=verify-full&sslnegotiation=postgres",
            })
    void understandsWhatPeopleHaveAtHand(String text) {
        assertThat(Endpoint.parse(text)).isEqualTo(Endpoint.parse(HOST));
    }

    @Test
    void readsAUrlOfLibpq() {
        Endpoint endpoint = Endpoint.parse("postgresql://app@" + HOST
                + "/postgres?sslmode=require&sslnegotiation=direct&hostaddr=127.0.0.1&options=-c%20a=b");

        assertThat(endpoint.user()).isEqualTo("app");
        assertThat(endpoint.trust().mode()).isEqualTo(Trust.Mode.REQUIRE);
        assertThat(endpoint.negotiation()).isEqualTo(Negotiation.DIRECT);
        assertThat(endpoint.connectTo()).contains(new HostAndPort("127.0.0.1", 5432));
        assertThat(endpoint.options()).isEqualTo("-c a=b");
    }

    @Test
    void keepsTheParametersOfAUrlForTheDriver() {
        Endpoint endpoint = Endpoint.parse(
                "jdbc:postgresql://" + HOST
                        + "?ApplicationName=x&loginTimeout=3&password=hidden&sslpassword=hidden&socketFactory=com.example.Mine");

        assertThat(endpoint.parameters()).isEqualTo(Map.of("ApplicationName", "x", "loginTimeout", "3"));
        assertThat(endpoint.ignoredParameters()).containsExactly("socketFactory", "sslpassword");
        assertThat(DriverProperties.url(endpoint))
                .contains("ApplicationName=x", "loginTimeout=3")
                .doesNotContain("hidden");
        assertThat(endpoint).isNotEqualTo(Endpoint.parse(HOST));
    }

    @ParameterizedTest
    @ValueSource(strings = {"gssEncMode=require", "channelBinding=require", "sslmode=disable"})
    void refusesParametersThatCannotWorkWithACluster(String parameter) {
        assertThatExceptionOfType(InvalidEndpointException.class)
                .isThrownBy(() -> Endpoint.parse("jdbc:postgresql://" + HOST + "/postgres?" + parameter))
                .withMessageContaining("does not work with DSQL");
    }

    /** Since 1.4.0 the connector starts with direct TLS; 1.0.0 is the version that the tests run. */
    @ParameterizedTest
    @CsvSource({"1.0.0,POSTGRES", "1.3.9,POSTGRES", "1.4.0,DIRECT", "1.5.0,DIRECT", "2.0.0,DIRECT", "'',DIRECT"})
    void startsTlsAsTheConnectorOnTheClassPathDoes(String version, Negotiation negotiation) {
        assertThat(ConnectorVersion.negotiation(Optional.of(version))).isEqualTo(negotiation);
    }

    @Test
    void knowsAllOfAPublicEndpoint() {
        Endpoint endpoint = Endpoint.parse(HOST);

        assertThat(endpoint.host()).isEqualTo(HOST);
        assertThat(endpoint.port()).isEqualTo(5432);
        assertThat(endpoint.region()).contains("us-east-1");
        assertThat(endpoint.clusterId()).contains("fooabcdefghijklmnopqrstuvw");
        assertThat(endpoint.user()).isEqualTo("admin");
        assertThat(endpoint.database()).isEqualTo("postgres");
        assertThat(endpoint.negotiation()).isEqualTo(Negotiation.POSTGRES);
        assertThat(endpoint.trust()).isEqualTo(Trust.jdk());
        assertThat(endpoint.connectTo()).isEmpty();
        assertThat(endpoint.target()).isEqualTo(new HostAndPort(HOST, 5432));
        assertThat(endpoint.options()).isEmpty();
        assertThat(endpoint.tokenHost()).isEqualTo(HOST);
        assertThat(endpoint.isClusterName()).isTrue();
        assertThat(endpoint.isPrivateLinkName()).isFalse();
    }

    private static final String ID = "fooabcdefghijklmnopqrstuvw";

    @ParameterizedTest
    @ValueSource(
            strings = {
                "jdbc:postgresql://" + ID + "/postgres?region=us-east-1",
                "jdbc:aws-dsql:postgresql://" + ID + "?region=us-east-1"
            })
    void takesAClustersIdWithARegionForItsPublicName(String url) {
        assertThat(Endpoint.parse(url).host()).isEqualTo(HOST);
        assertThat(Endpoint.builder(ID).region("us-east-1").build().host()).isEqualTo(HOST);
    }

    @ParameterizedTest
    @ValueSource(strings = {ID, ID + ":5432", "jdbc:postgresql://" + ID + "/postgres"})
    void refusesAClustersIdWithoutARegion(String text) {
        assertThatExceptionOfType(InvalidEndpointException.class)
                .isThrownBy(() -> Endpoint.parse(text))
                .withMessageContaining(ID)
                .withMessageContaining("no region is known")
                .withMessageContaining(ID + ".dsql.<region>.on.aws");
    }

    @Test
    void refusesTheWrappersUrlWithTheReason() {
        assertThatExceptionOfType(InvalidEndpointException.class)
                .isThrownBy(() -> Endpoint.parse("jdbc:aws-wrapper:postgresql://" + HOST + "/postgres"))
                .withMessageContaining("makes tokens for RDS")
                .withMessageContaining("jdbc:aws-dsql:postgresql://");
    }

    @ParameterizedTest
    @ValueSource(strings = {"dsql-fips", "dsql-gamma"})
    void takesAWSsOwnStagesForPublicNames(String label) {
        Endpoint endpoint = Endpoint.parse("abc." + label + ".us-east-1.on.aws");

        assertThat(endpoint.isPrivateLinkName()).isFalse();
        assertThat(endpoint.isClusterName()).isTrue();
        assertThat(endpoint.region()).contains("us-east-1");
    }

    @Test
    void readsEveryParameterThatCounts() {
        Endpoint endpoint = Endpoint.parse("jdbc:postgresql://" + HOST + ":6543/other?user=app%20user"
                + "&sslNegotiation=direct&sslmode=verify-ca&sslrootcert=%2Ftmp%2Fmy+roots.pem"
                + "&options=-c%20amzn-cluster-id%3Dabc&region=eu-west-2");

        assertThat(endpoint.port()).isEqualTo(6543);
        assertThat(endpoint.database()).isEqualTo("other");
        assertThat(endpoint.user()).isEqualTo("app user");
        assertThat(endpoint.negotiation()).isEqualTo(Negotiation.DIRECT);
        assertThat(endpoint.trust())
                .isEqualTo(new Trust(Trust.Mode.VERIFY_CA, Optional.of(Path.of("/tmp/my roots.pem"))));
        assertThat(endpoint.options()).isEqualTo("-c amzn-cluster-id=abc");
        assertThat(endpoint.clusterId()).contains("abc");
        assertThat(endpoint.region()).contains("eu-west-2");
        assertThat(endpoint.regionOfHost()).contains("us-east-1");
    }

    @ParameterizedTest
    @CsvSource({
        "verify-full, VERIFY_FULL",
        "VERIFY-FULL, VERIFY_FULL",
        "prefer, VERIFY_FULL",
        "allow, VERIFY_FULL",
        "verify-ca, VERIFY_CA",
        "require, REQUIRE"
    })
    void weakensTheTrustOnlyWhereTheUrlAsksForIt(String sslmode, Trust.Mode mode) {
        assertThat(Endpoint.parse("jdbc:postgresql://" + HOST + "/postgres?sslmode=" + sslmode)
                        .trust()
                        .mode())
                .isEqualTo(mode);
    }

    @Test
    void takesTheRootsOfTheSystemForTheDefault() {
        assertThat(Endpoint.parse("jdbc:postgresql://" + HOST + "/postgres?sslrootcert=system")
                        .trust())
                .isEqualTo(Trust.jdk());
    }

    @Test
    void readsTheTunnelOfItsOwnSocketFactory() {
        Endpoint endpoint = Endpoint.parse("jdbc:postgresql://" + HOST + "/postgres?socketFactory="
                + Endpoint.CONNECT_TO_SOCKET_FACTORY + "&socketFactoryArg=127.0.0.1:15432");

        assertThat(endpoint.connectTo()).contains(new HostAndPort("127.0.0.1", 15432));
        assertThat(endpoint.target()).isEqualTo(new HostAndPort("127.0.0.1", 15432));
        assertThat(endpoint.host()).isEqualTo(HOST);
        assertThat(endpoint).hasToString(HOST + ":5432 via 127.0.0.1:15432");
    }

    @Test
    void leavesAnotherSocketFactoryToTheDriver() {
        assertThat(Endpoint.parse("jdbc:postgresql://" + HOST + "/postgres?socketFactory=com.example.Mine")
                        .connectTo())
                .isEmpty();
    }

    @Test
    void readsPrivateLinkWithPrivateDns() {
        Endpoint endpoint = Endpoint.parse("fooabc.dsql-fnh4.ap-southeast-2.on.aws");

        assertThat(endpoint.region()).contains("ap-southeast-2");
        assertThat(endpoint.clusterId()).contains("fooabc");
        assertThat(endpoint.isPrivateLinkName()).isTrue();
        assertThat(endpoint.isClusterName()).isTrue();
    }

    @Test
    void makesTheTokenOfAVpceNameForThePublicName() {
        Endpoint endpoint = Endpoint.parse("jdbc:postgresql://" + VPCE
                + "/postgres?sslmode=require&options=-c%20search_path=a%20-c%20amzn-cluster-id=fooabc");

        assertThat(endpoint.region()).contains("eu-west-1");
        assertThat(endpoint.clusterId()).contains("fooabc");
        assertThat(endpoint.tokenHost()).isEqualTo("fooabc.dsql.eu-west-1.on.aws");
        assertThat(endpoint.isPrivateLinkName()).isTrue();
    }

    @Test
    void makesTheTokenOfAVpceNameForItselfWhereTheClusterIsUnknown() {
        assertThat(Endpoint.parse(VPCE).tokenHost()).isEqualTo(VPCE);
        assertThat(Endpoint.parse(VPCE).clusterId()).isEmpty();
    }

    @Test
    void understandsANameInCapitalsAndWithADotAtTheEnd() {
        Endpoint endpoint = Endpoint.parse("FOOABC.DSQL.US-EAST-1.ON.AWS.");

        assertThat(endpoint.region()).contains("us-east-1");
        assertThat(endpoint.clusterId()).contains("fooabc");
        assertThat(endpoint.tokenHost()).isEqualTo("fooabc.dsql.us-east-1.on.aws");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "localhost",
                "127.0.0.1:5432",
                "[::1]:5432",
                "db.example.com",
                "foo.dsql.us-east-1.amazonaws.com",
                "foo.rds.us-east-1.on.aws",
                "foo.dsql.us-east-1.on.aws.evil.example",
                "evil.foo.dsql.us-east-1.on.aws"
            })
    void guessesNoRegionFromAnotherName(String text) {
        Endpoint endpoint = Endpoint.parse(text);

        assertThat(endpoint.region()).isEmpty();
        assertThat(endpoint.clusterId()).isEmpty();
        assertThat(endpoint.isClusterName()).isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''|it is no host",
                "http://host/|it is no host, HOST:PORT, jdbc:postgresql://… or jdbc:aws-dsql:postgresql://… URL",
                "postgresql://a,b/postgres|several hosts; allowed is one",
                "postgresql:///postgres|it is no host",
                "arn:aws:dsql:us-east-1:1:cluster/x|is not HOST or HOST:PORT",
                "jdbc:mysql://host/db|it is no host",
                "jdbc:postgresql:postgres|names no host; allowed is jdbc:postgresql://HOST[:PORT]/postgres",
                "jdbc:postgresql:///postgres|names no host",
                "jdbc:postgresql://a,b/postgres|several hosts; allowed is one",
                "jdbc:postgresql://a:1,b:2/postgres|several hosts; allowed is one",
                "jdbc:postgresql://host:0/postgres|port 0 is not between 1 and 65535",
                "jdbc:postgresql://host:x/postgres|host:x' is not HOST or HOST:PORT",
                "host:70000|port 70000 is not between 1 and 65535",
                "::1|an IPv6 address goes in brackets",
                "jdbc:postgresql://host/postgres?sslNegotiation=both|negotiation 'both' is not one of postgres, direct",
                "jdbc:postgresql://host/postgres?sslmode=disable|sslmode 'disable' does not work with DSQL",
                "jdbc:postgresql://host/postgres?sslmode=full|allowed are verify-full, verify-ca, require",
                "jdbc:postgresql://host/postgres?region=Frankfurt|Frankfurt' is not an AWS region; allowed are names",
                "jdbc:postgresql://host/postgres?user=%20|the user is blank; allowed is",
                "jdbc:postgresql://host/postgres?options=%zz|it has a broken percent escape",
                "jdbc:postgresql://host/postgres?socketFactory=io.github.dsqlreach.connect.ConnectToSocketFactory"
                        + "|socketFactoryArg is missing; it is HOST:PORT",
                "jdbc:postgresql://host/postgres?socketFactory=io.github.dsqlreach.connect.ConnectToSocketFactory"
                        + "&socketFactoryArg=host|host' is not HOST:PORT",
            })
    void refusesABadValueAndSaysWhatIsAllowed(String text, String reason) {
        assertThatExceptionOfType(InvalidEndpointException.class)
                .isThrownBy(() -> Endpoint.parse(text))
                .withMessageContaining(text)
                .withMessageContaining(reason);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "jdbc:postgresql://host:0/postgres?user=u&password=hunter2hunter2",
                "jdbc:postgresql://host/postgres?password=hunter2hunter2&sslmode=disable",
                "jdbc:postgresql://host/postgres?password=a,b;c)hunter2hunter2&sslmode=disable",
                "jdbc:postgresql://u:hunter2hunter2@host/postgres",
                "postgresql://u:hunter2hunter2@host:x/postgres",
                "postgresql://u:a:b@hunter2hunter2@host/postgres",
            })
    void showsNoPasswordOfABadUrl(String text) {
        assertThatExceptionOfType(InvalidEndpointException.class)
                .isThrownBy(() -> Endpoint.parse(text))
                .withMessageContaining("host")
                .withMessageNotContaining("hunter2");
    }

    @Test
    void keepsNoPasswordOfAUrl() {
        Endpoint endpoint = Endpoint.parse("jdbc:postgresql://" + HOST + "/postgres?password=hunter2hunter2");

        assertThat(endpoint).isEqualTo(Endpoint.parse(HOST));
    }

    @Test
    void isCopiedByItsBuilderInAllParts() {
        Endpoint endpoint = Endpoint.parse("jdbc:postgresql://" + VPCE
                        + ":6543/other?user=app&sslNegotiation=direct&sslmode=require&sslrootcert=/r.pem"
                        + "&options=-c%20amzn-cluster-id=abc&region=eu-west-2")
                .toBuilder()
                .connectTo(HostAndPort.parse("localhost:1", 0))
                .build();

        assertThat(endpoint.toBuilder().build()).isEqualTo(endpoint).hasSameHashCodeAs(endpoint);
    }

    @Test
    void followsLaterOptionsWhenCopied() {
        Endpoint endpoint = Endpoint.parse(VPCE).toBuilder()
                .options("-c amzn-cluster-id=fooabc")
                .build();

        assertThat(endpoint.tokenHost()).isEqualTo("fooabc.dsql.eu-west-1.on.aws");
    }

    @Test
    void overAWebSocketIsOnPort443AndVerified() {
        Endpoint endpoint = Endpoint.parse("jdbc:postgresql://" + HOST + "/postgres?sslmode=require");

        assertThat(endpoint.transport()).isEqualTo(Transport.TCP);
        assertThat(endpoint.over(Transport.AUTO).address()).isEqualTo(new HostAndPort(HOST, 5432));
        Endpoint webSocket = endpoint.over(Transport.AUTO).over(Transport.WEBSOCKET);
        assertThat(webSocket.target()).isEqualTo(new HostAndPort(HOST, 443));
        assertThat(webSocket.trust()).isEqualTo(Trust.jdk());
        assertThat(webSocket).hasToString(HOST + ":443 over WebSocket");
        assertThat(Endpoint.parse(HOST + ":8443").over(Transport.WEBSOCKET).port())
                .isEqualTo(8443);
    }

    @Test
    void overAWebSocketGoesToItsOwnEndOfTheWay() {
        Endpoint endpoint = Endpoint.builder(HOST)
                .connectTo(new HostAndPort("127.0.0.1", 15432))
                .webSocketConnectTo(new HostAndPort("127.0.0.1", 15443))
                .build();

        assertThat(endpoint.target()).isEqualTo(new HostAndPort("127.0.0.1", 15432));
        assertThat(endpoint.over(Transport.WEBSOCKET).target()).isEqualTo(new HostAndPort("127.0.0.1", 15443));
    }

    @Test
    void isReadFromTheUrlThatTheDriverTakesOverAWebSocket() {
        String url = "jdbc:postgresql://" + HOST + ":443/postgres?sslmode=disable&user=app"
                + "&socketFactory=io.github.dsqlreach.connect.WebSocketSocketFactory";

        assertThat(Endpoint.parse(url))
                .isEqualTo(Endpoint.builder(HOST)
                        .user("app")
                        .transport(Transport.WEBSOCKET)
                        .build());
        assertThat(Endpoint.parse(url + "&socketFactoryArg=127.0.0.1:15443").connectTo())
                .contains(new HostAndPort("127.0.0.1", 15443));
        Endpoint throughProxy = Endpoint.parse(url + "&socketFactoryArg=http://127.0.0.1:3128");
        assertThat(throughProxy.proxy()).contains(new HostAndPort("127.0.0.1", 3128));
        assertThat(throughProxy.connectTo()).isEmpty();
        assertThat(Endpoint.parse(DriverProperties.url(throughProxy))).isEqualTo(throughProxy);
    }

    /** A URL of somebody else's names no class that the driver would load. */
    @Test
    void namesNoCodeToRun() {
        Endpoint endpoint = Endpoint.parse("jdbc:postgresql://" + HOST + "/postgres?socketFactory=evil.Factory"
                + "&sslfactory=evil.Factory&authenticationPluginClassName=evil.Plugin&loggerFile=evil");

        assertThat(DriverProperties.url(endpoint)).doesNotContain("evil");
        assertThat(DriverProperties.url(endpoint.over(Transport.WEBSOCKET))).doesNotContain("evil");
    }
}
