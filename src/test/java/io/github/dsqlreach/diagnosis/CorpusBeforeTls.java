package io.github.dsqlreach.diagnosis;

import static io.github.dsqlreach.Confidence.CONFIRMED;
import static io.github.dsqlreach.Confidence.LIKELY;

import io.github.dsqlreach.Cause;
import io.github.dsqlreach.Confidence;
import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.Evidence;
import io.github.dsqlreach.ExperimentName;
import io.github.dsqlreach.FailureKind;
import io.github.dsqlreach.FullQueue;
import io.github.dsqlreach.HostAndPort;
import io.github.dsqlreach.LoopbackServer;
import io.github.dsqlreach.Negotiation;
import io.github.dsqlreach.Phase;
import io.github.dsqlreach.SentMessage;
import io.github.dsqlreach.Transport;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProviderChain;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.auth.credentials.SystemPropertyCredentialsProvider;

/** Scenarios of DNS, TCP, TOKEN, and of no endpoint at all. */
final class CorpusBeforeTls {
    private static final Endpoint PRIVATE_LINK =
            Endpoint.parse("abc123def456ghi789jkl012mn.dsql-fnh4.us-east-1.on.aws");

    private CorpusBeforeTls() {}

    static List<Scenario> scenarios() {
        return List.of(
                Scenario.of(
                        Cause.DNS_NAME_NOT_FOUND,
                        CONFIRMED,
                        "a mistyped name",
                        scene -> HandMade.attempt()
                                .fail(Phase.DNS, FailureKind.NAME_NOT_FOUND, "no such host: " + HandMade.CLUSTER.host())
                                .tried(ExperimentName.CONTROL_NAME, e -> {})
                                .tried(ExperimentName.DNS_A, FailureKind.NAME_NOT_FOUND)
                                .diagnosed()),
                Scenario.of(
                        Cause.DNS_NO_PUBLIC_NAMES,
                        LIKELY,
                        "a runner without public names",
                        scene -> HandMade.attempt()
                                .fail(Phase.DNS, FailureKind.NAME_NOT_FOUND, "no such host: " + HandMade.CLUSTER.host())
                                .tried(ExperimentName.CONTROL_NAME, FailureKind.NAME_NOT_FOUND)
                                .diagnosed()),
                Scenario.of(
                        Cause.DNS_NO_PUBLIC_NAMES,
                        LIKELY,
                        "a resolver that says no and then nothing",
                        scene -> HandMade.attempt()
                                .fail(Phase.DNS, FailureKind.NAME_NOT_FOUND, "no such host: " + HandMade.CLUSTER.host())
                                .tried(ExperimentName.CONTROL_NAME, FailureKind.TIMEOUT)
                                .diagnosed()),
                Scenario.of(
                        Cause.DNS_FILTERED,
                        CONFIRMED,
                        "a resolver that hides the name",
                        scene -> HandMade.attempt()
                                .fail(Phase.DNS, FailureKind.NAME_NOT_FOUND, "no such host: " + HandMade.CLUSTER.host())
                                .tried(ExperimentName.CONTROL_NAME, e -> {})
                                .tried(ExperimentName.CONTROL_DNS, e -> {})
                                .tried(ExperimentName.DNS_A, FailureKind.NAME_NOT_FOUND)
                                .diagnosed()),
                Scenario.of(
                        Cause.DNS_FILTERED,
                        CONFIRMED,
                        "a resolver that hides every public name",
                        scene -> HandMade.attempt()
                                .fail(Phase.DNS, FailureKind.NAME_NOT_FOUND, "no such host: " + HandMade.CLUSTER.host())
                                .tried(ExperimentName.CONTROL_NAME, FailureKind.NAME_NOT_FOUND)
                                .tried(ExperimentName.CONTROL_DNS, e -> {})
                                .tried(ExperimentName.DNS_A, FailureKind.NAME_NOT_FOUND)
                                .diagnosed()),
                Scenario.of(
                        Cause.DNS_FAILURE,
                        LIKELY,
                        "a name that leads to itself",
                        scene -> HandMade.attempt()
                                .fail(Phase.DNS, FailureKind.NAME_NOT_FOUND, "no such host: " + HandMade.CLUSTER.host())
                                .tried(ExperimentName.CONTROL_NAME, e -> {})
                                .tried(ExperimentName.DNS_A, FailureKind.NAME_LOOKUP_FAILED)
                                .diagnosed()),
                Scenario.of(
                        Cause.PROXY_FAILED,
                        LIKELY,
                        "a dead SOCKS proxy",
                        scene -> HandMade.attempt()
                                .fail(Phase.TCP, FailureKind.PROXY_FAILED, "SOCKS proxy 127.0.0.1:1080 failed")
                                .diagnosed()),
                proxy(
                        Cause.PROXY_LOGIN_REQUIRED,
                        LIKELY,
                        "none was given",
                        FailureKind.UNEXPECTED_ANSWER,
                        "proxy 10.0.0.1:3128 wants a login (HTTP 407 Proxy Authentication Required; it knows Basic)",
                        407),
                proxy(
                        Cause.PROXY_LOGIN_REQUIRED,
                        LIKELY,
                        "a wrong one, said as a server would",
                        FailureKind.UNEXPECTED_ANSWER,
                        "proxy 10.0.0.1:3128 does not accept the login that it was given (HTTP 401 Unauthorized)",
                        401),
                proxy(
                        Cause.PROXY_REFUSED,
                        LIKELY,
                        "by its rules",
                        FailureKind.UNEXPECTED_ANSWER,
                        "proxy 10.0.0.1:3128 does not connect to host:443: HTTP 403 Forbidden",
                        403),
                proxy(
                        Cause.PROXY_REFUSED,
                        LIKELY,
                        "by a page",
                        FailureKind.UNEXPECTED_ANSWER,
                        "proxy 10.0.0.1:3128 answers CONNECT host:443 with a page instead of a way through",
                        200),
                proxy(
                        Cause.PROXY_REFUSED,
                        LIKELY,
                        "by hanging up",
                        FailureKind.CLOSED,
                        "connection closed 3.1 ms after CONNECT to proxy 10.0.0.1:3128",
                        0),
                Scenario.of(
                        Cause.PROXY_FAILED,
                        LIKELY,
                        "a SOCKS proxy that refuses, through a tunnel's name",
                        scene -> HandMade.attempt()
                                .to(HandMade.CLUSTER.toBuilder()
                                        .connectTo(new HostAndPort("jump.example", 5432))
                                        .build())
                                .fail(Phase.TCP, FailureKind.PROXY_FAILED, "SOCKS proxy 127.0.0.1:1080 refused")
                                .diagnosed()),
                Scenario.of(
                                Cause.TIMEOUT_TOO_SHORT,
                                LIKELY,
                                "a starved machine at TLS",
                                scene -> HandMade.attempt()
                                        .fail(
                                                Phase.TLS,
                                                FailureKind.OUT_OF_TIME,
                                                "out of time on this machine: listened for 1.5 ms after ClientHello")
                                        .diagnosed())
                        .at(Phase.TLS),
                Scenario.of(
                                Cause.TIMEOUT_TOO_SHORT,
                                LIKELY,
                                "a starved machine at the login",
                                scene -> HandMade.attempt()
                                        .fail(Phase.AUTH, FailureKind.OUT_OF_TIME, "out of time on this machine")
                                        .diagnosed())
                        .at(Phase.AUTH),
                Scenario.of(
                        Cause.DNS_NAME_NOT_FOUND,
                        CONFIRMED,
                        "a PrivateLink name outside its VPC",
                        s -> HandMade.attempt()
                                .to(PRIVATE_LINK)
                                .fail(Phase.DNS, FailureKind.NAME_NOT_FOUND, "no such host: " + PRIVATE_LINK.host())
                                .tried(ExperimentName.CONTROL_NAME, e -> {})
                                .tried(ExperimentName.DNS_A, FailureKind.NAME_NOT_FOUND)
                                .diagnosed()),
                Scenario.of(
                        Cause.DNS_TIMEOUT,
                        LIKELY,
                        "a dead resolver",
                        scene -> HandMade.attempt()
                                .fail(Phase.DNS, FailureKind.TIMEOUT, "the resolver did not answer")
                                .diagnosed()),
                Scenario.of(
                        Cause.DNS_TIMEOUT,
                        LIKELY,
                        "a dead resolver, and no credentials",
                        scene -> HandMade.attempt()
                                .fail(Phase.TOKEN, FailureKind.CREDENTIALS_NOT_FOUND, "no credentials")
                                .fail(Phase.DNS, FailureKind.TIMEOUT, "the resolver did not answer")
                                .diagnosed()),
                Scenario.of(
                        Cause.DNS_FAILURE,
                        LIKELY,
                        "a resolver that fails",
                        scene -> HandMade.attempt()
                                .fail(
                                        Phase.DNS,
                                        FailureKind.NAME_LOOKUP_FAILED,
                                        "lookup failed: Temporary failure in name resolution")
                                .diagnosed()),
                Scenario.of(
                        Cause.DNS_FAILURE,
                        LIKELY,
                        "a tunnel's name that cannot be looked up",
                        scene -> HandMade.attempt()
                                .to(HandMade.CLUSTER.toBuilder()
                                        .connectTo(new HostAndPort("jump.example", 5432))
                                        .build())
                                .fail(
                                        Phase.DNS,
                                        FailureKind.NAME_LOOKUP_FAILED,
                                        "lookup failed: jump.example: System error")
                                .diagnosed()),
                Scenario.of(
                        Cause.DNS_SINKHOLED,
                        LIKELY,
                        "the name leads to this machine",
                        scene -> HandMade.attempt()
                                .resolvingTo("127.0.0.1")
                                .fail(Phase.TCP, FailureKind.REFUSED, "connection refused at 127.0.0.1:5432")
                                .diagnosed()),
                Scenario.of(
                        Cause.DNS_SINKHOLED,
                        LIKELY,
                        "the name leads nowhere",
                        scene -> HandMade.attempt()
                                .resolvingTo("0.0.0.0", "0:0:0:0:0:0:0:0")
                                .fail(
                                        Phase.TCP,
                                        FailureKind.UNREACHABLE,
                                        "network unreachable at all 2 addresses, port 5432")
                                .diagnosed()),
                Scenario.of(
                        Cause.DNS_SINKHOLED,
                        LIKELY,
                        "the name leads to a block page on this machine",
                        scene -> HandMade.attempt()
                                .resolvingTo("127.0.0.53")
                                .fail(Phase.TLS, FailureKind.UNEXPECTED_ANSWER, "the answer to SSLRequest is HTTP")
                                .diagnosed()),
                Scenario.of(
                        Cause.TCP_REFUSED,
                        CONFIRMED,
                        "a tunnel that is not up",
                        scene -> scene.check(LoopbackServer.nobody()).run()),
                Scenario.of(
                        Cause.TCP_REFUSED,
                        CONFIRMED,
                        "a tunnel that is not up, direct TLS",
                        scene -> scene.direct(LoopbackServer.nobody()).run()),
                Scenario.of(
                        Cause.TCP_RESET,
                        LIKELY,
                        "a reset instead of a connection",
                        scene -> HandMade.attempt()
                                .fail(Phase.TCP, FailureKind.RESET, "connection reset at 203.0.113.7:5432")
                                .tried(ExperimentName.SAME_AGAIN, FailureKind.RESET)
                                .diagnosed()),
                Scenario.of(
                        Cause.TCP_RESET,
                        LIKELY,
                        "a reset instead of a connection, while HTTPS works",
                        scene -> HandMade.attempt()
                                .fail(Phase.TCP, FailureKind.RESET, "connection reset at 203.0.113.7:5432")
                                .tried(ExperimentName.SAME_AGAIN, FailureKind.RESET)
                                .tried(ExperimentName.CONTROL_443, e -> e.put(Evidence.VERIFIED, true))
                                .diagnosed()),
                Scenario.of(
                        Cause.TCP_TIMEOUT,
                        LIKELY,
                        "a port that swallows connections",
                        scene -> scene.check(full(scene)).run()),
                Scenario.of(
                        Cause.TCP_TIMEOUT,
                        LIKELY,
                        "a port that swallows connections, while HTTPS works",
                        scene -> scene.check(full(scene)).control(scene.api()).run()),
                Scenario.of(
                        Cause.NETWORK_UNREACHABLE,
                        CONFIRMED,
                        "no route",
                        scene -> HandMade.attempt()
                                .fail(Phase.TCP, FailureKind.UNREACHABLE, "network unreachable at 203.0.113.7:5432")
                                .tried(ExperimentName.SAME_AGAIN, FailureKind.UNREACHABLE)
                                .diagnosed()),
                Scenario.of(
                        Cause.NETWORK_UNREACHABLE,
                        CONFIRMED,
                        "an IPv4 machine and IPv6 addresses",
                        scene -> HandMade.attempt()
                                .resolvingTo("2001:db8:0:0:0:0:0:7")
                                .fail(
                                        Phase.TCP,
                                        FailureKind.UNREACHABLE,
                                        "network unreachable at [2001:db8:0:0:0:0:0:7]:5432")
                                .tried(ExperimentName.SAME_AGAIN, FailureKind.UNREACHABLE)
                                .diagnosed()),
                Scenario.of(
                        Cause.CREDENTIALS_NOT_FOUND,
                        CONFIRMED,
                        "nobody signed in",
                        scene -> scene.check(scene.stage().cluster.address())
                                .credentials(nobody())
                                .run()),
                Scenario.of(
                        Cause.CREDENTIALS_NOT_FOUND,
                        CONFIRMED,
                        "nobody signed in, and TLS is cut as well",
                        scene -> scene.check(scene.middlebox(sight ->
                                        sight.is(Middlebox.Event.CLIENT_HELLO) ? Middlebox.RESET : Middlebox.FORWARD))
                                .credentials(nobody())
                                .run()),
                Scenario.of(
                        Cause.CREDENTIALS_EXPIRED,
                        CONFIRMED,
                        "a session that is over",
                        scene -> scene.check(scene.stage().cluster.address())
                                .credentials(StaticCredentialsProvider.create(AwsSessionCredentials.builder()
                                        .accessKeyId("AKIAEXAMPLE")
                                        .secretAccessKey("corpus-secret-access-key")
                                        .sessionToken("corpus-session-token")
                                        .expirationTime(Instant.now().minus(Duration.ofHours(1)))
                                        .build()))
                                .run()),
                Scenario.of(
                        Cause.CREDENTIALS_PROVIDER_FAILED,
                        CONFIRMED,
                        "a provider that throws",
                        scene -> scene.check(scene.stage().cluster.address())
                                .credentials(() -> {
                                    throw new IllegalStateException("profile 'dev' is broken");
                                })
                                .run()),
                Scenario.of(
                        Cause.CREDENTIALS_PROVIDER_FAILED,
                        CONFIRMED,
                        "a provider that hangs",
                        scene -> scene.check(scene.stage().cluster.address())
                                .credentials(() -> {
                                    try {
                                        new CountDownLatch(1).await();
                                    } catch (InterruptedException e) {
                                        Thread.currentThread().interrupt();
                                    }
                                    throw new IllegalStateException("interrupted");
                                })
                                .run()),
                Scenario.of(
                        Cause.REGION_UNKNOWN,
                        CONFIRMED,
                        "a server of one's own, no region",
                        scene -> scene.check(Endpoint.builder("db.example.test")
                                        .trust(scene.stage().cluster.endpoint().trust())
                                        .connectTo(scene.server(Talks.postgres(
                                                scene.stage()
                                                        .authority
                                                        .issue("db.example.test")
                                                        .serverContext(),
                                                new Talks.Login(Talks.Login.Until.STARTUP, Talks.Login.SILENCE)))))
                                .run()),
                Scenario.of(
                        Cause.REGION_UNKNOWN,
                        CONFIRMED,
                        "a server of one's own, no region, and TLS is cut as well",
                        scene -> scene.check(
                                        Endpoint.builder("db.example.test").connectTo(scene.server(Talks.closing())))
                                .run()),
                Scenario.of(
                        Cause.DRIVER_TOO_OLD,
                        CONFIRMED,
                        "direct TLS, and the last driver that ignores it",
                        scene -> scene.check(direct()).run("42.7.3")),
                Scenario.of(
                        Cause.DRIVER_TOO_OLD,
                        CONFIRMED,
                        "direct TLS, and a driver of another branch with a suffix",
                        scene -> scene.check(direct()).run("42.2.29.jre7")),
                Scenario.of(
                        Cause.ENDPOINT_NOT_CONFIGURED,
                        CONFIRMED,
                        "nothing is configured",
                        scene -> Diagnoses.notChecked(Cause.ENDPOINT_NOT_CONFIGURED, "no endpoint is configured")),
                Scenario.of(
                        Cause.ENDPOINT_NOT_CONFIGURED,
                        CONFIRMED,
                        "a placeholder that nothing resolves",
                        scene -> Diagnoses.notChecked(Cause.ENDPOINT_NOT_CONFIGURED, "${CLUSTER} is not set")),
                Scenario.of(
                        Cause.ENDPOINT_INVALID, CONFIRMED, "a host name with a space", scene -> invalid("my cluster")),
                Scenario.of(Cause.ENDPOINT_INVALID, CONFIRMED, "a port that is none", scene -> invalid("host:99999")));
    }

