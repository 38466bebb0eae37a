package io.github.dsqlreach.internal;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/** Reports what prevented a server from serving a connection, once for each type of exception. */
public final class Troubles {
    private static final System.Logger LOG = System.getLogger("io.github.dsqlreach");

    private final String where;
    private final Consumer<String> report;
    private final Set<Class<?>> reported = ConcurrentHashMap.newKeySet();

    /**
     * Reports to that consumer.
     *
     * @param where the server, for example {@code the tunnel on 127.0.0.1:5432}
     */
    public Troubles(String where, Consumer<String> report) {
        this.where = where;
        this.report = report;
    }

    /** Logs reports at level WARNING. */
    public static void log(String report) {
        LOG.log(System.Logger.Level.WARNING, report);
    }

    /** Reports the exception unless one of its type was reported before. Never throws. */
    public void report(Throwable trouble) {
        try {
            if (!reported.contains(trouble.getClass())) {
                report.accept(where + " could not serve a connection and goes on: " + trouble);
                reported.add(trouble.getClass());
            }
        } catch (RuntimeException | Error e) {
            // The report itself needs memory and file handles. A later one may succeed.
        }
    }
}
