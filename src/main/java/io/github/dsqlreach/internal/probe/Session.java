package io.github.dsqlreach.internal.probe;

import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.Evidence;
import io.github.dsqlreach.Failure;
import io.github.dsqlreach.FailureKind;
import io.github.dsqlreach.SentMessage;
import io.github.dsqlreach.connect.AuthToken;
import io.github.dsqlreach.connect.DriverProperties;
import io.github.dsqlreach.internal.JvmSettings;
import io.github.dsqlreach.internal.TlsAlerts;
import io.github.dsqlreach.internal.client.WebSocketClosedException;
import java.net.Socket;
import java.net.SocketException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;
import java.util.TimeZone;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.postgresql.Driver;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/** The phases AUTH and QUERY: the real driver logs in over the encrypted socket and runs a query. */
final class Session {
    private static final int LONGEST_CHAIN = 10;
    /** Many times the number of messages in a login or {@code SELECT 1}. */
    private static final int MOST_MESSAGES = 200;

    private static final Pattern PARAMETER =
            Pattern.compile("parameter:? [\"'«„“`]?([\\w.]{1,64})", Pattern.CASE_INSENSITIVE);

    private static final Map<Character, String> MESSAGES = Map.of(
            'A', "NotificationResponse",
            'D', "DataRow",
            'N', "NoticeResponse",
            'S', "ParameterStatus",
            'T', "RowDescription",
            'R', "Authentication",
            'Z', "ReadyForQuery",
            'C', "CommandComplete");

    private final ObservedSocket wire;
    private final DriverSocket plain;
    private @Nullable Connection connection;
    private boolean aborted;

    Session(ObservedSocket wire, Socket encrypted, Deadline deadline) throws SocketException {
        this.wire = wire;
        this.plain = new DriverSocket(encrypted, deadline);
        wire.carries(plain);
    }

    Step<Connection> logIn(Endpoint endpoint, AuthToken token, Deadline deadline) throws InterruptedException {
        String id = AdoptingSocketFactory.offer(plain);
        Properties properties = new Properties();
        properties.putAll(DriverProperties.ofLogin(endpoint));
        properties.setProperty("user", endpoint.user());
        properties.setProperty("password", token.value());
        // The socket is encrypted, so the driver must not ask for encryption.
        properties.setProperty("sslmode", "disable");
        properties.setProperty("gssEncMode", "disable");
        properties.setProperty("socketFactory", AdoptingSocketFactory.class.getName());
        properties.setProperty("socketFactoryArg", id);
        if (!endpoint.options().isEmpty()) {
            properties.setProperty("options", endpoint.options());
        }
        String url = "jdbc:postgresql://" + endpoint.address() + "/" + endpoint.database();
        try {
            return step(
                    "auth",
                    deadline,
                    () -> {
                        Connection opened = Objects.requireNonNull(new Driver().connect(url, properties));
                        keep(opened);
                        return opened;
                    },
                    (connection, evidence) -> evidence.put(
                                    Evidence.SERVER_VERSION,
                                    connection.getMetaData().getDatabaseProductVersion())
                            .put(Evidence.DRIVER_VERSION, DriverProperties.driverVersion()));
        } finally {
            AdoptingSocketFactory.withdraw(id);
        }
    }

    Step<Boolean> query(Connection connection, Deadline deadline) throws InterruptedException {
        return step(
                "query",
                deadline,
                () -> {
                    try (Statement statement = connection.createStatement();
                            ResultSet result = statement.executeQuery("SELECT 1")) {
                        return result.next() && result.getInt(1) == 1;
                    }
                },
                (one, evidence) -> {
                    if (!one) {
                        throw new SQLException("SELECT 1 gave another result");
                    }
                });
    }

    /** Closes a connection that comes after the timeout. */
    private synchronized void keep(Connection opened) {
        connection = opened;
        if (aborted) {
            abort();
        }
    }

    /** Ends the connection without sending Terminate, which may have to wait. Without this the driver logs a leak. */
    synchronized void abort() {
        aborted = true;
        try {
            if (connection != null) {
                connection.abort(Runnable::run);
            }
        } catch (SQLException e) {
            // The socket is closed in any case.
        }
    }

    private interface Note<T> {
        void add(T product, Evidence.Builder evidence) throws SQLException;
    }

    private <T> Step<T> step(String name, Deadline deadline, Callable<T> call, Note<T> note)
            throws InterruptedException {
        long start = System.nanoTime();
        wire.deadline(deadline);
        wire.watched();
        wire.startStep();
        plain.deadline(deadline);
        plain.startStep();
        Evidence.Builder evidence = Evidence.builder();
        try {
            T product = BoundedCall.start(name, call, deadline).join();
            note.add(product, evidence);
            evidence.put(Evidence.BYTES_SENT, plain.sent()).put(Evidence.BYTES_RECEIVED, plain.received());
            return Step.passed(product, evidence.build(), start);
        } catch (InterruptedException e) {
            throw e;
        } catch (Exception e) {
            Failure failure = classify(e, evidence);
            evidence.put(Evidence.BYTES_SENT, plain.sent()).put(Evidence.BYTES_RECEIVED, plain.received());
            return Step.failed(failure, evidence.build(), start);
        }
    }

    private static String capped(@Nullable String text) {
        return text == null ? "" : ProtocolDetector.cap(text);
    }

