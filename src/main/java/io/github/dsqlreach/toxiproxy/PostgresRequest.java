package io.github.dsqlreach.toxiproxy;

import io.github.dsqlreach.internal.StartupCode;
import java.util.Arrays;

/** What a PostgreSQL client may say in clear text before TLS: eight bytes, the length and a code. */
enum PostgresRequest {
    SSL_REQUEST(StartupCode.SSL_REQUEST),
    GSS_REQUEST(StartupCode.GSS_ENCRYPTION_REQUEST);

    static final int LENGTH = 8;

    private final byte[] bytes;

    PostgresRequest(int code) {
        bytes = StartupCode.packet(code);
    }

    byte[] bytes() {
        return bytes.clone();
    }

    boolean mayStart(byte[] given) {
        int count = Math.min(given.length, LENGTH);
        return Arrays.equals(given, 0, count, bytes, 0, count);
    }

    boolean starts(byte[] given) {
        return given.length >= LENGTH && mayStart(given);
    }

    /** Whether this is a startup message of protocol 3, in clear text: 4 bytes of length, then the version. */
    static boolean isStartup(byte[] given) {
        return given.length >= LENGTH && mayBeStartup(given) && given[5] == 3;
    }

    /** No startup message is longer than 10,000 bytes; servers refuse one that is. */
    static boolean mayBeStartup(byte[] given) {
        return startsWith(given, 0, 0) && startsWith(given, 4, 0) && startsWith(given, 5, 3) && startsWith(given, 6, 0);
    }

    private static boolean startsWith(byte[] given, int at, int value) {
        return given.length <= at || given[at] == value;
    }
}
