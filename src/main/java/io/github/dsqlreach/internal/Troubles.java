package io.github.dsqlreach.internal;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/** Reports what kept a server from serving: once for each type of exception, not once for each connection. */
public final class Troubles {
    private static final System.Logger LOG = System.getLogger("io.github.dsqlreach");

    private final String where;
    private final Consumer<String> report;
    private final Set<Class<?>> reported = ConcurrentHashMap.newKeySet();

    /**
     * Reports that go to one place.
     *
     * @param where what could not serve, for example {@code the tunnel on 127.0.0.1:5432}
     */
    public Troubles(String where, Consumer<String> report) {
        this.where = where;
        this.report = report;
    }

    /** Where reports go if there is no better place: the log, at level WARNING. */
    public static void log(String report) {
        LOG.log(System.Logger.Level.WARNING, report);
    }

    /** Reports the trouble unless one of its type was reported before. Never throws. */
    public void report(Throwable trouble) {
        try {
            if (!reported.contains(trouble.getClass())) {
                report.accept(where + " could not serve a connection and goes on: " + trouble);
                reported.add(trouble.getClass());
            }
        } catch (RuntimeException | Error e) {
            // A report needs memory and file handles too. The next one may get them.
        }
    }
}
