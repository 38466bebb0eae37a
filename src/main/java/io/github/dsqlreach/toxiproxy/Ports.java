package io.github.dsqlreach.toxiproxy;

import io.github.dsqlreach.internal.Quietly;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.HashMap;
import java.util.Map;

/** Which ports of this machine the proxies of a server listen on: those they name, or as with a container others. */
final class Ports implements AutoCloseable {
    private final boolean mapped;
    private final Map<Integer, Integer> real = new HashMap<>();
    /** Keep ports from others until a proxy listens there. */
    private final Map<Integer, Socket> reserved = new HashMap<>();

    Ports(boolean mapped) {
        this.mapped = mapped;
    }

    /** Where that one really is, also before a proxy listens there. */
    synchronized int of(int port) {
        return mapped && port != 0 ? real.computeIfAbsent(port, this::reserve) : port;
    }

    /** The same, free to be listened on now. */
    synchronized int take(int port) {
        int found = of(port);
        Socket holder = reserved.remove(port);
        if (holder != null) {
            Quietly.close(holder);
        }
        return found;
    }

    /** That any free port was asked for, and it is this one. */
    synchronized void found(int port) {
        if (mapped) {
            real.put(port, port);
        }
    }

    private int reserve(int port) {
        Socket holder = new Socket();
        try {
            holder.bind(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0));
        } catch (IOException e) {
            Quietly.close(holder);
            throw new ApiException(500, "no port of this machine for " + port + ": " + e.getMessage());
        }
        reserved.put(port, holder);
        return holder.getLocalPort();
    }

    @Override
    public synchronized void close() {
        reserved.values().forEach(Quietly::close);
        reserved.clear();
    }
}
