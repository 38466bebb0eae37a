package io.github.dsqlreach.toxiproxy;

import java.util.Arrays;
import java.util.Locale;

/** A toxic that reads what the client says first, and so works on its bytes only. */
abstract class ClientBytesToxic<M> extends Toxic<M> {
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

    /** Refuses an attribute that has no default and was not given. */
    static void required(String attribute, Object value, Object... allowed) {
        if (value == null) {
            throw new IllegalArgumentException(
                    attribute + " must be one of " + Arrays.toString(allowed).toLowerCase(Locale.ROOT));
        }
    }
}
