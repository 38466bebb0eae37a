/**
 * The check and its diagnosis: {@link io.github.dsqlreach.diagnosis.ReachabilityCheck} attempts to connect to an endpoint
 * and runs experiments if the attempt fails; a table of rules turns the facts into a diagnosis.
 */
@NullMarked
package io.github.dsqlreach.diagnosis;

import org.jspecify.annotations.NullMarked;