    private static Endpoint.Builder direct() {
        return Endpoint.builder("abc.dsql.us-east-1.on.aws").negotiation(Negotiation.DIRECT);
    }

    private static io.github.dsqlreach.Reachability invalid(String endpoint) {
        try {
            throw new IllegalStateException("understood: " + Endpoint.parse(endpoint));
        } catch (IllegalArgumentException e) {
            return Diagnoses.notChecked(Cause.ENDPOINT_INVALID, e.getMessage());
        }
    }

    private static AwsCredentialsProvider nobody() {
        return AwsCredentialsProviderChain.of(SystemPropertyCredentialsProvider.create());
    }

    private static HostAndPort full(Stage.Scene scene) throws IOException {
        return scene.keep(new FullQueue("127.0.0.1")).address();
    }

    private static Scenario proxy(
            Cause cause, Confidence confidence, String name, FailureKind kind, String message, int status) {
        return Scenario.of(
                cause,
                confidence,
                "an HTTP proxy, " + name,
                scene -> HandMade.attempt()
                        .to(HandMade.CLUSTER.over(Transport.WEBSOCKET))
                        .pass(
                                Phase.DNS,
                                1,
                                e -> e.put(Evidence.ADDRESSES, List.of("127.0.0.1"))
                                        .put(Evidence.PROXY, new HostAndPort("10.0.0.1", 3128)))
                        .fail(Phase.TCP, kind, message, e -> {
                            e.put(Evidence.PROXY, new HostAndPort("10.0.0.1", 3128))
                                    .put(Evidence.AFTER, SentMessage.CONNECT);
                            if (status > 0) {
                                e.put(Evidence.HTTP_STATUS, status);
                            }
                        })
                        .diagnosed());
    }
}
