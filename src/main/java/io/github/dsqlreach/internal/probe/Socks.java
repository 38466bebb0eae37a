package io.github.dsqlreach.internal.probe;

import io.github.dsqlreach.Failure;
import io.github.dsqlreach.FailureKind;
import io.github.dsqlreach.HostAndPort;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.Optional;

/** The SOCKS proxy that the JDK's sockets use if this JVM is configured so. */
final class Socks {
    private static final String PROPERTY = "socksProxyHost";

    private Socks() {}

    /** The proxy for that address and the setting that names it, for messages. */
    static Optional<String> proxyFor(InetSocketAddress address) {
        ProxySelector selector = ProxySelector.getDefault();
        if (selector == null) {
            return Optional.empty();
        }
        try {
            URI uri = new URI("socket", null, address.getHostString(), address.getPort(), null, null, null);
            return selector.select(uri).stream()
                    .findFirst()
                    .filter(proxy -> proxy.type() == Proxy.Type.SOCKS)
                    .map(Proxy::address)
                    .filter(InetSocketAddress.class::isInstance)
                    .map(InetSocketAddress.class::cast)
                    .map(proxy -> "the SOCKS proxy " + new HostAndPort(proxy.getHostString(), proxy.getPort()) + " ("
                            + (proxy.getHostString().equals(System.getProperty(PROPERTY))
                                    ? "system property " + PROPERTY
                                    : "this JVM's ProxySelector")
                            + ")");
        } catch (URISyntaxException | RuntimeException e) {
            // The user's selector failed. The socket will call it too, and report the failure.
            return Optional.empty();
        }
    }

    /**
     * The failure of an attempt through a proxy. Empty for a timeout, which may be that of the proxy or of the network
     * beyond it. The JDK has fixed messages for what the proxy reports about the network beyond it. Everything else is a
     * failure of the proxy itself.
     */
    static Optional<Failure> failureOf(IOException e) {
        Optional<Failure> local = LocalErrors.of(e);
        if (e instanceof SocketTimeoutException || local.isPresent()) {
            return local;
        }
        return Optional.of(
                switch (String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT)) {
                    case "socks: connection refused" -> Failure.of(FailureKind.REFUSED);
                    case "socks: network unreachable", "socks: host unreachable" -> Failure.of(FailureKind.UNREACHABLE);
                    default -> new Failure(FailureKind.PROXY_FAILED, String.valueOf(e.getMessage()));
                });
    }
}
