package io.github.dsqlreach;

import io.github.dsqlreach.internal.Numbers;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a phase observed: facts in the order in which they were seen. Each fact has a {@link Key}, a constant of this class,
 * which gives its name in reports and its type, and says in which phases it is observed. Texts are scrubbed on their way
 * in: no secrets, no control characters, no commands to a CI service.
 *
 * <pre>{@code
 * Evidence tls = attempt.result(Phase.TLS).evidence();
 * Optional<SentMessage> after = tls.get(Evidence.AFTER);
 * Optional<Long> received = tls.get(Evidence.BYTES_RECEIVED);
 * }</pre>
 *
 * <p>Times are in milliseconds, with fractions.
 */
public final class Evidence {
    private static final Map<String, Key<?>> KEYS = new LinkedHashMap<>();

    /** DNS: the addresses, in the order given by the resolver. */
    public static final Key<List<String>> ADDRESSES = new Key<>("addresses", List.class, Phase.DNS);
    /** DNS: the name that was looked up, where it is not the endpoint's host. */
    public static final Key<String> NAME = new Key<>("name", String.class, Phase.DNS);
    /** DNS: the hosts file that names the addresses, where they do not come from DNS. */
    public static final Key<String> HOSTS_FILE = new Key<>("hostsFile", String.class, Phase.DNS);
    /** TCP: what happened to each address tried, one line each. */
    public static final Key<List<String>> ATTEMPTS = new Key<>("attempts", List.class, Phase.TCP);
    /** TCP: the address that the connection goes to. */
    public static final Key<String> ADDRESS = new Key<>("address", String.class, Phase.TCP);
    /** TCP: the time the connection took to be established, about one round trip. */
    public static final Key<Double> ROUND_TRIP_MILLIS = new Key<>("roundTripMillis", Double.class, Phase.TCP);
    /** DNS: the HTTP proxy for port 443 of the cluster, as {@code HOST:PORT}, where TCP goes past it to another port. */
    public static final Key<HostAndPort> UNUSED_PROXY = new Key<>("unusedProxy", HostAndPort.class, Phase.DNS);
    /** DNS, TCP: the HTTP proxy that leads to the cluster, as {@code HOST:PORT}; looked up and connected to in its place. */
    public static final Key<HostAndPort> PROXY = new Key<>("proxy", HostAndPort.class, Phase.DNS, Phase.TCP);
    /** TCP: what the proxy answered to CONNECT; TLS: what the server answered to the WebSocket upgrade. */
    public static final Key<Long> HTTP_STATUS = new Key<>("httpStatus", Long.class, Phase.TCP, Phase.TLS);
    /** TOKEN: the signature's algorithm, {@code AWS4-HMAC-SHA256}. */
    public static final Key<String> ALGORITHM = new Key<>("algorithm", String.class, Phase.TOKEN);
    /** TOKEN: how long the token is valid. */
    public static final Key<Long> EXPIRES_SECONDS = new Key<>("expiresSeconds", Long.class, Phase.TOKEN);
    /** TOKEN: when it was signed, by this machine's clock. */
    public static final Key<String> SIGNED_AT = new Key<>("signedAt", String.class, Phase.TOKEN);
    /** TOKEN: whether a signature is present. */
    public static final Key<Boolean> SIGNATURE = new Key<>("signature", Boolean.class, Phase.TOKEN);
    /** TOKEN: whether a security token is present, which means temporary credentials. */
    public static final Key<Boolean> SECURITY_TOKEN = new Key<>("securityToken", Boolean.class, Phase.TOKEN);
    /** TOKEN: {@code DbConnectAdmin} or {@code DbConnect}. */
    public static final Key<String> ACTION = new Key<>("action", String.class, Phase.TOKEN);
    /** TOKEN: the host that the token is for. */
    public static final Key<String> TOKEN_HOST = new Key<>("tokenHost", String.class, Phase.TOKEN);
    /** TOKEN: date, region and service of the credential scope, for example {@code 20261123/us-east-1/dsql}. */
    public static final Key<String> SCOPE = new Key<>("scope", String.class, Phase.TOKEN);
    /** TOKEN: where the credentials come from. */
    public static final Key<String> CREDENTIALS = new Key<>("credentials", String.class, Phase.TOKEN);
    /** TOKEN: the sources of credentials that were tried, one line each. */
    public static final Key<List<String>> SOURCES = new Key<>("sources", List.class, Phase.TOKEN);
    /** TOKEN: what is wrong with the credentials, a stable identifier such as {@code sso-login-needed}. */
    public static final Key<String> PROBLEM = new Key<>("problem", String.class, Phase.TOKEN);
    /** TOKEN: the profile of the AWS configuration files that failed. */
    public static final Key<String> PROFILE = new Key<>("profile", String.class, Phase.TOKEN);
    /** TOKEN: what must be added to the class path, as {@code group:artifact}. */
    public static final Key<String> MISSING_ARTIFACT = new Key<>("missingArtifact", String.class, Phase.TOKEN);
    /** TLS: {@code postgres} or {@code direct}. */
    public static final Key<Negotiation> NEGOTIATION = new Key<>("negotiation", Negotiation.class, Phase.TLS);
    /** TLS, AUTH, QUERY: the last message that was sent before the failure, for example {@code ClientHello}. */
    public static final Key<SentMessage> AFTER =
            new Key<>("after", SentMessage.class, Phase.TCP, Phase.TLS, Phase.AUTH, Phase.QUERY);
    /** TLS, AUTH, QUERY: the time from sending that message to the failure. */
    public static final Key<Double> AFTER_MILLIS =
            new Key<>("afterMillis", Double.class, Phase.TCP, Phase.TLS, Phase.AUTH, Phase.QUERY);
    /** TLS, AUTH, QUERY: how much of that time the socket was really listened to, in one piece, before it ended. */
    public static final Key<Double> LISTENED_MILLIS =
            new Key<>("listenedMillis", Double.class, Phase.TCP, Phase.TLS, Phase.AUTH, Phase.QUERY);
    /** What the other side's kernel had not confirmed when time was up, in bytes; where this system tells (Linux). */
    public static final Key<Long> UNACKNOWLEDGED_BYTES =
            new Key<>("unacknowledgedBytes", Long.class, Phase.TCP, Phase.TLS, Phase.AUTH, Phase.QUERY);
    /** What had arrived here and was not read yet when time was up, in bytes; where this system tells (Linux). */
    public static final Key<Long> UNREAD_BYTES =
            new Key<>("unreadBytes", Long.class, Phase.TCP, Phase.TLS, Phase.AUTH, Phase.QUERY);
    /** How often this machine's kernel had repeated what was not confirmed; where this system tells (Linux). */
    public static final Key<Long> RETRANSMISSIONS =
            new Key<>("retransmissions", Long.class, Phase.TCP, Phase.TLS, Phase.AUTH, Phase.QUERY);
    /** Bytes sent in this phase. */
    public static final Key<Long> BYTES_SENT = new Key<>("bytesSent", Long.class, Phase.TLS, Phase.AUTH, Phase.QUERY);
    /** Bytes received in this phase. */
    public static final Key<Long> BYTES_RECEIVED =
            new Key<>("bytesReceived", Long.class, Phase.TCP, Phase.TLS, Phase.AUTH, Phase.QUERY);
    /** TLS: the answer to the SSLRequest, where it was one letter. */
    public static final Key<String> SSL_REQUEST_ANSWER = new Key<>("sslRequestAnswer", String.class, Phase.TLS);
    /** TLS: the time to that answer. */
    public static final Key<Double> SSL_REQUEST_MILLIS = new Key<>("sslRequestMillis", Double.class, Phase.TLS);
    /** The beginning of an answer that was not the expected one, printable characters only. */
    public static final Key<String> ANSWER = new Key<>("answer", String.class, Phase.TLS, Phase.AUTH, Phase.QUERY);
    /** The protocol that such an answer looks like, for example {@code HTTP}. */
    public static final Key<String> ANSWER_PROTOCOL =
            new Key<>("answerProtocol", String.class, Phase.TLS, Phase.AUTH, Phase.QUERY);
    /** TLS: the protocol version, for example {@code TLSv1.3}. */
    public static final Key<String> PROTOCOL = new Key<>("protocol", String.class, Phase.TLS);
    /** TLS: the cipher suite. */
    public static final Key<String> CIPHER = new Key<>("cipher", String.class, Phase.TLS);
    /** TLS: the application protocol the server selected. */
    public static final Key<String> ALPN = new Key<>("alpn", String.class, Phase.TLS);
    /** TLS: the alert the other side sent, for example {@code handshake_failure}. */
    public static final Key<String> ALERT = new Key<>("alert", String.class, Phase.TLS, Phase.AUTH, Phase.QUERY);
    /** TLS: whether chain and host name of the certificate were verified. */
    public static final Key<Boolean> VERIFIED = new Key<>("verified", Boolean.class, Phase.TLS);
    /** TLS: {@code true} if the server asked for a client certificate; a cluster does not. */
    public static final Key<Boolean> CLIENT_CERTIFICATE_WANTED =
            new Key<>("clientCertificateWanted", Boolean.class, Phase.TLS);
    /** TLS: subject of the server's certificate. */
    public static final Key<String> CERTIFICATE_SUBJECT = new Key<>("certificateSubject", String.class, Phase.TLS);
    /** TLS: issuer of the server's certificate. */
    public static final Key<String> CERTIFICATE_ISSUER = new Key<>("certificateIssuer", String.class, Phase.TLS);
    /** TLS: how many certificates the server sent. */
    public static final Key<Long> CHAIN_LENGTH = new Key<>("chainLength", Long.class, Phase.TLS);
    /** TLS: issuer of the last certificate that the server sent. */
    public static final Key<String> CHAIN_ROOT = new Key<>("chainRoot", String.class, Phase.TLS);
    /** TLS: the names that the server's certificate is for. */
    public static final Key<List<String>> CERTIFICATE_NAMES = new Key<>("certificateNames", List.class, Phase.TLS);
    /** TLS: what is wrong with the chain, in the JDK's words. */
    public static final Key<String> CERTIFICATE_PROBLEM = new Key<>("certificateProblem", String.class, Phase.TLS);
    /** TLS: start of the validity, ISO-8601. */
    public static final Key<Instant> CERTIFICATE_NOT_BEFORE =
            new Key<>("certificateNotBefore", Instant.class, Phase.TLS);
    /** TLS: end of the validity, ISO-8601. */
    public static final Key<Instant> CERTIFICATE_NOT_AFTER = new Key<>("certificateNotAfter", Instant.class, Phase.TLS);
    /** TLS: where the trusted roots come from. */
    public static final Key<String> TRUST = new Key<>("trust", String.class, Phase.TLS);
    /** AUTH: an experiment's answer to its StartupMessage: {@code R} asks for a login, {@code E} is an error. */
    public static final Key<String> STARTUP_ANSWER = new Key<>("startupAnswer", String.class, Phase.AUTH);
    /** AUTH: the version of pgjdbc. */
    public static final Key<String> DRIVER_VERSION = new Key<>("driverVersion", String.class, Phase.AUTH);
    /** AUTH: the server's version. */
    public static final Key<String> SERVER_VERSION = new Key<>("serverVersion", String.class, Phase.AUTH);
    /** The SQLSTATE of the server's error. */
    public static final Key<String> SQL_STATE = new Key<>("sqlState", String.class, Phase.TLS, Phase.AUTH, Phase.QUERY);
    /** The server's message. */
    public static final Key<String> SERVER_MESSAGE =
            new Key<>("serverMessage", String.class, Phase.TLS, Phase.AUTH, Phase.QUERY);
    /** The server's hint, a field of its own in the protocol. */
    public static final Key<String> HINT = new Key<>("hint", String.class, Phase.TLS, Phase.AUTH, Phase.QUERY);
    /** The server's detail, likewise; a cluster's has the session's id, for AWS's support. */
    public static final Key<String> DETAIL = new Key<>("detail", String.class, Phase.TLS, Phase.AUTH, Phase.QUERY);
    /** DNS, TCP, TLS: the settings of this JVM that change this phase, and where each was set, one line each. */
    public static final Key<List<String>> JVM_SETTINGS =
            new Key<>("jvmSettings", List.class, Phase.DNS, Phase.TCP, Phase.TLS);
    /** TCP: the parameters of the URL that the check and its data source do not use. */
    public static final Key<List<String>> IGNORED_PARAMETERS = new Key<>("ignoredParameters", List.class, Phase.TCP);
    /** What the failure is blamed on, if it is a setting of this JVM: the setting, and where it was set. */
    public static final Key<String> SETTING = new Key<>("setting", String.class, Phase.values());
    /** What that setting does, for example {@code this JVM offers no server name (SNI)}. */
    public static final Key<String> SETTING_EFFECT = new Key<>("settingEffect", String.class, Phase.values());
    /** A remark about what is unusual, one line each. */
    public static final Key<List<String>> NOTES = new Key<>("notes", List.class, Phase.values());

