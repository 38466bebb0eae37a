package io.github.dsqlreach.junit;

import java.io.IOException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.sql.SQLRecoverableException;
import java.sql.SQLTransientConnectionException;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;

/** Tells whether a test failed because of a connection, whatever wraps the exception: Spring, Hibernate, a pool. */
final class ConnectionFailure {
    /** A chain of causes can be long, and an exception can be in it twice. */
    private static final int MOST_EXCEPTIONS = 1_000;

    /** Connection exceptions; a login that is refused; a server that shuts down, crashed, starts, or has too many connections. */
    private static final Pattern SQL_STATE = Pattern.compile("08...|28...|57P0[1235]|53300");

    /** What drivers without classes of their own say, such as Netty's, which R2DBC uses; and the cluster's own refusal. */
    private static final List<String> MESSAGES = List.of(
            "connection reset",
            "broken pipe",
            "connection refused",
            "connection closed",
            "unable to accept connection");

    /** Spring tries once to load a context, and then says only that it does not try again; each time it names the context. */
    private static final Pattern SPRING_CONTEXT = Pattern.compile("ApplicationContext .*for (\\[.*)", Pattern.DOTALL);

    private ConnectionFailure() {}

    /** The name of the Spring context that could not be loaded; empty if the test failed because of something else. */
    static Optional<String> springContext(Throwable failure) {
        return Optional.of(failure)
                .filter(IllegalStateException.class::isInstance)
                .map(Throwable::getMessage)
                .map(SPRING_CONTEXT::matcher)
                .filter(Matcher::find)
                .map(found -> found.group(1));
    }

    /** Whether an exception about a connection is this one, one of its causes, or suppressed by one of them. */
    static boolean isIn(Throwable failure) {
        Set<Throwable> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        Deque<Throwable> open = new ArrayDeque<>(List.of(failure));
        while (!open.isEmpty() && seen.size() < MOST_EXCEPTIONS) {
            Throwable next = open.pop();
            if (seen.add(next)) {
                if (isOne(next)) {
                    return true;
                }
                if (next.getCause() != null) {
                    open.push(next.getCause());
                }
                List.of(next.getSuppressed()).forEach(open::push);
            }
        }
        return false;
    }

    private static boolean isOne(Throwable exception) {
        if (exception instanceof SQLException sql) {
            return sql instanceof SQLTransientConnectionException
                    || sql instanceof SQLNonTransientConnectionException
                    || sql instanceof SQLRecoverableException
                    || sql.getSQLState() != null
                            && SQL_STATE.matcher(sql.getSQLState()).matches();
        }
        return exception instanceof SocketException
                || exception instanceof SocketTimeoutException
                || exception instanceof UnknownHostException
                || exception instanceof SSLException
                || exception instanceof IOException && saysSo(exception);
    }

    private static boolean saysSo(Throwable exception) {
        String message = String.valueOf(exception.getMessage()).toLowerCase(Locale.ROOT);
        return MESSAGES.stream().anyMatch(message::contains);
    }
}
