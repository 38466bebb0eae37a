package io.github.dsqlreach.diagnosis;

import static io.github.dsqlreach.Confidence.CONFIRMED;
import static io.github.dsqlreach.Confidence.LIKELY;
import static io.github.dsqlreach.Confidence.POSSIBLE;
import static io.github.dsqlreach.diagnosis.Middlebox.FORWARD;

import io.github.dsqlreach.Cause;
import io.github.dsqlreach.Confidence;
import io.github.dsqlreach.LoopbackServer;
import io.github.dsqlreach.Negotiation;
import io.github.dsqlreach.Phase;
import io.github.dsqlreach.diagnosis.Talks.Login;
import io.github.dsqlreach.diagnosis.Talks.Login.Until;
import io.github.dsqlreach.local.LocalDsql;
import io.github.dsqlreach.local.Refusal;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Scenarios behind TLS: the cluster's own refusals, and connections that break there. */
final class CorpusLogin {
    private CorpusLogin() {}

    static List<Scenario> scenarios() {
        List<Scenario> all = new ArrayList<>();
        refused(all, Refusal.SIGNATURE_EXPIRED, Cause.TOKEN_EXPIRED, CONFIRMED);
        all.add(Scenario.of(
                Cause.CLOCK_SKEW,
                CONFIRMED,
                "this machine's clock is 17 minutes behind",
                scene -> scene.check(scene.keep(scene.door()
                                        .clockOffset(Duration.ofMinutes(17))
                                        .start())
                                .address())
                        .run()));
        all.add(Scenario.of(
                Cause.CLOCK_SKEW,
                CONFIRMED,
                "this machine's clock is two hours behind, direct TLS",
                scene -> scene.direct(scene.keep(scene.door()
                                        .clockOffset(Duration.ofHours(2))
                                        .start())
                                .address())
                        .run()));
        refused(all, Refusal.WRONG_ACTION, Cause.WRONG_TOKEN_ACTION, CONFIRMED);
        refused(all, Refusal.NOT_AUTHORIZED, Cause.NOT_AUTHORIZED, CONFIRMED);
        refused(all, Refusal.NOT_AUTHORIZED_FOR_RESOURCE, Cause.NOT_AUTHORIZED, CONFIRMED);
        for (Negotiation negotiation : Negotiation.values()) {
            all.add(Scenario.of(
                    Cause.ROLE_NOT_MAPPED, POSSIBLE, "access denied for a role of one's own, " + negotiation, scene -> {
                        LocalDsql door = scene.keep(scene.door().start());
                        door.refuseWith(Refusal.ROLE_NOT_MAPPED);
                        return scene.check(
                                        scene.over(door.address()).user("app").negotiation(negotiation))
                                .run();
                    }));
        }
        refused(all, Refusal.ACCESS_DENIED, Cause.ACCESS_DENIED, LIKELY);
        refused(all, Refusal.ROLE_NOT_FOUND, Cause.ROLE_NOT_FOUND, CONFIRMED);
        refused(all, Refusal.WAKING_UP, Cause.CLUSTER_WAKING_UP, CONFIRMED);
        refused(all, Refusal.TOO_MANY_CONNECTIONS, Cause.TOO_MANY_CONNECTIONS, CONFIRMED);
        refused(all, Refusal.RATE_EXCEEDED, Cause.RATE_EXCEEDED, CONFIRMED);
        refused(all, Refusal.SERVER_UNAVAILABLE, Cause.SERVER_UNAVAILABLE, CONFIRMED);
        refused(all, Refusal.SNI_NOT_RECEIVED, Cause.SNI_NOT_RECEIVED, CONFIRMED);
        all.add(refusal(
                        Cause.CREDENTIALS_EXPIRED,
                        CONFIRMED,
                        "the assumed role's session is over",
                        Negotiation.POSTGRES,
                        door -> door.refuseWith(Refusal.IAM_AUTHENTICATION_FAILED))
                .at(Phase.AUTH));
        for (Negotiation negotiation : Negotiation.values()) {
            all.add(refusal(
                    Cause.ACCESS_DENIED,
                    LIKELY,
                    "access denied with SQLSTATE 08006, " + negotiation,
                    negotiation,
                    door -> door.refuseWith("08006", "unable to accept connection, access denied", null)));
            all.add(refusal(
                    Cause.CREDENTIALS_INVALID,
                    CONFIRMED,
                    "credentials that AWS does not know, " + negotiation,
                    negotiation,
                    door -> door.refuseWith(
                            "08006",
                            "unable to accept connection, access denied",
                            "The security token included in the request is invalid.")));
            all.add(refusal(
                    Cause.DENIED_BY_RESOURCE_POLICY,
                    CONFIRMED,
                    "a resource policy that wants another network, " + negotiation,
                    negotiation,
                    door -> door.refuseWith(
                            "08006",
                            "unable to accept connection, access denied",
                            "User: arn:aws:sts::123456789012:assumed-role/dev/me is not authorized to perform:"
                                    + " dsql:DbConnectAdmin on resource: arn:aws:dsql:us-east-1:123456789012:cluster/abc"
                                    + " with an explicit deny in a resource-based policy")));
            all.add(refusal(
                            Cause.UNKNOWN,
                            POSSIBLE,
                            "a refusal nobody knows, " + negotiation,
                            negotiation,
                            door -> door.refuseWith("57P03", "the moon is in the wrong phase", null))
                    .at(Phase.AUTH));
        }
        all.add(Scenario.of(
                Cause.ROLE_NOT_FOUND,
                CONFIRMED,
                "PostgreSQL's own word for a missing role",
                scene -> scene.check(scene.over(scene.stage().cluster.address()).user("nobody"))
                        .run()));
        all.add(Scenario.reachable(CONFIRMED, "a cluster that wakes up while the kit waits", scene -> {
            LocalDsql door = scene.keep(scene.door().start());
            door.refuseWith(Refusal.WAKING_UP, 2);
            return scene.check(door.address()).waitFor(Duration.ofSeconds(10)).run();
        }));
        cuts(all);
        return all;
    }

