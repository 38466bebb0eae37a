package io.github.dsqlreach.report;

import static io.github.dsqlreach.Experiments.experiment;

import io.github.dsqlreach.Attempt;
import io.github.dsqlreach.Cause;
import io.github.dsqlreach.Confidence;
import io.github.dsqlreach.Confirmation;
import io.github.dsqlreach.Diagnosis;
import io.github.dsqlreach.DiagnosisDetails;
import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.Evidence;
import io.github.dsqlreach.Experiment;
import io.github.dsqlreach.ExperimentName;
import io.github.dsqlreach.Failure;
import io.github.dsqlreach.FailureKind;
import io.github.dsqlreach.FollowUp;
import io.github.dsqlreach.HostAndPort;
import io.github.dsqlreach.Negotiation;
import io.github.dsqlreach.Phase;
import io.github.dsqlreach.PhaseResult;
import io.github.dsqlreach.Reachability;
import io.github.dsqlreach.SentMessage;
import io.github.dsqlreach.Trust;
import io.github.dsqlreach.Verdict;
import io.github.dsqlreach.Waiting;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reports as checks give them, made by hand. */
public final class SampleReachabilities {
    public static final String HOST = "abc123def456ghi789jkl012mn.dsql.us-east-1.on.aws";
    public static final String SECRET = "wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY12345";
    /** What a hostile server may say, one attack on each output. */
    public static final String HOSTILE = "::error::owned by ::error::\n::add-mask::a\n  ::set-output name=x::y\n"
            + "##vso[task.complete result=Failed;]done\n##teamcity[buildStop comment='x']\n##[error]gone\n+++ all\n"
            + "\u001b[31mred\u001b[0m </script><script>alert(1)</script><img src=x onerror=alert(1)> `code` | cell"
            + " [link](javascript:alert(1)) @octocat X-Amz-Signature="
            + "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    private static final Instant WHEN = Instant.parse("2026-11-23T08:40:14.123456Z");
    private static final Reachability.Tool TOOL = new Reachability.Tool("0.1.0", "17.0.15", "Linux 6.1.0 amd64");

    private SampleReachabilities() {}

    public static List<Reachability> all() {
        return List.copyOf(named().values());
    }

    public static Map<String, Reachability> named() {
        Map<String, Reachability> samples = new LinkedHashMap<>();
        samples.put("reachable", reachable());
        samples.put("reset", reset());
        samples.put("timeout", timeout());
        samples.put("name-not-found", nameNotFound());
        samples.put("denied", denied());
        samples.put("no-credentials", noCredentials());
        samples.put("intercepted", intercepted());
        samples.put("block-page", blockPage());
        samples.put("not-configured", notConfigured());
        samples.put("through-tcp", through(Phase.TCP));
        samples.put("hostile", hostile());
        samples.put("odd", odd());
        samples.put("followed-up", followedUp());
        samples.put(
                "simulated",
                reset().simulated(new Reachability.Simulation("POSTGRES_NEGOTIATION_FILTER", Map.of("toxicity", 1.0))));
        return samples;
    }

    public static Endpoint endpoint() {
        return Endpoint.parse(HOST);
    }

    public static Reachability reachable() {
        return of(endpoint(), attempt(dns(), tcp(), token(), tls(), auth(), query()), List.of(), reachableDiagnosis());
    }

    public static Reachability through(Phase through) {
        PhaseResult[] results = {dns(), tcp(), token(), tls(), auth(), query()};
        PhaseResult[] some = Arrays.copyOf(results, through.ordinal() + 1);
        return of(endpoint(), attempt(through, some), List.of(), reachableDiagnosis());
    }

    public static Reachability reset() {
        return reset(endpoint());
    }

