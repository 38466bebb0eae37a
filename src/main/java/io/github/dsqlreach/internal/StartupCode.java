package io.github.dsqlreach.internal;

import java.nio.ByteBuffer;

/** What a PostgreSQL client's first packet is: the number behind its length. */
public final class StartupCode {
    public static final int CANCEL_REQUEST = 80877102;
    public static final int SSL_REQUEST = 80877103;
    public static final int GSS_ENCRYPTION_REQUEST = 80877104;
    /** In the upper half; the packet is a startup message then. */
    public static final int PROTOCOL_MAJOR = 3;

    private StartupCode() {}

    /** A request for encryption, as it is sent: eight bytes, the length and the code. */
    public static byte[] packet(int code) {
        return ByteBuffer.allocate(8).putInt(8).putInt(code).array();
    }
}
