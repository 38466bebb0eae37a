package io.github.dsqlreach.diagnosis;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.dsqlreach.Trust;
import io.github.dsqlreach.connect.DriverProperties;
import io.github.dsqlreach.local.LocalDsql;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Settings of a JVM that keep clients from connecting are blamed, and not the network: each in a JVM of its own, where the
 * bare driver, the check and the data source of the tests must agree.
 */
class JvmSettingsTest {
    @TempDir
    private static Path directory;

    private static LocalDsql cluster;

    @BeforeAll
    static void start() throws Exception {
        cluster = LocalDsql.start();
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        write(store, "empty.p12");
        try (InputStream in = Files.newInputStream(cluster.rootCertificate())) {
            store.setCertificateEntry(
                    "root", CertificateFactory.getInstance("X.509").generateCertificate(in));
        }
        write(store, "good.p12");
        Files.copy(cluster.rootCertificate(), directory.resolve("root.pem"));
        security("no-versions", "jdk.tls.disabledAlgorithms=TLSv1.3, TLSv1.2, TLSv1.1, TLSv1");
        security("no-keys", "jdk.tls.disabledAlgorithms=RSA, EC");
        security("no-certificates", "jdk.certpath.disabledAlgorithms=RSA, EC");
        Files.writeString(directory.resolve("hosts"), "192.0.2.1 elsewhere.example\n");
    }

    private static void write(KeyStore store, String name) throws Exception {
        try (OutputStream out = Files.newOutputStream(directory.resolve(name))) {
            store.store(out, "changeit".toCharArray());
        }
    }

    private static void security(String name, String line) throws Exception {
        Files.writeString(directory.resolve(name), line + "\n");
    }

    @AfterAll
    static void stop() {
        cluster.close();
    }

    /** A setting, and what the check says that it does. */
    enum Harmful {
        NO_SERVER_NAME("-Djsse.enableSNIExtension=false", "offers no server name (SNI)"),
        NO_NAME_EXTENSION("-Djdk.tls.client.disableExtensions=server_name", "offers no server name (SNI)"),
        NO_GROUPS_EXTENSION("-Djdk.tls.client.disableExtensions=supported_groups", "none of the key exchange groups"),
        NO_SIGNATURES_EXTENSION(
                "-Djdk.tls.client.disableExtensions=signature_algorithms", "none of the signature algorithms"),
        OLD_CIPHER_SUITE("-Djdk.tls.client.cipherSuites=TLS_RSA_WITH_AES_128_CBC_SHA", "none of the cipher suites"),
        OLD_VERSION("-Djdk.tls.client.protocols=TLSv1.1", "cannot start TLS: No appropriate protocol"),
        UNKNOWN_VERSION("-Djdk.tls.client.protocols=TLSv9", "TLSv9 is not a supported SSL protocol name"),
        UNKNOWN_GROUP("-Djdk.tls.namedGroups=sect571r1", "cannot start TLS: Curve not supported"),
        OTHER_SIGNATURES(
                "-Djdk.tls.client.SignatureSchemes=ecdsa_secp521r1_sha512",
                "rejects the algorithms of the certificate"),
        DISABLED_VERSIONS("-Djava.security.properties={no-versions}", "cannot start TLS: No appropriate protocol"),
        DISABLED_KEYS("-Djava.security.properties={no-keys}", "none of the signature algorithms"),
        DISABLED_CERTIFICATES("-Djava.security.properties={no-certificates}", "none of the signature algorithms"),
        SHORT_CHAIN("-Djdk.tls.maxCertificateChainLength=1", "chain length (2) exceeds the maximum"),
        SMALL_MESSAGES("-Djdk.tls.maxHandshakeMessageSize=100", "exceeds the maximum allowed size (100)"),
        REVOCATION("-Dcom.sun.net.ssl.checkRevocation=true", "checks revocation");

        private final String option;
        private final String effect;

        Harmful(String option, String effect) {
            this.option = option;
            this.effect = effect;
        }
    }

    @ParameterizedTest
    @EnumSource
    void blamesTheSettingAndNotTheNetwork(Harmful harmful) throws Exception {
        String option = withFiles(harmful.option);
        ThreeClients said = ThreeClients.in(List.of(option), cluster, DriverProperties.url(cluster.endpoint()));

        assertBlamed(said, harmful.effect);
        String name = option.startsWith("-Djava.security.properties=")
                ? "disabledAlgorithms"
                : option.substring(2, option.indexOf('='));
        assertThat(said.report()).contains("setting").contains(name);
    }

    private static final String GOOD = "trustStore={good.p12} trustStorePassword=changeit";

