package io.github.dsqlreach.junit;

/** When the end-of-run summary is printed: the values of {@code dsql.reach.summary}. */
enum SummaryMode {
    /** When tests were skipped or failed. */
    AUTO,
    /** Also, in one line, when an endpoint was reachable. */
    ALWAYS,
    /** Never; files, the record of the build and CI annotations are written all the same. */
    NEVER,
    /** Nowhere but in the files and the record: for a build at whose end {@code doctor summary} says it. */
    RECORD
}
