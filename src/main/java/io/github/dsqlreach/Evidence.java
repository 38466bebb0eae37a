package io.github.dsqlreach;

import io.github.dsqlreach.internal.Numbers;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * What was observed in a step: named facts in the order in which they were seen. A value is a text, a number, a truth
 * or a list of texts, so that evidence survives a report's JSON unchanged. Texts are scrubbed on their way in: no
 * secrets, no control characters, no commands to a CI service.
 *
 * <p>The names are constants of this class. Times are in milliseconds, with fractions.
 */
public final class Evidence {
    /** DNS: the addresses, in the order given by the resolver. */
    public static final String ADDRESSES = "addresses";
    /** DNS: the name that was looked up, where it is not the endpoint's host. */
    public static final String NAME = "name";
    /** DNS: the hosts file that names the addresses, where they do not come from DNS. */
    public static final String HOSTS_FILE = "hostsFile";
    /** TCP: what happened to each address tried, one line each. */
    public static final String ATTEMPTS = "attempts";
    /** TCP: the address that the connection goes to. */
    public static final String ADDRESS = "address";
    /** TCP: the time the connection took to be established, about one round trip. */
    public static final String ROUND_TRIP_MILLIS = "roundTripMillis";
    /** DNS, TCP: the HTTP proxy that leads to the cluster, as {@code HOST:PORT}; looked up and connected to in its place. */
    public static final String PROXY = "proxy";
    /** TCP: what the proxy answered to CONNECT; TLS: what the server answered to the WebSocket upgrade. */
    public static final String HTTP_STATUS = "httpStatus";
    /** TOKEN: the signature's algorithm, {@code AWS4-HMAC-SHA256}. */
    public static final String ALGORITHM = "algorithm";
    /** TOKEN: how long the token is valid. */
    public static final String EXPIRES_SECONDS = "expiresSeconds";
    /** TOKEN: when it was signed, by this machine's clock. */
    public static final String SIGNED_AT = "signedAt";
    /** TOKEN: whether a signature is present. */
    public static final String SIGNATURE = "signature";
    /** TOKEN: whether a security token is present, which means temporary credentials. */
    public static final String SECURITY_TOKEN = "securityToken";
    /** TOKEN: {@code DbConnectAdmin} or {@code DbConnect}. */
    public static final String ACTION = "action";
    /** TOKEN: the host that the token is for. */
    public static final String TOKEN_HOST = "tokenHost";
    /** TOKEN: date, region and service of the credential scope, for example {@code 20261123/us-east-1/dsql}. */
    public static final String SCOPE = "scope";
    /** TOKEN: where the credentials come from. */
    public static final String CREDENTIALS = "credentials";
    /** TOKEN: the sources of credentials that were tried, one line each. */
    public static final String SOURCES = "sources";
    /** TOKEN: what is wrong with the credentials, a stable identifier such as {@code sso-login-needed}. */
    public static final String PROBLEM = "problem";
    /** TOKEN: the profile of the AWS configuration files that failed. */
    public static final String PROFILE = "profile";
    /** TOKEN: what must be added to the class path, as {@code group:artifact}. */
    public static final String MISSING_ARTIFACT = "missingArtifact";
    /** TLS: {@code postgres} or {@code direct}. */
    public static final String NEGOTIATION = "negotiation";
    /** TLS, AUTH, QUERY: the last message that was sent before the failure, for example {@code ClientHello}. */
    public static final String AFTER = "after";
    /** TLS, AUTH, QUERY: the time from sending that message to the failure. */
    public static final String AFTER_MILLIS = "afterMillis";
    /** TLS, AUTH, QUERY: how much of that time the socket was really listened to, in one piece, before it ended. */
    public static final String LISTENED_MILLIS = "listenedMillis";
    /** What the other side's kernel had not confirmed when time was up, in bytes; where this system tells (Linux). */
    public static final String UNACKNOWLEDGED_BYTES = "unacknowledgedBytes";
    /** What had arrived here and was not read yet when time was up, in bytes; where this system tells (Linux). */
    public static final String UNREAD_BYTES = "unreadBytes";
    /** How often this machine's kernel had repeated what was not confirmed; where this system tells (Linux). */
    public static final String RETRANSMISSIONS = "retransmissions";
    /** Bytes sent in this phase. */
    public static final String BYTES_SENT = "bytesSent";
    /** Bytes received in this phase. */
    public static final String BYTES_RECEIVED = "bytesReceived";
    /** TLS: the answer to the SSLRequest, where it was one letter. */
    public static final String SSL_REQUEST_ANSWER = "sslRequestAnswer";
    /** TLS: the time to that answer. */
    public static final String SSL_REQUEST_MILLIS = "sslRequestMillis";
    /** The beginning of an answer that was not the expected one, printable characters only. */
    public static final String ANSWER = "answer";
    /** The protocol that such an answer looks like, for example {@code HTTP}. */
    public static final String ANSWER_PROTOCOL = "answerProtocol";
    /** TLS: the protocol version, for example {@code TLSv1.3}. */
    public static final String PROTOCOL = "protocol";
    /** TLS: the cipher suite. */
    public static final String CIPHER = "cipher";
    /** TLS: the application protocol the server selected. */
    public static final String ALPN = "alpn";
    /** TLS: the alert the other side sent, for example {@code handshake_failure}. */
    public static final String ALERT = "alert";
    /** TLS: whether chain and host name of the certificate were verified. */
    public static final String VERIFIED = "verified";
    /** TLS: subject of the server's certificate. */
    public static final String CERTIFICATE_SUBJECT = "certificateSubject";
    /** TLS: issuer of the server's certificate. */
    public static final String CERTIFICATE_ISSUER = "certificateIssuer";
    /** TLS: how many certificates the server sent. */
    public static final String CHAIN_LENGTH = "chainLength";
    /** TLS: issuer of the last certificate that the server sent. */
    public static final String CHAIN_ROOT = "chainRoot";
    /** TLS: the names that the server's certificate is for. */
    public static final String CERTIFICATE_NAMES = "certificateNames";
    /** TLS: what is wrong with the chain, in the JDK's words. */
    public static final String CERTIFICATE_PROBLEM = "certificateProblem";
    /** TLS: start of the validity, ISO-8601. */
    public static final String CERTIFICATE_NOT_BEFORE = "certificateNotBefore";
    /** TLS: end of the validity, ISO-8601. */
    public static final String CERTIFICATE_NOT_AFTER = "certificateNotAfter";
    /** TLS: where the trusted roots come from. */
    public static final String TRUST = "trust";
    /** AUTH: the version of pgjdbc. */
    public static final String DRIVER_VERSION = "driverVersion";
    /** AUTH: the server's version. */
    public static final String SERVER_VERSION = "serverVersion";
    /** The SQLSTATE of the server's error. */
    public static final String SQL_STATE = "sqlState";
    /** The server's message. */
    public static final String SERVER_MESSAGE = "serverMessage";
    /** The server's hint, a field of its own in the protocol. */
    public static final String HINT = "hint";
    /** The server's detail, likewise; a cluster's has the session's id, for AWS's support. */
    public static final String DETAIL = "detail";
    /** DNS, TCP, TLS: the settings of this JVM that change this phase, and where each was set, one line each. */
    public static final String JVM_SETTINGS = "jvmSettings";
    /** TCP: the parameters of the URL that the check and its data source do not use. */
    public static final String IGNORED_PARAMETERS = "ignoredParameters";
    /** What the failure is blamed on, if it is a setting of this JVM: the setting, and where it was set. */
    public static final String SETTING = "setting";
    /** What that setting does, for example {@code this JVM offers no server name (SNI)}. */
    public static final String SETTING_EFFECT = "settingEffect";
    /** A remark about what is unusual, one line each. */
    public static final String NOTES = "notes";

