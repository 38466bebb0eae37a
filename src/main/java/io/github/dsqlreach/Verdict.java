package io.github.dsqlreach;

/** What a check of an endpoint comes to. */
public enum Verdict {
    /** The attempt got as far as it was asked to. */
    REACHABLE("reachable"),
    /** The network is in the way: a firewall, a proxy, a resolver, or another server on that address. */
    BLOCKED("blocked"),
    /** The cluster was reached and refused this identity. */
    DENIED("denied"),
    /** The cluster was reached and says "not now". */
    UNAVAILABLE("unavailable"),
    /** The settings of this machine are in the way. */
    MISCONFIGURED("misconfigured"),
    /** The facts do not decide; they are shown instead of a guess. */
    UNKNOWN("not reachable");

    private final String label;

    Verdict(String label) {
        this.label = label;
    }

    /** The word for this verdict inside a sentence: "DSQL <i>blocked</i> at TLS". */
    public String label() {
        return label;
    }
}