    private static final Evidence NONE = new Evidence(Map.of());

    /**
     * A kind of fact: its name in reports, its type, and the phases that observe it.
     *
     * @param <T> a {@code String}, {@code Long}, {@code Double}, {@code Boolean}, a {@code List<String>}, or a type of this
     *     library or the JDK that a report has as a text
     */
    public static final class Key<T> {
        private final String name;
        private final Class<?> type;
        private final Set<Phase> phases;

        private Key(String name, Class<?> type, Phase... phases) {
            this.name = name;
            this.type = type;
            this.phases = Collections.unmodifiableSet(EnumSet.copyOf(Arrays.asList(phases)));
            KEYS.put(name, this);
        }

        /** The name in reports, for example {@code roundTripMillis}. */
        public String name() {
            return name;
        }

        /** What a report has for it: a {@code String}, {@code Long}, {@code Double}, {@code Boolean} or {@code List}. */
        public Class<?> type() {
            return type == Long.class || type == Double.class || type == Boolean.class || type == List.class
                    ? type
                    : String.class;
        }

        /** The phases that observe it. */
        public Set<Phase> phases() {
            return phases;
        }

        /** The {@link #name()}. */
        @Override
        public String toString() {
            return name;
        }
    }

    private final Map<Key<?>, Object> facts;

