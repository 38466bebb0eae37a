package io.github.dsqlreach.internal.probe;

import io.github.dsqlreach.internal.HostNames;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import org.postgresql.ssl.PGjdbcHostnameVerifier;

/**
 * Which host names a certificate is for by RFC 9525, and never one that the driver would refuse: a DNS name of the
 * subject alternative name, where {@code *} counts as the whole leftmost label only; an address as it is written. The
 * subject's common name does not count.
 */
final class ServerNames {
    private static final int DNS = 2;
    private static final int ADDRESS = 7;

    private ServerNames() {}

    static boolean match(X509Certificate certificate, String host) {
        boolean address = HostNames.isAddress(host);
        return alternatives(certificate).stream()
                .filter(name -> name.get(0).equals(address ? ADDRESS : DNS))
                .map(name -> String.valueOf(name.get(1)))
                .anyMatch(name -> address
                        ? name.equalsIgnoreCase(host)
                        : matches(name, host) && PGjdbcHostnameVerifier.INSTANCE.verifyHostName(host, name));
    }

    private static boolean matches(String pattern, String host) {
        String name = host.toLowerCase(Locale.ROOT);
        String wanted = pattern.toLowerCase(Locale.ROOT);
        if (!wanted.startsWith("*.")) {
            return wanted.indexOf('*') < 0 && wanted.equals(name);
        }
        int dot = name.indexOf('.');
        return wanted.indexOf('*', 1) < 0 && dot > 0 && name.substring(dot).equals(wanted.substring(1));
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
