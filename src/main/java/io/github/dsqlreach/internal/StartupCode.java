package io.github.dsqlreach.internal;

import java.nio.ByteBuffer;

/** The code of a PostgreSQL client's first packet, which follows its length. */
public final class StartupCode {
    public static final int CANCEL_REQUEST = 80877102;
    public static final int SSL_REQUEST = 80877103;
    public static final int GSS_ENCRYPTION_REQUEST = 80877104;
    /** The upper half of the code of a startup message. */
    public static final int PROTOCOL_MAJOR = 3;

    private StartupCode() {}

    /** A request for encryption: eight bytes, the length and the code. */
    public static byte[] packet(int code) {
        return ByteBuffer.allocate(8).putInt(8).putInt(code).array();
    }
}