    private Evidence(Map<Key<?>, Object> facts) {
        this.facts = facts;
    }

    /** The value that a report has as that; empty if it has another type or form. */
    private static Optional<?> read(Class<?> type, Object plain) {
        if (type == Double.class && plain instanceof Number number) {
            return Optional.of(number.doubleValue());
        }
        if (plain instanceof List<?> list && !list.stream().allMatch(String.class::isInstance)) {
            return Optional.empty();
        }
        if (type.isInstance(plain)) {
            return Optional.of(plain);
        }
        return plain instanceof String text ? parse(type, text) : Optional.empty();
    }

    private static Optional<?> parse(Class<?> type, String text) {
        if (type == SentMessage.class) {
            return SentMessage.of(text);
        }
        if (type == Negotiation.class) {
            return Arrays.stream(Negotiation.values())
                    .filter(each -> each.parameter().equals(text))
                    .findFirst();
        }
        try {
            if (type == HostAndPort.class) {
                return Optional.of(HostAndPort.parse(text, 0));
            }
            return type == Instant.class ? Optional.of(Instant.parse(text)) : Optional.empty();
        } catch (IllegalArgumentException | DateTimeException e) {
            return Optional.empty();
        }
    }

    private static Object plain(Object value) {
        return value instanceof SentMessage message
                ? message.label()
                : value instanceof Negotiation negotiation
                        ? negotiation.parameter()
                        : value instanceof HostAndPort || value instanceof Instant ? value.toString() : value;
    }

