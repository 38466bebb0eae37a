package io.github.dsqlreach.toxiproxy;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

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

    /** What one connection's client has sent that was not passed on. */
    static class Held {
        private static final int SMALLEST = 256;

        private byte[] buffer = new byte[SMALLEST];
        private int start;
        private int end;
        private long readAt;
        boolean passesAll;
        boolean silenced;

        final void add(Chunk chunk) {
            ByteBuffer data = chunk.data();
            int length = data.remaining();
            if (end + length > buffer.length) {
                byte[] larger = size() + length > buffer.length / 2
                        ? new byte[Math.max(SMALLEST, 2 * (size() + length))]
                        : buffer;
                System.arraycopy(buffer, start, larger, 0, size());
                end = size();
                start = 0;
                buffer = larger;
            }
            data.duplicate().get(buffer, end, length);
            end += length;
            readAt = chunk.readAt();
        }

        final int size() {
            return end - start;
        }

        /** A copy of the first bytes, as many of these as there are. */
        final byte[] first(int count) {
            return Arrays.copyOfRange(buffer, start, start + Math.min(count, size()));
        }

        /** A copy of all bytes. */
        final byte[] bytes() {
            return first(size());
        }

        /** Lets the reader read the bytes from that one on. */
        final @Nullable ClientHello read(ClientHello.Reader reader, int from) {
            return reader.read(buffer, start + from, end);
        }

        /** Passes on that many of the bytes. */
        final void pass(ToxicStub stub, int count) {
            byte[] passed = first(count);
            start += count;
            stub.pass(new Chunk(ByteBuffer.wrap(passed), readAt));
        }

        /** Passes on all bytes, and all that come. */
        final void passAll(ToxicStub stub) {
            passesAll = true;
            pass(stub, size());
        }

        /** Swallows all bytes, and all that come. */
        final void silence() {
            start = end;
            silenced = true;
        }
    }
}
