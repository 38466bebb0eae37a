package io.github.dsqlreach.internal.client;

import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.HostAndPort;
import io.github.dsqlreach.Scrubber;
import io.github.dsqlreach.Transport;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * An HTTP proxy that connects to a server by CONNECT. The JVM's {@link ProxySelector} chooses it, by default from
 * {@code https.proxyHost}, {@code https.proxyPort} and {@code http.nonProxyHosts}. Otherwise the environment does:
 * {@code HTTPS_PROXY}, except for the servers of {@code NO_PROXY}. A login is sent as HTTP's Basic authentication, and no
 * output shows it. The login of {@code https.proxyUser} and {@code https.proxyPassword} is sent only to the proxy of
 * {@code https.proxyHost} and {@code https.proxyPort}, and to no other proxy that a {@link ProxySelector} chooses.
 */
public final class HttpProxy {
    private static final Pattern URL =
            Pattern.compile("(?:([a-zA-Z0-9+.-]+)://)?(?:(?<login>[^@/]*)@)?(?<address>[^@/?#]+)/?");
    private static final Pattern SCHEME = Pattern.compile("[a-zA-Z][a-zA-Z0-9+.-]*://");
    private static final Pattern PORT_AT_MOST = Pattern.compile("(?:[^:\\[\\]]*|\\[[0-9a-fA-F:.]*\\])(?::\\d{0,5})?/?");
    private static final int DEFAULT_PORT = 80;
    /** Of {@code https.proxyPort}, as in the JDK. */
    private static final int DEFAULT_PROPERTY_PORT = 443;

    private static final int LONGEST_VALUE = 200;
    private static final int TIMEOUT_MILLIS = 10_000;
    private static final int LOGIN_WANTED = 407;
    /** The status for a server's own login, which tinyproxy uses. */
    private static final int SERVERS_LOGIN_WANTED = 401;

    private final HostAndPort address;
    private final @Nullable String login;

    /** The login is {@code user:password}, or {@code null}. */
    private HttpProxy(HostAndPort address, @Nullable String login) {
        this.address = address;
        this.login = login == null ? null : encoded(login);
    }

    private static String encoded(String login) {
        String encoded = Base64.getEncoder().encodeToString(login.getBytes(StandardCharsets.UTF_8));
        Scrubber.keepSecret(login.substring(login.indexOf(':') + 1));
        Scrubber.keepSecret(encoded);
        return encoded;
    }

    /**
     * The proxy for that server; empty if there is none.
     *
     * @throws IOException if the environment names a proxy that cannot be used; the message names the variable
     */
    public static Optional<HttpProxy> to(HostAndPort server) throws IOException {
        return to(server, ProxySelector.getDefault(), System.getProperties(), System.getenv());
    }

    /**
     * The proxy for that endpoint. Only a WebSocket uses one, and only without {@code connectTo}.
     *
     * @throws IOException if the environment names a proxy that cannot be used; the message names the variable
     */
    public static Optional<HttpProxy> to(Endpoint endpoint) throws IOException {
        if (endpoint.transport() != Transport.WEBSOCKET || endpoint.connectTo().isPresent()) {
            return Optional.empty();
        }
        return endpoint.proxy().isPresent() ? endpoint.proxy().map(HttpProxy::at) : to(endpoint.address());
    }

    /** The proxy at that address, without a login, because the known ones are for other proxies. */
    public static HttpProxy at(HostAndPort address) {
        return new HttpProxy(address, null);
    }

    static Optional<HttpProxy> to(
            HostAndPort server, ProxySelector selector, Properties properties, Map<String, String> environment)
            throws IOException {
        Optional<HttpProxy> selected = selected(server, selector, properties);
        // If Java has a proxy, http.nonProxyHosts has its exceptions, and the environment does not count.
        return selected.isPresent() || properties.getProperty("https.proxyHost") != null
                ? selected
                : ofEnvironment(server, environment);
    }

    private static Optional<HttpProxy> selected(
            HostAndPort server, @Nullable ProxySelector selector, Properties properties) throws IOException {
        if (selector == null) {
            return Optional.empty();
        }
        List<Proxy> proxies;
        try {
            proxies = selector.select(URI.create("https://" + server + "/"));
        } catch (RuntimeException e) {
            throw new IOException("this JVM's ProxySelector failed: " + Scrubber.line(e.toString(), 200), e);
        }
        // Only the first one counts, as in the JDK's own client.
        if (proxies == null
                || proxies.isEmpty()
                || proxies.get(0).type() != Proxy.Type.HTTP
                || !(proxies.get(0).address() instanceof InetSocketAddress proxy)) {
            return Optional.empty();
        }
        try {
            HostAndPort address = new HostAndPort(proxy.getHostString(), proxy.getPort());
            return Optional.of(new HttpProxy(address, login(address, properties)));
        } catch (IllegalArgumentException e) {
            throw new IOException("this JVM's ProxySelector or https.proxyHost names '" + masked(proxy.getHostString())
                    + "', which is not a host name; allowed is a host name or an address");
        }
    }

    /** The login of the system properties if they name that proxy. Another proxy must not see it. */
    private static @Nullable String login(HostAndPort proxy, Properties properties) {
        String user = properties.getProperty("https.proxyUser");
        boolean named = proxy.host().equalsIgnoreCase(properties.getProperty("https.proxyHost", ""))
                && properties
                        .getProperty("https.proxyPort", String.valueOf(DEFAULT_PROPERTY_PORT))
                        .equals(String.valueOf(proxy.port()));
        return user == null || !named ? null : user + ":" + properties.getProperty("https.proxyPassword", "");
    }

