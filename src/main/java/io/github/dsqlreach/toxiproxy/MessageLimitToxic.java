package io.github.dsqlreach.toxiproxy;

/**
 * Closes the connection, in order and without a message, when the client sends more than {@code bytes} bytes to which the
 * upstream sends nothing. The client can send the rest; it is swallowed.
 */
final class MessageLimitToxic extends Toxic<MessageLimitToxic.Message> {
    /** Each TLS record of at most 16 KiB has a header and a tag. */
    private static final long RECORD = 16 << 10;

    private static final long OVERHEAD = 22;

    private final long limit;

    MessageLimitToxic(Attributes given) {
        super(given);
        long bytes = given.number("bytes", 10 << 20);
        if (given.direction() != Direction.UPSTREAM) {
            throw new IllegalArgumentException("message_limit counts the client's bytes: its stream must be upstream");
        }
        limit = bytes + bytes / RECORD * OVERHEAD;
    }

    @Override
    Message memory() {
        return new Message();
    }

    @Override
    void receive(ToxicStub stub, Message message, Chunk chunk) {
        if (message.tooLong) {
            return;
        }
        long answers = stub.answers();
        if (answers != message.answers) {
            message.answers = answers;
            message.bytes = 0;
        }
        message.bytes += chunk.length();
        if (message.bytes > limit) {
            message.tooLong = true;
            stub.struck();
            stub.closeUpstream();
            stub.endAnswers();
        } else {
            stub.pass(chunk);
        }
    }

    @Override
    void removed(ToxicStub stub, Message message) {
        if (message.tooLong) {
            stub.abort();
        }
    }

    /** What a client has sent since the upstream last sent something. */
    static final class Message {
        private long answers;
        private long bytes;
        private boolean tooLong;
    }
}
