package io.github.dsqlreach.cli;

import io.github.dsqlreach.Reachability;
import io.github.dsqlreach.fault.Fault;
import io.github.dsqlreach.fault.FaultyDsql;
import io.github.dsqlreach.fault.TunedFault;
import io.github.dsqlreach.local.LocalDsql;
import io.github.dsqlreach.local.Refusal;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * What can be put in the way of a simulated connection: a fault of the network or a refusal of the cluster.
 *
 * @param description what happens, in one sentence
 * @param simulation what reports say of it
 * @param into puts it between the cluster and its clients
 */
record SimulatedFailure(
        String description, Reachability.Simulation simulation, BiConsumer<LocalDsql, FaultyDsql> into) {

    /**
     * The obstacle of that name; case does not matter, and a dash stands for an underscore.
     *
     * @param parameters {@code NAME=NUMBER}, for faults
     */
    static SimulatedFailure parse(String name, List<String> parameters) {
        Optional<Fault> fault = constant(name, Fault.values());
        if (fault.isPresent()) {
            return of(tuned(fault.get(), parameters));
        }
        Refusal refusal = constant(name, Refusal.values())
                .orElseThrow(() -> new UsageException("there is no fault '" + name + "'; allowed are "
                        + names(Fault.values()) + " and the refusals " + names(Refusal.values())));
        if (!parameters.isEmpty()) {
            throw new UsageException(
                    "the refusal " + refusal + " has no parameters; '" + parameters.get(0) + "' was given with --with");
        }
        return of(refusal);
    }

    /** Everything that can be put in the way, as text. */
    static String catalogue() {
        StringBuilder text = new StringBuilder(String.format("Faults of the network:%n"));
        for (Fault fault : Fault.values()) {
            text.append(Columns.row(fault.name(), fault.description()));
            fault.parameters().forEach((name, meaning) -> {
                // The last sentence says it for all.
                if (!(name + "=" + meaning).startsWith("toxicity=1 ") && !name.equals("seed")) {
                    text.append(Columns.row("", "--with " + name + "=" + meaning));
                }
            });
        }
        text.append(String.format(
                "%nFrom SILENCE on, each takes --with toxicity=NUMBER, the share of the connections that it hits,%nand --with"
                        + " seed=NUMBER, which decides which ones.%n"
                        + "%nRefusals of the cluster:%n"));
        Columns.wrapped(names(Refusal.values()), Columns.WIDTH - 2)
                .forEach(line -> text.append(String.format("  %s%n", line)));
        return text.toString();
    }

    private static TunedFault tuned(Fault fault, List<String> parameters) {
        try {
            return TunedFault.parse(fault, parameters.toArray(String[]::new));
        } catch (IllegalArgumentException e) {
            throw new UsageException(e.getMessage(), e);
        }
    }

    private static SimulatedFailure of(TunedFault fault) {
        return new SimulatedFailure(
                fault + ": " + fault.fault().description(),
                fault.simulation(),
                (cluster, network) -> network.inject(fault));
    }

    private static SimulatedFailure of(Refusal refusal) {
        return new SimulatedFailure(
                refusal + ": the cluster refuses the connection.",
                new Reachability.Simulation(refusal.name(), Map.of()),
                (cluster, network) -> cluster.refuseWith(refusal));
    }

    private static <E extends Enum<E>> Optional<E> constant(String name, E[] constants) {
        String wanted = name.strip().toUpperCase(Locale.ROOT).replace('-', '_');
        return Stream.of(constants).filter(c -> c.name().equals(wanted)).findFirst();
    }

    /** The names of these constants, in their order. */
    private static <E extends Enum<E>> String names(E[] constants) {
        Function<E, String> name = Enum::name;
        return String.join(", ", Stream.of(constants).map(name).toList());
    }
}
