package io.github.dsqlreach.connect;

import io.github.dsqlreach.HostAndPort;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** An HTTP proxy on loopback that leads every CONNECT to one place, whatever name it asks for. */
public final class ConnectProxy implements AutoCloseable {
    private final ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final HostAndPort target;
    private final String login;
    private final List<String> requests = new CopyOnWriteArrayList<>();
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();

    /** One that wants {@code user:password}; {@code null} for none. */
    public ConnectProxy(HostAndPort target, String login) throws IOException {
        this.target = target;
        this.login = login;
        start(() -> {
            while (true) {
                Socket client = listener.accept();
                sockets.add(client);
                start(() -> serve(client));
            }
        });
    }

    private interface Task {
        void run() throws IOException;
    }

    private static void start(Task task) {
        Thread thread = new Thread(
                () -> {
                    try {
                        task.run();
                    } catch (IOException e) {
                        // Closed by one of both.
                    }
                },
                "connect-proxy");
        thread.setDaemon(true);
        thread.start();
    }

    public int port() {
        return listener.getLocalPort();
    }

    /** The first lines of what was asked for. */
    public List<String> requests() {
        return List.copyOf(requests);
    }

    private void serve(Socket client) throws IOException {
        try (client) {
            InputStream in = new BufferedInputStream(client.getInputStream());
            requests.add(line(in));
            String given = "";
            for (String line = line(in); !line.isEmpty(); line = line(in)) {
                given = line.startsWith("Proxy-Authorization: Basic ") ? line.substring(27) : given;
            }
            String wanted =
                    login == null ? given : Base64.getEncoder().encodeToString(login.getBytes(StandardCharsets.UTF_8));
            if (!given.equals(wanted)) {
                answer(client, "407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"here\"");
                return;
            }
            try (Socket server = new Socket(target.host(), target.port())) {
                sockets.add(server);
                answer(client, "200 Connection established");
                start(() -> {
                    try (server) {
                        in.transferTo(server.getOutputStream());
                    }
                });
                server.getInputStream().transferTo(client.getOutputStream());
            }
        }
    }

    private static void answer(Socket client, String text) throws IOException {
        client.getOutputStream().write(("HTTP/1.1 " + text + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
    }

    private static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int next = in.read(); next >= 0 && next != '\n'; next = in.read()) {
            line.append((char) next);
        }
        return line.toString().strip();
    }

    @Override
    public void close() throws IOException {
        listener.close();
        for (Socket socket : sockets) {
            socket.close();
        }
    }
}
