package io.github.dsqlreach.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import io.github.dsqlreach.Jvm;
import io.github.dsqlreach.LoopbackServer;
import io.github.dsqlreach.fault.Fault;
import io.github.dsqlreach.fault.FaultyTcp;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.testkit.engine.EngineExecutionResults;

/** Faults in front of servers that are no cluster, by annotations. */
@Timeout(120)
class AnyServerTest {
    private static final List<String> SEEN = new CopyOnWriteArrayList<>();

    @Test
    void faultsAreInFrontOfTheServersThatAnnotationsName() throws IOException {
        SEEN.clear();

        EngineExecutionResults results;
        try (LoopbackServer one = greeter();
                LoopbackServer other = greeter()) {
            results = Jupiter.run(parameters(one, other), AnyServerCase.class);
        }

        results.testEvents()
                .assertStatistics(events -> events.succeeded(3 + anyServer()).failed(0));
        assertThat(SEEN).hasSize(anyServer()).contains("SILENCE", "TCP_REFUSED").doesNotContain("TLS_RESET");
    }

    @Test
    void needsNeitherTheAwsSdkNorTheDriver() throws Exception {
        List<String> classPath = Jvm.classPath().stream()
                .filter(entry -> !entry.matches(".*[/\\\\](software[/\\\\]amazon|org[/\\\\]postgresql)[/\\\\].*"))
                .toList();
        ProcessBuilder child = Jvm.running(WithoutThem.class, classPath, List.of("-XX:TieredStopAtLevel=1"));

        assertThat(Jvm.outputOf(child)).contains("succeeded: " + (3 + anyServer()) + ", failed: []");
    }

    @Test
    void saysWhichFaultsThereAreForAnyServer() {
        assertThat(Jupiter.failure(Jupiter.run(TlsCase.class)))
                .hasMessageContaining(
                        "TLS_ALERT needs a cluster's name, or TLS; in front of any TCP server there are [");
    }

    @Test
    void saysThatAnUpstreamIsNoAddress() {
        assertThat(Jupiter.failure(Jupiter.run(NoAddressCase.class)))
                .hasMessageContaining("upstream: 'redis' is not HOST:PORT");
        assertThat(Jupiter.failure(Jupiter.run(UnknownPlaceholderCase.class)))
                .hasMessageContaining("@InjectFault(upstream) is 'redis:${r.port}'; allowed is a text whose placeholder"
                        + " ${r.port} names a JUnit configuration parameter");
    }

    @Test
    void asksInFrontOfWhatWhereNothingOrTooMuchIsNamed() {
        assertThat(Jupiter.failure(Jupiter.run(NamelessCase.class)))
                .hasMessageContaining("A FaultyTcp needs one upstream, and @InjectFault names none");
        assertThat(Jupiter.failure(Jupiter.run(AmbiguousCase.class)))
                .hasMessageContaining("names [a:1, b:2]; name it with @ThroughFault(upstream = …)");
    }

    private static int anyServer() {
        return (int) Arrays.stream(Fault.values()).filter(Fault::isForAnyServer).count();
    }

    /** Runs the same tests in a JVM that lacks both, and tells. */
    static final class WithoutThem {
        public static void main(String... none) throws IOException {
            assertThatThrownBy(() -> Class.forName("software.amazon.awssdk.auth.credentials.AwsCredentialsProvider"))
                    .isInstanceOf(ClassNotFoundException.class);
            assertThatThrownBy(() -> Class.forName("org.postgresql.Driver")).isInstanceOf(ClassNotFoundException.class);
            SummaryGeneratingListener summary = new SummaryGeneratingListener();
            try (LoopbackServer one = greeter();
                    LoopbackServer other = greeter()) {
                LauncherDiscoveryRequest request = LauncherDiscoveryRequestBuilder.request()
                        .selectors(selectClass(AnyServerCase.class))
                        .configurationParameter(Jupiter.MARK, "true")
                        .configurationParameters(parameters(one, other))
                        .build();
                LauncherFactory.create().execute(request, summary);
            }
            System.out.println("succeeded: " + summary.getSummary().getTestsSucceededCount() + ", failed: "
                    + summary.getSummary().getFailures().stream()
                            .map(failure -> failure.getTestIdentifier() + " " + failure.getException())
                            .toList());
        }
    }

