package io.github.dsqlreach.local;

import io.github.dsqlreach.internal.Digests;
import java.net.ProtocolException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * The client's side of SCRAM-SHA-256 without channel binding (RFC 7677), for the login to PostgreSQL.
 * Passwords are taken as they are, without SASLprep, which changes only exotic ones.
 */
final class Scram {
    static final String MECHANISM = "SCRAM-SHA-256";
    private static final String NO_BINDING = "n,,";
    private static final int MOST_ITERATIONS = 1_000_000;

    private final String password;
    private final String firstBare;
    private final String nonce;
    /** {@code null} until a challenge was answered; until then the server cannot prove anything. */
    private byte @Nullable [] expectedServerSignature;

    Scram(String password) {
        byte[] random = new byte[18];
        new SecureRandom().nextBytes(random);
        this.password = password;
        this.nonce = Base64.getEncoder().encodeToString(random);
        this.firstBare = "n=,r=" + nonce;
    }

    /**
     * What PostgreSQL stores of a password. One round of hashing is enough for random passwords, which cannot be guessed.
     */
    static String verifier(String password) {
        byte[] salt = new byte[16];
        new SecureRandom().nextBytes(salt);
        byte[] salted = salted(password, salt, 1);
        byte[] storedKey = Digests.of("SHA-256", Digests.hmac(salted, "Client Key"));
        Base64.Encoder base64 = Base64.getEncoder();
        return MECHANISM + "$1:" + base64.encodeToString(salt) + "$" + base64.encodeToString(storedKey) + ":"
                + base64.encodeToString(Digests.hmac(salted, "Server Key"));
    }

    private static byte[] salted(String password, byte[] salt, int iterations) {
        try {
            return SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256")
                    .generateSecret(new PBEKeySpec(password.toCharArray(), salt, iterations, 256))
                    .getEncoded();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    byte[] first() {
        return (NO_BINDING + firstBare).getBytes(StandardCharsets.UTF_8);
    }

    byte[] answer(byte[] challenge) throws ProtocolException {
        String serverFirst = new String(challenge, StandardCharsets.UTF_8);
        Map<String, String> parts = parts(serverFirst);
        String wholeNonce = parts.getOrDefault("r", "");
        if (!wholeNonce.startsWith(nonce)) {
            throw new ProtocolException("SCRAM: the server's nonce does not continue ours");
        }
        try {
            int iterations = Integer.parseInt(parts.getOrDefault("i", ""));
            if (iterations < 1 || iterations > MOST_ITERATIONS) {
                throw new ProtocolException("SCRAM: " + iterations + " iterations");
            }
            byte[] salt = Base64.getDecoder().decode(parts.getOrDefault("s", ""));
            byte[] salted = salted(password, salt, iterations);
            String last = "c=" + Base64.getEncoder().encodeToString(NO_BINDING.getBytes(StandardCharsets.UTF_8)) + ",r="
                    + wholeNonce;
            String conversation = firstBare + "," + serverFirst + "," + last;
            byte[] clientKey = Digests.hmac(salted, "Client Key");
            byte[] proof = Digests.hmac(Digests.of("SHA-256", clientKey), conversation);
            for (int i = 0; i < proof.length; i++) {
                proof[i] ^= clientKey[i];
            }
            expectedServerSignature = Digests.hmac(Digests.hmac(salted, "Server Key"), conversation);
            return (last + ",p=" + Base64.getEncoder().encodeToString(proof)).getBytes(StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw (ProtocolException) new ProtocolException("SCRAM: a challenge that makes no sense").initCause(e);
        }
    }

    void checkEnd(byte[] end) throws ProtocolException {
        if (expectedServerSignature == null) {
            throw new ProtocolException("SCRAM: an end without a challenge");
        }
        String signature = parts(new String(end, StandardCharsets.UTF_8)).getOrDefault("v", "");
        String expected = Base64.getEncoder().encodeToString(expectedServerSignature);
        if (!MessageDigest.isEqual(
                expected.getBytes(StandardCharsets.UTF_8), signature.getBytes(StandardCharsets.UTF_8))) {
            throw new ProtocolException("SCRAM: the server does not know the password");
        }
    }

    private static Map<String, String> parts(String message) {
        Map<String, String> parts = new HashMap<>();
        for (String part : message.split(",")) {
            if (part.length() > 2 && part.charAt(1) == '=') {
                parts.put(part.substring(0, 1), part.substring(2));
            }
        }
        return parts;
    }
}
