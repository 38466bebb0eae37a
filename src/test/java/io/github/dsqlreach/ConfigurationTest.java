package io.github.dsqlreach;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigurationTest {
    private static final String CLUSTER = "abc.dsql.us-east-1.on.aws";

    private final Map<String, String> properties = new HashMap<>();
    private final Map<String, String> environment = new HashMap<>();
    private final Configuration configuration = Configuration.of(properties, environment);

    @ParameterizedTest
    @MethodSource("io.github.dsqlreach.Setting#all")
    void namesEverySettingInEachSource(Setting<?> setting) {
        assertThat(setting.key()).matches("dsql\\.reach\\.[a-z]+(-[a-z]+)*");
        assertThat(setting.attribute()).matches("[a-z]+([A-Z][a-z]+)*");
        assertThat(setting.variables()).first().asString().matches("DSQL_REACH_[A-Z]+(_[A-Z]+)*");
    }

    /** The table is what the settings say of themselves: when this fails, its message has the new row. */
    @ParameterizedTest
    @MethodSource("io.github.dsqlreach.Setting#all")
    void documentsEverySettingAsItIsDeclared(Setting<?> setting) throws IOException {
        assertThat(Path.of("docs/configuration.md"))
                .content()
                .contains("\n| `" + setting.key() + "` | " + setting.description() + " | " + setting.allowed() + " | "
                        + setting.defaultText() + " |\n");
    }

    @Test
    void documentsNoSettingThatThereIsNot() throws IOException {
        assertThat(Pattern.compile("\n\\| `(dsql\\.[^`]*)` \\|")
                        .matcher(Files.readString(Path.of("docs/configuration.md")))
                        .results()
                        .map(row -> row.group(1)))
                .containsExactlyElementsOf(
                        Setting.all().stream().map(Setting::key).toList());
    }

    @Test
    void readsAnEmptyConfigurationAsTheDefaultsOfACheck() {
        assertThat(CheckSettings.of(configuration)).isEqualTo(CheckSettings.defaults());
        properties.put("dsql.reach.timeout", "10s");
        assertThat(CheckSettings.of(configuration)).isEqualTo(CheckSettings.defaults());
        properties.put("dsql.reach.timeout", "3s");
        assertThat(CheckSettings.of(configuration).get(Setting.TIMEOUT)).isEqualTo(Duration.ofSeconds(3));
    }

    @Nested
    class NamesThatThereAreNot {
        @ParameterizedTest
        @CsvSource({
            "dsql.reach.timout, dsql.reach.timeout",
            "dsql.reach.end-point, dsql.reach.endpoint",
            "dsql.reach.minRun, dsql.reach.min-run",
            "dsql.Reach.mode, dsql.reach.mode",
            "dsql.reach.on_blocked, dsql.reach.on-blocked",
            "dsql-reach.mode, dsql.reach.mode",
            "dsqlReach.minRun, dsql.reach.min-run"
        })
        void areRefusedWithTheOneThatWasMeant(String wrong, String meant) {
            properties.put(wrong, "x");

            assertThatExceptionOfType(InvalidConfigurationException.class)
                    .isThrownBy(configuration::checkProperties)
                    .withMessage(wrong + " (system property) is not a setting; did you mean " + meant + "?");
        }

        @Test
        void areRefusedWithTheListWhereNoneIsLikeIt() {
            assertThatExceptionOfType(InvalidConfigurationException.class)
                    .isThrownBy(() ->
                            Configuration.checkKeys("JUnit configuration parameter", Set.of("dsql.reach.xylophone")))
                    .withMessage("dsql.reach.xylophone (JUnit configuration parameter) is not a setting;"
                            + " docs/configuration.md lists all settings");
        }

        @Test
        void areOnlyToldOfInTheEnvironmentWhichBelongsToTheWholeMachine() {
            environment.put("DSQL_REACH_ENPOINT", "x");
            environment.put("DSQLREACH_MODE", "fail");
            environment.put("DSQL_REACH_TIMEOUT", "3s");

            assertThat(configuration.unknownVariables())
                    .containsExactly(
                            "DSQLREACH_MODE (environment variable) is not a setting and is ignored;"
                                    + " did you mean DSQL_REACH_MODE?",
                            "DSQL_REACH_ENPOINT (environment variable) is not a setting and is ignored;"
                                    + " did you mean DSQL_REACH_ENDPOINT?");
        }

        @Test
        void doNotIncludeAVariableThatWindowsFindsInAnotherCase() {
            Map<String, String> asOnWindows = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
            asOnWindows.put("dsql_reach_mode", "fail");
            Configuration windows = Configuration.of(Map.of(), asOnWindows);

            assertThat(windows.get(Setting.MODE)).hasValue(Setting.Mode.FAIL);
            assertThat(windows.unknownVariables()).isEmpty();
        }

        @Test
        void doNotIncludeAnySettingNorWhatIsNotOurs() {
            Setting.all().forEach(setting -> properties.put(setting.key(), ""));
            Setting.all().forEach(setting -> setting.variables().forEach(name -> environment.put(name, "")));
            properties.put("dsql.reachable", "x");
            properties.put("dsql-reach.version", "0.1.0");
            environment.put("DSQL_ENDPOINTS", "x");

            configuration.checkProperties();
            assertThat(configuration.unknownVariables()).isEmpty();
        }
    }

    @Nested
    class Sources {
        @Test
        void anExplicitValueBeatsASystemPropertyWhichBeatsTheEnvironment() {
            environment.put("DSQL_REACH_USER", "weakest");
            assertThat(configuration.get(Setting.USER)).contains("weakest");

            properties.put("dsql.reach.user", "stronger");
            assertThat(configuration.get(Setting.USER)).contains("stronger");

            Configuration explicit = configuration.preferring(setting ->
                    Optional.of(new Configuration.Value("strongest", "here")).filter(v -> setting == Setting.USER));
            assertThat(explicit.value(Setting.USER)).contains(new Configuration.Value("strongest", "here"));
        }

        @Test
        void aBlankValueCountsAsNotSet() {
            environment.put("DSQL_REACH_USER", "app");
            properties.put("dsql.reach.user", "  ");

            assertThat(configuration.value(Setting.USER))
                    .contains(new Configuration.Value("app", "environment variable DSQL_REACH_USER"));
        }

        @Test
        void theKitsOwnVariableBeatsTheCommonOnes() {
            environment.put("DSQL_CLUSTER_ENDPOINT", "fourth");
            assertThat(configuration.get(Setting.ENDPOINT)).contains("fourth");
            environment.put("CLUSTER_ENDPOINT", "third");
            assertThat(configuration.get(Setting.ENDPOINT)).contains("third");
            environment.put("DSQL_ENDPOINT", "second");
            assertThat(configuration.get(Setting.ENDPOINT)).contains("second");
            environment.put("DSQL_REACH_ENDPOINT", "first");
            assertThat(configuration.get(Setting.ENDPOINT)).contains("first");
        }

        @Test
        void nothingIsSetByDefault() {
            assertThat(Setting.all())
                    .allSatisfy(
                            setting -> assertThat(configuration.value(setting)).isEmpty());
            assertThat(configuration.endpoint()).isEmpty();
            assertThat(configuration.hasEndpoint()).isFalse();
        }
    }

    @Nested
    class Placeholders {
        @Test
        void standForASystemPropertyOrElseAnEnvironmentVariable() {
            properties.put("dsql.reach.user", "${role}_${STAGE}");
            properties.put("role", "app");
            environment.put("role", "not this");
            environment.put("STAGE", "ci");

            assertThat(configuration.get(Setting.USER)).contains("app_ci");
        }

        @Test
        void haveADefaultWhichMayBeEmpty() {
            properties.put("dsql.reach.user", "${ROLE:app}");
            properties.put("dsql.reach.endpoint", "${MY_ENDPOINT:}");

            assertThat(configuration.get(Setting.USER)).contains("app");
            assertThat(configuration.endpoint()).isEmpty();
        }

        @Test
        void areReportedWithTheirNameWhenNothingResolvesThem() {
            properties.put("dsql.reach.user", "${ROLE}");

            assertThatExceptionOfType(InvalidConfigurationException.class)
                    .isThrownBy(() -> configuration.get(Setting.USER))
                    .withMessageContaining("${ROLE}")
                    .withMessageContaining("system property dsql.reach.user")
                    .withMessageContaining("${ROLE:default}");
        }

        @Test
        void makeTheEndpointInvalidWhenNothingResolvesThem() {
            properties.put("dsql.reach.endpoint", "${MY_ENDPOINT}");

            assertThat(configuration.hasEndpoint()).isTrue();
            assertThatExceptionOfType(InvalidEndpointException.class)
                    .isThrownBy(configuration::endpoint)
                    .withMessageContaining("${MY_ENDPOINT}");
        }

        @Test
        void mayStandInTheDefaultOfAnother() {
            properties.put("dsql.reach.user", "${A:${B:x${C:}y}}-${D:${NOBODY_NEEDS_THIS}}");
            properties.put("D", "d");
            assertThat(configuration.get(Setting.USER)).contains("xy-d");

            properties.put("B", "b");
            assertThat(configuration.get(Setting.USER)).contains("b-d");
        }

        @Test
        void areNotReplacedInAValue() {
            properties.put("dsql.reach.user", "${A}");
            properties.put("A", "${B}");

            assertThat(configuration.get(Setting.USER)).contains("${B}");
        }

        @ParameterizedTest
        @CsvSource({
            "${A, each ${ has its }",
            "${A:b, each ${ has its }",
            "${}, a placeholder with a name",
            "${ :b}, a placeholder with a name",
            "${${A}}, a placeholder with a name"
        })
        void areReportedWhenTheyAreMalformed(String text, String allowed) {
            properties.put("dsql.reach.user", text);

            assertThatExceptionOfType(InvalidConfigurationException.class)
                    .isThrownBy(() -> configuration.get(Setting.USER))
                    .withMessageContaining("'" + text + "' (system property dsql.reach.user); allowed is ")
                    .withMessageContaining(allowed);
        }

        @Test
        void nestTenDeepAtMost() {
            properties.put("dsql.reach.user", "${A:".repeat(10) + "x" + "}".repeat(10));
            assertThat(configuration.get(Setting.USER)).contains("x");

            properties.put("dsql.reach.user", "${A:".repeat(100_000));
            assertThatExceptionOfType(InvalidConfigurationException.class)
                    .isThrownBy(() -> configuration.get(Setting.USER))
                    .withMessageContaining("at most 10 placeholders inside each other");
        }

        @Test
        void areLookedUpFirstWhereASourceSays() {
            properties.put("A", "property");

            assertThat(configuration
                            .lookingUp(Map.of("A", "parameter")::get)
                            .replacePlaceholders("${A} ${B:b}", "@InjectFault(upstream)"))
                    .isEqualTo("parameter b");
            assertThatExceptionOfType(InvalidConfigurationException.class)
                    .isThrownBy(() -> configuration.replacePlaceholders("${B}:6379", "@InjectFault(upstream)"))
                    .withMessageStartingWith(
                            "@InjectFault(upstream) is '${B}:6379'; allowed is a text whose placeholder ${B}");
        }

        @Test
        void keepADollarInWhatTheyStandFor() {
            properties.put("dsql.reach.user", "${ROLE}");
            properties.put("ROLE", "a$1\\b");

            assertThat(configuration.get(Setting.USER)).contains("a$1\\b");
        }
    }

    @Nested
    class Values {
        @ParameterizedTest
        @CsvSource({
            "10s, PT10S",
            "500ms, PT0.5S",
            "2m, PT2M",
            "PT10S, PT10S",
            "1 s, PT1S",
            "10m, PT10M",
            "1MS, PT0.001S"
        })
        void readsADuration(String text, Duration duration) {
            properties.put("dsql.reach.timeout", text);

            assertThat(configuration.get(Setting.TIMEOUT)).contains(duration);
        }

        @ParameterizedTest
        @ValueSource(strings = {"10", "0ms", "11m", "-PT1S", "1h", "soon", "99999999999s", "PT-1S", "1.5s"})
        void refusesADurationOutsideOfWhatIsAllowed(String text) {
            environment.put("DSQL_REACH_TIMEOUT", text);

            assertThatExceptionOfType(InvalidConfigurationException.class)
                    .isThrownBy(() -> configuration.get(Setting.TIMEOUT))
                    .withMessage("dsql.reach.timeout is '" + text + "' (environment variable DSQL_REACH_TIMEOUT);"
                            + " allowed is a duration from 1ms to 10m, such as 500ms, 10s, 2m or PT10S");
        }

        @Test
        void saysWhatTheDocumentationShows() throws IOException {
            environment.put("DSQL_REACH_TIMEOUT", "soon");

            assertThatThrownBy(() -> configuration.get(Setting.TIMEOUT))
                    .message()
                    .satisfies(message -> assertThat(Files.readString(Path.of("docs/configuration.md"))
                                    .replace('\n', ' '))
                            .contains("```text " + message + " ```"));
        }

        @Test
        void waitsNotAtAllOnRequest() {
            properties.put("dsql.reach.wait-for", "0s");

            assertThat(configuration.get(Setting.WAIT_FOR)).contains(Duration.ZERO);
        }

        @Test
        void readsAChoiceInAnyCase() {
            properties.put("dsql.reach.through", "Tcp");

            assertThat(configuration.get(Setting.THROUGH)).contains(Phase.TCP);
        }

        @Test
        void refusesAnUnknownChoiceAndNamesTheKnownOnes() {
            properties.put("dsql.reach.through", "LOGIN");

            assertThatThrownBy(() -> configuration.get(Setting.THROUGH))
                    .hasMessage("dsql.reach.through is 'LOGIN' (system property dsql.reach.through);"
                            + " allowed is one of dns, tcp, token, tls, auth, query");
        }

        @Test
        void refusesATruthThatIsNone() {
            properties.put("dsql.reach.experiments", "yes");

            assertThatThrownBy(() -> configuration.get(Setting.EXPERIMENTS))
                    .hasMessageContaining("'yes'")
                    .hasMessageContaining("true or false");
        }

        @Test
        void masksASecretInAMessage() {
            properties.put("dsql.reach.endpoint", "http://x/?password=hunter2hunter2");

            assertThatThrownBy(configuration::endpoint).message().doesNotContain("hunter2");
        }
    }

    @Nested
    class TheEndpoint {
        @Test
        void comesFromAUrlWithItsParameters() {
            environment.put(
                    "DSQL_ENDPOINT", "jdbc:postgresql://" + CLUSTER + ":5433/postgres?user=app&sslNegotiation=direct");

            assertThat(configuration.endpoint())
                    .contains(Endpoint.parse(
                            "jdbc:postgresql://" + CLUSTER + ":5433/postgres?user=app&sslNegotiation=direct"));
        }

        @Test
        void takesSettingsOverAUrlsParameters(@TempDir Path directory) throws Exception {
            Path root = Files.createFile(directory.resolve("root.pem"));
            environment.put(
                    "DSQL_ENDPOINT", "jdbc:postgresql://" + CLUSTER + "/postgres?user=app&sslNegotiation=direct");
            properties.put("dsql.reach.user", "other");
            properties.put("dsql.reach.negotiation", "postgres");
            properties.put("dsql.reach.connect-to", "127.0.0.1:15432");
            properties.put("dsql.reach.root-certificate", root.toString());
            properties.put("dsql.reach.region", "eu-west-1");

            Endpoint endpoint = configuration.endpoint().orElseThrow();

            assertThat(endpoint.user()).isEqualTo("other");
            assertThat(endpoint.negotiation()).isEqualTo(Negotiation.POSTGRES);
            assertThat(endpoint.connectTo()).contains(new HostAndPort("127.0.0.1", 15432));
            assertThat(endpoint.trust()).isEqualTo(Trust.rootCertificate(root));
            assertThat(endpoint.region()).contains("eu-west-1");
        }

        @Test
        void hasTheRegionOfTheHostNameWhateverAwsRegionSays() {
            environment.put("DSQL_ENDPOINT", CLUSTER);
            environment.put("AWS_REGION", "eu-west-1");

            assertThat(region()).contains("us-east-1");
        }

        @Test
        void hasTheRegionOfAwsRegionWhereTheHostNameTellsNone() {
            environment.put("DSQL_ENDPOINT", "db.example.com");
            environment.put("AWS_REGION", "eu-west-1");

            assertThat(region()).contains("eu-west-1");
        }

        @Test
        void isThatOfTheIdAndTheRegionThatAwsSamplesUse() {
            environment.put("CLUSTER_ID", "fooabcdefghijklmnopqrstuvw");
            environment.put("REGION", "us-west-2");
            environment.put("CLUSTER_USER", "app");

            Endpoint endpoint = configuration.endpoint().orElseThrow();

            assertThat(configuration.hasEndpoint()).isTrue();
            assertThat(endpoint.host()).isEqualTo("fooabcdefghijklmnopqrstuvw.dsql.us-west-2.on.aws");
            assertThat(endpoint.user()).isEqualTo("app");
        }

        @Test
        void prefersItsOwnSettingsToThoseOfAwsSamples() {
            environment.put("CLUSTER_ID", "fooabcdefghijklmnopqrstuvw");
            environment.put("CLUSTER_REGION", "us-west-2");
            environment.put("CLUSTER_USER", "app");
            environment.put("DSQL_REACH_USER", "admin");
            environment.put("DSQL_ENDPOINT", "jdbc:postgresql://db.example.com/postgres?region=us-east-2");

            Endpoint endpoint = configuration.endpoint().orElseThrow();

            assertThat(endpoint.host()).isEqualTo("db.example.com");
            assertThat(endpoint.region()).contains("us-east-2");
            assertThat(endpoint.user()).isEqualTo("admin");
        }

        @Test
        void isNotThatOfAnotherProductsClusterId() {
            environment.put("CLUSTER_ID", "prod-1");

            assertThat(configuration.endpoint()).isEmpty();
            assertThat(configuration.hasEndpoint()).isFalse();
        }

        @Test
        void isRefusedAsAClustersIdWithoutARegion() {
            environment.put("DSQL_ENDPOINT", "fooabcdefghijklmnopqrstuvw");

            assertThatExceptionOfType(InvalidEndpointException.class)
                    .isThrownBy(configuration::endpoint)
                    .withMessageContaining("no region is known")
                    .withMessageContaining("environment variable DSQL_ENDPOINT");
        }

        @Test
        void isRefusedWithTheValueAndItsOrigin() {
            environment.put("CLUSTER_ENDPOINT", "http://" + CLUSTER);

            assertThatExceptionOfType(InvalidEndpointException.class)
                    .isThrownBy(configuration::endpoint)
                    .withMessageContaining("'http://" + CLUSTER + "'")
                    .withMessageContaining("environment variable CLUSTER_ENDPOINT");
        }

        @ParameterizedTest
        @CsvSource({
            "region, Virginia, us-east-1",
            "negotiation, ssl, 'postgres, direct'",
            "connect-to, localhost, HOST:PORT",
            "root-certificate, /nowhere/root.pem, readable PEM file"
        })
        void refusesABadPart(String name, String value, String allowed) {
            environment.put("DSQL_ENDPOINT", CLUSTER);
            properties.put("dsql.reach." + name, value);

            assertThatExceptionOfType(InvalidConfigurationException.class)
                    .isThrownBy(configuration::endpoint)
                    .withMessageContaining("'" + value + "'")
                    .withMessageContaining("system property dsql.reach." + name)
                    .withMessageContaining(allowed);
        }

        private Optional<String> region() {
            return configuration.endpoint().orElseThrow().region();
        }
    }
}
