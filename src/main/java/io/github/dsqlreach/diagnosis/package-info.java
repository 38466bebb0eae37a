/**
 * From facts to a verdict: {@link io.github.dsqlreach.diagnosis.ReachabilityCheck} attempts an endpoint, experiments when
 * the attempt fails, and tells what the facts come to.
 */
@NullMarked
package io.github.dsqlreach.diagnosis;

import org.jspecify.annotations.NullMarked;