    private Failure classify(Exception e, Evidence.Builder evidence) {
        if (e instanceof PSQLException sql && sql.getServerErrorMessage() != null) {
            ServerErrorMessage error = sql.getServerErrorMessage();
            String message = ProtocolDetector.cap(String.valueOf(error.getMessage()));
            evidence.put(Evidence.SQL_STATE, capped(error.getSQLState()))
                    .put(Evidence.SERVER_MESSAGE, message)
                    .put(Evidence.HINT, capped(error.getHint()))
                    .put(Evidence.DETAIL, capped(error.getDetail()));
            noteSetting(message, evidence);
            return new Failure(FailureKind.SERVER_ERROR, message);
        }
        Optional<String> reason = closeReason(e);
        if (reason.isPresent()) {
            // Like an ErrorResponse, it counts only as far as the server is verified.
            evidence.put(Evidence.SERVER_MESSAGE, reason.get());
            return new Failure(FailureKind.SERVER_ERROR, reason.get());
        }
        Optional<Failure> local = LocalErrors.of(e);
        if (local.isPresent()) {
            return local.get();
        }
        evidence.put(Evidence.AFTER, after()).put(Evidence.AFTER_MILLIS, plain.millisAfterSending());
        Optional<String> alert = TlsAlerts.in(e);
        if (alert.isPresent()) {
            evidence.put(Evidence.ALERT, alert.get());
            return new Failure(FailureKind.TLS_ALERT, "TLS alert " + alert.get() + " after " + words());
        }
        byte[] answer = plain.beginning();
        if (answer.length > 0 && !isPostgres(answer)) {
            ProtocolDetector.note(evidence, answer);
            String protocol = ProtocolDetector.protocol(answer);
            return new Failure(
                    FailureKind.UNEXPECTED_ANSWER,
                    "the answer to " + words() + " is "
                            + (protocol.isEmpty() ? "not PostgreSQL's" : protocol + ", not PostgreSQL's") + ": \""
                            + ProtocolDetector.quote(answer) + "\"");
        }
        if (plain.tooLong().isPresent()) {
            return new Failure(
                    FailureKind.UNEXPECTED_ANSWER,
                    "the answer to " + words() + " announces " + plain.tooLong().getAsLong()
                            + " bytes, more than a login needs");
        }
        Optional<Failure> endless = endless();
        if (endless.isPresent()) {
            return endless.get();
        }
        FailureKind kind = e instanceof TimeoutException
                ? FailureKind.TIMEOUT
                : wire.ending().or(plain::ending).orElse(FailureKind.UNCLASSIFIED);
        if (kind == FailureKind.TIMEOUT) {
            TimeoutAssessment silence = wire.silence();
            silence.note(evidence);
            return silence.failure(words(), plain.millisAfterSending());
        }
        return kind == FailureKind.UNCLASSIFIED
                ? Failures.of(e)
                : Failures.cut(kind, plain.millisAfterSending(), words());
    }

    /** Notes the setting of this client that the server's error is about. */
    private static void noteSetting(String message, Evidence.Builder evidence) {
        Matcher parameter = PARAMETER.matcher(message);
        if (!parameter.find()) {
            return;
        }
        if (parameter.group(1).equalsIgnoreCase("TimeZone")) {
            String zone = TimeZone.getDefault().getID();
            evidence.put(
                            Evidence.SETTING,
                            JvmSettings.systemProperty("user.timezone")
                                    .orElse("the time zone " + zone + " of the system or of the variable TZ"))
                    .put(
                            Evidence.SETTING_EFFECT,
                            "the driver sends the time zone " + zone
                                    + " of this JVM, and the server does not accept it");
        } else {
            evidence.put(Evidence.SETTING, parameter.group(1) + ", a parameter or an option of the URL");
        }
    }

    /** The failure if the server sends messages without the one that ends the step. */
    private Optional<Failure> endless() {
        Map<Character, Integer> messages = plain.messages();
        int all = messages.values().stream().mapToInt(Integer::intValue).sum();
        if (all <= MOST_MESSAGES) {
            return Optional.empty();
        }
        char type = Collections.max(messages.entrySet(), Map.Entry.comparingByValue())
                .getKey();
        return Optional.of(new Failure(
                FailureKind.UNCLASSIFIED,
                "the answer to " + words() + " did not end: " + all + " messages came, most of them "
                        + MESSAGES.getOrDefault(
                                type, "of type '" + ProtocolDetector.quote(new byte[] {(byte) type}) + "'")));
    }

    /** The reason with which the server closed its WebSocket. */
    private static Optional<String> closeReason(Throwable e) {
        return Stream.<Throwable>iterate(e, Objects::nonNull, Throwable::getCause)
                .limit(LONGEST_CHAIN)
                .filter(WebSocketClosedException.class::isInstance)
                .flatMap(closed -> ((WebSocketClosedException) closed).reason().stream())
                .findFirst();
    }

    /** Whether the answer begins with a known message type and a length below 16 MiB, unlike {@code HTTP}. */
    private static boolean isPostgres(byte[] answer) {
        return "RESNKZvATDCI123tnAVGHWds".indexOf(answer[0]) >= 0 && (answer.length < 2 || answer[1] == 0);
    }

    private @Nullable SentMessage after() {
        return switch (plain.lastFirstByte()) {
            case 'p' -> SentMessage.PASSWORD;
            case 'P', 'Q', 'B' -> SentMessage.QUERY;
            case -1 -> null;
            default -> SentMessage.STARTUP_MESSAGE;
        };
    }

    private String words() {
        SentMessage after = after();
        return after == null ? "nothing was sent" : after.label();
    }
}
