package io.github.dsqlreach.diagnosis;

import static io.github.dsqlreach.FailureKind.CERTIFICATE_CHAIN_INCOMPLETE;
import static io.github.dsqlreach.FailureKind.CERTIFICATE_EXPIRED;
import static io.github.dsqlreach.FailureKind.CERTIFICATE_UNACCEPTABLE;
import static io.github.dsqlreach.FailureKind.CERTIFICATE_UNTRUSTED;
import static io.github.dsqlreach.FailureKind.CLOSED;
import static io.github.dsqlreach.FailureKind.CREDENTIALS_EXPIRED;
import static io.github.dsqlreach.FailureKind.CREDENTIALS_FAILED;
import static io.github.dsqlreach.FailureKind.CREDENTIALS_NOT_FOUND;
import static io.github.dsqlreach.FailureKind.HOSTNAME_MISMATCH;
import static io.github.dsqlreach.FailureKind.LOOPBACK_DOWN;
import static io.github.dsqlreach.FailureKind.NAME_LOOKUP_FAILED;
import static io.github.dsqlreach.FailureKind.NAME_NOT_FOUND;
import static io.github.dsqlreach.FailureKind.NOT_PERMITTED;
import static io.github.dsqlreach.FailureKind.NO_FILE_HANDLE;
import static io.github.dsqlreach.FailureKind.NO_LOCAL_PORT;
import static io.github.dsqlreach.FailureKind.NO_MEMORY;
import static io.github.dsqlreach.FailureKind.NO_THREAD;
import static io.github.dsqlreach.FailureKind.OUT_OF_TIME;
import static io.github.dsqlreach.FailureKind.PROXY_FAILED;
import static io.github.dsqlreach.FailureKind.REFUSED;
import static io.github.dsqlreach.FailureKind.REGION_UNKNOWN;
import static io.github.dsqlreach.FailureKind.RESET;
import static io.github.dsqlreach.FailureKind.ROOTS_UNREADABLE;
import static io.github.dsqlreach.FailureKind.SERVER_ERROR;
import static io.github.dsqlreach.FailureKind.TIMEOUT;
import static io.github.dsqlreach.FailureKind.TLS_ALERT;
import static io.github.dsqlreach.FailureKind.TLS_REFUSED;
import static io.github.dsqlreach.FailureKind.UNEXPECTED_ANSWER;
import static io.github.dsqlreach.FailureKind.UNREACHABLE;

import io.github.dsqlreach.Attempt;
import io.github.dsqlreach.Confirmation;
import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.Evidence;
import io.github.dsqlreach.Experiment;
import io.github.dsqlreach.ExperimentName;
import io.github.dsqlreach.Experiments;
import io.github.dsqlreach.Failure;
import io.github.dsqlreach.FailureKind;
import io.github.dsqlreach.FollowUp;
import io.github.dsqlreach.HostAndPort;
import io.github.dsqlreach.Negotiation;
import io.github.dsqlreach.Phase;
import io.github.dsqlreach.PhaseResult;
import io.github.dsqlreach.SentMessage;
import io.github.dsqlreach.Trust;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;

/**
 * Facts of failed attempts, drawn at random: each attempt fails in some phase, experiments have results or still run.
 * Half of the networks are plausible (one change ends the failure, packets get lost, a machine is slow, the experiments
 * are those of the plan), and half have any experiment with any result.
 */
final class RandomFacts {
    /** Facts, as a check knows them at some moment. */
    record Drawn(
            Endpoint endpoint, Attempt attempt, FollowUp followUp, Map<ExperimentName, Evidence> pending, Phase phase) {
        Facts facts() {
            return Facts.ofNetwork(endpoint, attempt, followUp, pending).about(attempt.result(phase));
        }

        FailureKind kind() {
            return attempt.result(phase).failure().orElseThrow().kind();
        }
    }