    public static Reachability reset(Endpoint endpoint) {
        PhaseResult tls = PhaseResult.failed(
                Phase.TLS,
                micros(400),
                Evidence.builder()
                        .put(Evidence.NEGOTIATION, Negotiation.POSTGRES)
                        .put(Evidence.AFTER, SentMessage.SSL_REQUEST)
                        .put(Evidence.AFTER_MILLIS, 0.3)
                        .put(Evidence.BYTES_SENT, 8)
                        .put(Evidence.BYTES_RECEIVED, 0)
                        .build(),
                new Failure(FailureKind.RESET, "connection reset 0.3 ms after the SSLRequest"));
        List<Experiment> experiments = List.of(
                experiment(
                        ExperimentName.DIRECT_TLS,
                        millis(171),
                        Evidence.builder()
                                .put(Evidence.PROTOCOL, "TLSv1.3")
                                .put(Evidence.VERIFIED, true)
                                .build(),
                        Optional.empty()),
                failedExperiment(ExperimentName.OTHER_SNI, 0.4, FailureKind.RESET),
                failedExperiment(ExperimentName.PLAIN_START, 10_002.1, FailureKind.TIMEOUT),
                experiment(ExperimentName.CONTROL_443, millis(190), Evidence.none(), Optional.empty()));
        return of(
                endpoint,
                attempt(dns(), tcp(), token(), tls),
                experiments,
                ended(
                        endpoint.connectTo().isPresent()
                                ? DiagnosisDetails.Origin.UNKNOWN
                                : DiagnosisDetails.Origin.NEARBY,
                        diagnosis(
                                Cause.POSTGRES_NEGOTIATION_BLOCKED,
                                Confidence.CONFIRMED,
                                "DSQL blocked at TLS: connection reset 0.3 ms after the SSLRequest, direct TLS passes; a firewall"
                                        + " blocks PostgreSQL's SSLRequest; set sslNegotiation=direct",
                                List.of(
                                        "The reset came 0.3 ms after the SSLRequest, and a round trip to the cluster takes 83 ms:"
                                                + " something nearer than the cluster sent it.",
                                        "Direct TLS to the same server passed in 171 ms."),
                                List.of(
                                        "Start with TLS at once: `sslNegotiation=direct` in the JDBC URL (pgjdbc 42.7.4 or later;"
                                                + " libpq 17 or later), and"
                                                + " `@RequiresDsqlReachability(negotiation = Negotiation.DIRECT)`.",
                                        "Tell the network's administrator: a device on the way blocks PostgreSQL's SSLRequest (the"
                                                + " bytes `00 00 00 08 04 d2 16 2f`) to `" + HOST
                                                + ":5432`; TLS itself is let through."))));
    }

    /** With all that a check can do besides an attempt. */
    public static Reachability followedUp() {
        Reachability blocked = reset();
        Attempt failed = blocked.attempt().orElseThrow();
        FollowUp followUp = FollowUp.of(blocked.experiments())
                .with(new Confirmation(
                        ExperimentName.DIRECT_TLS,
                        millis(180),
                        new Confirmation.Repetitions(5, 0),
                        new Confirmation.Repetitions(5, 4)))
                .replacing(failed)
                .repeatedBy(failed)
                .after(new Waiting(Cause.CLUSTER_WAKING_UP, 3, millis(3_200)))
                .after(blocked);
        return Reachability.of(
                        Optional.of(endpoint()),
                        Optional.of(attempt(dns(), tcp(), token(), tls(), auth(), query())),
                        followUp,
                        reachableDiagnosis())
                .timed(WHEN, millis(4_100))
                .by(TOOL);
    }

    /** The same, ended there. */
    public static Diagnosis ended(DiagnosisDetails.Origin origin, Diagnosis diagnosis) {
        return diagnosis
                .byRule("tls-ssl-request")
                .detailed(new DiagnosisDetails(Optional.empty(), Optional.empty(), origin, false, false));
    }

    public static Reachability timeout() {
        PhaseResult tls = PhaseResult.failed(
                Phase.TLS,
                millis(10_003),
                Evidence.builder()
                        .put(Evidence.NEGOTIATION, Negotiation.POSTGRES)
                        .put(Evidence.SSL_REQUEST_ANSWER, "S")
                        .put(Evidence.AFTER, SentMessage.CLIENT_HELLO)
                        .put(Evidence.AFTER_MILLIS, 10_000.0)
                        .build(),
                new Failure(FailureKind.TIMEOUT, "no answer to the ClientHello in 10 s"));
        return of(
                endpoint(),
                attempt(dns(), tcp(), token(), tls),
                List.of(failedExperiment(ExperimentName.DIRECT_TLS, 10_001, FailureKind.TIMEOUT)),
                diagnosis(
                        Cause.TLS_TIMEOUT,
                        Confidence.LIKELY,
                        "DSQL blocked at TLS: no answer to the ClientHello in 10 s; likely a firewall; try another network,"
                                + " a VPN or AWS CloudShell",
                        List.of("The SSLRequest was answered, the ClientHello was not."),
                        List.of("Use another network (hotspot, home), a VPN or AWS CloudShell.")));
    }

