package io.github.dsqlreach.fault;

/**
 * A number that a fault can be given.
 *
 * @param name as in {@link Fault#with}
 * @param standard its value when nothing else is given
 * @param least the smallest that is allowed
 * @param most the largest that is allowed
 * @param meaning what it stands for, with its unit
 */
record Parameter(String name, double standard, double least, double most, String meaning) {
    static final String TOXICITY = "toxicity";

    /** What decides which connections, or commits, a fault with a {@link #TOXICITY} below 1 hits. */
    static final Parameter SEED =
            new Parameter("seed", 0, 0, 999_999_999, "decides what a toxicity below 1 hits; 0 is a new one each time");

    static final Parameter SHARE_OF_COMMITS = new Parameter(TOXICITY, 1, 0, 1, "share of the commits that it hits");

    /** How a connection dies. */
    static final Parameter SILENT = new Parameter("silent", 0, 0, 1, "1 is without a reset");

    /** The share of the connections that the fault hits. */
    static Parameter toxicity(double standard) {
        return new Parameter(TOXICITY, standard, 0, 1, "share of the connections that it hits");
    }

    static Parameter number(String name, long standard, long least, long most, String meaning) {
        return new Parameter(name, standard, least, most, meaning);
    }

    double checked(Object fault, double value) {
        boolean fits = value >= least && value <= most && (name.equals(TOXICITY) || value == Math.rint(value));
        if (!fits) {
            throw new IllegalArgumentException(fault + ": " + name + " is " + print(value) + "; allowed is "
                    + (name.equals(TOXICITY) ? "a number" : "a whole number") + " from " + print(least) + " to "
                    + print(most) + " (" + meaning + ")");
        }
        return value;
    }

    static String print(double value) {
        return value == Math.rint(value) && Math.abs(value) < 1e15
                ? String.valueOf((long) value)
                : String.valueOf(value);
    }
}
