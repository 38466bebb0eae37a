package io.github.dsqlreach.fault;

import io.github.dsqlreach.Configuration;
import io.github.dsqlreach.Setting;
import java.io.IOException;
import java.net.URI;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Where the Toxiproxy server comes from. {@link #configured()} is what everything uses unless told otherwise: the server at
 * {@code dsql.reach.toxiproxy-url} ({@code DSQL_REACH_TOXIPROXY_URL}) if that is set, else the one inside this JVM.
 *
 * <p>One server serves all who use the same source: it starts for the first of them and stops with the last. Safe for use
 * by many threads.
 *
 * <pre>{@code
 * try (FaultyDsql dsql = FaultyDsql.builder(endpoint).toxiproxy(ToxiproxySource.at(url)).start()) {
 *     …
 * }
 * }</pre>
 */
public final class ToxiproxySource {
    private static final ToxiproxySource IN_JVM =
            new ToxiproxySource("the server inside this JVM", InJvmToxiproxy::new);

    private final String description;
    private final Supplier<ProxyServer> starter;
    private @Nullable ProxyServer server;
    private int users;

    ToxiproxySource(String description, Supplier<ProxyServer> starter) {
        this.description = description;
        this.starter = starter;
    }

    /** What system properties and environment say; the server inside this JVM when they say nothing. */
    public static ToxiproxySource configured() {
        return configured(Configuration.ofSystem());
    }

    /**
     * What that configuration says; the server inside this JVM when it says nothing.
     *
     * @throws io.github.dsqlreach.InvalidConfigurationException if a value cannot be used; the message names it, where it
     *     came from and what is allowed
     */
    public static ToxiproxySource configured(Configuration configuration) {
        Optional<URI> url = configuration.read(
                Setting.TOXIPROXY_URL, text -> checked(URI.create(text)), Setting.TOXIPROXY_URL.allowed());
        return url.map(ToxiproxySource::at).orElse(IN_JVM);
    }

    /** The server inside this JVM, shared by all who ask for it: needs nothing, and has every fault. */
    public static ToxiproxySource inJvm() {
        return IN_JVM;
    }

    /**
     * A server that runs already. On another host than this one, proxies listen on all its addresses, and their ports
     * must be reachable from here; a server in a container must use the host's network.
     *
     * @param url its control API, for example {@code http://127.0.0.1:8474}
     * @throws IllegalArgumentException if it is no such URL
     */
    public static ToxiproxySource at(URI url) {
        URI checked = checked(url);
        return new ToxiproxySource("the server at " + checked, () -> new RemoteToxiproxy(checked));
    }

    private static URI checked(URI url) {
        String path = url.getPath();
        boolean fits = "http".equalsIgnoreCase(url.getScheme())
                && url.getHost() != null
                && (path == null || path.isEmpty() || path.equals("/"))
                && url.getQuery() == null
                && url.getUserInfo() == null;
        if (!fits) {
            throw new IllegalArgumentException("'" + url + "' is not a URL such as http://127.0.0.1:8474");
        }
        return URI.create("http://" + url.getHost() + ":" + (url.getPort() < 0 ? 8474 : url.getPort()));
    }

    /**
     * The server, started if it does not run; {@link #release} it.
     *
     * @throws IllegalStateException if it cannot be started, or does not answer; the message says why
     */
    synchronized ProxyServer acquire() {
        if (server == null) {
            ProxyServer started = starter.get();
            try {
                started.check();
            } catch (IOException e) {
                started.close();
                throw new IllegalStateException(
                        "There is no Toxiproxy at " + started.uri() + " (" + description + "): " + e.getMessage(), e);
            }
            server = started;
        }
        users++;
        return server;
    }

    /** Stops the server if it has no other user. */
    synchronized void release() {
        users--;
        if (users == 0 && server != null) {
            server.close();
            server = null;
        }
    }

    /** What it is, in words. */
    @Override
    public String toString() {
        return description;
    }
}
