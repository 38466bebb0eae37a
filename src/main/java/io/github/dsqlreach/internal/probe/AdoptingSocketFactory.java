package io.github.dsqlreach.internal.probe;

import io.github.dsqlreach.connect.ConnectedSocketFactory;
import java.io.IOException;
import java.net.Socket;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Gives the driver a socket that is connected and encrypted already, so that it logs in over the very connection that
 * was attempted. Public because the driver creates it by name; of no use to anyone else.
 */
public final class AdoptingSocketFactory extends ConnectedSocketFactory {
    private static final Map<String, Socket> OFFERED = new ConcurrentHashMap<>();

    private final String id;

    /** The constructor that the driver calls. */
    public AdoptingSocketFactory(String id) {
        this.id = id;
    }

    /** Puts a socket where the driver finds it, once, under the identifier returned. */
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
            throw new IOException("this connection was adopted already");
        }
        return socket;
    }
}