    private static final Map<Phase, List<FailureKind>> KINDS = Map.of(
            Phase.DNS,
            List.of(NAME_NOT_FOUND, NAME_LOOKUP_FAILED, TIMEOUT, OUT_OF_TIME, PROXY_FAILED),
            Phase.TCP,
            List.of(REFUSED, RESET, TIMEOUT, UNREACHABLE, UNEXPECTED_ANSWER, CLOSED, OUT_OF_TIME, PROXY_FAILED),
            Phase.TOKEN,
            List.of(CREDENTIALS_NOT_FOUND, CREDENTIALS_EXPIRED, CREDENTIALS_FAILED, REGION_UNKNOWN),
            Phase.TLS,
            List.of(
                    RESET,
                    RESET,
                    RESET,
                    TIMEOUT,
                    TIMEOUT,
                    TIMEOUT,
                    CLOSED,
                    TLS_ALERT,
                    CERTIFICATE_UNTRUSTED,
                    CERTIFICATE_EXPIRED,
                    HOSTNAME_MISMATCH,
                    CERTIFICATE_CHAIN_INCOMPLETE,
                    CERTIFICATE_UNACCEPTABLE,
                    ROOTS_UNREADABLE,
                    TLS_REFUSED,
                    UNEXPECTED_ANSWER,
                    SERVER_ERROR,
                    OUT_OF_TIME),
            Phase.AUTH,
            List.of(
                    TLS_ALERT,
                    RESET,
                    CLOSED,
                    TIMEOUT,
                    UNEXPECTED_ANSWER,
                    SERVER_ERROR,
                    SERVER_ERROR,
                    SERVER_ERROR,
                    OUT_OF_TIME),
            Phase.QUERY,
            List.of(RESET, CLOSED, TIMEOUT, SERVER_ERROR, OUT_OF_TIME));

    private static final List<FailureKind> ENDS_OF_EXPERIMENTS = List.of(
            RESET,
            TIMEOUT,
            CLOSED,
            TLS_ALERT,
            TLS_REFUSED,
            UNEXPECTED_ANSWER,
            SERVER_ERROR,
            NAME_NOT_FOUND,
            NAME_LOOKUP_FAILED,
            REFUSED,
            NO_FILE_HANDLE,
            NO_MEMORY,
            NO_LOCAL_PORT,
            NO_THREAD,
            NOT_PERMITTED,
            LOOPBACK_DOWN);

    private static final List<ExperimentName> OF_TLS = List.of(
            ExperimentName.SAME_AGAIN,
            ExperimentName.DIRECT_TLS,
            ExperimentName.SSL_REQUEST_TLS,
            ExperimentName.SSL_REQUEST_ONLY,
            ExperimentName.OTHER_SNI,
            ExperimentName.TLS_1_2,
            ExperimentName.SMALL_SEGMENTS,
            ExperimentName.REFUSED_HELLO,
            ExperimentName.IDLE,
            ExperimentName.PLAIN_START,
            ExperimentName.BEHIND_TLS,
            ExperimentName.WEB_REQUEST,
            ExperimentName.OTHER_ADDRESS,
            ExperimentName.CONTROL_443,
            ExperimentName.WEB_SOCKET_443);

    private static final Set<ExperimentName> TO_SERVER = EnumSet.complementOf(EnumSet.of(
            ExperimentName.OTHER_ADDRESS,
            ExperimentName.CONTROL_443,
            ExperimentName.WEB_SOCKET_443,
            ExperimentName.CONTROL_NAME,
            ExperimentName.CONTROL_DNS,
            ExperimentName.DNS_A,
            ExperimentName.DNS_AAAA));

    private static final List<ExperimentName> CHANGES = List.of(
            ExperimentName.OTHER_SNI,
            ExperimentName.DIRECT_TLS,
            ExperimentName.SSL_REQUEST_TLS,
            ExperimentName.TLS_1_2,
            ExperimentName.SMALL_SEGMENTS,
            ExperimentName.OTHER_ADDRESS);

