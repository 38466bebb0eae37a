package io.github.dsqlreach.toxiproxy;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/** Reads {@code host:port} as Go's {@code net} package does, but listens on loopback only. */
final class Addresses {
    private static final Pattern NUMERIC = Pattern.compile("[0-9.]+|[0-9a-fA-F:.]*:[0-9a-fA-F:.]*(%\\w+)?");

    /** What containers of Testcontainers call the machine that they run on. */
    private static final String OF_CONTAINERS = "host.testcontainers.internal";

    private Addresses() {}

    /**
     * Where to listen. No host, {@code localhost} and the wildcards {@code 0.0.0.0} and {@code ::} come to
     * {@code 127.0.0.1}: what is asked for everywhere is had on loopback, where a test looks for it.
     */
    static InetSocketAddress listen(String address) {
        HostPort parts = address.isEmpty() ? new HostPort("", 0) : HostPort.parse(address, "listen");
        InetAddress host;
        try {
            host = isHere(parts.host) ? InetAddress.getByName("127.0.0.1") : InetAddress.getByName(parts.host);
        } catch (UnknownHostException e) {
            throw new ApiException(400, "listen " + address + ": no such host");
        }
        if (!host.isLoopbackAddress()) {
            throw new ApiException(
                    400, "listen " + address + ": this server listens on loopback only, for example 127.0.0.1:0");
        }
        return new InetSocketAddress(host, parts.port);
    }

    private static boolean isHere(String host) {
        return switch (host.toLowerCase(Locale.ROOT)) {
            case "", "localhost", "0.0.0.0", "::" -> true;
            default -> false;
        };
    }

    /**
     * The text that Go (from Toxiproxy 2.12 on) compares with where a proxy listens: names are resolved, while a wildcard
     * remains one, and so is never where a proxy listens.
     */
    static String resolved(String address) {
        InetSocketAddress listen = listen(address);
        String host = address.isEmpty() ? "" : HostPort.parse(address, "listen").host;
        return switch (host) {
            case "", "0.0.0.0" -> host + ":" + listen.getPort();
            case "::" -> "[::]:" + listen.getPort();
            default -> text(listen);
        };
    }

    static String text(InetSocketAddress address) {
        String host = address.getAddress() instanceof Inet6Address
                ? "[::1]" // The only one on loopback.
                : address.getAddress().getHostAddress();
        return host + ":" + address.getPort();
    }

    /** Whether {@link #upstream} answers without asking a name server. */
    static boolean isNumeric(String address) {
        int colon = address.lastIndexOf(':');
        String host = colon < 0 ? address : address.substring(0, colon).replaceAll("^\\[|]$", "");
        return host.isEmpty() || NUMERIC.matcher(host).matches();
    }

    /** Where to connect to: all addresses of the host. */
    static List<InetSocketAddress> upstream(String address) throws UnknownHostException {
        HostPort parts = HostPort.parse(address, "upstream");
        InetAddress[] found = parts.host.isEmpty() || parts.host.equals(OF_CONTAINERS)
                ? new InetAddress[] {InetAddress.getByName("127.0.0.1")}
                : InetAddress.getAllByName(parts.host);
        return Arrays.stream(found)
                .map(host -> new InetSocketAddress(host, parts.port))
                .toList();
    }

    private record HostPort(String host, int port) {
        static HostPort parse(String address, String what) {
            int colon = address.lastIndexOf(':');
            String host = colon < 0 ? "" : address.substring(0, colon);
            if (host.startsWith("[") && host.endsWith("]")) {
                host = host.substring(1, host.length() - 1);
            } else if (colon < 0 || host.contains(":")) {
                throw new ApiException(400, what + " " + address + ": must be host:port");
            }
            try {
                String port = address.substring(colon + 1);
                int number = port.isEmpty() ? 0 : Integer.parseInt(port);
                if (number >= 0 && number <= 65535) {
                    return new HostPort(host, number);
                }
            } catch (NumberFormatException e) {
                // Told below.
            }
            throw new ApiException(400, what + " " + address + ": the port must be a number from 0 to 65535");
        }
    }
}
