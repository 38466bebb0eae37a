package io.github.dsqlreach.diagnosis;

import io.github.dsqlreach.Cause;
import io.github.dsqlreach.CheckSettings;
import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.Experiment;
import io.github.dsqlreach.HostAndPort;
import io.github.dsqlreach.Negotiation;
import io.github.dsqlreach.Phase;
import io.github.dsqlreach.PhaseResult;
import io.github.dsqlreach.Reachability;
import io.github.dsqlreach.Setting;
import io.github.dsqlreach.Transport;
import io.github.dsqlreach.Verdict;
import io.github.dsqlreach.connect.AuthToken;
import io.github.dsqlreach.connect.Credentials;
import io.github.dsqlreach.connect.DriverProperties;
import io.github.dsqlreach.internal.probe.ProbeSettings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;

/**
 * Checks whether an endpoint can be used from here, and if not, why.
 *
 * <pre>{@code
 * Reachability reachability = ReachabilityCheck.of(Endpoint.parse("abc.dsql.us-east-1.on.aws"))
 *         .timeout(Duration.ofSeconds(5))
 *         .run();
 * }</pre>
 */
public final class ReachabilityCheck {
    private static final int HTTPS_PORT = 443;

    private final Endpoint endpoint;
    private CheckSettings settings = CheckSettings.defaults();
    private @Nullable Credentials credentials;
    private @Nullable HostAndPort webSocket;
    private Duration tokenLifetime = AuthToken.DEFAULT_LIFETIME;
    private Consumer<PhaseResult> listener = result -> {};

    private ReachabilityCheck(Endpoint endpoint) {
        this.endpoint = Objects.requireNonNull(endpoint, "endpoint");
    }

    /** A check of that endpoint, with the defaults described at each option. */
    public static ReachabilityCheck of(Endpoint endpoint) {
        return new ReachabilityCheck(endpoint);
    }

    /** All settings at once; those made before are forgotten. */
    public ReachabilityCheck settings(CheckSettings settings) {
        this.settings = Objects.requireNonNull(settings, "settings");
        return this;
    }

    /** One setting of the group {@link Setting.Group#CHECK}. */
    public <T> ReachabilityCheck with(Setting<T> setting, T value) {
        this.settings = settings.with(setting, Objects.requireNonNull(value, "value"));
        return this;
    }

    /** How far the attempt must get; {@link Phase#QUERY} by default. */
    public ReachabilityCheck through(Phase through) {
        return with(Setting.THROUGH, through);
    }

    /** How long each phase may take, 1 ms to 10 min; 10 s by default. The whole attempt may take three times that. */
    public ReachabilityCheck timeout(Duration timeout) {
        return with(Setting.TIMEOUT, timeout);
    }

    /** How long to wait for a cluster that wakes up or limits its rate; not at all by default. */
    public ReachabilityCheck waitFor(Duration waitFor) {
        return with(Setting.WAIT_FOR, waitFor);
    }

    /** Where AWS credentials come from, stronger than a profile; the SDK's default chain by default. */
    public ReachabilityCheck credentials(AwsCredentialsProvider credentials) {
        this.credentials = Credentials.of(credentials);
        return this;
    }

    /** The profile of the AWS configuration files whose credentials to use; the SDK's choice by default. */
    public ReachabilityCheck profile(String profile) {
        return with(Setting.PROFILE, profile);
    }

    /** Whether to experiment when the attempt fails; {@code true} by default. */
    public ReachabilityCheck experiments(boolean experiments) {
        return with(Setting.EXPERIMENTS, experiments);
    }

    /**
     * The address of the TLS server on AWS that experiments compare with; by default the regional AWS API on port 443,
     * or none when the endpoint is reached over loopback or by {@code connectTo}: the way there says nothing about a
     * tunnel's far end.
     */
    public ReachabilityCheck control(HostAndPort control) {
        return with(Setting.CONTROL, control);
    }

    /**
     * A DNS server to compare with where this machine's says that the name does not exist, such as {@code 1.1.1.1:53}:
     * it tells a filtering resolver from a wrong name. None by default, because a host name is nobody else's business.
     */
    public ReachabilityCheck controlDns(HostAndPort server) {
        return with(Setting.CONTROL_DNS, server);
    }

    /** Told each phase's result as it comes in, from a thread of the check; nothing by default. */
    public ReachabilityCheck onPhase(Consumer<PhaseResult> listener) {
        this.listener = Objects.requireNonNull(listener);
        return this;
    }