    private static final String OTHER_HOST = "db.example.net";
    private static final String SIGNED_AT = "20261123T120000Z";
    private static final List<String> MESSAGES = List.of(
            "unable to accept connection, access denied",
            "access denied",
            "access  denied",
            "FATAL: waking up",
            "role \"reader\" does not exist",
            "words that no table has",
            "rate exceeded",
            "too many connections",
            "server temporarily unavailable",
            "SNI was not received",
            "invalid value for parameter \"TimeZone\": \"Mars\"",
            "unrecognized configuration parameter \"x\"",
            "no pg_hba.conf entry for host");
    private static final List<String> HINTS = List.of(
            "Signature expired: " + SIGNED_AT + " is now earlier than 20261123T120400Z (20261123T121900Z - 15 min.)",
            "Signature expired: " + SIGNED_AT + " is now earlier than 20261123T114501Z (20261123T120001Z - 15 min.)",
            "Signature expired",
            "Signature not yet current: " + SIGNED_AT,
            "Signature not yet current: " + SIGNED_AT + " is later than 20261123T115500Z (20261123T115000Z + 5 min.)",
            "access denied",
            "wrong user to action mapping",
            "with an explicit deny in a resource-based policy",
            "User: x is not authorized to perform: dsql:DbConnect",
            "The security token included in the request is invalid",
            "The security token included in the request is expired",
            "IAM authentication failed",
            "words");

    private final Random random;
    private boolean wild;
    private double passing;
    private boolean lossy;
    private boolean largePacketsAreLost;
    private boolean starved;
    /** No server answers on any port: what is sent times out, or is reset. */
    private boolean silent;
    /** The single change that ends the failure, as most devices have one. */
    private Optional<ExperimentName> trigger = Optional.empty();

    RandomFacts(long seed) {
        this.random = new Random(seed);
    }

    Drawn draw() {
        drawNetwork();
        Endpoint endpoint = endpoint();
        Phase phase = chance(0.45) ? Phase.TLS : one(Phase.values());
        FailureKind kind = wild && chance(0.1) ? one(FailureKind.values()) : one(KINDS.get(phase));
        silent &= kind == TIMEOUT || kind == RESET;
        Attempt attempt = attempt(phase, kind);
        List<Experiment> experiments = new ArrayList<>();
        Map<ExperimentName, Evidence> pending = new EnumMap<>(ExperimentName.class);
        double running = chance(0.5) ? 0 : one(0.15, 0.4, 0.7);
        for (ExperimentName name : plan(endpoint, phase)) {
            if (isRun(phase) && chance(running)) {
                pending.put(name, chance(0.5) ? Evidence.none() : connection(name));
            } else {
                experiments.add(experiment(name, kind, phase, Evidence.none()));
            }
        }
        FollowUp followUp = FollowUp.of(experiments);
        // Only what fails in TLS is repeated so.
        if (phase == Phase.TLS && chance(trigger.isPresent() ? 0.7 : 0.3)) {
            if (chance(running)) {
                pending.put(ExperimentName.CONFIRMATION, Evidence.none());
            } else {
                followUp = followUp.with(confirmation(kind, experiments));
            }
        }
        if (chance(phase.compareTo(Phase.TLS) > 0 ? 0.8 : 0.2)) {
            followUp = followUp.repeatedBy(repeated(phase, kind));
        }
        return new Drawn(endpoint, attempt, followUp, pending, phase);
    }

    private void drawNetwork() {
        wild = chance(0.5);
        passing = one(0.02, 0.1, 0.3, 0.6);
        lossy = chance(0.15);
        largePacketsAreLost = chance(0.15);
        starved = chance(0.1);
        silent = chance(0.08);
        trigger = chance(0.35) ? Optional.of(one(CHANGES)) : Optional.empty();
    }

