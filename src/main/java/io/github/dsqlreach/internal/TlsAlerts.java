package io.github.dsqlreach.internal;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Names of TLS alerts (RFC 8446). */
public final class TlsAlerts {
    private static final Map<Integer, String> NAMES = Map.ofEntries(
            Map.entry(0, "close_notify"),
            Map.entry(10, "unexpected_message"),
            Map.entry(20, "bad_record_mac"),
            Map.entry(22, "record_overflow"),
            Map.entry(40, "handshake_failure"),
            Map.entry(42, "bad_certificate"),
            Map.entry(43, "unsupported_certificate"),
            Map.entry(44, "certificate_revoked"),
            Map.entry(45, "certificate_expired"),
            Map.entry(46, "certificate_unknown"),
            Map.entry(47, "illegal_parameter"),
            Map.entry(48, "unknown_ca"),
            Map.entry(49, "access_denied"),
            Map.entry(50, "decode_error"),
            Map.entry(51, "decrypt_error"),
            Map.entry(70, "protocol_version"),
            Map.entry(71, "insufficient_security"),
            Map.entry(80, "internal_error"),
            Map.entry(86, "inappropriate_fallback"),
            Map.entry(90, "user_canceled"),
            Map.entry(109, "missing_extension"),
            Map.entry(110, "unsupported_extension"),
            Map.entry(112, "unrecognized_name"),
            Map.entry(113, "bad_certificate_status_response"),
            Map.entry(115, "unknown_psk_identity"),
            Map.entry(116, "certificate_required"),
            Map.entry(120, "no_application_protocol"));
    /** The JDK's message for an encrypted alert, which is never translated. */
    private static final Pattern RECEIVED = Pattern.compile("Received fatal alert: (\\w+)");

    private TlsAlerts() {}

    /** The name of the alert, or {@code alert} and its number. */
    public static String name(int code) {
        return NAMES.getOrDefault(code, "alert " + code);
    }

    /** The number of the alert of that name. */
    public static OptionalInt code(String name) {
        return NAMES.entrySet().stream()
                .filter(alert -> alert.getValue().equals(name))
                .mapToInt(Map.Entry::getKey)
                .findFirst();
    }

    /** The names of all alerts, sorted. */
    public static List<String> names() {
        return NAMES.values().stream().sorted().toList();
    }

    /** The name of the alert in an exception of the JDK's TLS. */
    public static Optional<String> in(Throwable e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause() == cause ? null : cause.getCause()) {
            Matcher matcher = RECEIVED.matcher(String.valueOf(cause.getMessage()));
            if (matcher.find()) {
                return Optional.of(matcher.group(1));
            }
        }
        return Optional.empty();
    }
}