    public static Reachability nameNotFound() {
        PhaseResult dns = PhaseResult.failed(
                Phase.DNS,
                millis(41),
                Evidence.none(),
                new Failure(FailureKind.NAME_NOT_FOUND, "the resolver knows no " + HOST));
        return of(
                endpoint(),
                attempt(dns, PhaseResult.notReached(Phase.TCP), token()),
                List.of(),
                diagnosis(
                        Cause.DNS_NAME_NOT_FOUND,
                        Confidence.CONFIRMED,
                        "DSQL blocked at DNS: the resolver knows no " + HOST + "; check the name",
                        List.of("The resolver answered after 41 ms that the name does not exist."),
                        List.of("Ask another resolver: `nslookup " + HOST + " 1.1.1.1`.")));
    }

    public static Reachability denied() {
        PhaseResult auth = PhaseResult.failed(
                Phase.AUTH,
                millis(120),
                Evidence.builder()
                        .put(Evidence.SQL_STATE, "08006")
                        .put(Evidence.SERVER_MESSAGE, "unable to accept connection, access denied")
                        .put(Evidence.HINT, "Wrong user to action mapping. user: admin, action: DbConnect")
                        .build(),
                new Failure(FailureKind.SERVER_ERROR, "unable to accept connection, access denied"));
        return of(
                endpoint(),
                attempt(dns(), tcp(), token(), tls(), auth),
                List.of(),
                diagnosis(
                        Cause.WRONG_TOKEN_ACTION,
                        Confidence.CONFIRMED,
                        "DSQL denied at authentication: access denied, wrong user to action mapping; use the token that"
                                + " belongs to the role",
                        List.of("The server's hint: Wrong user to action mapping. user: admin, action: DbConnect"),
                        List.of("For `admin`: `aws dsql generate-db-connect-admin-auth-token --hostname " + HOST
                                + " --region us-east-1`; for any other role: `aws dsql generate-db-connect-auth-token"
                                + " --hostname " + HOST + " --region us-east-1`.")));
    }

    public static Reachability noCredentials() {
        PhaseResult token = PhaseResult.failed(
                Phase.TOKEN,
                millis(340),
                Evidence.builder()
                        .put(Evidence.SOURCES, List.of("environment: AWS_ACCESS_KEY_ID not set", "profile: no file"))
                        .build(),
                Failure.of(FailureKind.CREDENTIALS_NOT_FOUND));
        return of(
                endpoint(),
                attempt(dns(), tcp(), token, tls()),
                List.of(),
                diagnosis(
                        Cause.CREDENTIALS_NOT_FOUND,
                        Confidence.CONFIRMED,
                        "DSQL misconfigured at token: no credentials found; sign in to AWS or set credentials",
                        List.of(),
                        List.of("Sign in: `aws sso login`.")));
    }

    public static Reachability intercepted() {
        PhaseResult tls = PhaseResult.failed(
                Phase.TLS,
                millis(170),
                Evidence.builder()
                        .put(Evidence.SSL_REQUEST_ANSWER, "S")
                        .put(Evidence.AFTER, SentMessage.CLIENT_HELLO)
                        .put(Evidence.CERTIFICATE_SUBJECT, "CN=*.on.aws")
                        .put(Evidence.CERTIFICATE_ISSUER, "CN=Café Secure Web Gateway")
                        .put(Evidence.CERTIFICATE_NAMES, List.of(HOST))
                        .build(),
                new Failure(
                        FailureKind.CERTIFICATE_UNTRUSTED, "the certificate was issued by Café Secure Web Gateway"));
        return of(
                endpoint(),
                attempt(dns(), tcp(), token(), tls),
                List.of(),
                diagnosis(
                        Cause.TLS_INTERCEPTED,
                        Confidence.LIKELY,
                        "DSQL blocked at TLS: the certificate was issued by Café Secure Web Gateway; an intercepting proxy"
                                + " or another server is likely",
                        List.of("Issuer: CN=Café Secure Web Gateway; a cluster's chain ends in Amazon Root CA 1."),
                        List.of("Ask for an exception.")));
    }

