package io.github.dsqlreach;

import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * The answer to the question whether an endpoint can be used from here: the facts, and what they come to.
 *
 * <p>{@code ReachabilityCheck} makes them; {@link #of} is for reports that are read again, and for tests.
 */
public final class Reachability {
    private final Parts parts;

    private record Parts(
            Optional<Endpoint> endpoint,
            Optional<Attempt> attempt,
            FollowUp followUp,
            Diagnosis diagnosis,
            Instant startedAt,
            Duration took,
            Tool tool,
            Optional<Simulation> simulation) {
        Parts {
            Objects.requireNonNull(endpoint, "endpoint");
            Objects.requireNonNull(attempt, "attempt");
            Objects.requireNonNull(followUp, "followUp");
            Objects.requireNonNull(diagnosis, "diagnosis");
            Objects.requireNonNull(startedAt, "startedAt");
            Objects.requireNonNull(took, "took");
            Objects.requireNonNull(tool, "tool");
            Objects.requireNonNull(simulation, "simulation");
        }
    }

    /**
     * Something put in the way on purpose: what follows from it says nothing about the real network.
     *
     * @param fault its name, such as {@code TLS_RESET}
     * @param parameters those in force, by their names
     */
    public record Simulation(String fault, Map<String, Double> parameters) {
        public Simulation {
            fault = Scrubber.oneLine(fault);
            // In the order in which the fault has them.
            parameters = Collections.unmodifiableMap(new LinkedHashMap<>(parameters));
        }

        /** What stands before a summary, so that no line of it can be taken for the real network's. */
        public String headline() {
            return "SIMULATED (" + fault + "): ";
        }
    }

    /**
     * What made a report.
     *
     * @param version of dsql-reach
     * @param java version of the Java runtime
     * @param os name, version and architecture of the operating system
     */
    public record Tool(String version, String java, String os) {
        public Tool {
            version = Scrubber.oneLine(version);
            java = Scrubber.oneLine(java);
            os = Scrubber.oneLine(os);
        }

        /** This library, on this runtime. */
        public static Tool current() {
            String version = Reachability.class.getPackage().getImplementationVersion();
            return new Tool(
                    version == null ? "dev" : version,
                    System.getProperty("java.version"),
                    System.getProperty("os.name") + " " + System.getProperty("os.version") + " "
                            + System.getProperty("os.arch"));
        }
    }

    private Reachability(Parts parts) {
        this.parts = parts;
    }

    /** An answer about the real network that this library gives here and now, in no time. */
    public static Reachability of(
            Optional<Endpoint> endpoint, Optional<Attempt> attempt, FollowUp followUp, Diagnosis diagnosis) {
        return new Reachability(new Parts(
                endpoint,
                attempt,
                followUp,
                diagnosis,
                Instant.now(),
                Duration.ZERO,
                Tool.current(),
                Optional.empty()));
    }

    /** The same, found then and in that time. */
    public Reachability timed(Instant startedAt, Duration took) {
        return with(startedAt, took, parts.tool, parts.simulation);
    }

    /** The same, found by that. */
    public Reachability by(Tool tool) {
        return with(parts.startedAt, parts.took, tool, parts.simulation);
    }

    /** The same, said to be simulated. */
    public Reachability simulated(Simulation by) {
        return with(parts.startedAt, parts.took, parts.tool, Optional.of(by));
    }

    private Reachability with(Instant startedAt, Duration took, Tool tool, Optional<Simulation> simulation) {
        return new Reachability(new Parts(
                parts.endpoint, parts.attempt, parts.followUp, parts.diagnosis, startedAt, took, tool, simulation));
    }

    /** The endpoint; empty when none was configured or it could not be understood. */
    public Optional<Endpoint> endpoint() {
        return parts.endpoint;
    }

    /** What became of each phase; empty when there was no endpoint to attempt. */
    public Optional<Attempt> attempt() {
        return parts.attempt;
    }

    /** What was done besides the attempt: experiments, repetitions, waiting. */
    public FollowUp followUp() {
        return parts.followUp;
    }

    /** What was tried after the attempt failed. */
    public List<Experiment> experiments() {
        return parts.followUp.experiments();
    }

    /** What the facts come to. */
    public Diagnosis diagnosis() {
        return parts.diagnosis;
    }

    /** When the check started. */
    public Instant startedAt() {
        return parts.startedAt;
    }

    /** How long it took, experiments and waiting included. */
    public Duration took() {
        return parts.took;
    }

    /** What made this report, and on what. */
    public Tool tool() {
        return parts.tool;
    }

    /** What was put in the way on purpose; empty for the real network. */
    public Optional<Simulation> simulation() {
        return parts.simulation;
    }

    /** How the attempt failed in the layer that the diagnosis names; empty if it passed or there was none. */
    public Optional<Failure> failure() {
        return parts.attempt
                .flatMap(attempt -> parts.diagnosis
                        .layer()
                        .map(attempt::result)
                        .filter(PhaseResult::failed)
                        .or(attempt::failed))
                .flatMap(PhaseResult::failure);
    }

    /** Whether the attempt got as far as it was asked to. */
    public boolean isReachable() {
        return parts.diagnosis.verdict() == Verdict.REACHABLE;
    }

    /**
     * Whether it is reachable over a WebSocket only because {@link Transport#AUTO} left the blocked way over TCP; the
     * summary says why.
     */
    public boolean usedWebSocketFallback() {
        return isReachable() && parts.followUp.overTcp().isPresent();
    }

    /** The verdict of the diagnosis. */
    public Verdict verdict() {
        return parts.diagnosis.verdict();
    }

    /** One line that stands alone: whether it is simulated, layer, what was seen, why, what to do. */
    public String summary() {
        return parts.simulation.map(Simulation::headline).orElse("") + parts.diagnosis.summary();
    }

    /** The summary, the phases with their times and what was observed, the experiments and the remedies, as text. */
    @Override
    public String toString() {
        return ReachabilityText.of(this);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Reachability that && parts.equals(that.parts);
    }

    @Override
    public int hashCode() {
        return parts.hashCode();
    }
}
