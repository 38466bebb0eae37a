package io.github.dsqlreach.toxiproxy;

import io.github.dsqlreach.internal.TlsAlerts;
import io.github.dsqlreach.toxiproxy.ToxicDefinition.MatchOn;
import io.github.dsqlreach.toxiproxy.ToxicDefinition.MatchThen;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * Deep packet inspection: acts when the client's first bytes match. {@code on} says what: {@code ssl_request},
 * {@code client_hello}, {@code direct_tls} (a ClientHello that comes first), {@code sni} or {@code alpn} with a {@code value}, {@code startup}; {@code then} says what happens,
 * {@code delay} milliseconds later: {@code reset}, {@code close}, {@code silence}, {@code tls_alert} (which is in
 * {@code alert}), {@code http_block_page}. The bytes that matched do not reach the upstream.
 */
final class MatchToxic extends ClientBytesToxic<MatchToxic.Hello> {
    /** More than any ClientHello; what is still undecided then passes. */
    private static final int MOST_BYTES = 64 << 10;

    private final MatchOn on;
    private final String value;
    private final MatchThen then;
    private final int alert;
    private final long delay;

    MatchToxic(Attributes given) {
        super("match", given);
        on = given.constant("on", MatchOn.class, null);
        value = given.text("value", "");
        then = given.constant("then", MatchThen.class, null);
        alert = alertCode(given.text("alert", "handshake_failure"));
        delay = given.number("delay", 0);
        if ((on == MatchOn.SNI || on == MatchOn.ALPN) && value.isEmpty()) {
            throw new IllegalArgumentException("on " + on.name().toLowerCase(Locale.ROOT) + " needs a value");
        }
    }

    @Override
    Hello memory() {
        return new Hello();
    }

    /** The held bytes, and what was read of the ClientHello that they begin with. */
    static final class Hello extends Held {
        private final ClientHello.Reader reader = new ClientHello.Reader();
        private int read;

        @Nullable
        ClientHello read() {
            ClientHello hello = read(reader, read);
            read = size();
            return hello;
        }
    }

    @Override
    void read(ToxicStub stub, Hello held) {
        Answer answer = answer(held);
        while (answer == Answer.NEXT) {
            // A request for encryption: its answer must come before the client sends more.
            held.pass(stub, PostgresRequest.LENGTH);
            answer = answer(held);
        }
        if (answer == Answer.YES) {
            stub.hold(millis(delay), () -> act(stub, held), () -> held.passAll(stub));
        } else if (answer == Answer.NO) {
            held.passAll(stub);
        }
    }

    private Answer answer(Hello held) {
        if (held.size() > MOST_BYTES) {
            return Answer.NO;
        }
        byte[] bytes = held.first(PostgresRequest.LENGTH);
        for (PostgresRequest request : PostgresRequest.values()) {
            if (request.starts(bytes)) {
                boolean wanted = request == PostgresRequest.SSL_REQUEST && on == MatchOn.SSL_REQUEST;
                return wanted ? Answer.YES : on == MatchOn.DIRECT_TLS ? Answer.NO : Answer.NEXT;
            }
            if (request.mayStart(bytes)) {
                return Answer.MORE;
            }
        }
        if (ClientHello.mayStart(bytes)) {
            return matchesHello(bytes, held);
        }
        if (on == MatchOn.STARTUP && PostgresRequest.mayBeStartup(bytes)) {
            return PostgresRequest.isStartup(bytes) ? Answer.YES : Answer.MORE;
        }
        return Answer.NO;
    }

    private Answer matchesHello(byte[] bytes, Hello held) {
        if (on == MatchOn.SSL_REQUEST || on == MatchOn.STARTUP) {
            return Answer.NO;
        }
        if (on == MatchOn.CLIENT_HELLO || on == MatchOn.DIRECT_TLS) {
            return ClientHello.starts(bytes) ? Answer.YES : Answer.MORE;
        }
        try {
            ClientHello hello = held.read();
            if (hello == null) {
                return Answer.MORE;
            }
            boolean found = on == MatchOn.SNI
                    ? hello.names().stream().anyMatch(this::isName)
                    : hello.protocols().contains(value);
            return found ? Answer.YES : Answer.NO;
        } catch (IllegalArgumentException e) {
            return Answer.NO;
        }
    }

    private boolean isName(String name) {
        String wanted = value.toLowerCase(Locale.ROOT);
        String given = name.toLowerCase(Locale.ROOT);
        return wanted.startsWith("*") ? given.endsWith(wanted.substring(1)) : given.equals(wanted);
    }

    private void act(ToxicStub stub, Held held) {
        held.silence();
        stub.struck();
        switch (then) {
            case RESET -> stub.abortByReset();
            case CLOSE -> stub.abort();
            case TLS_ALERT -> stub.answerAndClose(new byte[] {21, 3, 3, 0, 2, 2, (byte) alert});
            case HTTP_BLOCK_PAGE -> stub.answerAndClose(blockPage());
            case SILENCE -> {
                // The rest is swallowed.
            }
        }
    }

    private static int alertCode(String alert) {
        OptionalInt known = TlsAlerts.code(alert);
        if (known.isPresent()) {
            return known.getAsInt();
        }
        if (alert.matches("\\d{1,3}") && Integer.parseInt(alert) <= 255) {
            return Integer.parseInt(alert);
        }
        throw new IllegalArgumentException(
                "alert must be a number from 0 to 255 or one of " + TlsAlerts.names() + ", not \"" + alert + "\"");
    }

    private static byte[] blockPage() {
        String page = "<html><head><title>Access denied</title></head>"
                + "<body><h1>Access denied</h1><p>Your organization blocks this site.</p></body></html>\n";
        return ("HTTP/1.1 403 Forbidden\r\nContent-Type: text/html\r\nContent-Length: " + page.length()
                        + "\r\nConnection: close\r\n\r\n" + page)
                .getBytes(StandardCharsets.ISO_8859_1);
    }

    private enum Answer {
        YES,
        NO,
        /** Not enough bytes yet. */
        MORE,
        /** Not these eight bytes, but what comes after them. */
        NEXT
    }
}
