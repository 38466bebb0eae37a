/**
 * The doctor: checks an endpoint from a shell, compares the reports of several networks, adds up the test results of a build, and
 * simulates faults.
 *
 * <pre>{@code
 * java -jar dsql-reach-<version>-cli.jar abc.dsql.us-east-1.on.aws
 * }</pre>
 */
@NullMarked
package io.github.dsqlreach.cli;

import org.jspecify.annotations.NullMarked;
