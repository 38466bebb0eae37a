package io.github.dsqlreach.cli;

import io.github.dsqlreach.Scrubber;
import io.github.dsqlreach.connect.WebSocketSocketFactory;
import io.github.dsqlreach.internal.DeadlineInputStream;
import io.github.dsqlreach.internal.Numbers;
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
 * The remote end of a tunnel's connections. It reads the beginning of PostgreSQL's protocol, so that a client that is
 * refused gets an error of the protocol, and a client that does not log in does not keep its place.
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
     * @param told called with each connection that fails
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
            client.getOutputStream()
                    .write(LoginDeadlineSocket.error(
                            PROTOCOL_VIOLATION, "no startup message within " + Numbers.print(startup)));
            throw e;
        }
        client.setSoTimeout(0);
        try {
            LoginDeadlineSocket server = new LoginDeadlineSocket(sockets.createSocket(), login);
            // Sent with what follows.
            server.getOutputStream().write(beginning);
            return server;
        } catch (IOException | OutOfMemoryError e) {
            String why = Scrubber.line("the tunnel cannot connect: " + e.getMessage(), 300);
            told.accept(why);
            if (isStartup(beginning)) {
                client.getOutputStream().write(LoginDeadlineSocket.error(CANNOT_CONNECT, why));
            }
            throw e;
        }
    }

    @Override
    public void refuse(Socket client) throws IOException {
        // What a client has sent must be read, or closing would reset the connection and the error would be lost.
        if (isStartup(beginning(client, REFUSAL))) {
            client.getOutputStream()
                    .write(LoginDeadlineSocket.error(
                            TOO_MANY_CONNECTIONS,
                            "too many connections: the tunnel carries " + Relay.MOST_CONNECTIONS
                                    + " at a time; close some"));
            client.shutdownOutput();
            new DeadlineInputStream(client, REFUSAL).transferTo(OutputStream.nullOutputStream());
        }
    }

    private static boolean isStartup(byte[] packet) {
        return ByteBuffer.wrap(packet).getShort(4) == StartupCode.PROTOCOL_MAJOR;
    }

    /** Length and code of the first packet that does not ask for encryption, which is needed outside of this machine only. */
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
