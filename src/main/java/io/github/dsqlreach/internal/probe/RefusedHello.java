package io.github.dsqlreach.internal.probe;

import java.nio.ByteBuffer;
import java.util.Arrays;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;

/**
 * The JDK's own ClientHello with unknown versions in its extension {@code supported_versions}. Name, ciphers and length are
 * the same, but no server can accept it.
 */
final class RefusedHello {
    private static final int SUPPORTED_VERSIONS = 43;
    private static final int VERSION_AND_RANDOM = 34;
    /** TLS 1.4, 1.5 and so on, which do not exist. */
    private static final int FIRST_UNKNOWN_MINOR = 5;

    private RefusedHello() {}

    /** The engine's ClientHello, unchanged. */
    static byte[] hello(SSLEngine engine) throws SSLException {
        ByteBuffer hello = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
        engine.wrap(ByteBuffer.allocate(0), hello);
        return Arrays.copyOf(hello.array(), hello.position());
    }

    static byte[] of(SSLEngine engine) throws SSLException {
        ByteBuffer hello = ByteBuffer.wrap(hello(engine));
        // After the headers of the record and of the handshake message.
        hello.position(5 + 4 + VERSION_AND_RANDOM);
        skip(hello, hello.get() & 0xff);
        skip(hello, hello.getShort() & 0xffff);
        skip(hello, hello.get() & 0xff);
        hello.getShort();
        while (hello.hasRemaining()) {
            int type = hello.getShort() & 0xffff;
            int length = hello.getShort() & 0xffff;
            if (type == SUPPORTED_VERSIONS) {
                replaceVersions(hello);
                return hello.array();
            }
            skip(hello, length);
        }
        throw new SSLException("this JDK's ClientHello names no supported versions");
    }

    private static void replaceVersions(ByteBuffer hello) {
        int versions = (hello.get() & 0xff) / 2;
        for (int i = 0; i < versions; i++) {
            hello.put((byte) 3).put((byte) (FIRST_UNKNOWN_MINOR + i));
        }
    }

    private static void skip(ByteBuffer hello, int bytes) {
        hello.position(hello.position() + bytes);
    }
}