    /** How long the token is valid, 1 s to 604,800 s; 900 s by default. */
    public ReachabilityCheck tokenLifetime(Duration tokenLifetime) {
        AuthToken.checkLifetime(tokenLifetime);
        this.tokenLifetime = tokenLifetime;
        return this;
    }

    /**
     * Checks, experiments if the attempt fails, and tells what the facts come to. Never throws for what the network, the
     * credentials or the cluster do.
     *
     * @throws IllegalStateException if the thread is interrupted meanwhile; the interrupt is kept
     */
    public Reachability run() {
        return run(DriverProperties.driverVersion());
    }

    /** For tests: with another version of the driver. */
    Reachability run(String driver) {
        if (endpoint.transport() != Transport.WEBSOCKET
                && endpoint.negotiation() == Negotiation.DIRECT
                && settings.get(Setting.THROUGH).compareTo(Phase.AUTH) >= 0
                && !DriverProperties.knowsDirectTls(driver)) {
            return Diagnoses.notChecked(
                    Optional.of(endpoint), Cause.DRIVER_TOO_OLD, "pgjdbc " + driver + " ignores sslNegotiation=direct");
        }
        Credentials used = credentials != null
                ? credentials
                : settings.find(Setting.PROFILE).map(Credentials::profile).orElseGet(Credentials::defaultChain);
        try {
            ProbeSettings probe = new ProbeSettings(endpoint, settings, used, tokenLifetime);
            Controls controls = new Controls(control(), settings.find(Setting.CONTROL_DNS), webSocket());
            Reachability overTcp = new CheckRun(probe, controls, listener).run();
            return endpoint.transport() == Transport.AUTO
                            && overTcp.verdict() == Verdict.BLOCKED
                            && Tries.webSocketMayWork(overTcp.experiments())
                    ? overWebSocket(probe, overTcp)
                    : overTcp;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while checking " + endpoint, e);
        }
    }

    /** The way that an experiment found; where it leads no farther, there is nothing better to say than before. */
    private Reachability overWebSocket(ProbeSettings probe, Reachability overTcp) throws InterruptedException {
        Controls controls = new Controls(Optional.empty(), settings.find(Setting.CONTROL_DNS), Optional.empty());
        Reachability other = new CheckRun(probe.over(Transport.WEBSOCKET), controls, listener).run();
        if (other.verdict() == Verdict.BLOCKED
                || other.verdict() == Verdict.UNKNOWN
                || other.diagnosis()
                        .cause()
                        .filter(Cause.TIMEOUT_TOO_SHORT::equals)
                        .isPresent()) {
            return overTcp;
        }
        List<Experiment> experiments = new ArrayList<>(other.experiments());
        experiments.add(0, Diagnoses.overTcp(overTcp));
        Endpoint reached = other.endpoint().orElseThrow();
        return Reachability.of(
                        other.endpoint(),
                        other.attempt(),
                        experiments,
                        Diagnoses.of(reached, other.attempt().orElseThrow(), experiments))
                .timed(overTcp.startedAt(), overTcp.took().plus(other.took()))
                .by(other.tool());
    }

    private Optional<HostAndPort> control() {
        Optional<HostAndPort> control = settings.find(Setting.CONTROL);
        if (control.isPresent()) {
            return control;
        }
        return endpoint.transport() == Transport.WEBSOCKET
                        || endpoint.connectTo().isPresent()
                        || !endpoint.isClusterName()
                ? Optional.empty()
                : endpoint.region().map(region -> new HostAndPort(Controls.apiHost(region), HTTPS_PORT));
    }

    /** For tests: where the cluster's WebSocket listens. */
    ReachabilityCheck webSocket(HostAndPort address) {
        this.webSocket = Objects.requireNonNull(address);
        return this;
    }

    /** On port 443 of the cluster's name, where the way there is the cluster's own. */
    private Optional<HostAndPort> webSocket() {
        if (webSocket != null) {
            return Optional.of(webSocket);
        }
        if (endpoint.webSocketConnectTo().isPresent()) {
            return endpoint.webSocketConnectTo();
        }
        return endpoint.transport() == Transport.WEBSOCKET
                        || endpoint.connectTo().isPresent()
                        || !endpoint.isClusterName()
                        || endpoint.port() == HTTPS_PORT
                ? Optional.empty()
                : Optional.of(new HostAndPort(endpoint.host(), HTTPS_PORT));
    }
}
