package io.github.dsqlreach.local;

/** Statements of the relay among those of the client, under names of their own: the client may use the unnamed ones. */
final class OwnStatements {
    /** A savepoint behind which a transaction has changed and locked nothing. */
    static final String SAVEPOINT = "SAVEPOINT dsql_reach";

    private static final String SNAPSHOT_NAME = "dsql-reach snapshot";
    private static final String SAVEPOINT_NAME = "dsql-reach savepoint";
    private static final String ONCE_NAME = "dsql-reach once";

    /** Prepares the statements that a session needs again and again. */
    static final byte[] PREPARE = Wire.concatenated(
            Wire.closeStatement(SNAPSHOT_NAME),
            Wire.parse(SNAPSHOT_NAME, "SELECT"),
            Wire.closeStatement(SAVEPOINT_NAME),
            Wire.parse(SAVEPOINT_NAME, SAVEPOINT),
            Wire.sync());

    /** Takes the snapshot of a transaction; with a Sync. */
    static final byte[] TAKE_SNAPSHOT = Wire.concatenated(
            Wire.bind(SNAPSHOT_NAME, SNAPSHOT_NAME),
            Wire.execute(SNAPSHOT_NAME),
            Wire.closePortal(SNAPSHOT_NAME),
            Wire.sync());

    /** Sets the savepoint; once in a transaction. */
    static final byte[] SET_SAVEPOINT =
            Wire.concatenated(Wire.bind(SAVEPOINT_NAME, SAVEPOINT_NAME), Wire.execute(SAVEPOINT_NAME));

    /** Before a statement that changes rows inside WITH, and behind it. */
    static final String NOTE_ROWS = "SELECT WHERE dsql_reach.note_rows() IS NULL";

    static final String COUNT_ROWS = "SELECT WHERE dsql_reach.count_rows(" + TransactionRules.MOST_ROWS + ") IS NULL";

    static final int SAVEPOINT_EVENTS = 2;
    static final int ONCE_EVENTS = 5;

    private OwnStatements() {}

    /** Executes a statement that answers no row. */
    static byte[] once(String statement) {
        return Wire.concatenated(
                Wire.closeStatement(ONCE_NAME),
                Wire.parse(ONCE_NAME, statement),
                Wire.bind(ONCE_NAME, ONCE_NAME),
                Wire.execute(ONCE_NAME),
                Wire.closePortal(ONCE_NAME));
    }
}
