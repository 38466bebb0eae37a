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

    /** From now on, closing means RST. */
    void closeByReset();

    /** Closes both sides at once. */
    void abort();

    /** Tells the client something of our own, past all toxics, then closes. */
    void answerAndClose(byte[] answer);

    /** Sends the client's bytes elsewhere from now on; nothing of them has reached the upstream yet. */
    void divert(Interceptor elsewhere) throws IOException;
}
