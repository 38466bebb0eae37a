package io.github.dsqlreach.junit;

import io.github.dsqlreach.Cause;
import io.github.dsqlreach.Confidence;
import io.github.dsqlreach.Diagnosis;
import io.github.dsqlreach.InvalidEndpointException;
import io.github.dsqlreach.Reachability;
import io.github.dsqlreach.Scrubber;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** The answer where there is nothing to walk. */
final class NoEndpoint {
    private static final int LONGEST_LINE = 400;

    private NoEndpoint() {}

    static Reachability notConfigured() {
        return because(Cause.ENDPOINT_NOT_CONFIGURED, "no endpoint is configured", List.of());
    }

    static Reachability invalid(InvalidEndpointException why) {
        return because(
                Cause.ENDPOINT_INVALID, Scrubber.line(why.getMessage(), LONGEST_LINE), List.of(why.getMessage()));
    }

    private static Reachability because(Cause cause, String what, List<String> evidence) {
        return new Reachability(
                Optional.empty(),
                Optional.empty(),
                List.of(),
                new Diagnosis(
                        cause.verdict(),
                        Optional.empty(),
                        Optional.of(cause),
                        Confidence.CONFIRMED,
                        "DSQL " + cause.verdict().label() + ": " + what + " - " + cause.advice(),
                        cause.explanation(),
                        evidence,
                        cause.remedies()),
                Instant.now(),
                Duration.ZERO,
                Reachability.Tool.current());
    }
}
