package io.github.dsqlreach.diagnosis;

import io.github.dsqlreach.Attempt;
import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.Failure;
import io.github.dsqlreach.FailureKind;
import io.github.dsqlreach.FollowUp;
import io.github.dsqlreach.Phase;
import io.github.dsqlreach.PhaseResult;
import io.github.dsqlreach.Reachability;
import io.github.dsqlreach.Scrubber;
import io.github.dsqlreach.internal.Numbers;
import java.util.Optional;
import java.util.stream.Collectors;

/** One line that can stand alone: the layer, what was observed, and what to do. */
final class Summary {
    private static final int LONGEST = 300;
    private static final int LONGEST_MESSAGE = 200;
    private static final int SHORTEST_MESSAGE = 60;
    private static final int LONGEST_REASON = 120;

    private Summary() {}

    static String of(Facts facts, Phase layer, RuleMatch match) {
        String message = line(facts.failed().failure().orElseThrow());
        String summary = of(facts, layer, match, message, passed(facts.attempt()));
        if (summary.length() <= LONGEST) {
            return summary;
        }
        String withoutTimes = facts.attempt().phases().stream()
                .filter(PhaseResult::passed)
                .map(result -> result.phase().label())
                .collect(Collectors.joining(", "));
        int excess = of(facts, layer, match, message, withoutTimes).length() - LONGEST;
        int room = excess <= 0 ? LONGEST_MESSAGE : Math.max(SHORTEST_MESSAGE, message.length() - excess);
        return of(facts, layer, match, Scrubber.line(message, room), withoutTimes);
    }

    private static String of(Facts facts, Phase layer, RuleMatch match, String message, String passed) {
        return "DSQL " + match.cause().verdict().label() + " at " + layer.label() + ": " + seen(facts, message)
                + (passed.isEmpty() ? "" : " (" + passed + " passed)")
                + " - " + Explanation.advice(facts, match);
    }

    /** What was observed, and where. */
    private static String seen(Facts facts, String seen) {
        if (seen.contains(facts.endpoint().host())) {
            return seen;
        }
        if (facts.failedWith(FailureKind.SERVER_ERROR)) {
            return "refused by " + facts.endpoint() + ": " + seen;
        }
        String preposition = switch (facts.kind()) {
            case RESET, TIMEOUT, CLOSED, REFUSED, UNREACHABLE -> " to ";
            case TLS_ALERT, TLS_REFUSED, UNEXPECTED_ANSWER -> " from ";
            default -> " for ";
        };
        return seen + (facts.at(Phase.TCP) ? " for " : preposition) + facts.endpoint();
    }

    static String reachable(Endpoint endpoint, Attempt attempt, FollowUp followUp) {
        Optional<Failure> replaced =
                followUp.replaced().map(Facts::networkFailure).flatMap(PhaseResult::failure);
        return "DSQL reachable" + followUp.overTcp().map(Summary::because).orElse("")
                + (replaced.isPresent() ? ", but unsteady" : "") + ": " + endpoint + " ("
                + passed(attempt) + ")"
                + replaced.map(failure -> " - the first attempt failed: " + line(failure))
                        .orElse("");
    }

    /** Why the connection does not use TCP on the cluster's own port. */
    private static String because(Reachability blocked) {
        Facts facts =
                Facts.of(blocked.endpoint().orElseThrow(), blocked.attempt().orElseThrow(), blocked.followUp());
        String advice = Remedies.fill(blocked.diagnosis().cause().orElseThrow().advice(), facts);
        return " over WebSocket on 443, because TCP to the cluster's own port is blocked ("
                + Scrubber.line(
                        blocked.failure().map(Failure::message).orElse("") + "; " + advice.split("; ", 2)[0],
                        LONGEST_REASON)
                + ")";
    }

    private static String line(Failure failure) {
        return Scrubber.line(failure.message(), LONGEST_MESSAGE);
    }

    /** For example {@code DNS 4 ms, TCP 83 ms, token 2 ms}. */
    static String passed(Attempt attempt) {
        return attempt.phases().stream()
                .filter(PhaseResult::passed)
                .map(result -> result.phase().label() + " " + Numbers.print(result.duration()))
                .collect(Collectors.joining(", "));
    }
}
