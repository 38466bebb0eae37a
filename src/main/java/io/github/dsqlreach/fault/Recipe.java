package io.github.dsqlreach.fault;

import io.github.dsqlreach.toxiproxy.Direction;
import io.github.dsqlreach.toxiproxy.ToxicDefinition;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** How a fault is made: of toxics in the proxy, or of another address that connections go to. */
final class Recipe {
    private final List<Parameter> parameters;
    private final BiFunction<ToLongFunction<String>, String, List<ToxicDefinition>> toxics;
    private final @Nullable Function<ToLongFunction<String>, List<ToxicDefinition>> stock;
    private final UnreachableTarget.@Nullable Kind detour;
    private final boolean forAnyServer;

    private Recipe(
            List<Parameter> parameters,
            BiFunction<ToLongFunction<String>, String, List<ToxicDefinition>> toxics,
            @Nullable Function<ToLongFunction<String>, List<ToxicDefinition>> stock,
            UnreachableTarget.@Nullable Kind detour,
            boolean forAnyServer) {
        this.parameters = parameters;
        this.toxics = toxics;
        this.stock = stock;
        this.detour = detour;
        this.forAnyServer = forAnyServer;
    }

    /** The same toxics whatever the parameters. */
    static Recipe of(ToxicDefinition... toxics) {
        return of(fault -> List.of(toxics));
    }

    /** Toxics that depend on the parameters. */
    static Recipe of(Function<ToLongFunction<String>, List<ToxicDefinition>> toxics, Parameter... parameters) {
        return of((fault, host) -> toxics.apply(fault), parameters);
    }

    /** Toxics that depend on the name of the server too. All that are made of toxics can have a toxicity. */
    static Recipe of(
            BiFunction<ToLongFunction<String>, String, List<ToxicDefinition>> toxics, Parameter... parameters) {
        boolean given = Arrays.stream(parameters).anyMatch(known -> known.name().equals(Parameter.TOXICITY));
        Stream<Parameter> share = given ? Stream.of(Parameter.SEED) : Stream.of(Parameter.toxicity(1), Parameter.SEED);
        return new Recipe(Stream.concat(Arrays.stream(parameters), share).toList(), toxics, null, null, false);
    }

    /** Connections go elsewhere. */
    static Recipe detour(UnreachableTarget.Kind kind) {
        return new Recipe(List.of(), (fault, host) -> List.of(), null, kind, false);
    }

    /** The same, which needs to know nothing of the protocol. */
    Recipe forAnyServer() {
        return new Recipe(parameters, toxics, stock, detour, true);
    }

    /** The same, and toxics that every Toxiproxy has, for a server that lacks the others. */
    Recipe orStock(ToxicDefinition... others) {
        return orStock(values -> List.of(others));
    }

    /** The same, and toxics that every Toxiproxy has, for a server that lacks the others. */
    Recipe orStock(Function<ToLongFunction<String>, List<ToxicDefinition>> others) {
        return new Recipe(parameters, toxics, others, detour, forAnyServer);
    }

    /** A toxic on the client's bytes. */
    static ToxicDefinition upstream(String type) {
        return ToxicDefinition.of(type, Direction.UPSTREAM);
    }

    /** A toxic on the server's bytes. */
    static ToxicDefinition downstream(String type) {
        return ToxicDefinition.of(type, Direction.DOWNSTREAM);
    }

    boolean isForAnyServer() {
        return forAnyServer;
    }

    List<Parameter> parameters() {
        return parameters;
    }

    List<ToxicDefinition> toxics(ToLongFunction<String> values, String host) {
        return toxics.apply(values, host);
    }

    /** For a server that lacks one of {@link #toxics}; empty if there is no such way to make the fault. */
    Optional<List<ToxicDefinition>> stockToxics(ToLongFunction<String> values) {
        return Optional.ofNullable(stock).map(of -> of.apply(values));
    }

    Optional<UnreachableTarget.Kind> detour() {
        return Optional.ofNullable(detour);
    }
}
