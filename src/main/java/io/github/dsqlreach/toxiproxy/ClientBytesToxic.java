package io.github.dsqlreach.toxiproxy;

/** A toxic that reads what the client says first, and so works on its bytes only. */
abstract class ClientBytesToxic<M> extends Toxic<M> {
    ClientBytesToxic(String type, Attributes given) {
        super(given);
        if (given.direction() != Direction.UPSTREAM) {
            throw new IllegalArgumentException(type + " reads the client's bytes: its stream must be upstream");
        }
    }
}
