package io.github.dsqlreach.internal.probe;

import io.github.dsqlreach.internal.client.ConnectedSocketFactory;
import java.io.IOException;
import java.net.Socket;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Gives the driver the connected and encrypted socket of the attempt, so that it logs in over that connection. Public only
 * because the driver creates it by name.
 */
public final class AdoptingSocketFactory extends ConnectedSocketFactory {
    private static final Map<String, Socket> OFFERED = new ConcurrentHashMap<>();

    private final String id;

    /** The constructor that the driver calls. */
    public AdoptingSocketFactory(String id) {
        this.id = id;
    }

    /** Keeps a socket for the driver. Returns its identifier, which is valid once. */
    static String offer(Socket socket) {
        String id = UUID.randomUUID().toString();
        OFFERED.put(id, socket);
        return id;
    }

    static void withdraw(String id) {
        OFFERED.remove(id);
    }

    @Override
    public Socket createSocket() throws IOException {
        Socket socket = OFFERED.remove(id);
        if (socket == null) {
            throw new IOException("this connection was already taken");
        }
        return socket;
    }
}
