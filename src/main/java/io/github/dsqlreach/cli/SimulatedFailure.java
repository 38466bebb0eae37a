package io.github.dsqlreach.cli;

import io.github.dsqlreach.Reachability;
import io.github.dsqlreach.fault.Fault;
import io.github.dsqlreach.fault.FaultyDsql;
import io.github.dsqlreach.fault.TunedFault;
import io.github.dsqlreach.internal.Spelling;
import io.github.dsqlreach.local.LocalDsql;
import io.github.dsqlreach.local.Refusal;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * A failure that is simulated: a fault of the network, a fault at a commit, or a refusal of the cluster.
 *
 * @param description what happens, in one sentence
 * @param simulation what reports say of it
 * @param atCommit whether it is a fault at a commit, which a check cannot see
 * @param into puts it between the cluster and its clients
 */
record SimulatedFailure(
        String description,
        Reachability.Simulation simulation,
        boolean atCommit,
        BiConsumer<LocalDsql, FaultyDsql> into) {

    /**
     * The obstacle of that name; case does not matter, and a dash stands for an underscore.
     *
     * @param parameters {@code NAME=NUMBER}, for faults
     */
    static SimulatedFailure parse(String name, List<String> parameters) {
        Optional<Fault> fault = Spelling.constant(name, Fault.class);
        if (fault.isPresent()) {
            return of(tuned(fault.get(), parameters));
        }
        Refusal refusal = Spelling.constant(name, Refusal.class).orElseThrow(() -> unknown(name));
        if (!parameters.isEmpty()) {
            throw new UsageException(
                    "the refusal " + refusal + " has no parameters; '" + parameters.get(0) + "' was given with --with");
        }
        return of(refusal);
    }

    private static UsageException unknown(String name) {
        List<String> known = Stream.concat(Stream.of(Fault.values()), Stream.of(Refusal.values()))
                .map(Enum::name)
                .toList();
        return new UsageException("there is no fault '" + name + "'; "
                + Spelling.hint(
                        name,
                        known,
                        "allowed are " + names(Fault.values()) + " and the refusals " + names(Refusal.values())));
    }

    /** Everything that can be put in the way, as text. */
    static String catalogue() {
        StringBuilder text = new StringBuilder(String.format("Faults of the network:%n"));
        Stream.of(Fault.values())
                .filter(fault -> !fault.isAtCommit())
                .forEach(fault -> text.append(rows(fault, Set.of("seed"))));
        text.append(String.format(
                "%nFrom SILENCE on, each takes --with toxicity=NUMBER, the share of the connections that it hits,%nand --with"
                        + " seed=NUMBER, which decides which ones.%n"
                        + "%nFaults at a commit, for 'doctor local' only, because a check commits nothing:%n"));
        Stream.of(Fault.values())
                .filter(Fault::isAtCommit)
                .forEach(fault -> text.append(rows(fault, Set.of("seed", "commit", "times"))));
        text.append(String.format(
                "%nEach hits the next commit. --with times=NUMBER is so many, times=0 all; commit=NUMBER begins later;"
                        + "%ntoxicity=NUMBER and seed=NUMBER are a share of them; statements=REGEX is for transactions with%nsuch a"
                        + " statement only.%n"
                        + "%nRefusals of the cluster:%n"));
        Columns.wrapped(names(Refusal.values()), Columns.WIDTH - 2)
                .forEach(line -> text.append(String.format("  %s%n", line)));
        return text.toString();
    }

    /** The fault and its parameters, but for those that a sentence says for all. */
    private static String rows(Fault fault, Set<String> saidForAll) {
        StringBuilder text = new StringBuilder(Columns.row(fault.name(), fault.description()));
        fault.parameters().forEach((name, meaning) -> {
            if (!(name + "=" + meaning).startsWith("toxicity=1 ") && !saidForAll.contains(name)) {
                text.append(Columns.row("", "--with " + name + "=" + meaning));
            }
        });
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
                fault.fault().isAtCommit(),
                fault.fault().isAtCommit()
                        ? (cluster, network) -> inject(cluster, fault)
                        : (cluster, network) -> network.inject(fault));
    }

    private static void inject(LocalDsql cluster, TunedFault fault) {
        try {
            cluster.inject(fault);
        } catch (IllegalStateException e) {
            throw new UsageException(String.valueOf(e.getMessage()), e);
        }
    }

    private static SimulatedFailure of(Refusal refusal) {
        return new SimulatedFailure(
                refusal + ": the cluster refuses the connection.",
                new Reachability.Simulation(refusal.name(), Map.of()),
                false,
                (cluster, network) -> cluster.refuseWith(refusal));
    }

    /** The names of these constants, in their order. */
    private static <E extends Enum<E>> String names(E[] constants) {
        Function<E, String> name = Enum::name;
        return String.join(", ", Stream.of(constants).map(name).toList());
    }
}
