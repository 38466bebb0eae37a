/**
 * The result of a check, as immutable values. An {@link io.github.dsqlreach.Endpoint} is checked
 * {@link io.github.dsqlreach.Phase} by phase, which gives an {@link io.github.dsqlreach.Attempt}. If it fails, experiments add
 * evidence, and a {@link io.github.dsqlreach.Diagnosis} says what the evidence shows. A
 * {@link io.github.dsqlreach.Reachability} has all of it.
 *
 * <pre>{@code
 * Reachability reachability = ReachabilityCheck.of(Endpoint.parse("abc.dsql.us-east-1.on.aws")).run();
 * }</pre>
 *
 * <p><b>What is stable.</b> From version 1.0 on, public types and members outside {@code io.github.dsqlreach.internal} keep
 * working within a major version. The following may change in any version:
 *
 * <ul>
 *   <li>types in {@code io.github.dsqlreach.internal} and below, and the doctor's classes; the doctor's options and exit codes are
 *       stable
 *   <li>the texts of reports and messages; programs read the JSON
 *   <li>the constants of {@link io.github.dsqlreach.Cause}, {@link io.github.dsqlreach.FailureKind} and
 *       {@link io.github.dsqlreach.Evidence}: new ones may come, so a {@code switch} needs a {@code default}
 * </ul>
 *
 * <p>In a version before 1.0, a minor version may change anything; the changelog says what.
 */
@NullMarked
package io.github.dsqlreach;

import org.jspecify.annotations.NullMarked;
