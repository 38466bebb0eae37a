package io.github.dsqlreach.cli;

import io.github.dsqlreach.Scrubber;
import io.github.dsqlreach.connect.WebSocketSocketFactory;
import io.github.dsqlreach.internal.DeadlineInputStream;
import io.github.dsqlreach.internal.Numbers;
import io.github.dsqlreach.internal.Quietly;
import io.github.dsqlreach.internal.Relay;
import io.github.dsqlreach.internal.StartupCode;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.ProtocolException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * Connects a tunnel's clients to the cluster. It reads the beginning of PostgreSQL's protocol, so that a rejected client
 * gets an error of the protocol, and a client that does not log in is disconnected.
 */
final class TunnelTarget implements Relay.Target {
    /** For all that a client sends before its startup message. */
    private static final Duration STARTUP = Duration.ofSeconds(5);

    /** From the startup message to the server's answer that the login succeeded. */
    private static final Duration LOGIN = Duration.ofSeconds(30);

    private static final Duration REFUSAL = Duration.ofSeconds(2);
    private static final int MOST_REQUESTS = 4;

    // SQLSTATEs
    private static final String CANNOT_CONNECT = "08001";
    private static final String PROTOCOL_VIOLATION = "08P01";
    private static final String TOO_MANY_CONNECTIONS = "53300";

    private final WebSocketSocketFactory sockets;
    private final Consumer<String> told;
    private final Duration startup;
    private final Duration login;

    /**
     * @param sockets make connections to the cluster
     * @param told called with the reason if a connection fails
     */
    TunnelTarget(WebSocketSocketFactory sockets, Consumer<String> told) {
        this(sockets, told, STARTUP, LOGIN);
    }

    /** For tests: with other deadlines. */
    TunnelTarget(WebSocketSocketFactory sockets, Consumer<String> told, Duration startup, Duration login) {
        this.sockets = sockets;
        this.told = told;
        this.startup = startup;
        this.login = login;
    }

    @Override
    public Socket connectFor(Socket client) throws IOException {
        client.setTcpNoDelay(true);
        byte[] beginning;
        try {
            beginning = beginning(client, startup);
        } catch (SocketTimeoutException e) {
            answer(client, PROTOCOL_VIOLATION, "no startup message within " + Numbers.print(startup));
            throw e;
        }
        client.setSoTimeout(0);
        try {
            LoginDeadlineSocket server = new LoginDeadlineSocket(sockets.createSocket(), login);
            // Sent together with the rest of the startup message.
            server.getOutputStream().write(beginning);
            return server;
        } catch (IOException | OutOfMemoryError e) {
            String why = Scrubber.line("the tunnel cannot connect: " + e.getMessage(), 300);
            told.accept(why);
            if (isStartup(beginning)) {
                answer(client, CANNOT_CONNECT, why);
            }
            throw e;
        }
    }

    @Override
    public void refuse(Socket client) throws IOException {
        if (isStartup(beginning(client, REFUSAL))) {
            answer(
                    client,
                    TOO_MANY_CONNECTIONS,
                    "too many connections: the tunnel carries " + Relay.MOST_CONNECTIONS + " at a time; close some");
        }
    }

    /** Sends an error of the protocol and ends the connection. Ignores that the client is gone or sends without end. */
    private static void answer(Socket client, String sqlState, String message) {
        try {
            client.getOutputStream().write(LoginDeadlineSocket.error(sqlState, message));
            client.shutdownOutput();
            // A close with unread bytes resets the connection, and the client may lose the error.
            new DeadlineInputStream(client, REFUSAL).transferTo(OutputStream.nullOutputStream());
        } catch (IOException e) {
            Quietly.close(client);
        }
    }

    private static boolean isStartup(byte[] packet) {
        return ByteBuffer.wrap(packet).getShort(4) == StartupCode.PROTOCOL_MAJOR;
    }

    /** Length and code of the startup packet. Requests for encryption before it are declined, as loopback needs none. */
    private static byte[] beginning(Socket client, Duration time) throws IOException {
        DataInputStream in = new DataInputStream(new DeadlineInputStream(client, time));
        for (int count = 0; count < MOST_REQUESTS; count++) {
            byte[] packet = new byte[8];
            in.readFully(packet);
            int code = ByteBuffer.wrap(packet).getInt(4);
            if (code != StartupCode.SSL_REQUEST && code != StartupCode.GSS_ENCRYPTION_REQUEST) {
                return packet;
            }
            client.getOutputStream().write('N');
        }
        throw new ProtocolException("no startup message after " + MOST_REQUESTS + " requests for encryption");
    }
}