    public static Reachability blockPage() {
        PhaseResult tls = PhaseResult.failed(
                Phase.TLS,
                millis(15),
                Evidence.builder()
                        .put(Evidence.AFTER, SentMessage.SSL_REQUEST)
                        .put(Evidence.AFTER_MILLIS, 12.0)
                        .put(Evidence.ANSWER, "HTTP/1.1 302 Found")
                        .put(Evidence.ANSWER_PROTOCOL, "HTTP")
                        .build(),
                new Failure(FailureKind.UNEXPECTED_ANSWER, "the answer looks like HTTP"));
        return of(
                endpoint(),
                attempt(dns(), tcp(), token(), tls),
                List.of(),
                diagnosis(
                        Cause.NOT_POSTGRES,
                        Confidence.CONFIRMED,
                        "DSQL blocked at TLS: the answer looks like HTTP; open a web page",
                        List.of("It answered HTTP/1.1 302 Found."),
                        List.of("If this is a public or guest network, open a web page in a browser and sign in.")));
    }

    public static Reachability notConfigured() {
        Cause cause = Cause.ENDPOINT_NOT_CONFIGURED;
        return Reachability.of(
                        Optional.empty(),
                        Optional.empty(),
                        FollowUp.none(),
                        diagnosis(
                                cause,
                                Confidence.CONFIRMED,
                                "DSQL misconfigured: no endpoint is configured; set DSQL_ENDPOINT",
                                List.of(),
                                cause.remedies().stream().map(Object::toString).toList()))
                .timed(WHEN, Duration.ZERO)
                .by(TOOL);
    }

    /** A server that attacks every output with every text it may choose. */
    public static Reachability hostile() {
        return hostile(HOSTILE);
    }

    public static Reachability hostile(String said) {
        PhaseResult tls = PhaseResult.failed(
                Phase.TLS,
                millis(90),
                Evidence.builder()
                        .put(Evidence.AFTER, SentMessage.CLIENT_HELLO)
                        .put(Evidence.AFTER_MILLIS, 84.0)
                        .put(Evidence.CERTIFICATE_SUBJECT, "CN=" + said)
                        .put(Evidence.CERTIFICATE_ISSUER, said)
                        .put(Evidence.ANSWER, said)
                        .put(Evidence.ANSWER_PROTOCOL, said)
                        .put(Evidence.NOTES, List.of(said, said))
                        .build(),
                new Failure(FailureKind.CERTIFICATE_UNTRUSTED, said));
        Endpoint endpoint = endpoint().toBuilder()
                .user("::error::<b>user</b>\u001b[1m##vso[x]")
                .database("</title>\n::error::")
                .options("##teamcity[x]\n::error::")
                .build();
        return of(
                endpoint,
                attempt(dns(), tcp(), token(), tls),
                List.of(experiment(
                        ExperimentName.DIRECT_TLS,
                        millis(3),
                        Evidence.builder().put(Evidence.ANSWER, said).build(),
                        Optional.of(new Failure(FailureKind.UNEXPECTED_ANSWER, said)))),
                Diagnosis.of(
                                Verdict.UNKNOWN,
                                Optional.of(Phase.TLS),
                                Optional.of(Cause.UNKNOWN),
                                Confidence.POSSIBLE,
                                said)
                        .explained(said, List.of(said, "`" + said), List.of(said, "Run `" + said + "`")));
    }

    /** Every part of an endpoint that is not the default, and nothing that is usual. */
    public static Reachability odd() {
        Endpoint endpoint = Endpoint.builder("vpce-0a1b.dsql-fnh4.eu-west-1.vpce.amazonaws.com:15432")
                .user("app")
                .database("other")
                .negotiation(Negotiation.DIRECT)
                .trust(new Trust(Trust.Mode.VERIFY_CA, Optional.of(Path.of("certs", "röot.pem"))))
                .connectTo(HostAndPort.parse("[::1]:15432", 0))
                .options("-c amzn-cluster-id=abc123")
                .build();
        PhaseResult tcp = PhaseResult.failed(
                Phase.TCP,
                Duration.ofNanos(1_234_567),
                Evidence.builder()
                        .put(Evidence.ATTEMPTS, List.of("::1 refused"))
                        .put(Evidence.RETRANSMISSIONS, 5)
                        .put(Evidence.AFTER_MILLIS, 5.0)
                        .put(Evidence.LISTENED_MILLIS, 1e15)
                        .build(),
                Failure.of(FailureKind.REFUSED));
        return of(
                endpoint,
                attempt(Phase.TLS, dns(), tcp, token()),
                List.of(),
                diagnosis(
                        Cause.TCP_REFUSED,
                        Confidence.POSSIBLE,
                        "DSQL blocked at TCP: connection refused",
                        List.of(),
                        List.of()));
    }

