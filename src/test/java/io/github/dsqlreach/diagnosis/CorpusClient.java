package io.github.dsqlreach.diagnosis;

import static io.github.dsqlreach.Confidence.CONFIRMED;
import static io.github.dsqlreach.Confidence.LIKELY;

import io.github.dsqlreach.Cause;
import io.github.dsqlreach.Confidence;
import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.Evidence;
import io.github.dsqlreach.ExperimentName;
import io.github.dsqlreach.FailureKind;
import io.github.dsqlreach.Phase;
import java.util.List;
import java.util.function.Consumer;

/** Settings of the client; {@code JvmSettingsTest} and {@code UrlTest} have the same with real JVMs and drivers. */
final class CorpusClient {
    private CorpusClient() {}

    static List<Scenario> scenarios() {
        return List.of(
                Scenario.of(
                                Cause.JVM_SETTING,
                                CONFIRMED,
                                "this JVM cannot make a ClientHello",
                                scene -> HandMade.attempt()
                                        .fail(Phase.TLS, FailureKind.JVM_SETTING, "no protocol", JVM_SETTING)
                                        .diagnosed())
                        .at(Phase.TLS),
                Scenario.of(
                                Cause.JVM_SETTING,
                                LIKELY,
                                "an alert answers a ClientHello that offers nothing a cluster accepts",
                                scene -> HandMade.attempt()
                                        .fail(Phase.TLS, FailureKind.TLS_ALERT, "handshake_failure", JVM_SETTING)
                                        .tried(ExperimentName.TLS_1_2, e -> e.put(Evidence.VERIFIED, true))
                                        .diagnosed())
                        .at(Phase.TLS),
                Scenario.of(
                                Cause.JVM_SETTING,
                                CONFIRMED,
                                "a cluster misses the server name that this JVM does not send",
                                scene -> HandMade.attempt()
                                        .pass(Phase.TLS, 50, JVM_SETTING)
                                        .fail(
                                                Phase.AUTH,
                                                FailureKind.SERVER_ERROR,
                                                "sni was not received",
                                                e -> e.put(Evidence.SERVER_MESSAGE, "sni was not received"))
                                        .diagnosed())
                        .at(Phase.AUTH),
                Scenario.of(
                                Cause.URL_PARAMETER,
                                CONFIRMED,
                                "the driver cannot make its sslfactory",
                                scene -> HandMade.attempt()
                                        .fail(Phase.TLS, FailureKind.URL_PARAMETER, "no such class", URL_PARAMETER)
                                        .diagnosed())
                        .at(Phase.TLS),
                Scenario.of(
                                Cause.URL_PARAMETER,
                                CONFIRMED,
                                "the driver rejects a parameter of the login",
                                scene -> HandMade.attempt()
                                        .fail(Phase.AUTH, FailureKind.URL_PARAMETER, "not supported", URL_PARAMETER)
                                        .diagnosed())
                        .at(Phase.AUTH),
                Scenario.of(
                                Cause.CLUSTER_UNDER_OTHER_NAME,
                                CONFIRMED,
                                "a tunnel's own end is the endpoint",
                                scene -> HandMade.attempt()
                                        .to(Endpoint.parse("localhost:15432"))
                                        .fail(Phase.TLS, FailureKind.HOSTNAME_MISMATCH, "another name", CLUSTER)
                                        .tried(ExperimentName.SAME_AGAIN, FailureKind.HOSTNAME_MISMATCH)
                                        .diagnosed())
                        .at(Phase.TLS),
                Scenario.of(
                                Cause.CLUSTER_UNDER_OTHER_NAME,
                                CONFIRMED,
                                "a name of the team's own leads to the cluster",
                                scene -> HandMade.attempt()
                                        .to(Endpoint.parse("db.example.com"))
                                        .fail(Phase.TLS, FailureKind.HOSTNAME_MISMATCH, "another name", CLUSTER)
                                        .tried(ExperimentName.SAME_AGAIN, FailureKind.HOSTNAME_MISMATCH)
                                        .diagnosed())
                        .at(Phase.TLS),
                refusal("no pg_hba.conf entry for host", LIKELY),
                refusal("PAM authentication failed for user \"admin\"", LIKELY),
                Scenario.of(
                                Cause.DRIVER_LIMIT,
                                CONFIRMED,
                                "the SSLRequest is answered after the driver's limit",
                                scene -> HandMade.attempt()
                                        .fail(Phase.TLS, FailureKind.DRIVER_LIMIT, "took 7 s", DRIVER_LIMIT)
                                        .diagnosed())
                        .at(Phase.TLS),
                Scenario.of(
                                Cause.DRIVER_LIMIT,
                                CONFIRMED,
                                "the login takes longer than the driver's limit",
                                scene -> HandMade.attempt()
                                        .fail(Phase.AUTH, FailureKind.DRIVER_LIMIT, "took 7 s", DRIVER_LIMIT)
                                        .diagnosed())
                        .at(Phase.AUTH));
    }

    private static Scenario refusal(String message, Confidence confidence) {
        return Scenario.of(
                        Cause.NOT_A_CLUSTER,
                        confidence,
                        "another server says: " + message,
                        scene -> HandMade.attempt()
                                .pass(Phase.TLS, 50, e -> e.put(Evidence.VERIFIED, true))
                                .fail(
                                        Phase.AUTH,
                                        FailureKind.SERVER_ERROR,
                                        message,
                                        e -> e.put(Evidence.SERVER_MESSAGE, message))
                                .diagnosed())
                .at(Phase.AUTH);
    }

    private static final Consumer<Evidence.Builder> CLUSTER =
            e -> e.put(Evidence.CERTIFICATE_NAMES, List.of("fooabcdefghijklmnopqrstuvw.dsql.us-east-1.on.aws"));

    private static final Consumer<Evidence.Builder> JVM_SETTING = e -> e.put(Evidence.VERIFIED, true)
            .put(Evidence.SETTING, "system property a=b (command line)")
            .put(Evidence.SETTING_EFFECT, "this JVM offers nothing");

    private static final Consumer<Evidence.Builder> URL_PARAMETER = e -> e.put(Evidence.SETTING, "a=b of the URL");

    private static final Consumer<Evidence.Builder> DRIVER_LIMIT =
            e -> e.put(Evidence.SETTING, "loginTimeout").put(Evidence.SETTING_EFFECT, "the whole login took 7 s");
}
