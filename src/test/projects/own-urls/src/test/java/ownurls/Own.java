package ownurls;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.UUID;

/** What the tests share. Nothing of it is injected. */
final class Own {
    private static final long MOST_MILLIS = 30_000;
    private static boolean begun;

    private Own() {}

    /** As people write it: from an environment variable, for AWS's connector, which makes the token. */
    static String url() {
        return "jdbc:aws-dsql:postgresql://" + System.getenv("CLUSTER_ENDPOINT") + ":" + System.getenv("PGPORT")
                + "/postgres?user=admin&sslmode=verify-full&sslrootcert=" + System.getenv("PGSSLROOTCERT")
                + "&connectTimeout=2&socketTimeout=2&sslResponseTimeout=2000";
    }

    static HikariDataSource pool(boolean lazy) {
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(url());
        config.setMaximumPoolSize(2);
        config.setConnectionTimeout(1_500);
        config.setValidationTimeout(500);
        config.setInitializationFailTimeout(lazy ? -1 : 1);
        return new HikariDataSource(config);
    }

    /** With {@code outage.directory}, tells the program that runs this suite that the check is over, and waits for the outage. */
    static synchronized void beginOutage() throws IOException, InterruptedException {
        String directory = System.getProperty("outage.directory", "");
        if (directory.isEmpty() || begun) {
            return;
        }
        begun = true;
        Files.createFile(Path.of(directory, "checked"));
        for (long waited = 0; !Files.exists(Path.of(directory, "outage")); waited += 20) {
            if (waited > MOST_MILLIS) {
                throw new IllegalStateException("no outage within 30 s");
            }
            Thread.sleep(20);
        }
    }

    static void insert(Connection connection) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement("INSERT INTO own_urls VALUES (?, 'name')")) {
            insert.setObject(1, UUID.randomUUID());
            insert.executeUpdate();
        }
    }

    /** Reads more than fits into a few packets. */
    static int readMuch(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery("SELECT repeat('x', 100000)")) {
            result.next();
            return result.getString(1).length();
        }
    }
}