    /** The same facts with some end of each experiment that still runs. */
    Drawn completed(Drawn drawn) {
        drawNetwork();
        FollowUp before = drawn.followUp();
        List<Experiment> all = new ArrayList<>(before.experiments());
        drawn.pending().forEach((name, observed) -> {
            if (name != ExperimentName.CONFIRMATION) {
                all.add(experiment(name, drawn.kind(), drawn.phase(), observed));
            }
        });
        FollowUp followUp = FollowUp.of(all);
        followUp = before.confirmation().map(followUp::with).orElse(followUp);
        followUp = before.repeated().map(followUp::repeatedBy).orElse(followUp);
        if (drawn.pending().containsKey(ExperimentName.CONFIRMATION)) {
            followUp = followUp.with(confirmation(drawn.kind(), all));
        }
        return new Drawn(drawn.endpoint(), drawn.attempt(), followUp, Map.of(), drawn.phase());
    }

    /** Behind TLS and for the token there are none. */
    private static boolean isRun(Phase phase) {
        return Set.of(Phase.DNS, Phase.TCP, Phase.TLS).contains(phase);
    }

    private Endpoint endpoint() {
        Endpoint.Builder builder =
                Endpoint.parse((chance(0.85) ? HandMade.CLUSTER.host() : OTHER_HOST) + (chance(0.05) ? ":443" : ""))
                        .toBuilder();
        if (chance(0.3)) {
            builder.negotiation(Negotiation.DIRECT);
        }
        if (chance(0.1)) {
            builder.connectTo(new HostAndPort("127.0.0.1", 15432));
        }
        if (chance(0.2)) {
            builder.trust(
                    chance(0.5)
                            ? Trust.rootCertificate(Path.of("roots.pem"))
                            : new Trust(Trust.Mode.REQUIRE, Optional.empty()));
        }
        if (chance(0.3)) {
            builder.user("reader");
        }
        if (chance(0.1)) {
            builder.region("eu-west-1");
        }
        return builder.build();
    }

    private Attempt attempt(Phase phase, FailureKind kind) {
        Map<Phase, PhaseResult> results = new EnumMap<>(Phase.class);
        for (Phase each : Phase.values()) {
            results.put(
                    each,
                    each.compareTo(phase) < 0
                            ? PhaseResult.passed(each, starved ? millis(3_000, 9_000) : millis(1, 300), passed(each))
                            : PhaseResult.notReached(each));
        }
        results.put(
                phase,
                PhaseResult.failed(
                        phase,
                        chance(0.3) ? millis(4_000, 12_000) : millis(1, 1_200),
                        failed(phase, kind),
                        Failure.of(kind)));
        if (phase != Phase.TOKEN && chance(0.1)) {
            results.put(
                    Phase.TOKEN,
                    PhaseResult.failed(
                            Phase.TOKEN,
                            millis(1, 100),
                            failed(Phase.TOKEN, CREDENTIALS_FAILED),
                            Failure.of(one(KINDS.get(Phase.TOKEN)))));
        }
        return new Attempt(Phase.QUERY, List.copyOf(results.values()));
    }

    private List<ExperimentName> plan(Endpoint endpoint, Phase phase) {
        List<ExperimentName> names = new ArrayList<>();
        if (wild) {
            for (ExperimentName name : ExperimentName.values()) {
                if (name != ExperimentName.CONFIRMATION && chance(0.5)) {
                    names.add(name);
                }
            }
            return names;
        }
        switch (phase) {
            case DNS ->
                names.addAll(List.of(
                        ExperimentName.CONTROL_NAME,
                        ExperimentName.DNS_A,
                        ExperimentName.DNS_AAAA,
                        ExperimentName.CONTROL_DNS));
            case TCP ->
                names.addAll(
                        List.of(ExperimentName.SAME_AGAIN, ExperimentName.WEB_SOCKET_443, ExperimentName.CONTROL_443));
            case TLS -> {
                names.addAll(OF_TLS);
                names.remove(
                        endpoint.negotiation() == Negotiation.POSTGRES
                                ? ExperimentName.SSL_REQUEST_TLS
                                : ExperimentName.DIRECT_TLS);
            }
            default -> {
                // The whole attempt is made again.
            }
        }
        names.removeIf(name -> chance(0.1));
        return names;
    }

