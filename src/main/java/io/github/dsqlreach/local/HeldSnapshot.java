package io.github.dsqlreach.local;

import java.io.Closeable;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Deque;

/** What a transaction sees of the data, held by another one while it does not run. */
final class HeldSnapshot implements Closeable {
    private final Connection holder;
    private final String id;
    private final Deque<Connection> idle;

    private HeldSnapshot(Connection holder, String id, Deque<Connection> idle) {
        this.holder = holder;
        this.id = id;
        this.idle = idle;
    }

    /**
     * Holds the snapshot that a transaction has exported.
     *
     * @param idle where the connection goes afterwards
     */
    static HeldSnapshot of(String exported, Connection holder, Deque<Connection> idle) throws SQLException {
        try (Statement statement = holder.createStatement()) {
            statement.execute("BEGIN ISOLATION LEVEL REPEATABLE READ");
            statement.execute("SET TRANSACTION SNAPSHOT '" + exported + "'");
            try (ResultSet row = statement.executeQuery("SELECT pg_export_snapshot()")) {
                row.next();
                return new HeldSnapshot(holder, row.getString(1), idle);
            }
        } catch (SQLException e) {
            holder.close();
            throw e;
        }
    }

    /** By which a new transaction gets it. */
    String id() {
        return id;
    }

    @Override
    public void close() {
        try (Statement statement = holder.createStatement()) {
            statement.execute("ROLLBACK");
            idle.push(holder);
        } catch (SQLException e) {
            // PostgreSQL is ending.
        }
    }
}
