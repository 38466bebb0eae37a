package io.github.dsqlreach.junit;

import io.github.dsqlreach.Configuration;
import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.InvalidConfigurationException;
import io.github.dsqlreach.Reachability;
import io.github.dsqlreach.Scrubber;
import io.github.dsqlreach.Setting;
import io.github.dsqlreach.fault.Fault;
import io.github.dsqlreach.fault.FaultyDsql;
import io.github.dsqlreach.fault.TunedFault;
import io.github.dsqlreach.internal.NotAllowedException;
import io.github.dsqlreach.internal.Spelling;
import io.github.dsqlreach.local.LocalDsql;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * The fault that a whole run simulates, by the setting {@code dsql.reach.simulate}: one proxy for each endpoint, until the end
 * of the run.
 */
record SimulatedFault(TunedFault fault) {
    static Optional<SimulatedFault> of(Configuration configuration) {
        return configuration
                .read(Setting.SIMULATE, SimulatedFault::parse, "a fault, such as TLS_RESET or LATENCY(latency=500)")
                .map(SimulatedFault::new);
    }

    /** For example {@code tls-reset} or {@code INTERMITTENT(toxicity=0.3, seed=7)}. */
    private static TunedFault parse(String text) {
        int open = text.indexOf('(');
        Fault fault = fault((open < 0 ? text : text.substring(0, open)).strip());
        if (open < 0) {
            return TunedFault.parse(fault);
        }
        if (!text.endsWith(")")) {
            throw new NotAllowedException("a closing parenthesis is missing");
        }
        try {
            return TunedFault.parse(
                    fault, text.substring(open + 1, text.length() - 1).split(","));
        } catch (IllegalArgumentException e) {
            throw new NotAllowedException(String.valueOf(e.getMessage()), e);
        }
    }

    private static Fault fault(String name) {
        List<String> names = Stream.of(Fault.values()).map(Enum::name).toList();
        return Spelling.constant(name, Fault.class)
                .orElseThrow(() -> new NotAllowedException(Spelling.hint(
                        name,
                        names,
                        "allowed is one of " + String.join(", ", names)
                                + ", perhaps with parameters as in LATENCY(latency=500)")));
    }

    /** What it has struck in the run that this context belongs to. */
    SimulationStrikes strikes(ExtensionContext context) {
        return SimulationStrikes.of(context, fault);
    }

    /** What the reports say. */
    Reachability.Simulation simulation() {
        return fault.simulation();
    }

    /** The endpoint through the fault. */
    Endpoint inFrontOf(Endpoint endpoint, Optional<LocalDsql> local, ExtensionContext context) {
        SimulationStrikes strikes = strikes(context);
        if (fault.fault().isAtCommit()) {
            LocalDsql cluster = local.orElseThrow(() -> new InvalidConfigurationException(Setting.SIMULATE + "=" + fault
                    + " happens at a commit inside a local cluster, and these tests use "
                    + Scrubber.scrub(endpoint.toString()) + ". Allowed are tests with @WithLocalDsql, without"
                    + " unlessConfigured"));
            RunStore.computeOnce(
                    context,
                    List.of(SimulatedFault.class, fault, cluster),
                    () -> started(cluster, strikes),
                    strikes::closing);
            return endpoint;
        }
        return RunStore.computeOnce(
                        context,
                        List.of(SimulatedFault.class, fault, endpoint),
                        () -> started(endpoint, strikes),
                        proxy -> {
                            strikes.closing(FaultTarget.proxy(proxy));
                            proxy.close();
                        })
                .endpoint();
    }

    private FaultyDsql started(Endpoint endpoint, SimulationStrikes strikes) {
        FaultyDsql faulty = FaultyDsql.inFrontOf(endpoint);
        try {
            faulty.inject(fault);
            strikes.opened(FaultTarget.proxy(faulty), () -> faulty.connections().open());
            say(faulty.effects().get(0).fault(), "in front of " + endpoint);
            return faulty;
        } catch (RuntimeException e) {
            faulty.close();
            throw e;
        }
    }

    private FaultTarget started(LocalDsql cluster, SimulationStrikes strikes) {
        FaultTarget commits = FaultTarget.commits(cluster);
        int index = cluster.effects().size();
        cluster.inject(fault);
        strikes.opened(commits, index);
        say(cluster.effects().get(index).fault(), "at commits of " + cluster);
        return commits;
    }

    /** At once and always, so that the results are not taken for those of the real network. */
    private static void say(TunedFault seeded, String where) {
        System.out.println("dsql-reach: simulating " + seeded + " " + Scrubber.scrub(where) + " (dsql.reach.simulate)");
    }
}
