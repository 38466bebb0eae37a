package io.github.dsqlreach.local;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Errors of PostgreSQL for which the client of one session gets another text. A refused statement is replaced by one that
 * fails, so that PostgreSQL itself fails the transaction and ignores what follows.
 */
final class ReplacedErrors {
    private static final String NAME = "dsql-reach refusal ";
    private static final Pattern REFUSED = Pattern.compile("\"" + NAME + "(\\d{1,9})\"");
    /** Of an error that a function or trigger raises. */
    private static final String RAISED = "\0Rexec_stmt_raise\0";
    /** Marks an error of a function that belongs to the cluster: PostgreSQL's "schema" of the error. */
    private static final String OF_CLUSTER = "\0sdsql-reach\0";

    private static final int MOST = 1_000;

    private final Map<Integer, ErrorText> refusals = new LinkedHashMap<>();
    private int last;
    private volatile boolean isCancelledByConflict;

    /** The text of a statement that fails, and whose error is replaced by this one. */
    String failing(ErrorText refusal) {
        return "EXECUTE \"" + failingName(refusal) + "\"";
    }

    /** The name of a statement or portal that does not exist; the error about that is replaced by this one. */
    synchronized String failingName(ErrorText refusal) {
        int number = refusals.entrySet().stream()
                .filter(known -> known.getValue().equals(refusal))
                .map(Map.Entry::getKey)
                .findFirst()
                .orElseGet(() -> remember(refusal));
        return NAME + number;
    }

    /** The next cancelled statement is one that a conflict has ended. */
    void cancelledByConflict() {
        isCancelledByConflict = true;
    }

    private int remember(ErrorText refusal) {
        if (refusals.size() == MOST) {
            refusals.remove(refusals.keySet().iterator().next());
        }
        refusals.put(++last, refusal);
        return last;
    }

    private synchronized @Nullable ErrorText refusal(int number) {
        return refusals.get(number);
    }

    /**
     * The message for the client, instead of an error of PostgreSQL.
     *
     * @param fields the body of PostgreSQL's message, of which each character is one byte
     * @param ofReplacement whether the client's statement was replaced, so that places in it are not the client's
     */
    byte[] forClient(String fields, boolean ofReplacement) {
        Matcher refused = REFUSED.matcher(fields);
        boolean isOfNoObject = fields.contains("\0C26000\0") || fields.contains("\0C34000\0");
        if (isOfNoObject && refused.find()) {
            ErrorText refusal = refusal(Integer.parseInt(refused.group(1)));
            return refusal == null ? MessageStream.KEEP : Wire.error("ERROR", refusal);
        }
        if (isOfSnapshot(fields) || fields.contains("\0C40P01\0")) {
            return Wire.error("ERROR", Refusals.of("conflict", ""));
        }
        if (isCancelledByConflict && fields.contains("\0C57014\0")) {
            isCancelledByConflict = false;
            return Wire.error("ERROR", Refusals.of("conflict", ""));
        }
        return ofReplacement || fields.contains(OF_CLUSTER) ? withoutPlaces(fields) : MessageStream.KEEP;
    }

    private static boolean isOfSnapshot(String fields) {
        return fields.contains("\0C40001\0") && !fields.contains(OF_CLUSTER);
    }

    /** Whether the client would be told that its transaction has lost a conflict, and PostgreSQL did not fail for another reason. */
    boolean isLostConflict(String fields) {
        Matcher refused = REFUSED.matcher(fields);
        return isOfSnapshot(fields) && !fields.contains(RAISED)
                || refused.find() && Refusals.of("conflict", "").equals(refusal(Integer.parseInt(refused.group(1))));
    }

    /** Severity, SQLSTATE, message, detail and hint, and the names of tables and constraints. */
    private static byte[] withoutPlaces(String fields) {
        StringBuilder kept = new StringBuilder();
        for (String field : fields.split("\0")) {
            if (!field.isEmpty() && "SVCMDHtcdn".indexOf(field.charAt(0)) >= 0) {
                kept.append(field).append('\0');
            }
        }
        return Wire.message('E', kept.append('\0').toString().getBytes(StandardCharsets.ISO_8859_1));
    }
}
