package io.github.dsqlreach.junit;

import io.github.dsqlreach.Attempt;
import io.github.dsqlreach.Cause;
import io.github.dsqlreach.Confidence;
import io.github.dsqlreach.Diagnosis;
import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.Evidence;
import io.github.dsqlreach.Failure;
import io.github.dsqlreach.FailureKind;
import io.github.dsqlreach.FollowUp;
import io.github.dsqlreach.Phase;
import io.github.dsqlreach.PhaseResult;
import io.github.dsqlreach.Reachability;
import io.github.dsqlreach.Transport;
import io.github.dsqlreach.Verdict;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Answers each check by the first label of the host: {@code up}, {@code detour}, {@code flaky}, {@code blocked}, {@code denied}, {@code unavailable},
 * {@code misconfigured}, {@code unknown}, {@code breaks-…} for up at first and one of these from the second check on, or
 * {@code bug} for a check that throws. Stands before the annotation under test.
 */
@Target({ElementType.TYPE, ElementType.ANNOTATION_TYPE})
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(OnFakeNetwork.Extension.class)
@interface OnFakeNetwork {

    class Extension implements ExecutionCondition {
        static final AtomicBoolean FLAKY_IS_UP = new AtomicBoolean();
        static final List<SharedCheck> CHECKS = new CopyOnWriteArrayList<>();

        @Override
        public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
            context.getRoot()
                    .getStore(RunStore.NAMESPACE)
                    .getOrComputeIfAbsent(
                            SharedCheck.Results.class,
                            key -> new SharedCheck.Results(Extension::answer),
                            SharedCheck.Results.class);
            return new Jupiter.OnlyByTheTest().evaluateExecutionCondition(context);
        }

        static List<SharedCheck> checksOf(String host) {
            return CHECKS.stream()
                    .filter(check -> check.endpoint().host().equals(host))
                    .toList();
        }

        private static Reachability answer(SharedCheck check) {
            CHECKS.add(check);
            String host = check.endpoint().host();
            String label = host.substring(0, host.indexOf('.'));
            String later = label.replace("breaks-", "");
            return switch (label.equals(later) || checksOf(host).size() > 1 ? later : "up") {
                case "up" -> up(check.endpoint(), check.through());
                case "detour" -> detour(check);
                case "flaky" ->
                    FLAKY_IS_UP.get() ? up(check.endpoint(), check.through()) : down(check, Cause.TLS_RESET, Phase.TLS);
                case "blocked" -> down(check, Cause.TLS_RESET, Phase.TLS);
                case "denied" -> down(check, Cause.NOT_AUTHORIZED, Phase.AUTH);
                case "unavailable" -> down(check, Cause.CLUSTER_WAKING_UP, Phase.AUTH);
                case "misconfigured" -> down(check, Cause.CREDENTIALS_PROVIDER_FAILED, Phase.TOKEN);
                case "unknown" -> down(check, Cause.UNKNOWN, Phase.QUERY);
                default -> throw new IllegalStateException("a bug of ours");
            };
        }

        static Reachability up(Endpoint endpoint, Phase through) {
            return reachability(
                    endpoint,
                    through,
                    null,
                    Diagnosis.of(
                                    Verdict.REACHABLE,
                                    Optional.empty(),
                                    Optional.empty(),
                                    Confidence.CONFIRMED,
                                    "DSQL reachable: " + endpoint)
                            .explained("", List.of(), List.of()));
        }

        /** Over a WebSocket, because TCP is blocked. */
        private static Reachability detour(SharedCheck check) {
            Reachability up = up(check.endpoint().over(Transport.WEBSOCKET), check.through());
            return Reachability.of(
                            up.endpoint(),
                            up.attempt(),
                            FollowUp.none().after(down(check, Cause.TLS_RESET, Phase.TLS)),
                            up.diagnosis())
                    .timed(up.startedAt(), up.took())
                    .by(up.tool());
        }

        private static Reachability down(SharedCheck check, Cause cause, Phase phase) {
            return reachability(
                    check.endpoint(),
                    check.through(),
                    phase,
                    Diagnosis.of(
                                    cause.verdict(),
                                    Optional.of(phase),
                                    Optional.of(cause),
                                    Confidence.LIKELY,
                                    "DSQL " + cause.verdict().label() + " at " + phase.label() + ": "
                                            + check.endpoint())
                            .explained(cause.explanation(), List.of("evidence"), List.of("remedy")));
        }

        private static Reachability reachability(Endpoint endpoint, Phase through, Phase failed, Diagnosis diagnosis) {
            List<PhaseResult> results = new ArrayList<>();
            for (Phase phase : Phase.values()) {
                if (phase == failed) {
                    results.add(PhaseResult.failed(
                            phase, Duration.ofMillis(31), Evidence.none(), Failure.of(FailureKind.RESET)));
                } else if (failed != null && phase.compareTo(failed) > 0 || phase.compareTo(through) > 0) {
                    results.add(PhaseResult.notReached(phase));
                } else {
                    results.add(PhaseResult.passed(phase, Duration.ofMillis(2), Evidence.none()));
                }
            }
            return Reachability.of(
                            Optional.of(endpoint),
                            Optional.of(new Attempt(through, results)),
                            FollowUp.none(),
                            diagnosis)
                    .timed(Instant.now(), Duration.ofMillis(40));
        }
    }
}
