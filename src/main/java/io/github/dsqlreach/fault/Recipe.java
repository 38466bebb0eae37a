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

/** How a fault is made: of toxics in the proxy, of another address that connections go to, or by a local cluster at a commit. */
final class Recipe {
    private static final long MOST_COMMITS = 1_000_000_000;

    private final List<Parameter> parameters;
    private final BiFunction<ToLongFunction<String>, String, List<ToxicDefinition>> toxics;
    private final @Nullable Function<ToLongFunction<String>, List<ToxicDefinition>> stock;
    private final UnreachableTarget.@Nullable Kind detour;
    private final boolean forAnyServer;
    private final boolean atCommit;

    private Recipe(
            List<Parameter> parameters,
            BiFunction<ToLongFunction<String>, String, List<ToxicDefinition>> toxics,
            @Nullable Function<ToLongFunction<String>, List<ToxicDefinition>> stock,
            UnreachableTarget.@Nullable Kind detour,
            boolean forAnyServer,
            boolean atCommit) {
        this.parameters = parameters;
        this.toxics = toxics;
        this.stock = stock;
        this.detour = detour;
        this.forAnyServer = forAnyServer;
        this.atCommit = atCommit;
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
        return new Recipe(Stream.concat(Arrays.stream(parameters), share).toList(), toxics, null, null, false, false);
    }

    /** Connections go elsewhere. */
    static Recipe detour(UnreachableTarget.Kind kind) {
        return new Recipe(List.of(), (fault, host) -> List.of(), null, kind, false, false);
    }

    /** A local cluster does it, at some of its commits. */
    static Recipe atCommit(Parameter... more) {
        Stream<Parameter> parameters = Stream.concat(
                Stream.of(
                        Parameter.number("commit", 1, 1, MOST_COMMITS, "the first commit that it hits, from now on"),
                        Parameter.number("times", 1, 0, MOST_COMMITS, "commits that it hits; 0 is all")),
                Stream.concat(Arrays.stream(more), Stream.of(Parameter.SHARE_OF_COMMITS, Parameter.SEED)));
        return new Recipe(parameters.toList(), (fault, host) -> List.of(), null, null, false, true);
    }

    /** The same, which needs to know nothing of the protocol. */
    Recipe forAnyServer() {
        return new Recipe(parameters, toxics, stock, detour, true, atCommit);
    }

    /** The same, and toxics that every Toxiproxy has, for a server that lacks the others. */
    Recipe orStock(ToxicDefinition... others) {
        return orStock(values -> List.of(others));
    }

    /** The same, and toxics that every Toxiproxy has, for a server that lacks the others. */
    Recipe orStock(Function<ToLongFunction<String>, List<ToxicDefinition>> others) {
        return new Recipe(parameters, toxics, others, detour, forAnyServer, atCommit);
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

    boolean isAtCommit() {
        return atCommit;
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
