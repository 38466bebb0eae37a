package io.github.dsqlreach.cli;

import io.github.dsqlreach.CheckSettings;
import io.github.dsqlreach.Configuration;
import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.Setting;
import io.github.dsqlreach.diagnosis.ReachabilityCheck;
import io.github.dsqlreach.fault.FaultyDsql;
import io.github.dsqlreach.fault.ToxiproxySource;
import io.github.dsqlreach.internal.LinkageErrors;
import io.github.dsqlreach.local.LocalDsql;
import io.github.dsqlreach.report.TextReport;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Shows what the doctor says of an obstacle, on a cluster of its own on this machine. */
@Command(
        name = "simulate",
        description = {
            "Starts a local cluster, puts a fault in front of it, and checks it; the exit code is the check's.",
            "Needs neither AWS nor a network. Settings of the environment do not count here."
        },
        sortOptions = false,
        mixinStandardHelpOptions = true)
final class SimulateCommand implements Callable<Integer> {
    /** Everything is near: who waits longer waits in vain. */
    private static final Duration TIMEOUT = Duration.ofSeconds(5);

    @Parameters(
            arity = "0..1",
            paramLabel = "FAULT",
            description = "A fault of the network or a refusal of the cluster, such as TLS_RESET or WAKING_UP.")
    private String name;

    @Option(names = "--list", description = "List the faults and refusals.")
    private boolean list;

    @Option(
            names = "--with",
            paramLabel = "NAME=NUMBER",
            description = "A parameter of the fault, such as latency=500 (--list shows them); may be repeated.")
    private List<String> parameters = List.of();

    @Spec
    private CommandSpec spec;

    @Mixin
    private ReportOptions report;

    private final CliContext system;

    /** Which settings make sense here: which cluster it is does not, nor whose credentials. */
    static boolean takes(Setting<?> setting) {
        return setting == Setting.USER
                || setting == Setting.NEGOTIATION
                || setting == Setting.TRANSPORT
                || setting.group() == Setting.Group.CHECK
                        && !List.of(Setting.PROFILE, Setting.CONTROL, Setting.CONTROL_DNS)
                                .contains(setting);
    }

    SimulateCommand(CliContext system) {
        this.system = system;
    }

    @Override
    public Integer call() {
        CliContext surroundings = report.applyTo(system);
        if (list) {
            surroundings.out().print(SimulatedFailure.catalogue());
            surroundings.out().flush();
            return ExitCode.OK;
        }
        if (name == null) {
            throw new UsageException("no fault; 'doctor simulate --list' lists them");
        }
        SimulatedFailure obstacle = SimulatedFailure.parse(name, parameters);
        if (obstacle.atCommit()) {
            throw new UsageException(
                    obstacle.simulation().fault() + " happens at a commit, and a check commits nothing;"
                            + " 'doctor local --fault " + obstacle.simulation().fault() + "' runs a cluster with it");
        }
        Configuration configuration = SettingOptions.over(Configuration.of(Map.of(), Map.of()), spec);
        report.checkOutput();
        // Once more inside the block; here a wrong value is told before anything starts.
        configuration.applyConnectionTo(Endpoint.builder("localhost").build());
        CheckSettings settings = settings(configuration);
        announce(obstacle, surroundings);
        return simulate(obstacle, configuration, settings, surroundings);
    }

    private static CheckSettings settings(Configuration configuration) {
        CheckSettings settings = CheckSettings.of(configuration);
        return configuration.get(Setting.TIMEOUT).isPresent() ? settings : settings.with(Setting.TIMEOUT, TIMEOUT);
    }

    private void announce(SimulatedFailure obstacle, CliContext surroundings) {
        if (report.streams() || surroundings.terminal()) {
            PrintStream stream = report.streams() ? surroundings.out() : surroundings.err();
            Columns.wrapped("Simulated: " + obstacle.description(), Columns.WIDTH)
                    .forEach(line -> stream.print(TextReport.message(line, surroundings.style())));
            stream.flush();
        }
    }

    private int simulate(
            SimulatedFailure obstacle, Configuration configuration, CheckSettings settings, CliContext surroundings) {
        try (LocalDsql cluster = start(LocalDsql.builder());
                FaultyDsql network = FaultyDsql.builder(endpoint(cluster, configuration))
                        .toxiproxy(ToxiproxySource.inJvm())
                        .credentials(cluster.credentialsProvider())
                        .start()) {
            obstacle.into().accept(cluster, network);
            Endpoint endpoint = network.endpoint();
            ReachabilityCheck check =
                    ReachabilityCheck.of(endpoint).settings(settings).credentials(cluster.credentialsProvider());
            return new CheckRunner(endpoint, check, report, surroundings, Optional.of(obstacle.simulation())).run();
        }
    }

    /** Both doors are open, and the obstacle stands before the one that is asked for first. */
    private static Endpoint endpoint(LocalDsql cluster, Configuration configuration) {
        cluster.webSocketAddress();
        return configuration.applyConnectionTo(cluster.endpoint());
    }

    /** Starts it, and says how to add PostgreSQL where it is missing. */
    static LocalDsql start(LocalDsql.Builder builder) {
        try {
            return builder.start();
        } catch (UncheckedIOException e) {
            throw new UsageException("the local cluster cannot be started: " + e.getMessage(), e);
        } catch (IllegalStateException e) {
            throw new UsageException(
                    "the local cluster cannot be started: "
                            + LinkageErrors.explain(e).orElse(e.getMessage())
                            + ". The doctor looks for it in its own directory; this puts it there:"
                            + " mvn dependency:copy -Dartifact=<that> -DoutputDirectory=<the doctor's>",
                    e);
        }
    }
}
