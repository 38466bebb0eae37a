package io.github.dsqlreach.diagnosis;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.HostAndPort;
import io.github.dsqlreach.Jvm;
import io.github.dsqlreach.Phase;
import io.github.dsqlreach.Reachability;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;

/** The SDK's default chain itself, which reads the environment: each case in a JVM with an environment of its own. */
class DefaultChainTest {
    @TempDir
    Path home;

    /** What runs there: a check through TOKEN with the default chain, its outcome printed. */
    static final class Child {
        private Child() {}

        public static void main(String[] arguments) throws IOException {
            // The SDK's classes take a while to load, and that is not the matter here.
            DefaultCredentialsProvider.builder().build().close();
            try (ServerSocket anybody = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
                Endpoint endpoint = Endpoint.builder("abc.dsql.us-east-1.on.aws")
                        .connectTo(new HostAndPort("127.0.0.1", anybody.getLocalPort()))
                        .build();
                long timeout = Long.parseLong(arguments[0]);
                Reachability reachability = ReachabilityCheck.of(endpoint)
                        .timeout(Duration.ofMillis(timeout))
                        .experiments(false)
                        .through(Phase.TOKEN)
                        .run();
                System.out.println(reachability);
                System.out.println("in time: " + (reachability.took().toMillis() < timeout + 1_000));
            }
        }
    }

    @Test
    void doesNotHangOnASilentMetadataService() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            String output = run(
                    900,
                    Map.of("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://127.0.0.1:" + silent.getLocalPort()),
                    false);

            assertThat(output)
                    .contains("the AWS SDK's default chain did not answer in")
                    .contains("it waits for the EC2 instance metadata service (169.254.169.254)")
                    .contains("AWS_EC2_METADATA_DISABLED=true")
                    .contains("in time: true");
        }
    }

    @Test
    void namesTheProfileThatIsNotThere() throws Exception {
        Files.writeString(
                home.resolve("config"), "[profile work]\nregion = us-east-1\n[profile home]\nregion = us-east-1\n");

        assertThat(run(20_000, Map.of("AWS_PROFILE", "wrok"), true))
                .contains("there is no profile 'wrok'; there are: work, home")
                .contains("aws configure list-profiles");
    }

    @Test
    void seesAKeyWithoutItsSecret() throws Exception {
        assertThat(run(20_000, Map.of("AWS_ACCESS_KEY_ID", "AKIAEXAMPLEEXAMPLEEX"), true))
                .contains("found no credentials in 6 sources")
                .contains("environment variables: AWS_SECRET_ACCESS_KEY is not set");
    }

    @Test
    void findsCredentialsInAProfile() throws Exception {
        Files.writeString(
                home.resolve("credentials"),
                "[work]\naws_access_key_id = AKIAEXAMPLEEXAMPLEEX\naws_secret_access_key = wJalrXUtnFEMIexamplekey\n");

        assertThat(run(20_000, Map.of("AWS_PROFILE", "work"), true))
                .contains("DSQL reachable")
                .doesNotContain("wJalrXUtnFEMI");
    }

    private String run(int millis, Map<String, String> environment, boolean metadataOff)
            throws IOException, InterruptedException {
        ProcessBuilder builder = Jvm.running(Child.class, List.of("-Duser.home=" + home), String.valueOf(millis))
                .redirectErrorStream(true)
                .redirectOutput(home.resolve("output").toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("AWS_"));
        builder.environment().put("AWS_CONFIG_FILE", home.resolve("config").toString());
        builder.environment()
                .put("AWS_SHARED_CREDENTIALS_FILE", home.resolve("credentials").toString());
        if (metadataOff) {
            builder.environment().put("AWS_EC2_METADATA_DISABLED", "true");
        }
        builder.environment().putAll(environment);
        Process process = builder.start();
        try {
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        } finally {
            process.destroyForcibly();
        }
        return Files.readString(home.resolve("output"), StandardCharsets.UTF_8);
    }
}
