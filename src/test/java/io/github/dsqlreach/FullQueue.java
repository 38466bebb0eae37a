package io.github.dsqlreach;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;

/** A port whose queue of connections is full: what comes next gets no answer, as behind a filter. */
public final class FullQueue implements AutoCloseable {
    private final ServerSocket server;
    private final List<Socket> waiting = new ArrayList<>();

    public FullQueue(String address) throws IOException {
        server = new ServerSocket(0, 1, InetAddress.getByName(address));
        try {
            while (waiting.size() < 16) {
                Socket socket = new Socket();
                waiting.add(socket);
                socket.connect(server.getLocalSocketAddress(), 200);
            }
        } catch (IOException full) {
            return;
        }
        throw new IOException("the queue does not fill");
    }

    public HostAndPort address() {
        return new HostAndPort(server.getInetAddress().getHostAddress(), server.getLocalPort());
    }

    @Override
    public void close() throws IOException {
        for (Socket socket : waiting) {
            socket.close();
        }
        server.close();
    }
}
