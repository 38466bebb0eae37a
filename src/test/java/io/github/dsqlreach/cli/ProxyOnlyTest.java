package io.github.dsqlreach.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.dsqlreach.Jvm;
import io.github.dsqlreach.connect.ConnectProxy;
import io.github.dsqlreach.local.LocalDsql;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.auth.credentials.AwsCredentials;

/** A machine whose resolver does not know the cluster's name, and an HTTP proxy that knows it. */
class ProxyOnlyTest {
    private static LocalDsql cluster;
    private static ConnectProxy proxy;

    @BeforeAll
    static void start() throws Exception {
        cluster = LocalDsql.start();
        proxy = new ConnectProxy(cluster.webSocketAddress(), null);
    }

    @AfterAll
    static void stop() throws Exception {
        proxy.close();
        cluster.close();
    }

    private static String doctor(String transport, List<String> options, Map<String, String> environment)
            throws Exception {
        List<String> all = new ArrayList<>(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
        all.addAll(options);
        ProcessBuilder jvm = Jvm.running(
                Doctor.class,
                all,
                cluster.endpoint().host(),
                "--transport",
                transport,
                "--timeout",
                "5s",
                "--root-cert",
                cluster.rootCertificate().toString());
        AwsCredentials credentials = cluster.credentialsProvider().resolveCredentials();
        jvm.environment().put("AWS_ACCESS_KEY_ID", credentials.accessKeyId());
        jvm.environment().put("AWS_SECRET_ACCESS_KEY", credentials.secretAccessKey());
        jvm.environment()
                .keySet()
                .removeIf(name -> name.toLowerCase(Locale.ROOT).endsWith("_proxy"));
        jvm.environment().putAll(environment);
        return Jvm.outputOf(jvm);
    }

    @Test
    void isReachedByAutoThroughTheProxyOfTheJvm() throws Exception {
        String said =
                doctor("auto", List.of("-Dhttps.proxyHost=127.0.0.1", "-Dhttps.proxyPort=" + proxy.port()), Map.of());

        assertThat(said).contains("DSQL reachable over WebSocket on 443, because");
        assertThat(proxy.requests()).contains("CONNECT " + cluster.endpoint().host() + ":443 HTTP/1.1");
    }

    @Test
    void isReachedByAutoThroughTheProxyOfTheEnvironment() throws Exception {
        String said = doctor("auto", List.of(), Map.of("HTTPS_PROXY", "http://127.0.0.1:" + proxy.port()));

        assertThat(said).contains("DSQL reachable over WebSocket on 443, because");
    }

    @Test
    void getsTheAdviceToUseTheProxyWhereOnlyTcpIsAllowed() throws Exception {
        String said = doctor("tcp", List.of(), Map.of("HTTPS_PROXY", "http://127.0.0.1:" + proxy.port()));

        assertThat(said)
                .contains("at DNS")
                .contains("`127.0.0.1:" + proxy.port() + "`, which the PostgreSQL driver ignores")
                .contains("dsql.reach.transport=websocket");
    }
}
