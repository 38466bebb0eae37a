package io.github.dsqlreach.diagnosis;

import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * A named question about the facts. It has no side effects. Compound conditions keep their parts, so that the table can
 * print them.
 *
 * @param name what it says when it is true, such as {@code packets get lost}
 * @param opposite what it says when it is false, such as {@code no packets get lost}
 * @param meaning what exactly is looked at; empty if the name says it
 * @param parts the conditions that it combines; empty for a {@code FACT}
 */
record Condition(
        Kind kind, String name, String opposite, String meaning, List<Condition> parts, Function<Facts, Truth> test) {
    enum Kind {
        /** Looks at the facts itself. */
        FACT,
        ALL,
        ANY,
        NOT
    }

    /** A question that no experiment can change. */
    static Condition fact(String name, String opposite, Predicate<Facts> test) {
        return asking(name, opposite, facts -> Truth.of(test.test(facts)));
    }

    /** A question whose answer may depend on experiments. */
    static Condition asking(String name, String opposite, Function<Facts, Truth> test) {
        return new Condition(Kind.FACT, name, opposite, "", List.of(), test);
    }

    static Condition all(String name, String opposite, Condition... parts) {
        return of(Kind.ALL, name, opposite, List.of(parts));
    }

    static Condition any(String name, String opposite, Condition... parts) {
        return of(Kind.ANY, name, opposite, List.of(parts));
    }

    static Condition not(Condition condition) {
        return of(Kind.NOT, condition.opposite, condition.name, List.of(condition));
    }

    /** The same, explained. */
    Condition meaning(String words) {
        return new Condition(kind, name, opposite, words, parts, test);
    }

    static Condition of(Kind kind, String name, String opposite, List<Condition> parts) {
        return new Condition(
                kind,
                name,
                opposite,
                "",
                parts,
                switch (kind) {
                    case ALL -> facts -> all(parts, facts);
                    case ANY -> facts -> any(parts, facts);
                    case NOT -> facts -> parts.get(0).in(facts).not();
                    case FACT -> throw new IllegalArgumentException("a fact has no parts");
                });
    }

    Truth in(Facts facts) {
        return test.apply(facts);
    }

    static Truth all(List<Condition> conditions, Facts facts) {
        Truth all = Truth.TRUE;
        for (Condition each : conditions) {
            all = all.and(() -> each.in(facts));
        }
        return all;
    }

    private static Truth any(List<Condition> conditions, Facts facts) {
        Truth any = Truth.FALSE;
        for (Condition each : conditions) {
            any = any.or(() -> each.in(facts));
        }
        return any;
    }

    /** What it is as far as is known, though experiments may still change it. */
    boolean holds(Facts facts) {
        return in(facts).value();
    }
}
