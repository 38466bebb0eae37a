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
 * @param endpoint the endpoint; empty when none was configured or it could not be understood
 * @param walk what became of each phase; empty when there was no endpoint to walk
 * @param experiments what was tried after the walk failed
 * @param diagnosis what the facts come to
 * @param startedAt when the check started
 * @param took how long it took, experiments and waiting included
 * @param tool what made this report, and on what
 * @param simulation what was put in the way on purpose; empty for the real network
 */
public record Reachability(
        Optional<Endpoint> endpoint,
        Optional<Walk> walk,
        List<Experiment> experiments,
        Diagnosis diagnosis,
        Instant startedAt,
        Duration took,
        Tool tool,
        Optional<Simulation> simulation) {

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

    public Reachability {
        Objects.requireNonNull(endpoint, "endpoint");
        Objects.requireNonNull(walk, "walk");
        experiments = List.copyOf(experiments);
        Objects.requireNonNull(diagnosis, "diagnosis");
        Objects.requireNonNull(startedAt, "startedAt");
        Objects.requireNonNull(took, "took");
        Objects.requireNonNull(tool, "tool");
        Objects.requireNonNull(simulation, "simulation");
    }

    /** What was found out about the real network. */
    public Reachability(
            Optional<Endpoint> endpoint,
            Optional<Walk> walk,
            List<Experiment> experiments,
            Diagnosis diagnosis,
            Instant startedAt,
            Duration took,
            Tool tool) {
        this(endpoint, walk, experiments, diagnosis, startedAt, took, tool, Optional.empty());
    }

    /** The same, said to be simulated. */
    public Reachability simulated(Simulation by) {
        return new Reachability(endpoint, walk, experiments, diagnosis, startedAt, took, tool, Optional.of(by));
    }

    /** Whether the walk got as far as it was asked to. */
    public boolean isReachable() {
        return diagnosis.verdict() == Verdict.REACHABLE;
    }

    /**
     * Whether it is reachable over a WebSocket only because {@link Transport#AUTO} left the blocked way over TCP; the
     * summary says why.
     */
    public boolean isDetour() {
        return isReachable()
                && experiments.stream().anyMatch(experiment -> experiment.name().equals(Experiment.OVER_TCP));
    }

    /** The verdict of the diagnosis. */
    public Verdict verdict() {
        return diagnosis.verdict();
    }

    /** One line that stands alone: whether it is simulated, layer, what was seen, why, what to do. */
    public String summary() {
        return simulation.map(Simulation::headline).orElse("") + diagnosis.summary();
    }

    /** The summary, the phases with their times and what was observed, the experiments and the remedies, as text. */
    @Override
    public String toString() {
        return ReachabilityText.of(this);
    }
}
