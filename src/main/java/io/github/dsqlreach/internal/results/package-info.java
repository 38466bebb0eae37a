/**
 * The results of tests as files, one per test class and run, and the totals of a build.
 *
 * <p>Not for users. A JVM writes the result of a test class when the class ends. JVMs share no
 * file of results and no lock, and may end in any order. Totals are computed from the files.
 */
@NullMarked
package io.github.dsqlreach.internal.results;

import org.jspecify.annotations.NullMarked;
