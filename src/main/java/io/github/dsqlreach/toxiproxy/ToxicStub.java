package io.github.dsqlreach.toxiproxy;

import java.io.IOException;

/** What a toxic may do to the bytes of one direction of one connection, and to the connection. */
interface ToxicStub {
    /** On to what comes next. */
    void pass(Chunk chunk);

    /** Ends the stream: the close follows what was passed, and nothing more gets through. */
    void close();

    /** Holds back all input for a time, then does something; is interrupted when the toxic is changed or removed. */
    void hold(long nanos, Runnable then, Runnable interrupted);

    /** A hold which nothing but the end of the connection interrupts. */
    void holdFirmly(long nanos, Runnable then);

    /** Does something after a time, while input keeps coming; replaces the alarm set before. */
    void alarm(long nanos, Runnable then);

    /** Where the connection goes, {@code host:port}. */
    String upstream();

    /** The toxic has had its effect on this connection. Only the first call counts. */
    void struck();

    /** Whether the connection was accepted before the toxic was added. */
    boolean isOlderThanToxic();

    /** Remembers this instant as that of the last data of the connection, whatever its direction. */
    void dataPassed();

    /** The time since {@link #dataPassed()} was last called for the connection. */
    long nanosWithoutData();

    /** How often the upstream has sent something. */
    long answers();

    /** Closes the upstream's side. The client is told nothing: it can send, and the toxic has to swallow that. */
    void closeUpstream();

    /** Tells the client by a FIN that no more data comes; it can send. */
    void endAnswers();

    /** From now on, closing means RST. */
    void closeByReset();

    /** Closes both sides at once. */
    void abort();

    /** Closes both sides at once, by RST. */
    default void abortByReset() {
        closeByReset();
        abort();
    }

    /** Tells the client something of our own, past all toxics, then closes. */
    void answerAndClose(byte[] answer);

    /** Sends the client's bytes elsewhere from now on; nothing of them has reached the upstream yet. */
    void divert(Interceptor elsewhere) throws IOException;
}
