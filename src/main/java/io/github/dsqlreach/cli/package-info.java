/**
 * The doctor: checks an endpoint from a shell, compares the reports of several networks, and simulates obstacles.
 *
 * <pre>{@code
 * java -jar dsql-reach-<version>-cli.jar abc.dsql.us-east-1.on.aws
 * }</pre>
 */
@NullMarked
package io.github.dsqlreach.cli;

import org.jspecify.annotations.NullMarked;