    /** What is wrong with the trust store or the key store. */
    enum Store {
        WRONG_PASSWORD("trustStore={good.p12} trustStorePassword=wrong", "password was incorrect"),
        NO_PASSWORD("trustStore={good.p12}", "set javax.net.ssl.trustStorePassword"),
        EMPTY("trustStore={empty.p12} trustStorePassword=changeit", "contains no certificates"),
        PEM("trustStore={root.pem}", "is a PEM file"),
        MISSING("trustStore={missing.p12}", "does not exist, so this JVM uses the JDK's own roots"),
        UNKNOWN_TYPE("trustStore={good.p12} trustStoreType=NOPE", "NOPE"),
        UNKNOWN_PROVIDER("trustStore={good.p12} trustStoreProvider=NOPE", "no such provider: NOPE"),
        NONE("trustStore=NONE", "does not exist"),
        MISSING_KEY_STORE(GOOD + " keyStore={missing.p12}", "key store cannot be read"),
        WRONG_PASSWORD_OF_KEY_STORE(GOOD + " keyStore={good.p12} keyStorePassword=wrong", "password was incorrect");

        private final String properties;
        private final String effect;

        Store(String properties, String effect) {
            this.properties = properties;
            this.effect = effect;
        }

        List<String> options() {
            return List.of(withFiles(properties).split(" ")).stream()
                    .map(property -> "-Djavax.net.ssl." + property)
                    .toList();
        }
    }

    @ParameterizedTest
    @EnumSource
    void saysInOneSentenceWhatIsWrongWithTheTrustStoreOrKeyStore(Store store) throws Exception {
        ThreeClients said = ThreeClients.in(store.options(), cluster, urlWithJdkTrust());

        assertBlamed(said, store.effect);
        assertThat(said.report()).contains("javax.net.ssl.trustStore");
        assertThat(said.output()).doesNotContain("\tat ", "NoClassDefFoundError");
    }

    @Test
    void doesNotShowThePasswordOfTheTrustStore() throws Exception {
        ThreeClients said = ThreeClients.in(
                List.of(
                        "-Djavax.net.ssl.trustStore=" + directory.resolve("good.p12"),
                        "-Djavax.net.ssl.trustStorePassword=verySecretWord"),
                cluster,
                urlWithJdkTrust());

        assertThat(said.report()).contains("javax.net.ssl.trustStorePassword").doesNotContain("verySecretWord");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-Djdk.tls.client.protocols=TLSv1.2",
                "-Djdk.tls.client.cipherSuites=TLS_AES_128_GCM_SHA256",
                "-Djdk.tls.namedGroups=secp256r1",
                "-Djdk.tls.useExtendedMasterSecret=false",
                "-Djdk.tls.client.disableExtensions=status_request",
                "-Dhttps.protocols=TLSv1.2",
                "-DsocksNonProxyHosts=localhost|127.*|[::1]"
            })
    void listsASettingThatDoesNoHarm(String option) throws Exception {
        ThreeClients said = ThreeClients.in(List.of(option), cluster, DriverProperties.url(cluster.endpoint()));

        assertThat(said.check()).isEqualTo("REACHABLE");
        assertThat(said.driverConnects()).isTrue();
        assertThat(said.dataSourceConnects()).isTrue();
        assertThat(said.report()).contains("system property " + option.substring(2) + " (command line)");
    }

    @Test
    void namesTheVariableThatSetsAProperty() throws Exception {
        ProcessBuilder jvm = ThreeClients.jvm(List.of());
        jvm.environment().put("JAVA_TOOL_OPTIONS", "-Djsse.enableSNIExtension=false");
        ThreeClients said = ThreeClients.in(jvm, cluster, DriverProperties.url(cluster.endpoint()));

        assertBlamed(said, "system property jsse.enableSNIExtension=false (environment variable JAVA_TOOL_OPTIONS)");
    }

    @Test
    void blamesAHostsFileOfTheJvmForANameThatIsNotInIt() throws Exception {
        ThreeClients said = ThreeClients.in(
                List.of("-Djdk.net.hosts.file=" + directory.resolve("hosts")),
                cluster,
                "jdbc:postgresql://abc.dsql.us-east-1.on.aws/postgres");

        assertBlamed(said, "looks names up in a hosts file only");
    }

    @Test
    void blamesIpv4OnlyForAnIpv6Address() throws Exception {
        ThreeClients said = ThreeClients.in(
                List.of("-Djava.net.preferIPv4Stack=true"),
                cluster,
                "jdbc:postgresql://abc.dsql.us-east-1.on.aws/postgres?socketFactory="
                        + "io.github.dsqlreach.connect.ConnectToSocketFactory&socketFactoryArg=[::1]:"
                        + cluster.address().port());

        assertBlamed(said, "this JVM uses IPv4 only");
    }

    private static void assertBlamed(ThreeClients said, String effect) {
        assertThat(said.check()).as(said.output()).isEqualTo("MISCONFIGURED");
        assertThat(said.cause()).isEqualTo("JVM_SETTING");
        assertThat(said.report()).contains(effect);
        assertThat(said.driverConnects()).isFalse();
        assertThat(said.dataSourceConnects()).isFalse();
    }

    private static String urlWithJdkTrust() {
        return DriverProperties.url(
                cluster.endpoint().toBuilder().trust(Trust.jdk()).build());
    }

    private static String withFiles(String text) {
        return text.replaceAll("\\{([^}]*)}", directory.resolve("X").toString().replaceFirst("X$", "\\$1"));
    }
}
