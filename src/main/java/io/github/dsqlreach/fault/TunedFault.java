package io.github.dsqlreach.fault;

import io.github.dsqlreach.Reachability;
import io.github.dsqlreach.internal.Spelling;
import io.github.dsqlreach.toxiproxy.ToxicDefinition;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A fault with parameters of one's own, for example {@code Fault.LATENCY.with("latency", 500).with("jitter", 100)}.
 * Immutable; parameters not given keep their defaults.
 */
public final class TunedFault {
    private final Fault fault;
    /** The name that annotations and settings have for {@link #where}. */
    private static final String STATEMENTS = "statements";

    private final Map<String, Double> given;
    /** {@code null} for all. */
    private final @Nullable Pattern statements;

    private TunedFault(Fault fault, Map<String, Double> given, @Nullable Pattern statements) {
        this.fault = fault;
        this.given = given;
        this.statements = statements;
    }

    /** That fault with its defaults. */
    static TunedFault of(Fault fault) {
        return new TunedFault(Objects.requireNonNull(fault, "fault"), Map.of(), null);
    }

    /**
     * Reads parameters as an annotation has them, for example {@code "latency=500"}; for a fault at a commit also
     * {@code "statements=REGEX"}, as {@link #where}.
     *
     * @throws IllegalArgumentException if one is not {@code NAME=NUMBER}, or not one of that fault, or out of range; the
     *     message names it and what is allowed
     */
    public static TunedFault parse(Fault fault, String... parameters) {
        TunedFault tuned = of(fault);
        for (String parameter : parameters) {
            int equals = parameter.indexOf('=');
            String name = parameter.substring(0, Math.max(0, equals)).strip();
            String text = parameter.substring(equals + 1).strip();
            if (fault.isAtCommit() && name.equals(STATEMENTS)) {
                tuned = tuned.where(text);
                continue;
            }
            try {
                tuned = tuned.with(name, Double.parseDouble(text));
            } catch (NumberFormatException e) {
                throw new IllegalArgumentException(
                        fault + ": '" + parameter + "' is not a parameter; allowed is NAME=NUMBER with one of "
                                + fault.parameters() + (fault.isAtCommit() ? ", or " + STATEMENTS + "=REGEX" : ""),
                        e);
            }
        }
        return tuned;
    }

    /**
     * The same fault with one more parameter.
     *
     * @throws IllegalArgumentException if the fault has no such parameter or the value is out of range; the message names
     *     it and what is allowed
     */
    public TunedFault with(String name, double value) {
        Map<String, Double> all = new LinkedHashMap<>(given);
        all.put(name, parameter(name).checked(fault, value));
        return new TunedFault(fault, all, statements);
    }

    /**
     * The same fault, only for transactions in which a statement contains this text. Only their commits count.
     *
     * @param regex a regular expression; case does not matter
     * @throws IllegalArgumentException if this is not one, or the fault is not {@linkplain Fault#isAtCommit() at a commit}
     */
    public TunedFault where(String regex) {
        if (!fault.isAtCommit()) {
            throw new IllegalArgumentException(
                    fault + " acts on connections, not on statements; " + STATEMENTS + " is for faults at a commit");
        }
        try {
            return new TunedFault(fault, given, Pattern.compile(regex, Pattern.CASE_INSENSITIVE));
        } catch (PatternSyntaxException e) {
            throw new IllegalArgumentException(fault + ": " + STATEMENTS + "=" + regex + ": " + e.getDescription(), e);
        }
    }

    /** The statements that {@link #where} asks for; empty for all. */
    public Optional<Pattern> statements() {
        return Optional.ofNullable(statements);
    }

    private Parameter parameter(String name) {
        return fault.recipe().parameters().stream()
                .filter(parameter -> parameter.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(fault + " has no parameter '" + name + "'; "
                        + Spelling.hint(name, fault.parameters().keySet(), "allowed are " + fault.parameters())));
    }

    /** What reports say about a simulation of it: the name, and every parameter. */
    public Reachability.Simulation simulation() {
        Map<String, Double> inForce = new LinkedHashMap<>();
        fault.recipe().parameters().stream()
                .filter(parameter -> !parameter.equals(Parameter.SEED) || given.containsKey(parameter.name()))
                .forEach(parameter -> inForce.put(parameter.name(), value(parameter.name())));
        return new Reachability.Simulation(fault.name(), inForce);
    }

    /** The fault of the catalogue. */
    public Fault fault() {
        return fault;
    }

    /**
     * The value of that parameter, which is the default if none was given.
     *
     * @throws IllegalArgumentException if the fault has no such parameter
     */
    public double value(String name) {
        return given.getOrDefault(name, parameter(name).standard());
    }

    long number(String name) {
        return (long) value(name);
    }

    /** Whether it hits a share of the connections, or commits, only: its {@code toxicity} is below 1. */
    public boolean isForAShare() {
        return fault.recipe().detour().isEmpty() && value(Parameter.TOXICITY) < 1;
    }

    /** The same fault with a random seed, if it hits a share and has none: reports name it, so that a run can be repeated. */
    public TunedFault seeded() {
        return isForAShare() && number(Parameter.SEED.name()) == 0
                ? with(Parameter.SEED.name(), ThreadLocalRandom.current().nextInt(1, 1_000_000))
                : this;
    }

    /** Its toxics, each with the toxicity that it works with. */
    List<ToxicDefinition> toxics(String host) {
        return tuned(fault.recipe().toxics(this::number, host));
    }

    /** Toxics that every Toxiproxy has; empty if the fault cannot be made of these. */
    Optional<List<ToxicDefinition>> stockToxics() {
        return fault.recipe().stockToxics(this::number).map(this::tuned);
    }

    private List<ToxicDefinition> tuned(List<ToxicDefinition> toxics) {
        return toxics.stream()
                .map(toxic -> toxic.withToxicity(toxic.toxicity() * value(Parameter.TOXICITY)))
                .map(toxic -> isForAShare() ? toxic.with("seed", number(Parameter.SEED.name())) : toxic)
                .toList();
    }

    Optional<UnreachableTarget.Kind> detour() {
        return fault.recipe().detour();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof TunedFault that
                && fault == that.fault
                && parameters().equals(that.parameters());
    }

    @Override
    public int hashCode() {
        return Objects.hash(fault, parameters());
    }

    /** Those that were given, as text. */
    private Map<String, String> parameters() {
        Map<String, String> all = new LinkedHashMap<>();
        given.forEach((name, value) -> all.put(name, Parameter.print(value)));
        statements().ifPresent(regex -> all.put(STATEMENTS, regex.pattern()));
        return all;
    }

    /** The name, and the parameters that were given: {@code LATENCY(latency=500)}. */
    @Override
    public String toString() {
        return parameters().isEmpty()
                ? fault.name()
                : parameters().entrySet().stream()
                        .map(parameter -> parameter.getKey() + "=" + parameter.getValue())
                        .collect(Collectors.joining(", ", fault.name() + "(", ")"));
    }
}
