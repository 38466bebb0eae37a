package io.github.dsqlreach.internal.probe;

import io.github.dsqlreach.internal.JvmSettings;
import io.github.dsqlreach.internal.JvmSettings.Topic;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What a ClientHello of this JVM offers, read from its bytes. Settings of the JVM can take away all that a cluster accepts.
 * The server then answers with an alert, as it does when a device on the path is the reason.
 */
final class OfferedTls {
    private static final int HELLO_HEADER = 5 + 4 + 34;
    private static final int TLS_1_2 = 0x0303;
    private static final int TLS_1_3 = 0x0304;
    private static final int SERVER_NAME = 0;
    private static final int SUPPORTED_GROUPS = 10;
    private static final int SIGNATURE_ALGORITHMS = 13;
    private static final int SUPPORTED_VERSIONS = 43;

    /** AES-GCM and ChaCha20-Poly1305 of TLS 1.3. */
    private static final Set<Integer> SUITES_1_3 = Set.of(0x1301, 0x1302, 0x1303);
    /** ECDHE with AES or ChaCha20-Poly1305, of TLS 1.2. */
    private static final Set<Integer> SUITES_1_2 = Set.of(
            0xc009, 0xc00a, 0xc013, 0xc014, 0xc023, 0xc024, 0xc027, 0xc028, 0xc02b, 0xc02c, 0xc02f, 0xc030, 0xcca8,
            0xcca9);
    /** secp256r1, secp384r1, secp521r1, x25519, and the hybrid groups with ML-KEM. */
    private static final Set<Integer> GROUPS = Set.of(23, 24, 25, 29, 0x11eb, 0x11ec, 0x11ed);
    /** ECDSA with P-256 and P-384, and RSA with SHA-2: the signatures of public certificates. */
    private static final Set<Integer> SIGNATURES =
            Set.of(0x0403, 0x0503, 0x0401, 0x0501, 0x0601, 0x0804, 0x0805, 0x0806);

    private final Set<Integer> suites;
    private final Map<Integer, ByteBuffer> extensions = new HashMap<>();

    /**
     * Something that a cluster needs and that this JVM does not offer.
     *
     * @param what it is, for messages
     * @param topic what its settings are about
     */
    record Lack(Topic topic, String what) {
        /** The settings that are the reason. */
        String settings() {
            return JvmSettings.suspects(topic);
        }
    }

    private OfferedTls(ByteBuffer hello) {
        hello.position(HELLO_HEADER);
        take(hello, hello.get() & 0xff);
        suites = numbers(take(hello, hello.getShort() & 0xffff));
        take(hello, hello.get() & 0xff);
        if (hello.remaining() >= 2) {
            hello.getShort();
        }
        while (hello.remaining() >= 4) {
            int type = hello.getShort() & 0xffff;
            extensions.put(type, take(hello, hello.getShort() & 0xffff));
        }
    }

    /** Reads the TLS record that contains a whole ClientHello. */
    static OfferedTls in(byte[] hello) {
        return new OfferedTls(ByteBuffer.wrap(hello));
    }

    /** What a cluster needs and this does not offer; empty if nothing is missing. */
    Optional<Lack> lack() {
        Set<Integer> versions = versions();
        boolean newest = versions.contains(TLS_1_3);
        if (!newest && !versions.contains(TLS_1_2)) {
            return lack(Topic.VERSIONS, "neither TLS 1.2 nor TLS 1.3");
        }
        boolean suite = newest && suites.stream().anyMatch(SUITES_1_3::contains)
                || versions.contains(TLS_1_2) && suites.stream().anyMatch(SUITES_1_2::contains);
        if (!suite) {
            return lack(Topic.CIPHER_SUITES, "none of the cipher suites that a cluster accepts");
        }
        if (lacks(SUPPORTED_GROUPS, GROUPS, newest)) {
            return lack(Topic.GROUPS, "none of the key exchange groups that a cluster accepts");
        }
        return lacks(SIGNATURE_ALGORITHMS, SIGNATURES, newest)
                ? lack(Topic.SIGNATURES, "none of the signature algorithms of a cluster's certificate")
                : Optional.empty();
    }

    /** The same for the server's name, which a cluster needs. */
    Optional<Lack> lackOfName() {
        return extensions.containsKey(SERVER_NAME) ? Optional.empty() : lack(Topic.SERVER_NAME, "no server name (SNI)");
    }

    private static Optional<Lack> lack(Topic topic, String what) {
        return Optional.of(new Lack(topic, what));
    }

    private boolean lacks(int extension, Set<Integer> accepted, boolean needed) {
        ByteBuffer data = extensions.get(extension);
        if (data == null) {
            return needed;
        }
        ByteBuffer copy = data.duplicate();
        return numbers(take(copy, copy.getShort() & 0xffff)).stream().noneMatch(accepted::contains);
    }

    private Set<Integer> versions() {
        ByteBuffer data = extensions.get(SUPPORTED_VERSIONS);
        if (data == null) {
            return Set.of(TLS_1_2);
        }
        ByteBuffer copy = data.duplicate();
        return numbers(take(copy, copy.get() & 0xff));
    }

    private static Set<Integer> numbers(ByteBuffer data) {
        Set<Integer> numbers = new HashSet<>();
        while (data.remaining() >= 2) {
            numbers.add(data.getShort() & 0xffff);
        }
        return numbers;
    }

    private static ByteBuffer take(ByteBuffer data, int length) {
        ByteBuffer part = data.slice(data.position(), length);
        data.position(data.position() + length);
        return part;
    }
}