    private static final Evidence NONE = new Evidence(Map.of());

    private final Map<String, Object> facts;

    private Evidence(Map<String, Object> facts) {
        this.facts = facts;
    }

    /** No facts. */
    public static Evidence none() {
        return NONE;
    }

    /** A builder without facts. */
    public static Builder builder() {
        return new Builder();
    }

    /** The text of that name; numbers and truths as they print, a list joined by commas. */
    public Optional<String> text(String name) {
        Object value = facts.get(name);
        return value instanceof List<?> list
                ? Optional.of(
                        String.join(", ", list.stream().map(String::valueOf).toList()))
                : Optional.ofNullable(value).map(Evidence::print);
    }

    /** The number of that name. */
    public OptionalDouble number(String name) {
        return facts.get(name) instanceof Number number
                ? OptionalDouble.of(number.doubleValue())
                : OptionalDouble.empty();
    }

    /** Whether the fact of that name is there and true. */
    public boolean is(String name) {
        return Boolean.TRUE.equals(facts.get(name));
    }

    /** The list of that name; empty if there is none. */
    public List<String> list(String name) {
        return facts.get(name) instanceof List<?> list
                ? list.stream().map(String::valueOf).toList()
                : List.of();
    }

    /** Whether there is a fact of that name. */
    public boolean has(String name) {
        return facts.containsKey(name);
    }

