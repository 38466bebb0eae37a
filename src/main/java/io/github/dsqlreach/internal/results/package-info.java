/**
 * The results of tests as files, one per test class and run, and what a whole build comes to.
 *
 * <p>Not for users. A JVM writes the result of a test class when the class ends. There is no file that several JVMs write, no
 * lock between them, and no order in which they must end: whoever wants totals reads the files.
 */
@NullMarked
package io.github.dsqlreach.internal.results;

import org.jspecify.annotations.NullMarked;