    private Confirmation confirmation(FailureKind kind, List<Experiment> made) {
        List<ExperimentName> passed = CHANGES.stream()
                .filter(change -> made.stream().anyMatch(e -> e.name() == change && e.passed()))
                .toList();
        ExperimentName change = !passed.isEmpty() && chance(0.8) ? one(passed) : one(CHANGES);
        double failing = one(1.0, 1.0, 1.0, 1.0, 0.8);
        double changedPassing = one(1.0, 1.0, 1.0, 1.0, 0.5, 0.0);
        List<Experiment> repetitions = new ArrayList<>();
        for (int i = 0; i < Repetitions.EACH; i++) {
            repetitions.add(repetition(ExperimentName.SAME_AGAIN, chance(1 - failing), kind));
            repetitions.add(repetition(change, chance(changedPassing), kind));
        }
        return Repetitions.confirmation(change, repetitions);
    }

    private Experiment repetition(ExperimentName name, boolean passed, FailureKind kind) {
        return Experiments.experiment(
                name,
                millis(50, 100),
                Evidence.builder().put(Evidence.ROUND_TRIP_MILLIS, 83.0).build(),
                passed ? Optional.empty() : Optional.of(Failure.of(chance(0.03) ? OUT_OF_TIME : kind)));
    }

    /** What an experiment observes when it is connected; those that only ask for names are not. */
    private Evidence connection(ExperimentName name) {
        if (address(name).isEmpty()) {
            return Evidence.none();
        }
        return Evidence.builder()
                .put(Evidence.ADDRESS, address(name))
                .put(Evidence.ROUND_TRIP_MILLIS, lossy && chance(0.3) ? 1_085.0 : roundTrip())
                .build();
    }

    private String address(ExperimentName name) {
        return switch (name) {
            case OTHER_ADDRESS -> "203.0.113.8";
            case CONTROL_443 -> chance(0.1) ? "203.0.113.7" : "198.51.100.1";
            // Of the name, or of a proxy.
            case WEB_SOCKET_443 -> one("127.0.0.1", "203.0.113.7", "203.0.113.9");
            default -> TO_SERVER.contains(name) ? "203.0.113.7" : "";
        };
    }

    private Experiment experiment(ExperimentName name, FailureKind kind, Phase phase, Evidence observed) {
        if (silent && !address(name).isEmpty()) {
            Evidence connected = observed.has(Evidence.ROUND_TRIP_MILLIS)
                    ? observed
                    : phase == Phase.TCP ? Evidence.none() : connection(name);
            boolean open = name == ExperimentName.IDLE && kind == RESET;
            return Experiments.experiment(
                    name, millis(50, 200), connected, open ? Optional.empty() : Optional.of(Failure.of(kind)));
        }
        boolean passed = chance(passing(name));
        Evidence.Builder evidence = Evidence.builder().put(Evidence.ADDRESS, address(name));
        if (observed.has(Evidence.ROUND_TRIP_MILLIS)) {
            evidence.putAll(observed);
        } else if (passed || chance(0.93)) {
            evidence.putAll(connection(name));
        }
        if (passed && chance(0.85)) {
            evidence.put(Evidence.VERIFIED, true);
        }
        if (chance(passed ? 0.7 : 0.06)) {
            evidence.put(Evidence.PROTOCOL, "TLSv1.3");
            if (chance(0.5)) {
                evidence.put(Evidence.VERIFIED, true);
            }
        }
        if (chance(0.5)) {
            evidence.put(
                    Evidence.AFTER,
                    one(
                            SentMessage.SSL_REQUEST,
                            SentMessage.CLIENT_HELLO,
                            SentMessage.CLIENT_HELLO,
                            SentMessage.HANDSHAKE));
        }
        if (chance(0.1)) {
            evidence.put(Evidence.SSL_REQUEST_ANSWER, chance(0.8) ? "S" : "N");
        }
        if (chance(0.3)) {
            evidence.put(Evidence.BYTES_RECEIVED, one(0, 1, 203, 1_460));
        }
        Optional<Failure> failure = passed
                ? Optional.empty()
                : Optional.of(Failure.of(
                        name == ExperimentName.BEHIND_TLS && chance(0.3)
                                ? UNEXPECTED_ANSWER
                                : chance(0.7) ? kind : chance(0.25) ? OUT_OF_TIME : end(phase)));
        return Experiments.experiment(name, millis(50, 200), evidence.build(), failure);
    }