    /** No facts. */
    public static Evidence none() {
        return NONE;
    }

    /** A builder without facts. */
    public static Builder builder() {
        return new Builder();
    }

    /** The fact of that key. */
    @SuppressWarnings("unchecked") // The builder takes no other type for it.
    public <T> Optional<T> get(Key<T> key) {
        return Optional.ofNullable((T) facts.get(key));
    }

    /** The fact of that key as a text; numbers and truths as they print, a list joined by commas. */
    public Optional<String> text(Key<?> key) {
        return Optional.ofNullable(facts.get(key)).map(value -> print(plain(value)));
    }

    /** Whether the fact of that key is there and true. */
    public boolean is(Key<Boolean> key) {
        return get(key).orElse(false);
    }

    /** Whether the number of that key is there and greater than that. */
    public boolean isOver(long limit, Key<Long> key) {
        return get(key).filter(number -> number > limit).isPresent();
    }

    /** The list of that key; empty if there is none. */
    public List<String> list(Key<List<String>> key) {
        return get(key).orElse(List.of());
    }

    /** Whether there is a fact of that key. */
    public boolean has(Key<?> key) {
        return facts.containsKey(key);
    }

    /** The keys of the facts, in their order. */
    public Set<Key<?>> keys() {
        return Collections.unmodifiableSet(facts.keySet());
    }