    private static Optional<HttpProxy> ofEnvironment(HostAndPort server, Map<String, String> environment)
            throws IOException {
        for (String variable : List.of("https_proxy", "HTTPS_PROXY")) {
            String value = environment.getOrDefault(variable, "").strip();
            if (!value.isEmpty()) {
                String list = environment.getOrDefault("no_proxy", environment.getOrDefault("NO_PROXY", ""));
                return NoProxy.exempts(list, server) ? Optional.empty() : Optional.of(parse(variable, value));
            }
        }
        return Optional.empty();
    }

    private static HttpProxy parse(String variable, String value) throws IOException {
        Matcher url = URL.matcher(value);
        try {
            if (url.matches() && (url.group(1) == null || url.group(1).equalsIgnoreCase("http"))) {
                String login = url.group("login");
                return new HttpProxy(
                        HostAndPort.parse(url.group("address"), DEFAULT_PORT),
                        login == null
                                ? null
                                // Here a plus sign is not a blank, unlike in a form.
                                : URLDecoder.decode(login.replace("+", "%2B"), StandardCharsets.UTF_8));
            }
        } catch (IllegalArgumentException e) {
            // The message may quote a part of the password.
        }
        throw new IOException(variable + " '" + masked(value)
                + "' cannot be used as a proxy; allowed is http://[USER:PASSWORD@]HOST:PORT");
    }

    /** A proxy's URL or host for a message. What may be a password is masked: all before an @ or after a colon. */
    private static String masked(String value) {
        Matcher url = SCHEME.matcher(value);
        String scheme = url.lookingAt() ? url.group() : "";
        String rest = value.substring(scheme.length());
        int at = rest.lastIndexOf('@');
        String host = rest.substring(at + 1);
        String shown = PORT_AT_MOST.matcher(host).matches() ? host : host.replaceFirst("(?s):.*", ":" + Scrubber.MASK);
        return Scrubber.line(scheme + (at < 0 ? "" : Scrubber.MASK + "@") + shown, LONGEST_VALUE);
    }

    /** The address of the proxy. */
    public HostAndPort address() {
        return address;
    }

    /** A socket that is connected to the server through the proxy, within 10 s. */
    public Socket open(HostAndPort server) throws IOException {
        return open(server, TIMEOUT_MILLIS);
    }

    Socket open(HostAndPort server, int timeoutMillis) throws IOException {
        TimedSocket socket = new TimedSocket(timeoutMillis);
        try {
            socket.connect(new InetSocketAddress(address.host(), address.port()), timeoutMillis);
            socket.setTcpNoDelay(true);
            tunnel(socket, server);
            socket.timeoutPerRead();
            return socket;
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    /**
     * Makes the proxy connect that socket to the server. The socket's timeout bounds the answer.
     *
     * @throws HttpRefusedException if the proxy rejects the request
     */
    public void tunnel(Socket socket, HostAndPort server) throws IOException {
        try {
            socket.getOutputStream()
                    .write(("CONNECT " + server + " HTTP/1.1\r\n"
                                    + "Host: " + server + "\r\n"
                                    + (login == null ? "" : "Proxy-Authorization: Basic " + login + "\r\n")
                                    + "User-Agent: dsql-reach\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            ReadAhead ahead = new ReadAhead(socket.getInputStream());
            check(HttpAnswer.read(ahead, "CONNECT"), ahead, server);
        } catch (SocketTimeoutException e) {
            throw new SocketTimeoutException(this + " does not answer CONNECT " + server);
        } catch (EOFException e) {
            throw new EOFException(this + " closed the connection after CONNECT " + server);
        } catch (HttpRefusedException e) {
            throw e.status() != 0 ? e : new HttpRefusedException(0, this + ": " + e.getMessage());
        }
    }

    private void check(HttpAnswer answer, ReadAhead ahead, HostAndPort server) throws HttpRefusedException {
        if (answer.status() == LOGIN_WANTED || answer.status() == SERVERS_LOGIN_WANTED) {
            throw refused(answer.status(), loginWanted(answer));
        }
        if (answer.status() / 100 != 2) {
            throw refused(answer.status(), "does not connect to " + server + ": HTTP " + answer.statusLine());
        }
        // A tunnel has no content, and a PostgreSQL or TLS server does not send first.
        if (!answer.values("Content-Type").isEmpty() || ahead.ahead() > 0) {
            throw refused(answer.status(), "answers CONNECT " + server + " with a page instead of a tunnel");
        }
    }

    private String loginWanted(HttpAnswer answer) {
        List<String> schemes = answer.values("Proxy-Authenticate").stream()
                .map(value -> value.split("[\\s,]", 2)[0])
                .distinct()
                .toList();
        String offer = "HTTP " + answer.statusLine()
                + (schemes.isEmpty() ? "" : "; it offers " + schemes.stream().collect(Collectors.joining(", ")));
        if (!schemes.isEmpty() && schemes.stream().noneMatch("Basic"::equalsIgnoreCase)) {
            return "wants a login of an unsupported kind; only Basic is supported (" + offer + ")";
        }
        return login != null
                ? "rejects the given login (" + offer + ")"
                : "wants a login (" + offer + "); it can be given as https.proxyUser and https.proxyPassword, or in "
                        + "HTTPS_PROXY";
    }

    private HttpRefusedException refused(int status, String what) {
        return new HttpRefusedException(status, this + " " + what);
    }

    /** {@code proxy HOST:PORT}. */
    @Override
    public String toString() {
        return "proxy " + address;
    }
}
