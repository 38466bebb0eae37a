package io.github.dsqlreach.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.dsqlreach.Cause;
import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.HostAndPort;
import io.github.dsqlreach.Reachability;
import io.github.dsqlreach.fault.Fault;
import io.github.dsqlreach.local.Refusal;
import io.github.dsqlreach.report.Report;
import java.net.ConnectException;
import java.net.Socket;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class SimulateCommandTest {
    @ParameterizedTest
    @CsvSource({
        "TLS_RESET --no-experiments, 1, TLS_RESET",
        "TLS_RESET, 1, TLS_BLOCKED_ON_PORT",
        "TLS_SILENCE --timeout 2s, 1, TLS_BLOCKED_ON_PORT",
        "TLS_CLOSED, 1, TLS_BLOCKED_ON_PORT",
        "POSTGRES_NEGOTIATION_FILTER, 1, POSTGRES_NEGOTIATION_BLOCKED",
        "not-authorized --no-experiments, 2, NOT_AUTHORIZED"
    })
    void exitsAsACheckBehindThatFault(String fault, int exit, String cause) {
        Run run = Run.of(("simulate " + fault + " --format json").split(" "));

        assertThat(run.exit()).as(run.err()).isEqualTo(exit);
        Reachability report = Report.parse(run.out()).reachability();
        assertThat(report.diagnosis().cause().map(Enum::name)).contains(cause);
        assertThat(report.simulation()).isPresent();
        assertThat(run.err()).isEmpty();
    }

    /** The proxy of the simulation is no tunnel of the user. */
    @ParameterizedTest
    @ValueSource(strings = {"SSL_REQUEST_RESET", "TLS_ALERT", "AUTH_RESET"})
    void readsAsAReportOfTheRealNetwork(String fault) {
        Run run = Run.of("simulate", fault, "--format", "json");
        Report report = Report.parse(run.out());

        assertThat(report.reachability().diagnosis().remedies())
                .noneMatch(remedy -> remedy.contains("goes through"))
                .anyMatch(remedy -> remedy.contains("aws ssm start-session"));
        assertThat(report.html()).contains(">network<").doesNotContain(">tunnel<", "TCP SYN to 127.0.0.1");
    }

    @Test
    void takesParametersOfTheFaultAndOptionsOfTheAttempt() {
        Run run = Run.of("simulate", "LATENCY", "--with", "latency=60", "--through", "tls", "--negotiation", "direct");

        assertThat(run.exit()).isZero();
        assertThat(run.out())
                .containsSubsequence(
                        "Simulated: LATENCY",
                        "latency=60",
                        "direct TLS",
                        "✓ TLS",
                        "✓ SIMULATED (LATENCY): DSQL reachable")
                .contains("– QUERY             not checked");
    }

    @Test
    void getsPastAFirewallOverTheWebSocket() {
        Run run = Run.of("simulate", "TLS_RESET", "--transport", "auto", "--timeout", "20s", "--format", "json");

        assertThat(run.exit()).as(run.out() + run.err()).isZero();
        assertThat(Report.parse(run.out()).reachability().usedWebSocketFallback())
                .isTrue();
        assertThat(Report.parse(run.out()).reachability().summary())
                .startsWith("SIMULATED (TLS_RESET): DSQL reachable over WebSocket on 443, because ");
    }

    @Test
    void putsTheObstacleBeforeTheWebSocketWhereThatIsAskedFor() {
        Run run = Run.of("simulate", "AUTH_RESET", "--transport", "websocket", "--timeout", "20s", "--format", "json");

        assertThat(Report.parse(run.out()).reachability().diagnosis().cause())
                .as(run.out())
                .contains(Cause.AUTH_RESET);
    }

    @Test
    void logsInAsTheGivenUser() {
        Run run = Run.of("simulate", "LATENCY", "--user", "nobody", "--no-experiments", "--format", "json");

        assertThat(run.exit()).as(run.err()).isEqualTo(2);
        assertThat(Report.parse(run.out()).reachability().diagnosis().cause()).contains(Cause.ROLE_NOT_FOUND);
    }

    @Test
    void listsTheCatalogue() {
        Run run = Run.of("simulate", "--list");

        assertThat(run.exit()).isZero();
        assertThat(run.out())
                .contains(Stream.of(Fault.values()).map(Enum::name).toList())
                .contains(Stream.of(Refusal.values()).map(Enum::name).toList())
                .contains("--with latency=200", "--with toxicity=0.5");
        assertThat(run.out().lines())
                .allSatisfy(line -> assertThat(line.length()).isLessThanOrEqualTo(100));
    }

    @ParameterizedTest
    @EnumSource(Fault.class)
    void announcesEveryFaultWithin100Columns(Fault fault) {
        assertThat(Columns.wrapped(
                        "Simulated: "
                                + SimulatedFailure.parse(fault.name(), List.of())
                                        .description(),
                        Columns.WIDTH))
                .isNotEmpty()
                .allSatisfy(line -> assertThat(line.length()).isLessThanOrEqualTo(100));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "simulate; --list",
                "simulate MOON; MOON",
                "simulate OCC_CONFLICT; doctor local --fault OCC_CONFLICT",
                "simulate LATENCY --with latency=soon; latency=soon",
                "simulate LATENCY --with colour=1; no parameter 'colour'",
                "simulate WAKING_UP --with latency=1; has no parameters",
                "simulate TLS_RESET --timeout 5x; 5x' (option --timeout)",
                "simulate TLS_RESET --negotiation none; postgres, direct",
                "simulate TLS_RESET --region us-east-1; --region",
                "simulate TLS_RESET --control-dns 1.1.1.1:53; --control-dns",
                "simulate TLS_RESET SILENCE; SILENCE",
                "simulate TLS_RESET --output /no/where/x; there is no directory"
            })
    void exitsWith64OnWrongUsage(String arguments, String said) {
        Run run = Run.of(arguments.split(" "));

        assertThat(run.exit()).isEqualTo(64);
        assertThat(run.err()).contains(said);
        assertThat(run.out()).isEmpty();
    }

    @Test
    void leavesNothingBehindAndDoesNotCareForTheEnvironment() {
        Run run = new Run.Shell()
                .environment(Map.of("DSQL_ENDPOINT", "no endpoint", "DSQL_REACH_TIMEOUT", "no time"))
                .run("simulate", "BANDWIDTH", "--through", "tcp", "--format", "json");

        assertThat(run.exit()).as(run.err()).isZero();
        Endpoint endpoint = Report.parse(run.out()).reachability().endpoint().orElseThrow();
        HostAndPort proxy = endpoint.connectTo().orElseThrow();
        assertThat(endpoint.trust().rootCertificate().orElseThrow().getParent()).doesNotExist();
        assertThatThrownBy(() -> new Socket(proxy.host(), proxy.port()).close()).isInstanceOf(ConnectException.class);
    }
}
