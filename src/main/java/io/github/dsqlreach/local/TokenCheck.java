package io.github.dsqlreach.local;

import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.internal.Digests;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Collection;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;

/**
 * Checks a token as IAM does: it computes the signature again, from the request that the token encodes and the secret key of its
 * owner.
 */
final class TokenCheck {
    static final String ADMIN_ACTION = "DbConnectAdmin";
    static final String ACTION = "DbConnect";

    private static final String ALGORITHM = "AWS4-HMAC-SHA256";
    private static final String SERVICE = "dsql";
    private static final String TERMINATOR = "aws4_request";
    private static final long LONGEST_SECONDS = Duration.ofDays(7).toSeconds();
    private static final Duration TOLERATED_LEAD = Duration.ofMinutes(15);
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'");

    private final ClusterIdentity identity;
    private final Collection<AwsCredentials> credentials;

    TokenCheck(ClusterIdentity identity, Collection<AwsCredentials> credentials) {
        this.identity = identity;
        this.credentials = credentials;
    }

    /** Why the token is refused; empty if it is valid for that user at that time. */
    Optional<ErrorText> refusal(String token, String user, Instant now) {
        Refusal.Occasion occasion = Refusal.Occasion.of(identity, user, now);
        Token parsed;
        try {
            parsed = Token.parse(token);
        } catch (IllegalArgumentException | DateTimeException e) {
            return Optional.of(Refusal.ACCESS_DENIED.on(occasion));
        }
        if (!isForThisCluster(parsed)) {
            return Optional.of(Refusal.ACCESS_DENIED.on(occasion));
        }
        if (parsed.lifetime().toSeconds() > LONGEST_SECONDS) {
            return Optional.of(Refusal.LIFETIME_TOO_LONG);
        }
        Instant signedAt = parsed.signedAt();
        if (signedAt.plus(parsed.lifetime()).isBefore(now)) {
            return Optional.of(Refusal.SIGNATURE_EXPIRED.on(
                    Refusal.Occasion.of(identity, user, now, signedAt, parsed.lifetime())));
        }
        if (signedAt.minus(TOLERATED_LEAD).isAfter(now) || !isSignedByUs(parsed)) {
            return Optional.of(Refusal.ACCESS_DENIED.on(occasion));
        }
        String action = parsed.get("Action");
        if (!action.equals(user.equals(Endpoint.DEFAULT_USER) ? ADMIN_ACTION : ACTION)) {
            boolean known = action.equals(ADMIN_ACTION) || action.equals(ACTION);
            return Optional.of((known ? Refusal.WRONG_ACTION : Refusal.ACCESS_DENIED).on(occasion));
        }
        return Optional.empty();
    }

    private boolean isForThisCluster(Token token) {
        return token.host().equals(identity.host())
                && token.get("X-Amz-Algorithm").equals(ALGORITHM)
                && token.get("X-Amz-SignedHeaders").equals("host")
                && token.lifetime().toSeconds() >= 1
                && token.get("X-Amz-Credential").endsWith("/" + token.scope(identity.region()));
    }

    private boolean isSignedByUs(Token token) {
        String scope = token.scope(identity.region());
        String keyId = token.get("X-Amz-Credential")
                .substring(0, token.get("X-Amz-Credential").length() - scope.length() - 1);
        return credentials.stream()
                .filter(candidate -> candidate.accessKeyId().equals(keyId))
                .anyMatch(owner -> same(securityToken(owner), token.get("X-Amz-Security-Token"))
                        && same(signature(token, owner.secretAccessKey()), token.get("X-Amz-Signature")));
    }

    private static String securityToken(AwsCredentials owner) {
        return owner instanceof AwsSessionCredentials session ? session.sessionToken() : "";
    }

    private static boolean same(String expected, String actual) {
        return MessageDigest.isEqual(
                expected.getBytes(StandardCharsets.UTF_8), actual.getBytes(StandardCharsets.UTF_8));
    }

    private String signature(Token token, String secretKey) {
        String request =
                String.join("\n", "GET", "/", token.canonicalQuery(), "host:" + token.host(), "", "host", sha256(""));
        String scope = token.scope(identity.region());
        String toSign = String.join("\n", ALGORITHM, token.get("X-Amz-Date"), scope, sha256(request));
        byte[] key = ("AWS4" + secretKey).getBytes(StandardCharsets.UTF_8);
        for (String part : scope.split("/")) {
            key = Digests.hmac(key, part);
        }
        return HexFormat.of().formatHex(Digests.hmac(key, toSign));
    }

    private static String sha256(String text) {
        return HexFormat.of().formatHex(Digests.of("SHA-256", text.getBytes(StandardCharsets.UTF_8)));
    }

    /** A token taken apart: the host and the decoded parameters. */
    private record Token(String host, Map<String, String> parameters, Instant signedAt, Duration lifetime) {

        static Token parse(String text) {
            int query = text.indexOf("/?");
            if (query < 0) {
                throw new IllegalArgumentException("no query");
            }
            Map<String, String> parameters = new TreeMap<>();
            for (String pair : text.substring(query + 2).split("&", -1)) {
                int equals = pair.indexOf('=');
                String name = decode(equals < 0 ? pair : pair.substring(0, equals));
                if (parameters.put(name, equals < 0 ? "" : decode(pair.substring(equals + 1))) != null) {
                    throw new IllegalArgumentException("a parameter given twice");
                }
            }
            String date = parameters.getOrDefault("X-Amz-Date", "");
            return new Token(
                    text.substring(0, query),
                    parameters,
                    LocalDateTime.parse(date, TIME).toInstant(ZoneOffset.UTC),
                    Duration.ofSeconds(Integer.parseInt(parameters.getOrDefault("X-Amz-Expires", ""))));
        }

        String get(String name) {
            return parameters.getOrDefault(name, "");
        }

        String scope(String region) {
            return String.join("/", get("X-Amz-Date").substring(0, 8), region, SERVICE, TERMINATOR);
        }

        String canonicalQuery() {
            return parameters.entrySet().stream()
                    .filter(parameter -> !parameter.getKey().equals("X-Amz-Signature"))
                    .map(parameter -> encode(parameter.getKey()) + "=" + encode(parameter.getValue()))
                    .collect(Collectors.joining("&"));
        }

        private static String decode(String text) {
            // A plus sign stands for itself: the SDK encodes a space as %20.
            return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
        }

        private static String encode(String text) {
            return URLEncoder.encode(text, StandardCharsets.UTF_8)
                    .replace("+", "%20")
                    .replace("*", "%2A")
                    .replace("%7E", "~");
        }
    }
}