    private interface Order {
        void to(LocalDsql door);
    }

    private static void refused(List<Scenario> all, Refusal refusal, Cause cause, Confidence confidence) {
        for (Negotiation negotiation : Negotiation.values()) {
            all.add(refusal(
                    cause,
                    confidence,
                    "refusal " + refusal + ", " + negotiation,
                    negotiation,
                    door -> door.refuseWith(refusal)));
        }
    }

    private static Scenario refusal(
            Cause cause, Confidence confidence, String name, Negotiation negotiation, Order order) {
        return Scenario.of(cause, confidence, name, scene -> {
            LocalDsql door = scene.keep(scene.door().start());
            order.to(door);
            return scene.check(scene.over(door.address()).negotiation(negotiation))
                    .run();
        });
    }

    private static void cuts(List<Scenario> all) {
        ending(all, Cause.AUTH_RESET, Until.STARTUP, Login.RESET, "a reset instead of the question for a password");
        ending(all, Cause.AUTH_RESET, Until.PASSWORD, Login.CLOSE, "a close instead of the login's end");
        ending(all, Cause.AUTH_TIMEOUT, Until.STARTUP, Login.SILENCE, "silence instead of the question for a password");
        ending(all, Cause.AUTH_TIMEOUT, Until.PASSWORD, Login.SILENCE, "silence instead of the login's end");
        ending(all, Cause.QUERY_RESET, Until.QUERY, Login.RESET, "a reset on the first query");
        ending(all, Cause.QUERY_RESET, Until.QUERY, Login.CLOSE, "a close on the first query");
        ending(all, Cause.QUERY_TIMEOUT, Until.QUERY, Login.SILENCE, "silence on the first query");
        all.add(Scenario.of(
                Cause.AUTH_RESET,
                LIKELY,
                "a device that resets behind the handshake",
                scene -> scene.check(scene.middlebox(sight ->
                                sight.is(Middlebox.Event.ENCRYPTED) && sight.count() == 1 ? Middlebox.RESET : FORWARD))
                        .run()));
        all.add(Scenario.of(
                Cause.AUTH_TIMEOUT,
                LIKELY,
                "a device that holds everything behind the handshake",
                scene -> scene.direct(scene.middlebox(sight -> sight.is(Middlebox.Event.ENCRYPTED) && sight.count() == 1
                                ? Middlebox.SILENCE
                                : FORWARD))
                        .run()));
        all.add(Scenario.of(
                Cause.QUERY_TIMEOUT,
                LIKELY,
                "a device that holds the query, direct TLS",
                scene -> scene.direct(scene.server(
                                Talks.postgres(scene.stage().trusted, new Login(Until.QUERY, Login.SILENCE))))
                        .run()));
        ending(
                all,
                Cause.NOT_POSTGRES,
                Until.STARTUP,
                Login.saying(Talks.page(400).getBytes(StandardCharsets.ISO_8859_1)),
                "HTTP behind TLS");
        for (String state : List.of("XX000", "0A000")) {
            ending(
                    all,
                    Cause.QUERY_FAILED,
                    Until.QUERY,
                    Login.saying(LoopbackServer.error(state, "cannot do that")),
                    "an error on the first query, " + state);
        }
    }

    private static void ending(List<Scenario> all, Cause cause, Until until, Login.Ending ending, String name) {
        boolean certain = cause == Cause.NOT_POSTGRES || cause == Cause.QUERY_FAILED;
        Scenario scenario = Scenario.of(
                cause,
                certain ? CONFIRMED : LIKELY,
                name,
                scene -> scene.check(scene.server(Talks.postgres(scene.stage().trusted, new Login(until, ending))))
                        .run());
        all.add(cause == Cause.NOT_POSTGRES ? scenario.at(Phase.AUTH) : scenario);
    }
}
