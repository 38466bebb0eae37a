package io.github.dsqlreach.toxiproxy;

import java.util.Arrays;

/**
 * Lets TLS be established and then acts on the client's encrypted message number {@code message}: with PostgreSQL 1 is the
 * startup message, 2 the password, 3 the first query. {@code then} says what happens: {@code reset}, {@code close} or
 * {@code silence}. Counts TLS records, of which clients use one for each message. A connection that was past its handshake
 * when the toxic came passes.
 */
final class AfterTlsToxic extends ClientBytesToxic<AfterTlsToxic.Reader> {
    private static final int CHANGE_CIPHER_SPEC = 20;
    private static final int HANDSHAKE = 22;
    private static final int APPLICATION_DATA = 23;
    private static final int CLIENT_HELLO = 1;
    /** A record's header and the first byte of its body, which names the handshake message. */
    private static final int ENOUGH = 6;

    enum Then {
        RESET,
        CLOSE,
        SILENCE
    }

    private final long message;
    private final Then then;

    AfterTlsToxic(Attributes given) {
        super("after_tls", given);
        message = given.number("message", 1);
        then = given.constant("then", Then.class, null);
        if (message < 1) {
            throw new IllegalArgumentException("message must be 1 or more, not " + message);
        }
    }

    @Override
    Reader memory() {
        return new Reader();
    }

    @Override
    void read(ToxicStub stub, Reader reader) {
        reader.pass(stub, reader.lengthBefore(message));
        if (reader.isForeign) {
            reader.passAll(stub);
        } else if (reader.reached) {
            reader.silence();
            stub.struck();
            act(stub);
        }
    }

    private void act(ToxicStub stub) {
        if (then == Then.RESET) {
            stub.abortByReset();
        } else if (then == Then.CLOSE) {
            stub.abort();
        }
    }

    /** Cuts the client's bytes into TLS records, and counts those after the handshake. */
    static final class Reader extends Held {
        private boolean first = true;
        private boolean keyExchanged;
        private boolean finished;
        private long messages;
        private long leftInRecord;
        private boolean isForeign;
        private boolean reached;

        /** How many of the bytes come before that message. */
        int lengthBefore(long message) {
            byte[] all = bytes();
            int position = 0;
            while (!reached && !isForeign && position < all.length) {
                if (leftInRecord == 0 && !startRecord(all, position, message)) {
                    break;
                }
                int taken = (int) Math.min(leftInRecord, all.length - position);
                position += taken;
                leftInRecord -= taken;
            }
            return position;
        }

        /** Whether enough is there to go on. */
        private boolean startRecord(byte[] all, int start, long message) {
            byte[] ahead = Arrays.copyOfRange(all, start, Math.min(all.length, start + PostgresRequest.LENGTH));
            if (first && ahead[0] == 0) {
                leftInRecord = ahead.length < PostgresRequest.LENGTH ? 0 : PostgresRequest.LENGTH;
                isForeign =
                        !PostgresRequest.SSL_REQUEST.mayStart(ahead) && !PostgresRequest.GSS_REQUEST.mayStart(ahead);
                return leftInRecord > 0;
            }
            isForeign = first && !ClientHello.mayStart(ahead);
            if (isForeign || ahead.length < ENOUGH) {
                return false;
            }
            first = false;
            count(ahead);
            reached = messages == message;
            leftInRecord = ENOUGH - 1 + ((ahead[3] & 0xff) << 8 | ahead[4] & 0xff);
            return !reached;
        }

        /** In TLS 1.3 the first encrypted record is the end of the handshake, in TLS 1.2 that has a type of its own. */
        private void count(byte[] record) {
            switch (record[0]) {
                case HANDSHAKE -> keyExchanged |= record[ENOUGH - 1] != CLIENT_HELLO;
                case APPLICATION_DATA -> {
                    messages += finished || keyExchanged ? 1 : 0;
                    finished = true;
                }
                case CHANGE_CIPHER_SPEC -> {
                    // In TLS 1.3 without meaning, in TLS 1.2 before the end of the handshake.
                }
                default -> {
                    // An alert.
                }
            }
        }
    }
}
