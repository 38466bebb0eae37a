package io.github.dsqlreach.internal.client;

import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Status line and headers of an HTTP answer. */
record HttpAnswer(int status, String reason, List<Header> headers) {
    private static final Pattern STATUS_LINE = Pattern.compile("HTTP/1\\.[01] (\\d{3})(?: ([^\\r\\n]*))?");
    private static final byte[] BEGINNING = "HTTP/".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] END = "\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final int LONGEST_QUOTE = 60;

    record Header(String name, String value) {}

    /**
     * Reads up to the empty line that ends the headers, and not beyond.
     *
     * @throws HttpRefusedException if the answer is not HTTP, or its headers exceed {@link ReadAhead#SIZE} bytes
     */
    static HttpAnswer read(ReadAhead in, String to) throws IOException {
        int end = -1;
        for (int searched = 0; end < 0; ) {
            int ahead = in.ahead();
            if (!isHttp(in)) {
                String quote = new String(in.take(Math.min(ahead, LONGEST_QUOTE)), StandardCharsets.ISO_8859_1);
                throw new HttpRefusedException(0, "the answer to " + to + " is not HTTP: \"" + quote + "\"");
            }
            end = find(in, searched);
            searched = Math.max(0, ahead - END.length + 1);
            if (end < 0 && ahead == ReadAhead.SIZE) {
                throw new HttpRefusedException(
                        0, "the answer to " + to + " has more than " + ahead + " bytes of headers");
            }
            if (end < 0 && !in.more()) {
                throw new EOFException("closed " + (ahead == 0 ? "after " : "within the answer to ") + to);
            }
        }
        return parse(new String(in.take(end + END.length), StandardCharsets.ISO_8859_1), to);
    }

    private static boolean isHttp(ReadAhead in) {
        for (int i = 0; i < Math.min(in.ahead(), BEGINNING.length); i++) {
            if (in.at(i) != BEGINNING[i]) {
                return false;
            }
        }
        return true;
    }

    private static int find(ReadAhead in, int from) {
        for (int start = from; start <= in.ahead() - END.length; start++) {
            int matching = 0;
            while (matching < END.length && in.at(start + matching) == END[matching]) {
                matching++;
            }
            if (matching == END.length) {
                return start;
            }
        }
        return -1;
    }

    private static HttpAnswer parse(String text, String to) throws HttpRefusedException {
        String[] lines = text.split("\r\n");
        Matcher status = STATUS_LINE.matcher(lines[0]);
        if (!status.matches()) {
            throw new HttpRefusedException(0, "the answer to " + to + " is not HTTP/1.1: \"" + lines[0] + "\"");
        }
        List<Header> headers = Stream.of(lines)
                .skip(1)
                .filter(line -> line.indexOf(':') > 0)
                .map(line -> new Header(
                        line.substring(0, line.indexOf(':')).strip(),
                        line.substring(line.indexOf(':') + 1).strip()))
                .toList();
        return new HttpAnswer(
                Integer.parseInt(status.group(1)), status.group(2) == null ? "" : status.group(2), headers);
    }

    /** The values of all headers of that name. */
    List<String> values(String name) {
        return headers.stream()
                .filter(header -> header.name().equalsIgnoreCase(name))
                .map(Header::value)
                .toList();
    }

    /** Whether a header is a list with that word. */
    boolean lists(String name, String word) {
        return values(name).stream()
                .flatMap(value -> Stream.of(value.split(",")))
                .anyMatch(part -> part.strip().equalsIgnoreCase(word));
    }

    /** For example {@code 403 Forbidden}. */
    String statusLine() {
        return (status + " " + reason).strip();
    }
}
