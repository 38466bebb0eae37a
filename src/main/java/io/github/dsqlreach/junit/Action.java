package io.github.dsqlreach.junit;

/** What becomes of tests that cannot reach their cluster. */
public enum Action {
    /** What the configuration says, else what the verdict suggests. */
    DEFAULT,
    /** Skip them, with the diagnosis as the reason. */
    SKIP,
    /** Fail them, with a {@link DsqlUnreachableError}. */
    FAIL
}
