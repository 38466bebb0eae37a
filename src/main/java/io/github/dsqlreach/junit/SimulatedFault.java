package io.github.dsqlreach.junit;

import io.github.dsqlreach.Configuration;
import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.Reachability;
import io.github.dsqlreach.Scrubber;
import io.github.dsqlreach.Setting;
import io.github.dsqlreach.fault.Fault;
import io.github.dsqlreach.fault.FaultyDsql;
import io.github.dsqlreach.fault.TunedFault;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * The fault that a whole run simulates, by the setting {@code dsql.reach.simulate}: one proxy for each endpoint, until the end
 * of the run.
 */
record SimulatedFault(Fault fault) {
    static Optional<SimulatedFault> of(Configuration configuration) {
        return configuration
                .read(
                        Setting.SIMULATE,
                        SimulatedFault::parse,
                        "one of " + Stream.of(Fault.values()).map(Enum::name).collect(Collectors.joining(", ")))
                .map(SimulatedFault::new);
    }

    private static Fault parse(String name) {
        return Fault.valueOf(name.toUpperCase(Locale.ROOT).replace('-', '_'));
    }

    /** What the reports say. */
    Reachability.Simulation simulation() {
        return TunedFault.parse(fault).simulation();
    }

    Endpoint inFrontOf(Endpoint endpoint, ExtensionContext context) {
        return RunStore.computeOnce(
                        context,
                        List.of(SimulatedFault.class, fault, endpoint),
                        () -> started(endpoint),
                        FaultyDsql::close)
                .endpoint();
    }

    private FaultyDsql started(Endpoint endpoint) {
        // At once and always, so that the results are not taken for those of the real network.
        System.out.println("dsql-reach: simulating " + fault + " in front of " + Scrubber.scrub(endpoint.toString())
                + " (dsql.reach.simulate)");
        FaultyDsql faulty = FaultyDsql.inFrontOf(endpoint);
        try {
            return faulty.inject(fault);
        } catch (RuntimeException e) {
            faulty.close();
            throw e;
        }
    }
}
