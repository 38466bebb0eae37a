package io.github.dsqlreach.internal.client;

import io.github.dsqlreach.HostAndPort;
import io.github.dsqlreach.internal.HostNames;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The list in the variable {@code NO_PROXY}, read like curl and Go do. Commas or blanks separate its entries:
 *
 * <ul>
 *   <li>{@code *}: every server.
 *   <li>{@code example.com}, {@code .example.com} or {@code *.example.com}: that domain and all names below it, without
 *       regard to case and to a final dot.
 *   <li>{@code 10.0.0.1}, {@code ::1} or {@code [::1]}: a server with that address as its name.
 *   <li>{@code 10.0.0.0/8} or {@code fd00::/8}: a server with an address in that network as its name.
 *   <li>Each name or address may have a port, as in {@code example.com:443} or {@code [::1]:443}.
 * </ul>
 *
 * <p>Names are not looked up. {@code localhost} and loopback addresses are always exempt, as in Go and Java.
 */
final class NoProxy {
    private static final Pattern IPV4 = Pattern.compile("\\d{1,3}(?:\\.\\d{1,3}){3}");

    private NoProxy() {}

    /** Whether the list exempts the server, or the server is this machine. */
    static boolean exempts(String list, HostAndPort server) {
        String host = HostNames.withoutFinalDot(server.host().toLowerCase(Locale.ROOT));
        return isThisMachine(host)
                || Stream.of(list.toLowerCase(Locale.ROOT).split("[,\\s]+"))
                        .filter(entry -> !entry.isEmpty())
                        .anyMatch(entry -> exempts(entry, host, server.port()));
    }

    private static boolean isThisMachine(String host) {
        return host.equals("localhost")
                || address(host).filter(InetAddress::isLoopbackAddress).isPresent();
    }

    private static boolean exempts(String entry, String host, int port) {
        int slash = entry.indexOf('/');
        if (entry.equals("*")) {
            return true;
        }
        if (slash >= 0) {
            return isInNetwork(host, entry.substring(0, slash), entry.substring(slash + 1));
        }
        String name = entry;
        int colon = entry.lastIndexOf(':');
        boolean bracketed = entry.startsWith("[");
        if (bracketed ? colon > entry.indexOf(']') : colon >= 0 && colon == entry.indexOf(':')) {
            if (!entry.substring(colon + 1).equals(String.valueOf(port))) {
                return false;
            }
            name = entry.substring(0, colon);
        }
        if (bracketed) {
            if (!name.endsWith("]")) {
                return false;
            }
            name = name.substring(1, name.length() - 1);
        }
        Optional<InetAddress> own = address(host);
        Optional<InetAddress> other = address(name);
        return own.isPresent() || other.isPresent()
                ? own.equals(other)
                : isWithin(host, HostNames.withoutFinalDot(name.replaceFirst("^\\*?\\.", "")));
    }

    private static boolean isWithin(String host, String domain) {
        return !domain.isEmpty() && (host.equals(domain) || host.endsWith("." + domain));
    }

    private static boolean isInNetwork(String host, String network, String bits) {
        Optional<InetAddress> own = address(host);
        Optional<InetAddress> other = address(network);
        if (own.isEmpty() || other.isEmpty() || !bits.matches("\\d{1,3}")) {
            return false;
        }
        byte[] address = own.get().getAddress();
        byte[] prefix = other.get().getAddress();
        int length = Integer.parseInt(bits);
        if (address.length != prefix.length || length > 8 * address.length) {
            return false;
        }
        for (int bit = 0; bit < length; bit++) {
            int mask = 0x80 >> (bit & 7);
            if (((address[bit >> 3] ^ prefix[bit >> 3]) & mask) != 0) {
                return false;
            }
        }
        return true;
    }

    /** The address that the text is; a name is not looked up. */
    private static Optional<InetAddress> address(String text) {
        if (text.indexOf(':') < 0 && !IPV4.matcher(text).matches()) {
            return Optional.empty();
        }
        try {
            return Optional.of(InetAddress.getByName(text));
        } catch (UnknownHostException e) {
            return Optional.empty();
        }
    }
}