    /** The facts by their names in reports and in their order; values have the {@link Key#type()} of their keys. */
    public Map<String, Object> asMap() {
        Map<String, Object> plain = new LinkedHashMap<>();
        facts.forEach((key, value) -> plain.put(key.name, plain(value)));
        return Collections.unmodifiableMap(plain);
    }

    /** These facts, and those of the other; the other's win. */
    public Evidence and(Evidence other) {
        return builder().putAll(this).putAll(other).build();
    }

    private static String print(Object value) {
        return value instanceof List<?> list
                ? String.join(", ", list.stream().map(String::valueOf).toList())
                : value instanceof Double number ? Numbers.print(number) : String.valueOf(value);
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
        return String.join(
                ", ",
                facts.keySet().stream()
                        .map(key -> key.name + " " + text(key).orElse(""))
                        .toList());
    }

    /** Collects facts. Not safe for use by several threads at once. */
    public static final class Builder {
        private final Map<Key<?>, Object> facts = new LinkedHashMap<>();

        private Builder() {}

        /** A fact; {@code null}, an empty text and an empty list are left out. */
        public <T> Builder put(Key<T> key, @Nullable T value) {
            if (value instanceof String text) {
                keep(key, text.isEmpty() ? null : Scrubber.oneLine(text));
            } else if (value instanceof List<?> list) {
                keep(
                        key,
                        list.isEmpty()
                                ? null
                                : list.stream()
                                        .map(each -> Scrubber.oneLine((String) each))
                                        .toList());
            } else {
                keep(key, value);
            }
            return this;
        }

        /** A whole number. */
        public Builder put(Key<Long> key, long value) {
            keep(key, value);
            return this;
        }

        /** A number, rounded to three decimals: of milliseconds, that keeps microseconds. */
        public Builder put(Key<Double> key, double value) {
            keep(key, Math.round(value * 1000) / 1000.0);
            return this;
        }

        private void keep(Key<?> key, @Nullable Object value) {
            if (value != null) {
                facts.put(key, value);
            }
        }

        /**
         * A fact as a report has it. A name that this version does not know is left out.
         *
         * @param value of the {@link Key#type()} of the key with that name
         * @throws IllegalArgumentException if it has another type, or a form that the key does not have
         */
        public Builder putPlain(String name, Object value) {
            Key<?> key = KEYS.get(name);
            if (key != null) {
                putPlain(key, value);
            }
            return this;
        }

        @SuppressWarnings("unchecked") // It is read as a value of that key.
        private <T> void putPlain(Key<T> key, Object value) {
            T read = (T) read(key.type, value)
                    .orElseThrow(() -> new IllegalArgumentException(
                            "'" + Scrubber.oneLine(String.valueOf(value)) + "' is not a value of " + key.name));
            put(key, read);
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
