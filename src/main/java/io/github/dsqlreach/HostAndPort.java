package io.github.dsqlreach;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A host name or address and a port.
 *
 * @param host a host name, an IPv4 address, or an IPv6 address without brackets
 * @param port 1 to 65535
 */
public record HostAndPort(String host, int port) {
    private static final Pattern FORM =
            Pattern.compile("(?:\\[([0-9a-fA-F]*:[0-9a-fA-F:.%\\w]+)]|([^:\\[\\]/?@\\s,]+))(?::(\\d+))?");
    private static final Pattern NAME =
            Pattern.compile("(?=.{1,253}\\.?$)[A-Za-z0-9_]([A-Za-z0-9_-]{0,62}[A-Za-z0-9_])?"
                    + "(\\.[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?)*\\.?");

    private static final Pattern IPV6 = Pattern.compile("(?=.*:.*:)[0-9a-fA-F:.]{2,45}(%\\w{1,15})?");

    public HostAndPort {
        if (!(host.indexOf(':') < 0 ? NAME : IPV6).matcher(host).matches()) {
            throw new IllegalArgumentException("'" + Scrubber.scrub(host) + "' is not a host name or an address");
        }
        if (port < 1 || port > 65_535) {
            throw new IllegalArgumentException("port " + port + " is not between 1 and 65535");
        }
    }

    /**
     * Reads {@code host:port}, {@code [ipv6]:port}, or a host alone.
     *
     * @param text what to read
     * @param defaultPort the port where the text has none; 0 if it must have one
     * @throws IllegalArgumentException if the text is neither; the message names it and what is allowed
     */
    public static HostAndPort parse(String text, int defaultPort) {
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches() || matcher.group(3) == null && defaultPort == 0) {
            String shown = Scrubber.scrub(Redaction.text(text));
            throw new IllegalArgumentException("'" + shown + "' is not "
                    + (defaultPort == 0 ? "HOST:PORT" : "HOST or HOST:PORT") + " (an IPv6 address goes in brackets)");
        }
        String host = matcher.group(1) != null ? matcher.group(1) : matcher.group(2);
        String port = matcher.group(3);
        if (port != null && port.length() > 5) {
            throw new IllegalArgumentException("port " + port + " is not between 1 and 65535");
        }
        return new HostAndPort(host, port == null ? defaultPort : Integer.parseInt(port));
    }

    /** {@code host:port}, an IPv6 address in brackets. */
    @Override
    public String toString() {
        return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + port;
    }
}
