package io.github.dsqlreach.toxiproxy;

import java.util.Arrays;

/** A toxic that reads what the client says first, and so works on its bytes only. */
abstract class ClientBytesToxic extends Toxic {
    private final transient String type;

    ClientBytesToxic(String type) {
        this.type = type;
    }

    @Override
    final void validate(Direction direction) {
        if (direction != Direction.UPSTREAM) {
            throw new IllegalArgumentException(type + " reads the client's bytes: its stream must be upstream");
        }
        validate();
    }

    /** The same, of attributes alone. */
    abstract void validate();

    static void oneOf(String attribute, String given, String... allowed) {
        if (!Arrays.asList(allowed).contains(given)) {
            throw new IllegalArgumentException(
                    attribute + " must be one of " + String.join(", ", allowed) + ", not \"" + given + "\"");
        }
    }
}
