package io.github.dsqlreach.internal.probe;

import io.github.dsqlreach.Evidence;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** A PostgreSQL ErrorResponse: the letter E, a length, and fields with a letter and a text each. */
record ErrorResponse(Map<Character, String> fields) {

    static Optional<ErrorResponse> parse(byte[] bytes) {
        if (bytes.length < 7 || bytes[0] != 'E') {
            return Optional.empty();
        }
        int length = ByteBuffer.wrap(bytes, 1, 4).getInt();
        if (length < 6 || length > 30_000) {
            return Optional.empty();
        }
        Map<Character, String> fields = new HashMap<>();
        int end = Math.min(bytes.length, length + 1);
        int at = 5;
        while (at < end && bytes[at] != 0) {
            char type = (char) bytes[at++];
            int from = at;
            while (at < end && bytes[at] != 0) {
                at++;
            }
            fields.put(type, ProtocolDetector.cap(new String(bytes, from, at - from, StandardCharsets.UTF_8)));
            at++;
        }
        return fields.containsKey('M') && fields.containsKey('C')
                ? Optional.of(new ErrorResponse(fields))
                : Optional.empty();
    }

    String message() {
        return fields.getOrDefault('M', "");
    }

    void note(Evidence.Builder evidence) {
        evidence.put(Evidence.SQL_STATE, fields.get('C'))
                .put(Evidence.SERVER_MESSAGE, fields.get('M'))
                .put(Evidence.HINT, fields.get('H'))
                .put(Evidence.DETAIL, fields.get('D'));
    }
}
