package io.github.dsqlreach.internal.results;

/** What happened to a test that needs a cluster. */
public enum TestOutcome {
    /** It ran, and passed or failed by itself. */
    RAN,
    /** It was skipped because of the result of the check. */
    SKIPPED,
    /** It was failed because of the result of the check, or because its settings are wrong. */
    FAILED,
    /** It failed because its connection broke; a check after it found what its report says. */
    LOST,
    /** It did not run to its end: an assumption ended it, or its setup did not succeed. */
    ABORTED
}