    public static Reachability at(Reachability r, Instant when) {
        return Reachability.of(r.endpoint(), r.attempt(), r.followUp(), r.diagnosis())
                .timed(when, r.took())
                .by(r.tool());
    }

    public static Experiment failedExperiment(ExperimentName name, double millis, FailureKind kind) {
        return experiment(name, micros(Math.round(millis * 1000)), Evidence.none(), Optional.of(Failure.of(kind)));
    }

    public static Reachability of(
            Endpoint endpoint, Attempt attempt, List<Experiment> experiments, Diagnosis diagnosis) {
        Duration took = attempt.phases().stream().map(PhaseResult::duration).reduce(Duration.ZERO, Duration::plus);
        return Reachability.of(Optional.of(endpoint), Optional.of(attempt), FollowUp.of(experiments), diagnosis)
                .timed(WHEN, took.plusMillis(3))
                .by(TOOL);
    }

    public static Attempt attempt(PhaseResult... some) {
        return attempt(Phase.QUERY, some);
    }

    public static Attempt attempt(Phase through, PhaseResult... some) {
        List<PhaseResult> results = new ArrayList<>(List.of(some));
        for (int i = some.length; i < Phase.values().length; i++) {
            results.add(PhaseResult.notReached(Phase.values()[i]));
        }
        return new Attempt(through, results);
    }

    private static Diagnosis reachableDiagnosis() {
        return Diagnosis.of(
                        Verdict.REACHABLE,
                        Optional.empty(),
                        Optional.empty(),
                        Confidence.CONFIRMED,
                        "DSQL reachable: " + HOST + ":5432 answered in 438 ms")
                .explained("Every phase passed.", List.of(), List.of());
    }

    public static Diagnosis diagnosis(
            Cause cause, Confidence confidence, String summary, List<String> evidence, List<String> remedies) {
        return Diagnosis.of(cause.verdict(), cause.layer(), Optional.of(cause), confidence, summary)
                .explained(cause.explanation(), evidence, remedies);
    }

    public static PhaseResult dns() {
        return PhaseResult.passed(
                Phase.DNS,
                micros(12_345),
                Evidence.builder()
                        .put(Evidence.ADDRESSES, List.of("3.219.14.2", "44.205.8.91", "2600:1f18::51"))
                        .build());
    }

    public static PhaseResult tcp() {
        return PhaseResult.passed(
                Phase.TCP,
                millis(83),
                Evidence.builder()
                        .put(Evidence.ADDRESS, "3.219.14.2:5432")
                        .put(Evidence.ROUND_TRIP_MILLIS, 83.0)
                        .build());
    }

    public static PhaseResult token() {
        return PhaseResult.passed(
                Phase.TOKEN,
                micros(2_100),
                Evidence.builder()
                        .put(Evidence.ALGORITHM, "AWS4-HMAC-SHA256")
                        .put(Evidence.EXPIRES_SECONDS, 900)
                        .put(Evidence.SIGNATURE, true)
                        .put(Evidence.ACTION, "DbConnectAdmin")
                        .build());
    }

    public static PhaseResult tls() {
        return PhaseResult.passed(
                Phase.TLS,
                millis(171),
                Evidence.builder()
                        .put(Evidence.NEGOTIATION, Negotiation.POSTGRES)
                        .put(Evidence.SSL_REQUEST_ANSWER, "S")
                        .put(Evidence.PROTOCOL, "TLSv1.3")
                        .put(Evidence.CIPHER, "TLS_AES_128_GCM_SHA256")
                        .put(Evidence.VERIFIED, true)
                        .put(Evidence.CERTIFICATE_SUBJECT, "CN=*.dsql.us-east-1.on.aws")
                        .put(Evidence.CHAIN_ROOT, "CN=Amazon Root CA 1,O=Amazon,C=US")
                        .build());
    }

    public static PhaseResult auth() {
        return PhaseResult.passed(
                Phase.AUTH,
                millis(168),
                Evidence.builder().put(Evidence.SERVER_VERSION, "16.9").build());
    }

    public static PhaseResult query() {
        return PhaseResult.passed(Phase.QUERY, millis(84), Evidence.none());
    }

    private static Duration millis(long millis) {
        return Duration.ofMillis(millis);
    }

    private static Duration micros(long micros) {
        return Duration.ofNanos(micros * 1000);
    }
}