    private Attempt repeated(Phase phase, FailureKind kind) {
        Evidence.Builder evidence = Evidence.builder();
        notAcknowledged(evidence);
        return Experiments.failedAttempt(
                chance(0.7) ? phase : one(Phase.values()),
                millis(50, 200),
                evidence.build(),
                Failure.of(chance(0.7) ? kind : chance(0.25) ? OUT_OF_TIME : end(phase)));
    }

    private FailureKind end(Phase phase) {
        return phase == Phase.DNS && chance(0.5) ? one(NAME_NOT_FOUND, NAME_LOOKUP_FAILED) : one(ENDS_OF_EXPERIMENTS);
    }

    private double passing(ExperimentName name) {
        if (trigger.isPresent() && CHANGES.contains(name)) {
            return trigger.get() == name ? 0.95 : 0.02;
        }
        return switch (name) {
            case SAME_AGAIN -> 0.08;
            case CONTROL_443, PLAIN_START -> 0.5;
            default -> passing;
        };
    }

    private double roundTrip() {
        return chance(0.05) ? 700.0 : 70.0 + random.nextInt(30);
    }

    private void notAcknowledged(Evidence.Builder evidence) {
        if (largePacketsAreLost && chance(0.8)) {
            evidence.put(Evidence.UNACKNOWLEDGED_BYTES, 1_400).put(Evidence.RETRANSMISSIONS, 5);
        } else if (chance(0.3)) {
            evidence.put(Evidence.UNACKNOWLEDGED_BYTES, one(0, 6, 300, 1_400))
                    .put(Evidence.RETRANSMISSIONS, random.nextInt(5));
        }
    }

    private Evidence passed(Phase phase) {
        Evidence.Builder evidence = Evidence.builder();
        switch (phase) {
            case DNS -> {
                evidence.put(
                        Evidence.ADDRESSES,
                        chance(0.06)
                                ? List.of(one("127.0.0.1", "0.0.0.0", "::1", "255.255.255.255"))
                                : chance(0.12)
                                        ? List.of(one("198.18.0.7", "10.0.0.7", "2600:1f18::7"))
                                        : List.of("203.0.113.7", chance(0.06) ? "127.0.0.1" : "203.0.113.8"));
                if (chance(0.05)) {
                    evidence.put(Evidence.PROXY, new HostAndPort("proxy", 3128));
                }
            }
            case TCP -> {
                evidence.put(Evidence.ADDRESS, "203.0.113.7:5432")
                        .put(Evidence.ROUND_TRIP_MILLIS, lossy && chance(0.2) ? 1_083.0 : roundTrip());
                if (chance(0.5)) {
                    evidence.put(Evidence.ATTEMPTS, List.of("203.0.113.7:5432 connected"));
                }
            }
            case TOKEN ->
                evidence.put(Evidence.SIGNED_AT, chance(0.9) ? SIGNED_AT : "").put(Evidence.EXPIRES_SECONDS, 900);
            case TLS -> {
                evidence.put(Evidence.VERIFIED, true)
                        .put(Evidence.NEGOTIATION, chance(0.5) ? Negotiation.DIRECT : Negotiation.POSTGRES);
                if (chance(0.8)) {
                    evidence.put(Evidence.ALPN, "postgresql");
                }
                if (chance(0.1)) {
                    evidence.put(Evidence.SETTING_EFFECT, "no server name");
                }
                if (chance(0.1)) {
                    evidence.put(Evidence.CLIENT_CERTIFICATE_WANTED, true);
                }
                if (chance(0.2)) {
                    evidence.put(Evidence.CERTIFICATE_PROBLEM, "expired");
                }
            }
            default -> {
                // Nothing that decides.
            }
        }
        return evidence.build();
    }

