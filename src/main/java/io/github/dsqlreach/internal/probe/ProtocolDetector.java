package io.github.dsqlreach.internal.probe;

import io.github.dsqlreach.Evidence;
import io.github.dsqlreach.Scrubber;
import io.github.dsqlreach.internal.TlsAlerts;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** Recognizes the protocol of an unexpected answer, and quotes its beginning for reports. */
final class ProtocolDetector {
    private static final int LONGEST_QUOTE = 200;
    private static final int LONGEST_TEXT = 1000;
    private static final int LONGEST_TITLE = 120;

    private ProtocolDetector() {}

    static void note(Evidence.Builder evidence, byte[] bytes) {
        evidence.put(Evidence.ANSWER, quote(bytes)).put(Evidence.ANSWER_PROTOCOL, protocol(bytes));
    }

    /** The protocol that the bytes look like; empty if none is recognized. */
    static String protocol(byte[] bytes) {
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        String upper = text.toUpperCase(Locale.ROOT);
        if (upper.startsWith("HTTP/") || upper.startsWith("<!DOCTYPE") || upper.startsWith("<HTML")) {
            return "HTTP";
        }
        if (text.startsWith("SSH-")) {
            return "SSH";
        }
        if (text.startsWith("220 ") || text.startsWith("220-")) {
            return upper.contains("FTP") ? "FTP" : "SMTP";
        }
        if (text.startsWith("+OK")) {
            return "POP3";
        }
        if (text.startsWith("* OK")) {
            return "IMAP";
        }
        if (text.startsWith("-ERR") || text.startsWith("-DENIED")) {
            return "Redis";
        }
        if (isTlsRecord(bytes)) {
            return "TLS";
        }
        // MySQL's greeting: a length, packet number 0, protocol version 10.
        if (bytes.length > 5 && bytes[2] == 0 && bytes[3] == 0 && (bytes[4] == 10 || bytes[4] == (byte) 0xff)) {
            return "MySQL";
        }
        if (bytes.length > 1 && bytes[0] == 5) {
            return "SOCKS";
        }
        return "";
    }

    static boolean isTlsRecord(byte[] bytes) {
        return bytes.length > 1 && bytes[0] >= 20 && bytes[0] <= 23 && bytes[1] == 3;
    }

    /** The alert in plain text that the bytes begin with, for example {@code handshake_failure}; empty if none. */
    static String plainAlert(byte[] bytes) {
        boolean alert = bytes.length >= 7 && bytes[0] == 21 && bytes[1] == 3 && bytes[3] == 0 && bytes[4] == 2;
        return alert ? TlsAlerts.name(bytes[6] & 0xff) : "";
    }

    /** A server's text, cut before anything processes it, because the server chooses its length. */
    static String cap(String text) {
        return text.length() <= LONGEST_TEXT ? text : text.substring(0, LONGEST_TEXT) + "…";
    }

    /** The title of an HTML page; empty if there is none. */
    private static String title(String text) {
        String lower = text.toLowerCase(Locale.ROOT);
        int tag = lower.indexOf("<title");
        int start = tag < 0 ? -1 : lower.indexOf('>', tag);
        int end = start < 0 ? -1 : lower.indexOf("</title", start);
        String title = end < 0 ? "" : text.substring(start + 1, end).strip();
        return title.substring(0, Math.min(LONGEST_TITLE, title.length()));
    }

    static String quote(byte[] bytes) {
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        String title = title(text);
        String firstLine = text.lines().findFirst().orElse("");
        String wanted = title.isEmpty() ? text : firstLine + " … " + title;
        StringBuilder printable = new StringBuilder();
        wanted.chars()
                .limit(LONGEST_QUOTE)
                .forEach(c -> printable.append(
                        c >= 32 && c < 127
                                ? String.valueOf((char) c)
                                : c == '\n' || c == '\r' || c == '\t' ? " " : "·"));
        return Scrubber.line(printable.toString(), LONGEST_QUOTE);
    }
}
