package io.github.dsqlreach.diagnosis;

import io.github.dsqlreach.Evidence;
import io.github.dsqlreach.Experiment;
import io.github.dsqlreach.ExperimentName;
import io.github.dsqlreach.Failure;
import io.github.dsqlreach.FailureKind;
import io.github.dsqlreach.FollowUp;
import io.github.dsqlreach.Phase;
import java.util.Optional;

/** Questions about the result of one experiment. */
final class ExperimentResults {
    private ExperimentResults() {}

    /** It had no result when time was up, or an error of this machine ended it. */
    static boolean isUnfinished(Experiment experiment) {
        return isUnfinished(experiment.failure());
    }

    static boolean isUnfinished(Optional<Failure> failure) {
        return failure.map(Failure::kind)
                .filter(kind -> kind == FailureKind.OUT_OF_TIME || kind.isLocal())
                .isPresent();
    }

    /** Its connection was reset or closed, or timed out. */
    static boolean lostConnection(Experiment experiment) {
        return experiment.failedWith(FailureKind.RESET)
                || experiment.failedWith(FailureKind.TIMEOUT)
                || experiment.failedWith(FailureKind.CLOSED);
    }

    /** It established a connection. */
    static boolean connected(Experiment experiment) {
        return experiment.passed() || experiment.evidence(Phase.TCP).has(Evidence.ROUND_TRIP_MILLIS);
    }

    /** The TLS handshake was completed, whether or not the server answered after it. */
    static boolean gotTlsUp(Experiment experiment) {
        return experiment.passed()
                || experiment.evidence(Phase.TLS).has(Evidence.PROTOCOL)
                        && (experiment.failedWith(FailureKind.TIMEOUT) || isUnfinished(experiment));
    }

    /** The verified cluster answered a login over its WebSocket. */
    static boolean webSocketWorks(FollowUp followUp) {
        return followUp.experiment(ExperimentName.WEB_SOCKET_443)
                .filter(e -> e.passed() && isVerified(e))
                .isPresent();
    }

    /** An attempt is worth it: it works, or the experiment did not finish, or a packet was lost after TLS. */
    static boolean webSocketMayWork(Experiment overWebSocket) {
        return isUnfinished(overWebSocket) || gotTlsUp(overWebSocket) && isVerified(overWebSocket);
    }

    private static boolean isVerified(Experiment experiment) {
        return experiment.evidence(Phase.TLS).is(Evidence.VERIFIED);
    }
}
