package io.github.dsqlreach.diagnosis;

import io.github.dsqlreach.Cause;
import io.github.dsqlreach.CheckSettings;
import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.Evidence;
import io.github.dsqlreach.Experiment;
import io.github.dsqlreach.ExperimentName;
import io.github.dsqlreach.FollowUp;
import io.github.dsqlreach.HostAndPort;
import io.github.dsqlreach.Negotiation;
import io.github.dsqlreach.Phase;
import io.github.dsqlreach.PhaseResult;
import io.github.dsqlreach.Reachability;
import io.github.dsqlreach.Setting;
import io.github.dsqlreach.Transport;
import io.github.dsqlreach.Verdict;
import io.github.dsqlreach.connect.AuthToken;
import io.github.dsqlreach.connect.DriverProperties;
import io.github.dsqlreach.internal.client.Credentials;
import io.github.dsqlreach.internal.probe.ProbeSettings;
import java.time.Duration;
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

    /** All settings at once; replaces those set before. */
    public ReachabilityCheck settings(CheckSettings settings) {
        this.settings = Objects.requireNonNull(settings, "settings");
        return this;
    }

    /** One setting of the group {@link Setting.Group#CHECK}. */
    public <T> ReachabilityCheck with(Setting<T> setting, T value) {
        this.settings = settings.with(setting, Objects.requireNonNull(value, "value"));
        return this;
    }

    /** The last phase of the attempt; {@link Phase#QUERY} by default. */
    public ReachabilityCheck through(Phase through) {
        return with(Setting.THROUGH, through);
    }

    /** The timeout of each phase, 1 ms to 10 min; 10 s by default. The whole attempt may take three times as long. */
    public ReachabilityCheck timeout(Duration timeout) {
        return with(Setting.TIMEOUT, timeout);
    }

    /** How long to wait for a cluster that wakes up or limits the rate of connections; it does not wait by default. */
    public ReachabilityCheck waitFor(Duration waitFor) {
        return with(Setting.WAIT_FOR, waitFor);
    }

    /** The AWS credentials provider, which overrides a profile; the SDK's default chain by default. */
    public ReachabilityCheck credentials(AwsCredentialsProvider credentials) {
        this.credentials = Credentials.of(credentials);
        return this;
    }

    /** The profile of the AWS configuration files that has the credentials; the SDK's default by default. */
    public ReachabilityCheck profile(String profile) {
        return with(Setting.PROFILE, profile);
    }

    /** Whether experiments run when the attempt fails; {@code true} by default. */
    public ReachabilityCheck experiments(boolean experiments) {
        return with(Setting.EXPERIMENTS, experiments);
    }

    /**
     * The address of the TLS server on AWS that experiments compare with: by default the regional AWS API on port 443.
     * There is none by default if the host has no cluster name, over a WebSocket, or with {@code connectTo}: this
     * machine's own network says nothing about the other end of a tunnel.
     */
    public ReachabilityCheck control(HostAndPort control) {
        return with(Setting.CONTROL, control);
    }

    /**
     * A DNS server to compare with if this machine's resolver says that the name does not exist, such as {@code
     * 1.1.1.1:53}: it tells a filtering resolver from a wrong name. None by default: host names are not sent to third
     * parties.
     */
    public ReachabilityCheck controlDns(HostAndPort server) {
        return with(Setting.CONTROL_DNS, server);
    }

    /** Gets the result of each phase when it finishes, in a thread of the check; no listener by default. */
    public ReachabilityCheck onPhase(Consumer<PhaseResult> listener) {
        this.listener = Objects.requireNonNull(listener);
        return this;
    }

    /** The lifetime of the token, 1 s to 604,800 s; 900 s by default. */
    public ReachabilityCheck tokenLifetime(Duration tokenLifetime) {
        AuthToken.checkLifetime(tokenLifetime);
        this.tokenLifetime = tokenLifetime;
        return this;
    }

    /**
     * Makes the attempt, runs experiments if it fails, and diagnoses the failure. Failures of the network, the
     * credentials or the cluster are results and not exceptions.
     *
     * @throws IllegalStateException if the thread is interrupted; its interrupt status is kept
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
                : settings.find(Setting.PROFILE)
                        .or(endpoint::profile)
                        .map(Credentials::profile)
                        .orElseGet(Credentials::defaultChain);
        try {
            ProbeSettings probe = new ProbeSettings(endpoint, settings, used, tokenLifetime);
            Controls controls = new Controls(control(), settings.find(Setting.CONTROL_DNS), webSocket());
            Reachability overTcp = new CheckRun(probe, controls, listener).run();
            return endpoint.transport() == Transport.AUTO
                            && (overTcp.verdict() == Verdict.BLOCKED || needsProxyForNames(overTcp))
                            && webSocketMayWork(overTcp)
                    ? overWebSocket(probe, overTcp)
                    : overTcp;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while checking " + endpoint, e);
        }
    }

    /**
     * Whether an attempt over the WebSocket is worth it. A failure such as a wrong certificate needs no experiments, so that the
     * one with the WebSocket may be missing.
     */
    private boolean webSocketMayWork(Reachability overTcp) {
        Optional<Experiment> tried = overTcp.followUp().experiment(ExperimentName.WEB_SOCKET_443);
        Phase failed = overTcp.diagnosis().layer().orElse(Phase.QUERY);
        return tried.map(ExperimentResults::webSocketMayWork)
                .orElseGet(() -> webSocket().isPresent()
                        && (failed == Phase.TCP || failed == Phase.TLS || needsProxyForNames(overTcp)));
    }

    /** An HTTP proxy looks the cluster's name up itself, so this machine's resolver does not matter to it. */
    private static boolean needsProxyForNames(Reachability overTcp) {
        return overTcp.attempt()
                .map(attempt -> attempt.result(Phase.DNS))
                .filter(dns -> dns.failed() && dns.evidence().has(Evidence.UNUSED_PROXY))
                .isPresent();
    }

    /** Checks over the WebSocket; if that is blocked as well, the result over TCP counts. */
    private Reachability overWebSocket(ProbeSettings probe, Reachability overTcp) throws InterruptedException {
        Controls controls = new Controls(Optional.empty(), settings.find(Setting.CONTROL_DNS), Optional.empty());
        Reachability other = new CheckRun(probe.over(Transport.WEBSOCKET), controls, listener).run();
        if (other.verdict() == Verdict.BLOCKED
                || other.verdict() == Verdict.UNKNOWN
                || overTcp.verdict() != Verdict.BLOCKED && !other.isReachable()
                || other.diagnosis()
                        .cause()
                        .filter(Cause.TIMEOUT_TOO_SHORT::equals)
                        .isPresent()) {
            return overTcp;
        }
        FollowUp followUp = other.followUp().after(overTcp);
        Endpoint reached = other.endpoint().orElseThrow();
        return Reachability.of(
                        other.endpoint(),
                        other.attempt(),
                        followUp,
                        Diagnoses.of(reached, other.attempt().orElseThrow(), followUp))
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

    /** Port 443 of the cluster, unless the endpoint has no cluster name or goes through a tunnel. */
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
