package io.github.dsqlreach.diagnosis;

import static io.github.dsqlreach.Confidence.CONFIRMED;
import static io.github.dsqlreach.Confidence.LIKELY;

import io.github.dsqlreach.Cause;
import io.github.dsqlreach.ExperimentName;
import io.github.dsqlreach.FailureKind;
import io.github.dsqlreach.Phase;
import java.util.List;
import java.util.stream.Stream;

/** Scenarios of errors of this machine, written down by hand; {@code LocalErrorsTest} causes them. */
final class CorpusLocalErrors {
    private CorpusLocalErrors() {}

    static List<Scenario> scenarios() {
        return Stream.of(
                        of(Cause.FILE_HANDLES_EXHAUSTED, FailureKind.NO_FILE_HANDLE),
                        of(Cause.LOCAL_PORTS_EXHAUSTED, FailureKind.NO_LOCAL_PORT),
                        of(Cause.MEMORY_EXHAUSTED, FailureKind.NO_MEMORY),
                        of(Cause.THREADS_EXHAUSTED, FailureKind.NO_THREAD),
                        of(Cause.CONNECTION_NOT_PERMITTED, FailureKind.NOT_PERMITTED),
                        of(Cause.LOOPBACK_INTERFACE_DOWN, FailureKind.LOOPBACK_DOWN))
                .flatMap(List::stream)
                .toList();
    }

    private static List<Scenario> of(Cause cause, FailureKind kind) {
        return List.of(
                Scenario.of(
                                cause,
                                kind == FailureKind.NO_THREAD ? CONFIRMED : LIKELY,
                                kind.label() + " for the lookup",
                                scene -> HandMade.attempt()
                                        .fail(Phase.DNS, kind, kind.label())
                                        .diagnosed())
                        .at(Phase.DNS),
                Scenario.of(
                                cause,
                                LIKELY,
                                kind.label() + " for the lookup, which only its repetition told",
                                scene -> HandMade.attempt()
                                        .fail(Phase.DNS, FailureKind.NAME_LOOKUP_FAILED, "lookup failed")
                                        .tried(ExperimentName.CONTROL_NAME, FailureKind.NAME_LOOKUP_FAILED)
                                        .tried(ExperimentName.DNS_A, kind)
                                        .diagnosed())
                        .at(Phase.DNS),
                Scenario.of(
                                cause,
                                CONFIRMED,
                                kind.label() + " for the connection",
                                scene -> HandMade.attempt()
                                        .fail(Phase.TCP, kind, kind.label())
                                        .diagnosed())
                        .at(Phase.TCP),
                Scenario.of(
                                cause,
                                CONFIRMED,
                                kind.label() + " for TLS",
                                scene -> HandMade.attempt()
                                        .fail(Phase.TLS, kind, kind.label())
                                        .diagnosed())
                        .at(Phase.TLS));
    }
}
