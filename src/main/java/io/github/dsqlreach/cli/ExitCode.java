package io.github.dsqlreach.cli;

import io.github.dsqlreach.Verdict;

/** The exit codes of the doctor; scripts depend on the numbers. */
final class ExitCode {
    static final int OK = 0;
    /** Too few tests ran. */
    static final int TOO_FEW = 1;
    /** The command line, a setting or a file cannot be used. */
    static final int USAGE = 64;
    /** The doctor itself failed. */
    static final int INTERNAL = 70;

    private ExitCode() {}

    static int of(Verdict verdict) {
        return switch (verdict) {
            case REACHABLE -> OK;
            case BLOCKED, UNAVAILABLE -> 1;
            case DENIED, MISCONFIGURED -> 2;
            case UNKNOWN -> 3;
        };
    }
}
