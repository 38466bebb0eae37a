package io.github.dsqlreach.junit;

/** When the end-of-run summary is printed: the values of {@code dsql.reach.summary}. */
enum SummaryMode {
    /** When tests were skipped or failed. */
    AUTO,
    /** Also, in one line, when an endpoint was reachable. */
    ALWAYS,
    /** Never; files and CI annotations are written all the same. */
    NEVER
}