    /** Says hello to everyone who says something. */
    private static LoopbackServer greeter() throws IOException {
        return new LoopbackServer((client, connection) -> {
            client.getInputStream().read();
            client.getOutputStream().write("hello".getBytes());
        });
    }

    private static Map<String, String> parameters(LoopbackServer one, LoopbackServer other) {
        return Map.of(
                "one", one.address().toString(),
                "other.port", String.valueOf(other.address().port()));
    }

    private static String greeting(String address) throws IOException {
        int colon = address.lastIndexOf(':');
        try (Socket socket = new Socket(address.substring(0, colon), Integer.parseInt(address.substring(colon + 1)))) {
            socket.getOutputStream().write('?');
            return new String(socket.getInputStream().readAllBytes());
        }
    }

    @ExtendWith(Jupiter.OnlyByTheTest.class)
    static class AnyServerCase {
        @Test
        @InjectFault(value = Fault.SSL_REQUEST_RESET, upstream = "${one}")
        void hit(FaultyTcp one) throws IOException {
            assertThatThrownBy(() -> greeting(one.address().toString())).isInstanceOf(SocketException.class);
            assertThat(greeting(one.clearFaults().address().toString())).isEqualTo("hello");
        }

        @Test
        @InjectFault(value = Fault.SSL_REQUEST_RESET, upstream = "${one}")
        @InjectFault(value = Fault.LATENCY, parameters = "latency=5", upstream = "127.0.0.1:${other.port}")
        void hitsTheOneAndNotTheOther(
                @ThroughFault(upstream = "${one}") FaultyTcp one,
                @ThroughFault(upstream = "127.0.0.1:${other.port}") String other)
                throws IOException {
            assertThat(one.faults()).hasToString("[SSL_REQUEST_RESET]");
            assertThatThrownBy(() -> greeting(one.address().toString())).isInstanceOf(SocketException.class);
            assertThat(greeting(other)).isEqualTo("hello");
        }

        @Test
        @InjectFault(value = Fault.LATENCY, upstream = "${one}", allowUnused = true)
        void isUnusedOnPurpose(FaultyTcp one) {
            assertThat(one.effects()).hasToString("[LATENCY: 0 of 0 connections struck]");
        }

        @ParameterizedTest
        @FaultSource(upstream = "${one}", allowUnused = true)
        void underEach(Fault fault, FaultyTcp one) {
            assertThat(one.faults()).hasToString("[" + fault + "]");
            SEEN.add(fault.name());
        }
    }

    @ExtendWith(Jupiter.OnlyByTheTest.class)
    static class TlsCase {
        @Test
        @InjectFault(value = Fault.TLS_ALERT, upstream = "localhost:1")
        void test() {}
    }

    @ExtendWith(Jupiter.OnlyByTheTest.class)
    static class NoAddressCase {
        @Test
        @InjectFault(value = Fault.LATENCY, upstream = "redis")
        void test() {}
    }

    @ExtendWith(Jupiter.OnlyByTheTest.class)
    static class UnknownPlaceholderCase {
        @Test
        @InjectFault(value = Fault.LATENCY, upstream = "redis:${r.port}")
        void test() {}
    }

    @ExtendWith(Jupiter.OnlyByTheTest.class)
    static class NamelessCase {
        @Test
        @InjectFault(Fault.LATENCY)
        void test(FaultyTcp which) {}
    }

    @ExtendWith(Jupiter.OnlyByTheTest.class)
    static class AmbiguousCase {
        @Test
        @InjectFault(value = Fault.LATENCY, upstream = "a:1")
        @InjectFault(value = Fault.LATENCY, upstream = "b:2")
        void test(FaultyTcp which) {}
    }
}
