package io.github.dsqlreach.diagnosis;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.dsqlreach.Attempt;
import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.Evidence;
import io.github.dsqlreach.Experiment;
import io.github.dsqlreach.ExperimentName;
import io.github.dsqlreach.Experiments;
import io.github.dsqlreach.Failure;
import io.github.dsqlreach.FailureKind;
import io.github.dsqlreach.FollowUp;
import io.github.dsqlreach.Phase;
import io.github.dsqlreach.PhaseResult;
import io.github.dsqlreach.SentMessage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What chance makes of the decision: the rules themselves, over connections that fail at random. Played with a fixed
 * seed, so that it says the same each time.
 */
class ChanceTest {
    private static final int GAMES = 10_000;
    private static final List<ExperimentName> CHANGES = List.of(
            ExperimentName.OTHER_SNI,
            ExperimentName.DIRECT_TLS,
            ExperimentName.TLS_1_2,
            ExperimentName.SMALL_SEGMENTS,
            ExperimentName.OTHER_ADDRESS);

    private static final Map<FailureKind, Attempt> WALKS = new EnumMap<>(FailureKind.class);
    private static final Map<Outcome, Experiment> OUTCOMES = new HashMap<>();

    /** Of 10,000 attempts that failed by chance, so many may blame a change, by how many connections fail. */
    @ParameterizedTest
    @CsvSource({
        "0.1, RESET, 2",
        "0.3, RESET, 20",
        "0.5, RESET, 60",
        "0.1, TIMEOUT, 2",
        "0.3, TIMEOUT, 20",
        "0.5, TIMEOUT, 60"
    })
    void chanceIsHardlyEverTakenForATrigger(double failing, FailureKind kind, int most) {
        Random random = new Random(20_261_125);
        int blamed = 0;
        for (int i = 0; i < GAMES; i++) {
            if (decide(random, kind, failing, Optional.empty()).trigger().isPresent()) {
                blamed++;
            }
        }
        assertThat(blamed).isLessThanOrEqualTo(most);
    }

    /** A change that really lets the step through is found nearly always, though other connections are lost. */
    @ParameterizedTest
    @CsvSource({"0.0, 10000", "0.02, 9700", "0.05, 9200"})
    void aTriggerIsFoundThoughConnectionsAreLost(double failing, int fewest) {
        Random random = new Random(20_261_125);
        int found = 0;
        for (int i = 0; i < GAMES; i++) {
            RuleMatch match = decide(random, FailureKind.RESET, failing, Optional.of(ExperimentName.DIRECT_TLS));
            if (match.trigger().equals(Optional.of(ExperimentName.DIRECT_TLS))) {
                found++;
            }
        }
        assertThat(found).isGreaterThanOrEqualTo(fewest);
    }

    /** As a check does it: experiments, and where a change is suspected, both ways repeated. */
    private static RuleMatch decide(Random random, FailureKind kind, double failing, Optional<ExperimentName> trigger) {
        Attempt attempt = WALKS.computeIfAbsent(kind, ChanceTest::failedAttempt);
        List<Experiment> experiments = new ArrayList<>();
        experiments.add(tried(random, ExperimentName.SAME_AGAIN, kind, failing, trigger));
        CHANGES.forEach(change -> experiments.add(tried(random, change, kind, failing, trigger)));
        RuleMatch match = DiagnosisTable.TABLE.match(Facts.of(HandMade.CLUSTER, attempt, FollowUp.of(experiments)));
        if (match.suspect().isEmpty()) {
            return match;
        }
        ExperimentName change = match.suspect().get().change();
        List<Experiment> repetitions = new ArrayList<>();
        for (int i = 0; i < Repetitions.EACH; i++) {
            repetitions.add(tried(random, ExperimentName.SAME_AGAIN, kind, failing, trigger));
            repetitions.add(tried(random, change, kind, failing, trigger));
        }
        FollowUp followUp = FollowUp.of(experiments).with(Repetitions.confirmation(change, repetitions));
        return DiagnosisTable.TABLE.match(Facts.of(HandMade.CLUSTER, attempt, followUp));
    }

    private static Experiment tried(
            Random random, ExperimentName name, FailureKind kind, double failing, Optional<ExperimentName> trigger) {
        boolean stopped = trigger.isPresent() && !trigger.get().equals(name);
        boolean fails = stopped || random.nextDouble() < failing;
        return OUTCOMES.computeIfAbsent(new Outcome(name, fails ? Optional.of(kind) : Optional.empty()), Outcome::seen);
    }

    /** There are few, and each is seen some ten thousand times. */
    private record Outcome(ExperimentName name, Optional<FailureKind> failure) {
        Experiment seen() {
            return Experiments.experiment(
                    name,
                    Duration.ofMillis(240),
                    Evidence.builder()
                            .put(Evidence.ROUND_TRIP_MILLIS, 80.0)
                            .put(Evidence.VERIFIED, failure.isEmpty())
                            .build(),
                    failure.map(Failure::of));
        }
    }

    private static Attempt failedAttempt(FailureKind kind) {
        Endpoint endpoint = HandMade.CLUSTER;
        Map<Phase, PhaseResult> results = new EnumMap<>(Phase.class);
        for (Phase phase : Phase.values()) {
            results.put(
                    phase,
                    phase.compareTo(Phase.TLS) < 0
                            ? PhaseResult.passed(phase, Duration.ofMillis(80), Evidence.none())
                            : PhaseResult.notReached(phase));
        }
        results.put(
                Phase.TLS,
                PhaseResult.failed(
                        Phase.TLS,
                        Duration.ofMillis(160),
                        Evidence.builder()
                                .put(Evidence.AFTER, SentMessage.CLIENT_HELLO)
                                .build(),
                        new Failure(kind, kind.label() + " after ClientHello to " + endpoint)));
        return new Attempt(Phase.QUERY, List.copyOf(results.values()));
    }
}
