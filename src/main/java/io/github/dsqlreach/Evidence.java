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
import java.util.function.Function;
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
    public static final Key<List<String>> ADDRESSES = texts("addresses", Phase.DNS);
    /** DNS: the name that was looked up, where it is not the endpoint's host. */
    public static final Key<String> NAME = text("name", Phase.DNS);
    /** DNS: the hosts file that names the addresses, where they do not come from DNS. */
    public static final Key<String> HOSTS_FILE = text("hostsFile", Phase.DNS);
    /** TCP: what happened to each address tried, one line each. */
    public static final Key<List<String>> ATTEMPTS = texts("attempts", Phase.TCP);
    /** TCP: the address that the connection goes to. */
    public static final Key<String> ADDRESS = text("address", Phase.TCP);
    /** TCP: the time the connection took to be established, about one round trip. */
    public static final Key<Double> ROUND_TRIP_MILLIS = number("roundTripMillis", Phase.TCP);
    /** DNS: the HTTP proxy for port 443 of the cluster, as {@code HOST:PORT}, where TCP goes past it to another port. */
    public static final Key<HostAndPort> UNUSED_PROXY =
            word("unusedProxy", Evidence::hostAndPort, HostAndPort::toString, Phase.DNS);
    /** DNS, TCP: the HTTP proxy that leads to the cluster, as {@code HOST:PORT}; looked up and connected to in its place. */
    public static final Key<HostAndPort> PROXY =
            word("proxy", Evidence::hostAndPort, HostAndPort::toString, Phase.DNS, Phase.TCP);
    /** TCP: what the proxy answered to CONNECT; TLS: what the server answered to the WebSocket upgrade. */
    public static final Key<Long> HTTP_STATUS = count("httpStatus", Phase.TCP, Phase.TLS);
    /** TOKEN: the signature's algorithm, {@code AWS4-HMAC-SHA256}. */
    public static final Key<String> ALGORITHM = text("algorithm", Phase.TOKEN);
    /** TOKEN: how long the token is valid. */
    public static final Key<Long> EXPIRES_SECONDS = count("expiresSeconds", Phase.TOKEN);
    /** TOKEN: when it was signed, by this machine's clock. */
    public static final Key<String> SIGNED_AT = text("signedAt", Phase.TOKEN);
    /** TOKEN: whether a signature is present. */
    public static final Key<Boolean> SIGNATURE = truth("signature", Phase.TOKEN);
    /** TOKEN: whether a security token is present, which means temporary credentials. */
    public static final Key<Boolean> SECURITY_TOKEN = truth("securityToken", Phase.TOKEN);
    /** TOKEN: {@code DbConnectAdmin} or {@code DbConnect}. */
    public static final Key<String> ACTION = text("action", Phase.TOKEN);
    /** TOKEN: the host that the token is for. */
    public static final Key<String> TOKEN_HOST = text("tokenHost", Phase.TOKEN);
    /** TOKEN: date, region and service of the credential scope, for example {@code 20261123/us-east-1/dsql}. */
    public static final Key<String> SCOPE = text("scope", Phase.TOKEN);
    /** TOKEN: where the credentials come from. */
    public static final Key<String> CREDENTIALS = text("credentials", Phase.TOKEN);
    /** TOKEN: the sources of credentials that were tried, one line each. */
    public static final Key<List<String>> SOURCES = texts("sources", Phase.TOKEN);
    /** TOKEN: what is wrong with the credentials, a stable identifier such as {@code sso-login-needed}. */
    public static final Key<String> PROBLEM = text("problem", Phase.TOKEN);
    /** TOKEN: the profile of the AWS configuration files that failed. */
    public static final Key<String> PROFILE = text("profile", Phase.TOKEN);
    /** TOKEN: what must be added to the class path, as {@code group:artifact}. */
    public static final Key<String> MISSING_ARTIFACT = text("missingArtifact", Phase.TOKEN);
    /** TLS: {@code postgres} or {@code direct}. */
    public static final Key<Negotiation> NEGOTIATION =
            word("negotiation", Evidence::negotiation, Negotiation::parameter, Phase.TLS);
    /** TLS, AUTH, QUERY: the last message that was sent before the failure, for example {@code ClientHello}. */
    public static final Key<SentMessage> AFTER =
            word("after", SentMessage::of, SentMessage::label, Phase.TCP, Phase.TLS, Phase.AUTH, Phase.QUERY);
    /** TLS, AUTH, QUERY: the time from sending that message to the failure. */
    public static final Key<Double> AFTER_MILLIS = number("afterMillis", Phase.TCP, Phase.TLS, Phase.AUTH, Phase.QUERY);
    /** TLS, AUTH, QUERY: how much of that time the socket was really listened to, in one piece, before it ended. */
    public static final Key<Double> LISTENED_MILLIS =
            number("listenedMillis", Phase.TCP, Phase.TLS, Phase.AUTH, Phase.QUERY);
    /** What the other side's kernel had not confirmed when time was up, in bytes; where this system tells (Linux). */
    public static final Key<Long> UNACKNOWLEDGED_BYTES =
            count("unacknowledgedBytes", Phase.TCP, Phase.TLS, Phase.AUTH, Phase.QUERY);
    /** What had arrived here and was not read yet when time was up, in bytes; where this system tells (Linux). */
    public static final Key<Long> UNREAD_BYTES = count("unreadBytes", Phase.TCP, Phase.TLS, Phase.AUTH, Phase.QUERY);
    /** How often this machine's kernel had repeated what was not confirmed; where this system tells (Linux). */
    public static final Key<Long> RETRANSMISSIONS =
            count("retransmissions", Phase.TCP, Phase.TLS, Phase.AUTH, Phase.QUERY);
    /** Bytes sent in this phase. */
    public static final Key<Long> BYTES_SENT = count("bytesSent", Phase.TLS, Phase.AUTH, Phase.QUERY);
    /** Bytes received in this phase. */
    public static final Key<Long> BYTES_RECEIVED =
            count("bytesReceived", Phase.TCP, Phase.TLS, Phase.AUTH, Phase.QUERY);
    /** TLS: the answer to the SSLRequest, where it was one letter. */
    public static final Key<String> SSL_REQUEST_ANSWER = text("sslRequestAnswer", Phase.TLS);
    /** TLS: the time to that answer. */
    public static final Key<Double> SSL_REQUEST_MILLIS = number("sslRequestMillis", Phase.TLS);
    /** The beginning of an answer that was not the expected one, printable characters only. */
    public static final Key<String> ANSWER = text("answer", Phase.TLS, Phase.AUTH, Phase.QUERY);
    /** The protocol that such an answer looks like, for example {@code HTTP}. */
    public static final Key<String> ANSWER_PROTOCOL = text("answerProtocol", Phase.TLS, Phase.AUTH, Phase.QUERY);
    /** TLS: the protocol version, for example {@code TLSv1.3}. */
    public static final Key<String> PROTOCOL = text("protocol", Phase.TLS);
    /** TLS: the cipher suite. */
    public static final Key<String> CIPHER = text("cipher", Phase.TLS);
    /** TLS: the application protocol the server selected. */
    public static final Key<String> ALPN = text("alpn", Phase.TLS);
    /** TLS: the alert the other side sent, for example {@code handshake_failure}. */
    public static final Key<String> ALERT = text("alert", Phase.TLS, Phase.AUTH, Phase.QUERY);
    /** TLS: whether chain and host name of the certificate were verified. */
    public static final Key<Boolean> VERIFIED = truth("verified", Phase.TLS);
    /** TLS: {@code true} if the server asked for a client certificate; a cluster does not. */
    public static final Key<Boolean> CLIENT_CERTIFICATE_WANTED = truth("clientCertificateWanted", Phase.TLS);
    /** TLS: subject of the server's certificate. */
    public static final Key<String> CERTIFICATE_SUBJECT = text("certificateSubject", Phase.TLS);
    /** TLS: issuer of the server's certificate. */
    public static final Key<String> CERTIFICATE_ISSUER = text("certificateIssuer", Phase.TLS);
    /** TLS: how many certificates the server sent. */
    public static final Key<Long> CHAIN_LENGTH = count("chainLength", Phase.TLS);
    /** TLS: issuer of the last certificate that the server sent. */
    public static final Key<String> CHAIN_ROOT = text("chainRoot", Phase.TLS);
    /** TLS: the names that the server's certificate is for. */
    public static final Key<List<String>> CERTIFICATE_NAMES = texts("certificateNames", Phase.TLS);
    /** TLS: what is wrong with the chain, in the JDK's words. */
    public static final Key<String> CERTIFICATE_PROBLEM = text("certificateProblem", Phase.TLS);
    /** TLS: start of the validity, ISO-8601. */
    public static final Key<Instant> CERTIFICATE_NOT_BEFORE =
            word("certificateNotBefore", Evidence::instant, Instant::toString, Phase.TLS);
    /** TLS: end of the validity, ISO-8601. */
    public static final Key<Instant> CERTIFICATE_NOT_AFTER =
            word("certificateNotAfter", Evidence::instant, Instant::toString, Phase.TLS);
    /** TLS: where the trusted roots come from. */
    public static final Key<String> TRUST = text("trust", Phase.TLS);
    /** AUTH: an experiment's answer to its StartupMessage: {@code R} asks for a login, {@code E} is an error. */
    public static final Key<String> STARTUP_ANSWER = text("startupAnswer", Phase.AUTH);
    /** AUTH: the version of pgjdbc. */
    public static final Key<String> DRIVER_VERSION = text("driverVersion", Phase.AUTH);
    /** AUTH: the server's version. */
    public static final Key<String> SERVER_VERSION = text("serverVersion", Phase.AUTH);
    /** The SQLSTATE of the server's error. */
    public static final Key<String> SQL_STATE = text("sqlState", Phase.TLS, Phase.AUTH, Phase.QUERY);
    /** The server's message. */
    public static final Key<String> SERVER_MESSAGE = text("serverMessage", Phase.TLS, Phase.AUTH, Phase.QUERY);
    /** The server's hint, a field of its own in the protocol. */
    public static final Key<String> HINT = text("hint", Phase.TLS, Phase.AUTH, Phase.QUERY);
    /** The server's detail, likewise; a cluster's has the session's id, for AWS's support. */
    public static final Key<String> DETAIL = text("detail", Phase.TLS, Phase.AUTH, Phase.QUERY);
    /** DNS, TCP, TLS: the settings of this JVM that change this phase, and where each was set, one line each. */
    public static final Key<List<String>> JVM_SETTINGS = texts("jvmSettings", Phase.DNS, Phase.TCP, Phase.TLS);
    /** TCP: the parameters of the URL that the check and its data source do not use. */
    public static final Key<List<String>> IGNORED_PARAMETERS = texts("ignoredParameters", Phase.TCP);
    /** What the failure is blamed on, if it is a setting of this JVM: the setting, and where it was set. */
    public static final Key<String> SETTING = text("setting", Phase.values());
    /** What that setting does, for example {@code this JVM offers no server name (SNI)}. */
    public static final Key<String> SETTING_EFFECT = text("settingEffect", Phase.values());
    /** A remark about what is unusual, one line each. */
    public static final Key<List<String>> NOTES = texts("notes", Phase.values());

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
        private final Function<Object, Optional<T>> read;
        private final Function<T, Object> write;

        private Key(
                String name,
                Class<?> type,
                Phase[] phases,
                Function<Object, Optional<T>> read,
                Function<T, Object> write) {
            this.name = name;
            this.type = type;
            this.phases = Collections.unmodifiableSet(EnumSet.copyOf(Arrays.asList(phases)));
            this.read = read;
            this.write = write;
            KEYS.put(name, this);
        }

        /** The name in reports, for example {@code roundTripMillis}. */
        public String name() {
            return name;
        }

        /** What a report has for it: a {@code String}, {@code Long}, {@code Double}, {@code Boolean} or {@code List}. */
        public Class<?> type() {
            return type;
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

    private static Key<String> text(String name, Phase... phases) {
        return new Key<>(name, String.class, phases, value -> cast(String.class, value), text -> text);
    }

    private static Key<Boolean> truth(String name, Phase... phases) {
        return new Key<>(name, Boolean.class, phases, value -> cast(Boolean.class, value), truth -> truth);
    }

    private static Key<Long> count(String name, Phase... phases) {
        return new Key<>(name, Long.class, phases, value -> cast(Long.class, value), count -> count);
    }

    private static Key<Double> number(String name, Phase... phases) {
        return new Key<>(
                name,
                Double.class,
                phases,
                value -> cast(Number.class, value).map(Number::doubleValue),
                number -> number);
    }

    private static Key<List<String>> texts(String name, Phase... phases) {
        return new Key<>(name, List.class, phases, Evidence::texts, texts -> texts);
    }

    /** A fact that reports have as a text. */
    private static <T> Key<T> word(
            String name, Function<String, Optional<T>> read, Function<T, String> write, Phase... phases) {
        return new Key<>(
                name, String.class, phases, value -> cast(String.class, value).flatMap(read), write::apply);
    }

    private static <T> Optional<T> cast(Class<T> type, Object value) {
        return type.isInstance(value) ? Optional.of(type.cast(value)) : Optional.empty();
    }

    private static Optional<List<String>> texts(Object value) {
        return value instanceof List<?> list && list.stream().allMatch(String.class::isInstance)
                ? Optional.of(list.stream().map(String.class::cast).toList())
                : Optional.empty();
    }

    private static Optional<Negotiation> negotiation(String parameter) {
        return Arrays.stream(Negotiation.values())
                .filter(each -> each.parameter().equals(parameter))
                .findFirst();
    }

    private static Optional<HostAndPort> hostAndPort(String text) {
        try {
            return Optional.of(HostAndPort.parse(text, 0));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static Optional<Instant> instant(String text) {
        try {
            return Optional.of(Instant.parse(text));
        } catch (DateTimeException e) {
            return Optional.empty();
        }
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
        return Optional.ofNullable(facts.get(key)).map(value -> print(plain(key, value)));
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
        facts.forEach((key, value) -> plain.put(key.name, plain(key, value)));
        return Collections.unmodifiableMap(plain);
    }

    /** These facts, and those of the other; the other's win. */
    public Evidence and(Evidence other) {
        return builder().putAll(this).putAll(other).build();
    }

    @SuppressWarnings("unchecked") // The builder takes no other type for it.
    private static <T> Object plain(Key<T> key, Object value) {
        return key.write.apply((T) value);
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

        private <T> void putPlain(Key<T> key, Object value) {
            T read = key.read
                    .apply(value)
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
