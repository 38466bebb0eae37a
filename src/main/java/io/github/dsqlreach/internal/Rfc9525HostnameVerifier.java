package io.github.dsqlreach.internal;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.security.cert.Certificate;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import javax.net.ssl.HostnameVerifier;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;

/**
 * Verifies that a certificate is for a host, by RFC 9525. Every connection of this library that may carry a token uses it:
 * the check, the data source (pgjdbc's {@code sslhostnameverifier}), the WebSocket, the tunnel and the fixtures.
 *
 * <ul>
 *   <li>Only the subject alternative name counts: its DNS names for a host name, its IP addresses for an address. The
 *       common name, e-mail addresses and URIs do not count.
 *   <li>{@code *} counts only as the whole leftmost label. It stands for exactly one label, and at least two labels
 *       must follow it.
 *   <li>Names are compared as ASCII, without regard to case. A final dot of the host is ignored. A name of the
 *       certificate that ends with a dot, or contains anything but letters, digits, hyphens and underscores, does not
 *       count.
 *   <li>Addresses are compared by value, not as text.
 * </ul>
 */
public final class Rfc9525HostnameVerifier implements HostnameVerifier {
    private static final int DNS_NAME = 2;
    private static final int IP_ADDRESS = 7;

    private static final Pattern NAME = Pattern.compile("(?:\\*\\.)?[a-z0-9_-]{1,63}(?:\\.[a-z0-9_-]{1,63}){0,126}");
    private static final Pattern IPV4 = Pattern.compile("\\d{1,3}(?:\\.\\d{1,3}){3}");

    /** The constructor that pgjdbc calls. */
    public Rfc9525HostnameVerifier() {}

    @Override
    public boolean verify(String host, SSLSession session) {
        try {
            Certificate[] chain = session.getPeerCertificates();
            return chain.length > 0 && chain[0] instanceof X509Certificate own && matches(own, host);
        } catch (SSLPeerUnverifiedException e) {
            return false;
        }
    }

    /** Whether the certificate is for that host. */
    public static boolean matches(X509Certificate certificate, String host) {
        String bare = host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
        return HostNames.isAddress(bare)
                ? address(bare)
                        .filter(wanted -> hasAddress(certificate, wanted))
                        .isPresent()
                : hasName(certificate, lowerCase(HostNames.withoutFinalDot(bare)));
    }

    private static boolean hasAddress(X509Certificate certificate, InetAddress wanted) {
        return alternatives(certificate).stream()
                .filter(name -> name.get(0).equals(IP_ADDRESS))
                .map(name -> address(String.valueOf(name.get(1))))
                .flatMap(Optional::stream)
                .anyMatch(wanted::equals);
    }

    private static boolean hasName(X509Certificate certificate, String wanted) {
        return alternatives(certificate).stream()
                .filter(name -> name.get(0).equals(DNS_NAME))
                .map(name -> lowerCase(String.valueOf(name.get(1))))
                .filter(name -> NAME.matcher(name).matches())
                .anyMatch(name -> name.startsWith("*.") ? covers(name.substring(1), wanted) : name.equals(wanted));
    }

    /** Whether one label and that domain after it make the name. */
    private static boolean covers(String domain, String name) {
        int dot = name.indexOf('.');
        return domain.indexOf('.', 1) > 0 && dot > 0 && name.substring(dot).equals(domain);
    }

    /** Only of ASCII text, because Java's lower case maps some other Unicode letters to ASCII. */
    private static String lowerCase(String name) {
        return name.chars().allMatch(character -> character < 128) ? name.toLowerCase(Locale.ROOT) : name;
    }

    /** An address without its zone. A name is never looked up. */
    private static Optional<InetAddress> address(String text) {
        String literal = text.replaceFirst("%.*", "");
        if (literal.indexOf(':') < 0 && !IPV4.matcher(literal).matches()) {
            return Optional.empty();
        }
        try {
            return Optional.of(InetAddress.getByName(literal));
        } catch (UnknownHostException e) {
            return Optional.empty();
        }
    }

    private static Collection<List<?>> alternatives(X509Certificate certificate) {
        try {
            Collection<List<?>> names = certificate.getSubjectAlternativeNames();
            return names == null ? List.of() : names;
        } catch (CertificateParsingException e) {
            return List.of();
        }
    }
}
