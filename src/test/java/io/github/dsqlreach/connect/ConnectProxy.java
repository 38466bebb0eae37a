package io.github.dsqlreach.connect;

import io.github.dsqlreach.HostAndPort;
import io.github.dsqlreach.LoopbackServer;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** An HTTP proxy on loopback that leads every CONNECT to one place, whatever name it asks for. */
public final class ConnectProxy implements AutoCloseable {
    private final LoopbackServer proxy = new LoopbackServer((client, connection) -> serve(client));
    private final HostAndPort target;
    private final String login;
    private final List<String> requests = new CopyOnWriteArrayList<>();

    /** One that wants {@code user:password}; {@code null} for none. */
    public ConnectProxy(HostAndPort target, String login) throws IOException {
        this.target = target;
        this.login = login;
    }

    public int port() {
        return proxy.address().port();
    }

    /** The first lines of what was asked for. */
    public List<String> requests() {
        return List.copyOf(requests);
    }

    private void serve(Socket client) throws IOException {
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
            answer(client, "200 Connection established");
            LoopbackServer.inThread(() -> passOn(in, server));
            server.getInputStream().transferTo(client.getOutputStream());
        }
    }

    private static void passOn(InputStream in, Socket server) {
        try (server) {
            in.transferTo(server.getOutputStream());
        } catch (IOException e) {
            // Closed by one of both.
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
        proxy.close();
    }
}
