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

/** The SOCKS proxy that the JDK's sockets go through without being asked, where this JVM is set to use one. */
final class Socks {
    private static final String PROPERTY = "socksProxyHost";

    private Socks() {}

    /** The proxy on the way to that address, and who set it, for messages. */
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
            // Somebody else's selector: the sockets ask it as well, and tell.
            return Optional.empty();
        }
    }

    /**
     * How an attempt through a proxy failed; empty for silence, which may be that of the proxy or of the way behind it.
     * The JDK has words only, always the same ones, for what the proxy reports of the way behind it; all else is the
     * proxy's own failure.
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