    /**
     * All facts in their order. A value is a {@code String}, a {@code Long}, a {@code Double}, a {@code Boolean} or a
     * {@code List} of {@code String}.
     */
    public Map<String, Object> asMap() {
        return facts;
    }

    /** These facts, and those of the other; the other's win. */
    public Evidence and(Evidence other) {
        return builder().putAll(this).putAll(other).build();
    }

    private static String print(Object value) {
        return value instanceof Double number ? Numbers.print(number) : String.valueOf(value);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Evidence evidence && facts.equals(evidence.facts);
    }

    @Override
    public int hashCode() {
        return facts.hashCode();
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        for (String name : facts.keySet()) {
            text.append(text.isEmpty() ? "" : ", ")
                    .append(name)
                    .append(' ')
                    .append(text(name).orElse(""));
        }
        return text.toString();
    }

    /** Collects facts. Not safe for use by several threads at once. */
    public static final class Builder {
        private final Map<String, Object> facts = new LinkedHashMap<>();

        private Builder() {}

        /** A text; {@code null} or an empty text is left out. */
        public Builder put(String name, @Nullable String value) {
            if (value != null && !value.isEmpty()) {
                facts.put(key(name), Scrubber.oneLine(value));
            }
            return this;
        }

        /** A whole number. */
        public Builder put(String name, long value) {
            facts.put(key(name), value);
            return this;
        }

        /** A number, rounded to three decimals: of milliseconds, that keeps microseconds. */
        public Builder put(String name, double value) {
            facts.put(key(name), Math.round(value * 1000) / 1000.0);
            return this;
        }

        /** A truth. */
        public Builder put(String name, boolean value) {
            facts.put(key(name), value);
            return this;
        }

        /** A list of texts; an empty list is left out. */
        public Builder put(String name, List<String> values) {
            if (!values.isEmpty()) {
                facts.put(key(name), values.stream().map(Scrubber::oneLine).toList());
            }
            return this;
        }

        /** A name of ours as it is; a report of somebody else's may have any. */
        private static String key(String name) {
            return name.chars().allMatch(Character::isLetterOrDigit) ? name : Scrubber.oneLine(name);
        }

        /** All facts of another. */
        public Builder putAll(Evidence evidence) {
            facts.putAll(evidence.facts);
            return this;
        }

        /** What was collected so far. */
        public Evidence build() {
            return facts.isEmpty() ? NONE : new Evidence(Collections.unmodifiableMap(new LinkedHashMap<>(facts)));
        }
    }
}
