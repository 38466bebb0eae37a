package io.github.dsqlreach.fault;

import com.google.gson.Gson;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import io.github.dsqlreach.HostAndPort;
import io.github.dsqlreach.Scrubber;
import io.github.dsqlreach.internal.DeadlineInputStream;
import io.github.dsqlreach.internal.Numbers;
import io.github.dsqlreach.toxiproxy.ToxicDefinition;
import io.github.dsqlreach.toxiproxy.ToxiproxyServer.Connections;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A Toxiproxy server at a URL. It does what toxiproxy-java cannot do: toxics of any type, and a deadline for each call. A call
 * is one HTTP/1.0 request on a connection of its own, so that the answer ends with the connection. It goes to the server
 * directly and through no HTTP proxy, as do the connections that the server forwards.
 */
final class RemoteToxiproxy implements ProxyServer {
    /** The toxics that other servers than this library's have too. */
    static final Set<String> STOCK =
            Set.of("latency", "bandwidth", "slow_close", "timeout", "reset_peer", "slicer", "limit_data");

    /** For a whole call, however slowly the server sends. */
    static final Duration TIME = Duration.ofSeconds(5);

    private static final int LONGEST_ANSWER = 1 << 20;
    private static final Pattern STATUS = Pattern.compile("HTTP/1\\.[01] (\\d{3})(?: .*)?");
    private static final Gson GSON = new Gson();

    private final URI uri;
    private final Duration time;

    RemoteToxiproxy(URI uri) {
        this(uri, TIME);
    }

    /** For tests: with another deadline for each call. */
    RemoteToxiproxy(URI uri, Duration time) {
        this.uri = uri;
        this.time = time;
    }

    @Override
    public URI uri() {
        return uri;
    }

    @Override
    public void check() throws IOException {
        String answer = call("GET", "/version", null);
        try {
            GSON.fromJson(answer, JsonObject.class).get("version").getAsString();
        } catch (JsonParseException | NullPointerException | IllegalStateException | ClassCastException e) {
            // Servers before 2.5 answer in plain text.
            if (!answer.strip().matches("[\\w.+-]{1,40}")) {
                throw new IOException("this is no Toxiproxy: " + Scrubber.line(answer, 100), e);
            }
        }
    }

    @Override
    public boolean isOnThisMachine() {
        String host = host();
        return host.startsWith("127.") || host.equals("localhost") || host.equals("::1");
    }

    private String host() {
        return uri.getHost().replaceAll("[\\[\\]]", "");
    }

    /** On this machine a proxy listens on loopback only; elsewhere this JVM must reach it. */
    @Override
    public HostAndPort createProxy(String name, int port, HostAndPort upstream) throws IOException {
        String listen = (isOnThisMachine() ? "127.0.0.1:" : "0.0.0.0:") + port;
        Map<String, Object> body =
                Map.of("name", name, "listen", listen, "upstream", upstream.toString(), "enabled", true);
        String answer = call("POST", "/proxies", body);
        try {
            String real = GSON.fromJson(answer, JsonObject.class).get("listen").getAsString();
            return new HostAndPort(
                    isOnThisMachine() ? "127.0.0.1" : host(),
                    Integer.parseInt(real.substring(real.lastIndexOf(':') + 1)));
        } catch (JsonParseException
                | NullPointerException
                | IllegalStateException
                | ClassCastException
                | IllegalArgumentException e) {
            throw new IOException("it does not say where the proxy listens: " + Scrubber.line(answer, 100), e);
        }
    }

    @Override
    public void enableProxy(String name, boolean enabled) throws IOException {
        call("POST", "/proxies/" + name, Map.of("enabled", enabled));
    }

    @Override
    public void deleteProxy(String name) throws IOException {
        call("DELETE", "/proxies/" + name, null);
    }

    @Override
    public void addToxic(String proxy, ToxicDefinition toxic, Runnable onStrike) throws IOException {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("name", toxic.name());
        body.put("type", toxic.type());
        body.put("stream", toxic.direction().name().toLowerCase(Locale.ROOT));
        body.put("toxicity", toxic.toxicity());
        body.put("attributes", toxic.attributes());
        try {
            call("POST", "/proxies/" + proxy + "/toxics", body);
        } catch (Refused e) {
            if (e.status == 400 && !STOCK.contains(toxic.type())) {
                throw new UnknownToxicException(
                        "the server at " + uri + " does not have the toxic '" + toxic.type()
                                + "'; use the server inside the JVM, which is the default (" + e.getMessage() + ")",
                        e);
            }
            throw e;
        }
    }

    @Override
    public void removeToxic(String proxy, String name) throws IOException {
        try {
            call("DELETE", "/proxies/" + proxy + "/toxics/" + name, null);
        } catch (Refused e) {
            if (e.status != 404) {
                throw e;
            }
        }
    }

    @Override
    public Optional<Connections> connections(String proxy) {
        return Optional.empty();
    }

    @Override
    public void close() {
        // Its owner stops it.
    }

    /** An answer with an HTTP status of 400 or more. */
    private static final class Refused extends IOException {
        private static final long serialVersionUID = 1L;

        private final int status;

        Refused(int status, String message) {
            super(message);
            this.status = status;
        }
    }

    private String call(String method, String path, @Nullable Object body) throws IOException {
        String content = body == null ? "" : GSON.toJson(body);
        byte[] request = (method + " " + uri.resolve(path).getRawPath() + " HTTP/1.0\r\n"
                        + "Host: " + uri.getRawAuthority() + "\r\n"
                        + "User-Agent: dsql-reach\r\n"
                        + "Content-Type: application/json\r\n"
                        + "Content-Length: " + content.getBytes(StandardCharsets.UTF_8).length + "\r\n\r\n"
                        + content)
                .getBytes(StandardCharsets.UTF_8);
        long start = System.nanoTime();
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(host(), uri.getPort()), (int) time.toMillis());
            InputStream in = new DeadlineInputStream(socket, time.minusNanos(System.nanoTime() - start));
            socket.getOutputStream().write(request);
            return answer(new String(in.readNBytes(LONGEST_ANSWER), StandardCharsets.UTF_8));
        } catch (SocketTimeoutException e) {
            throw new SocketTimeoutException(
                    "no complete answer to " + method + " " + path + " within " + Numbers.print(time));
        }
    }

    private static String answer(String text) throws IOException {
        int end = text.indexOf("\r\n\r\n");
        Matcher status = STATUS.matcher(text.lines().findFirst().orElse(""));
        if (end < 0 || !status.matches()) {
            throw new IOException("this is no Toxiproxy: " + Scrubber.line(text, 100));
        }
        String answer = text.substring(end + 4);
        int code = Integer.parseInt(status.group(1));
        if (code >= 400) {
            throw new Refused(code, code + " " + Scrubber.line(answer, 300));
        }
        return answer;
    }
}