    private Evidence failed(Phase phase, FailureKind kind) {
        Evidence.Builder evidence = Evidence.builder();
        SentMessage after = switch (phase) {
            case TCP -> SentMessage.CONNECT;
            case TLS ->
                one(
                        SentMessage.SSL_REQUEST,
                        SentMessage.CLIENT_HELLO,
                        SentMessage.CLIENT_HELLO,
                        SentMessage.CLIENT_HELLO,
                        SentMessage.HANDSHAKE,
                        SentMessage.UPGRADE);
            case AUTH -> one(SentMessage.STARTUP_MESSAGE, SentMessage.PASSWORD);
            default -> SentMessage.QUERY;
        };
        if (chance(phase == Phase.TCP ? 0.2 : 0.9)) {
            evidence.put(Evidence.AFTER, after).put(Evidence.AFTER_MILLIS, random.nextDouble() * 2_000);
        }
        if (phase == Phase.TLS && chance(0.5)) {
            evidence.put(Evidence.SSL_REQUEST_ANSWER, "S");
        }
        if (chance(0.4)) {
            evidence.put(Evidence.BYTES_RECEIVED, one(0, 1, 203, 1_460));
        }
        notAcknowledged(evidence);
        if (chance(0.5)) {
            evidence.put(Evidence.HTTP_STATUS, one(401, 407, 403, 502));
        }
        if (phase == Phase.TLS && chance(0.1)) {
            evidence.put(Evidence.SETTING_EFFECT, "no server name");
        }
        if (phase == Phase.TLS && chance(0.05)) {
            evidence.put(Evidence.CLIENT_CERTIFICATE_WANTED, true);
        }
        if (kind == TIMEOUT && chance(0.15)) {
            evidence.put(Evidence.LISTENED_MILLIS, 90.0);
        }
        if (kind == HOSTNAME_MISMATCH) {
            evidence.put(
                    Evidence.CERTIFICATE_NAMES,
                    List.of(one(HandMade.CLUSTER.host(), "router.local", "CN=" + HandMade.CLUSTER.host())));
        }
        if (kind == CERTIFICATE_UNTRUSTED) {
            evidence.put(Evidence.CHAIN_LENGTH, one(1, 1, 2, 3))
                    .put(
                            Evidence.CERTIFICATE_NAMES,
                            chance(0.1)
                                    ? List.of()
                                    : List.of(one(
                                            HandMade.CLUSTER.host(),
                                            "*.dsql.us-east-1.on.aws",
                                            "router.local",
                                            OTHER_HOST)))
                    .put(Evidence.CHAIN_ROOT, chance(0.3) ? "CN=Amazon Root CA 1" : "CN=Corp");
        }
        if (chance(0.3)) {
            evidence.put(Evidence.ANSWER_PROTOCOL, "HTTP");
        }
        if (kind == SERVER_ERROR) {
            evidence.put(Evidence.SERVER_MESSAGE, one(MESSAGES))
                    .put(Evidence.SQL_STATE, one("28000", "28000", "28P01", "53300", "08P01", "57P03"));
            if (chance(0.4)) {
                evidence.put(Evidence.HINT, one(HINTS));
            }
        }
        if (phase == Phase.TOKEN && chance(0.5)) {
            evidence.put(Evidence.PROBLEM, "no-answer");
        }
        return evidence.build();
    }

    private boolean chance(double probability) {
        return random.nextDouble() < probability;
    }

    @SafeVarargs
    private <T> T one(T... of) {
        return of[random.nextInt(of.length)];
    }

    private <T> T one(List<T> of) {
        return of.get(random.nextInt(of.size()));
    }

    private Duration millis(int from, int to) {
        return Duration.ofMillis(from + random.nextInt(to - from));
    }
}
