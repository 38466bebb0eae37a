package io.github.dsqlreach.local;

import io.github.dsqlreach.HostAndPort;
import io.github.dsqlreach.internal.Digests;
import io.github.dsqlreach.internal.StartupCode;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.ProtocolException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The PostgreSQL that the sessions run in, and how to log in there.
 *
 * @param user who logs in; {@code null} for the role that the client asks for
 * @param password for that user; empty if the server wants none
 * @param database which every session uses; {@code null} for the one that the client asks for
 * @param embedded the server itself, if this library started it
 */
record Backend(
        HostAndPort address,
        @Nullable String user,
        String password,
        @Nullable String database,
        @Nullable EmbeddedServer embedded) {
    private static final int TIMEOUT_MILLIS = 10_000;
    private static final int MOST_BYTES = 64 * 1024;
    private static final int MOST_MESSAGES = 50;
    private static final int MOST_TEXT = 1_000;

    private static final int MD5 = 5;
    private static final int SASL = 10;
    private static final int SASL_CONTINUE = 11;
    private static final int SASL_FINAL = 12;

    static Backend of(EmbeddedServer own) {
        return new Backend(own.address(), null, own.roles().password(), null, own);
    }

    /** The server refused; its error message goes to the client as it is. */
    static final class RefusedByServer extends IOException {
        private static final long serialVersionUID = 1;
        private final byte[] message;

        RefusedByServer(byte[] message) {
            super("PostgreSQL refused the login");
            this.message = message;
        }

        byte[] message() {
            return message;
        }

        /** The text of the error, shortened. */
        String text() {
            return field('M').orElse("no message");
        }

        /**
         * Whether the server could not serve anybody (too many clients, recovery, a lost file, a full disk), rather than
         * refuse this login.
         */
        boolean isFailure() {
            return field('C').orElse("").matches("(53|57|58|XX).*");
        }

        private Optional<String> field(char name) {
            String fields = new String(message, 5, message.length - 5, StandardCharsets.UTF_8);
            return Arrays.stream(fields.split("\0"))
                    .filter(field -> field.length() > 1 && field.charAt(0) == name)
                    .map(field -> field.substring(1, Math.min(field.length(), MOST_TEXT)))
                    .findFirst();
        }
    }

    /**
     * A session that is logged in and ready for the first statement.
     *
     * @param greeting what the server said up to there and the client has to get
     */
    record Session(Socket socket, byte[] greeting) implements Closeable {
        /** The number by which PostgreSQL knows it; 0 if it does not tell. */
        int pid() {
            ByteBuffer messages = ByteBuffer.wrap(greeting);
            while (messages.remaining() > 8) {
                boolean isKey = messages.get() == 'K';
                int length = messages.getInt();
                if (isKey) {
                    return messages.getInt();
                }
                messages.position(messages.position() + length - 4);
            }
            return 0;
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    Socket connect() throws IOException {
        Socket socket = new Socket();
        try {
            socket.connect(new InetSocketAddress(address.host(), address.port()), TIMEOUT_MILLIS);
            socket.setTcpNoDelay(true);
            return socket;
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    /** The sessions of a PostgreSQL that answers statements as a cluster does; {@code null} if it answers as PostgreSQL. */
    @Nullable
    DsqlSessions sessions() {
        return embedded == null ? null : embedded.sessions();
    }

    /**
     * Why the client gets no session; empty where only the login will tell.
     *
     * @param principal who the client is, as an ARN
     */
    Optional<ErrorText> refusal(Startup startup, String principal) throws IOException {
        Optional<ErrorText> ofParameter = sessions() != null
                ? startup.settings().stream()
                        .flatMap(name -> Refusals.refusalToSet(name).stream())
                        .findFirst()
                : Optional.empty();
        return ofParameter.isPresent() || embedded == null
                ? ofParameter
                : embedded.roles().refusal(startup.user(), principal);
    }

    /** Why the server no longer serves; empty if that is not known. */
    Optional<String> failure() {
        return embedded == null ? Optional.empty() : embedded.failure();
    }

    /** Whether sessions of that role log in as another user. */
    boolean logsInForAnother(String role) {
        return user != null && !user.equals(role);
    }

    /**
     * Logs in on {@code socket}, which another thread may close meanwhile.
     *
     * @param asRole whether the session takes the role that the client asks for, where another user logs in
     */
    Session logIn(Socket socket, Startup startup, boolean asRole) throws IOException {
        socket.setSoTimeout(TIMEOUT_MILLIS);
        String login = user == null ? startup.user() : user;
        Startup forServer = startup.forServer(login, database, asRole ? startup.user() : null);
        OutputStream out = socket.getOutputStream();
        out.write(forServer.packet());
        byte[] greeting = authenticate(socket.getInputStream(), out, login);
        socket.setSoTimeout(0);
        return new Session(socket, greeting);
    }

    /** Whether a login works at all. */
    void check(String asUser) throws IOException {
        Map<String, String> parameters = new LinkedHashMap<>();
        parameters.put("user", asUser);
        parameters.put("database", "postgres");
        try (Socket socket = connect();
                Session session = logIn(socket, new Startup(StartupCode.PROTOCOL_MAJOR << 16, parameters), false)) {
            session.socket().getOutputStream().write(Wire.message('X', new byte[0]));
        }
    }

    /** Up to the message that the server is ready; it may refuse a login also after it accepted the password. */
    private byte[] authenticate(InputStream in, OutputStream out, String asUser) throws IOException {
        ByteArrayOutputStream greeting = new ByteArrayOutputStream();
        Scram scram = new Scram(password);
        for (int count = 0; count < MOST_MESSAGES; count++) {
            Wire.Message message = Wire.readMessage(in, MOST_BYTES);
            switch (message.type()) {
                case 'E' -> throw new RefusedByServer(Wire.message(message));
                case 'N', 'v', 'S', 'K' -> greeting.writeBytes(Wire.message(message));
                case 'Z' -> {
                    greeting.writeBytes(Wire.message(message));
                    return greeting.toByteArray();
                }
                case 'R' -> {
                    if (message.firstInt() == Wire.AUTHENTICATION_OK) {
                        greeting.writeBytes(Wire.message(message));
                    } else {
                        byte[] rest = Arrays.copyOfRange(message.body(), 4, message.body().length);
                        answer(out, message.firstInt(), rest, asUser, scram);
                    }
                }
                default -> throw new ProtocolException("no PostgreSQL: message " + (int) message.type() + " at login");
            }
        }
        throw new ProtocolException("PostgreSQL's login does not end");
    }

    private void answer(OutputStream out, int request, byte[] rest, String asUser, Scram scram) throws IOException {
        switch (request) {
            case Wire.AUTHENTICATION_CLEARTEXT -> out.write(Wire.message('p', cString(password)));
            case MD5 -> out.write(Wire.message('p', cString(md5Answer(asUser, rest))));
            case SASL -> {
                if (!new String(rest, StandardCharsets.UTF_8).contains(Scram.MECHANISM + "\0")) {
                    throw new ProtocolException("PostgreSQL offers no " + Scram.MECHANISM);
                }
                byte[] first = scram.first();
                out.write(Wire.message(
                        'p',
                        new Wire.Body()
                                .text(Scram.MECHANISM)
                                .number(first.length)
                                .raw(first)
                                .bytes()));
            }
            case SASL_CONTINUE -> out.write(Wire.message('p', scram.answer(rest)));
            case SASL_FINAL -> scram.checkEnd(rest);
            default ->
                throw new ProtocolException("PostgreSQL asks for login method " + request
                        + "; LocalDsql knows trust, password, md5 and scram-sha-256");
        }
    }

    private static byte[] cString(String text) {
        return new Wire.Body().text(text).bytes();
    }

    private String md5Answer(String asUser, byte[] salt) {
        String inner = md5((password + asUser).getBytes(StandardCharsets.UTF_8));
        return "md5" + md5(inner.getBytes(StandardCharsets.UTF_8), salt);
    }

    private static String md5(byte[]... parts) {
        return HexFormat.of().formatHex(Digests.of("MD5", parts));
    }

    /** Without the password. */
    @Override
    public String toString() {
        return "PostgreSQL at " + address;
    }
}
