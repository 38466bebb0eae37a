package io.github.dsqlreach.toxiproxy;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;

/** A toxic that reads what the client says first, and so works on its bytes only. */
abstract class ClientBytesToxic<M extends ClientBytesToxic.Held> extends Toxic<M> {
    ClientBytesToxic(String type, Attributes given) {
        super(given);
        if (given.direction() != Direction.UPSTREAM) {
            throw new IllegalArgumentException(type + " reads the client's bytes: its stream must be upstream");
        }
    }

    /** More was said; what of it is known enough is passed on, and the rest held back. */
    abstract void read(ToxicStub stub, M held);

    @Override
    final void receive(ToxicStub stub, M held, Chunk chunk) {
        if (held.passesAll) {
            stub.pass(chunk);
        } else if (!held.silenced) {
            held.add(chunk);
            read(stub, held);
        }
    }

    /** What was held back goes on; what was swallowed is lost, and such a connection closes. */
    @Override
    final void removed(ToxicStub stub, M held) {
        held.passAll(stub);
        if (held.silenced) {
            stub.close();
        }
    }

    @Override
    final void end(ToxicStub stub, M held) {
        held.passAll(stub);
        stub.close();
    }

    /** What one connection's client has said that was not passed on. */
    static class Held {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private long readAt;
        boolean passesAll;
        boolean silenced;

        final void add(Chunk chunk) {
            ByteBuffer data = chunk.data();
            bytes.write(data.array(), data.arrayOffset() + data.position(), data.remaining());
            readAt = chunk.readAt();
        }

        final byte[] bytes() {
            return bytes.toByteArray();
        }

        /** Passes on so many of the bytes. */
        final void pass(ToxicStub stub, int count) {
            byte[] all = bytes();
            bytes.reset();
            bytes.write(all, count, all.length - count);
            stub.pass(new Chunk(ByteBuffer.wrap(all, 0, count), readAt));
        }

        /** Passes on all bytes, and all that come. */
        final void passAll(ToxicStub stub) {
            passesAll = true;
            pass(stub, bytes.size());
        }

        /** Swallows all bytes, and all that come. */
        final void silence() {
            bytes.reset();
            silenced = true;
        }
    }
}
