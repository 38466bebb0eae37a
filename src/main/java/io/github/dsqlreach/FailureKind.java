package io.github.dsqlreach;

/**
 * How a step failed, as seen from here: a fact, not yet a {@link Cause}. A closed set, so that rules and reports can
 * rely on it.
 */
public enum FailureKind {
    /** The resolver says that the name does not exist. */
    NAME_NOT_FOUND("name not found"),
    /** The resolver failed in another way. */
    NAME_LOOKUP_FAILED("name lookup failed"),
    /** Nobody listens there: the connection was refused. */
    REFUSED("connection refused"),
    /** No route, or the network says "prohibited". */
    UNREACHABLE("network unreachable"),
    /** The proxy that this machine is set to use failed, not the way behind it. */
    PROXY_FAILED("proxy failed"),
    /** The connection was reset (RST). */
    RESET("connection reset"),
    /** Nothing came in the time allowed. */
    TIMEOUT("no answer"),
    /**
     * Time was up before the network was listened to for long enough to call it silent: this machine or the round trip
     * used it up.
     */
    OUT_OF_TIME("out of time"),
    /** The other side closed the connection in an orderly way (FIN). */
    CLOSED("connection closed"),
    /** The answer to the SSLRequest was {@code N}. */
    TLS_REFUSED("TLS refused"),
    /** The other side sent a TLS alert. */
    TLS_ALERT("TLS alert"),
    /** The answer is not one of the protocol spoken. */
    UNEXPECTED_ANSWER("unexpected answer"),
    /** The certificate chain does not end in a trusted root. */
    CERTIFICATE_UNTRUSTED("untrusted certificate"),
    /** The chain breaks off: the server sent no certificate that a trusted root signed, and none in between. */
    CERTIFICATE_CHAIN_INCOMPLETE("incomplete certificate chain"),
    /** A certificate of the chain may not be used so: its key is too short, or it is for another purpose. */
    CERTIFICATE_UNACCEPTABLE("unacceptable certificate"),
    /** A certificate of the chain is expired or not yet valid by this machine's clock. */
    CERTIFICATE_EXPIRED("expired certificate"),
    /** A setting of this JVM, such as a system property, rules the connection out. */
    JVM_SETTING("ruled out by a setting of this JVM"),
    /** The driver cannot use a parameter of the URL. */
    URL_PARAMETER("ruled out by the URL"),
    /** An answer came, but later than the driver waits for it. */
    DRIVER_LIMIT("slower than the driver's limit"),
    /** The file with the trusted roots cannot be read. */
    ROOTS_UNREADABLE("root certificate unreadable"),
    /** The certificate is for another host name. */
    HOSTNAME_MISMATCH("certificate for another name"),
    /** The server answered with a PostgreSQL error. */
    SERVER_ERROR("refused by the server"),
    /** No source of credentials had any. */
    CREDENTIALS_NOT_FOUND("no credentials found"),
    /** The credentials are past their time. */
    CREDENTIALS_EXPIRED("credentials expired"),
    /** The source of the credentials failed. */
    CREDENTIALS_FAILED("credentials provider failed"),
    /** No AWS region is known, and a token needs one. */
    REGION_UNKNOWN("region unknown"),
    /** This machine or this process may open no more files and sockets. */
    NO_FILE_HANDLE("no file handle left on this machine"),
    /** This machine has no free local port, or no local address, for another connection to that server. */
    NO_LOCAL_PORT("no local port left on this machine"),
    /** This machine has no memory or no socket buffer left, or this JVM's heap is full. */
    NO_MEMORY("no memory left on this machine"),
    /** This machine does not start another thread. */
    NO_THREAD("no thread could be started on this machine"),
    /** This machine forbids the connection: a sandbox, a local firewall or a route. */
    NOT_PERMITTED("not permitted on this machine"),
    /** This machine's loopback interface is down. */
    LOOPBACK_DOWN("loopback interface down on this machine"),
    /** None of these; the scrubbed original message tells more. */
    UNCLASSIFIED("failed");

    private final String label;

    FailureKind(String label) {
        this.label = label;
    }

    /** The words for this kind inside a sentence, for example {@code connection reset}. */
    public String label() {
        return label;
    }

    /** Whether it is an error of this machine, which says nothing about the network or the cluster. */
    public boolean isLocal() {
        return compareTo(NO_FILE_HANDLE) >= 0 && compareTo(LOOPBACK_DOWN) <= 0;
    }
}
