package io.github.dsqlreach;

import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;

/**
 * Which server certificate counts as proof that the server is the cluster.
 *
 * @param mode what is verified
 * @param rootCertificate a PEM file with the trusted roots; empty for the JDK's trust store, which holds Amazon's
 */
public record Trust(Mode mode, Optional<Path> rootCertificate) {

    /** What is verified of the server's certificate; the names are those of the driver's {@code sslmode}. */
    public enum Mode {
        /** The chain and the host name: the default, and the only mode the kit chooses by itself. */
        VERIFY_FULL("verify-full"),
        /** The chain only; on the user's own request. */
        VERIFY_CA("verify-ca"),
        /** Nothing; on the user's own request, as {@code vpce-} host names need it. Reports say so. */
        REQUIRE("require");

        private final String sslmode;

        Mode(String sslmode) {
            this.sslmode = sslmode;
        }

        /** The value of the driver's parameter {@code sslmode}. */
        public String sslmode() {
            return sslmode;
        }
    }

    public Trust {
        Objects.requireNonNull(mode, "mode");
        Objects.requireNonNull(rootCertificate, "rootCertificate");
    }

    /** Chain and host name verified against the JDK's trust store. */
    public static Trust jdk() {
        return new Trust(Mode.VERIFY_FULL, Optional.empty());
    }

    /** Chain and host name verified against the roots in this PEM file. */
    public static Trust rootCertificate(Path file) {
        return new Trust(Mode.VERIFY_FULL, Optional.of(file));
    }

    /** For example {@code verify-full against the JDK's trust store}. */
    @Override
    public String toString() {
        return mode == Mode.REQUIRE
                ? "require: not verified"
                : mode.sslmode() + " against "
                        + rootCertificate.map(Path::toString).orElse("the JDK's trust store");
    }
}
