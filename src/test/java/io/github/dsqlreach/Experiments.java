package io.github.dsqlreach;

import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/** Makes experiments of what they observed in all, for tests that care about facts and not about phases. */
public final class Experiments {
    private static final Set<ExperimentName> QUERIES = EnumSet.of(
            ExperimentName.CONTROL_NAME, ExperimentName.DNS_A, ExperimentName.DNS_AAAA, ExperimentName.CONTROL_DNS);
    private static final Set<ExperimentName> WITHOUT_TLS =
            EnumSet.of(ExperimentName.PLAIN_START, ExperimentName.WEB_REQUEST);
    private static final Set<Evidence.Key<?>> OF_TCP =
            Set.of(Evidence.ADDRESS, Evidence.ROUND_TRIP_MILLIS, Evidence.HTTP_STATUS);

    private Experiments() {}

    /** Each fact stands in the phase that observes it; where nothing shows a connection, TCP failed. */
    public static Experiment experiment(
            ExperimentName name, Duration duration, Evidence evidence, Optional<Failure> failure) {
        if (QUERIES.contains(name)) {
            Evidence dns = only(evidence, key -> !OF_TCP.contains(key));
            return new Experiment(name, new Attempt(Phase.DNS, List.of(end(Phase.DNS, duration, dns, failure))));
        }
        Phase last = WITHOUT_TLS.contains(name) ? Phase.AUTH : Phase.TLS;
        Evidence tcp = only(evidence, OF_TCP::contains);
        Evidence later = only(evidence, key -> !OF_TCP.contains(key));
        if (failure.isPresent() && later.keys().isEmpty() && !tcp.has(Evidence.ROUND_TRIP_MILLIS)) {
            return new Experiment(name, new Attempt(last, List.of(end(Phase.TCP, duration, tcp, failure))));
        }
        return new Experiment(
                name,
                new Attempt(
                        last,
                        List.of(
                                PhaseResult.passed(Phase.TCP, Duration.ZERO, tcp),
                                end(last, duration, later, failure))));
    }

    private static PhaseResult end(Phase phase, Duration duration, Evidence evidence, Optional<Failure> failure) {
        return failure.map(why -> PhaseResult.failed(phase, duration, evidence, why))
                .orElseGet(() -> PhaseResult.passed(phase, duration, evidence));
    }

    private static Evidence only(Evidence all, Predicate<Evidence.Key<?>> wanted) {
        Evidence.Builder some = Evidence.builder();
        all.keys().stream().filter(wanted).forEach(key -> copy(key, all, some));
        return some.build();
    }

    private static <T> void copy(Evidence.Key<T> key, Evidence from, Evidence.Builder to) {
        to.put(key, from.get(key).orElseThrow());
    }

    /** Another attempt, which failed there and passed the phases before. */
    public static Attempt failedAttempt(Phase phase, Duration duration, Evidence evidence, Failure failure) {
        Evidence tcp = only(evidence, OF_TCP::contains);
        Attempt attempt = new Attempt(Phase.QUERY, List.of());
        for (Phase each : Phase.values()) {
            attempt = attempt.with(
                    each.compareTo(phase) < 0
                            ? PhaseResult.passed(each, Duration.ofMillis(1), each == Phase.TCP ? tcp : Evidence.none())
                            : each == phase
                                    ? PhaseResult.failed(
                                            each, duration, only(evidence, key -> !OF_TCP.contains(key)), failure)
                                    : PhaseResult.notReached(each));
        }
        return attempt;
    }
}
