package io.github.dsqlreach;

import java.util.Objects;

/**
 * Something to do about a {@link Cause}.
 *
 * @param kind what sort of thing, so that what makes no sense in a case (a second tunnel) can be left out
 * @param text a template, see {@link Cause}; commands and settings stand in backquotes
 */
public record Remedy(Kind kind, String text) {

    /** Who or what can help. */
    public enum Kind {
        /** Look closer, or at something else, on this machine. */
        CHECK,
        /** Change a setting of this machine, this test or the JDBC URL. */
        SETTING,
        /** Use another network. */
        NETWORK,
        /** Go around the obstacle through a tunnel, or mend the one in use. */
        TUNNEL,
        /** Sign in to the network with a browser. */
        BROWSER,
        /** Ask whoever runs the network. */
        ADMINISTRATOR,
        /** Change something at AWS: identity, policy, role, cluster. */
        AWS,
        /** Wait. */
        WAITING
    }

    public Remedy {
        Objects.requireNonNull(kind, "kind");
        Objects.requireNonNull(text, "text");
    }

    static Remedy check(String text) {
        return new Remedy(Kind.CHECK, text);
    }

    static Remedy setting(String text) {
        return new Remedy(Kind.SETTING, text);
    }

    static Remedy network(String text) {
        return new Remedy(Kind.NETWORK, text);
    }

    static Remedy tunnel(String text) {
        return new Remedy(Kind.TUNNEL, text);
    }

    static Remedy browser(String text) {
        return new Remedy(Kind.BROWSER, text);
    }

    static Remedy administrator(String text) {
        return new Remedy(Kind.ADMINISTRATOR, text);
    }

    static Remedy aws(String text) {
        return new Remedy(Kind.AWS, text);
    }

    static Remedy waiting(String text) {
        return new Remedy(Kind.WAITING, text);
    }

    /** The text. */
    @Override
    public String toString() {
        return text;
    }
}
