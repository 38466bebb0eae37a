/**
 * From facts to a verdict: {@link io.github.dsqlreach.diagnosis.ReachabilityCheck} walks an endpoint, experiments when
 * the walk fails, and tells what the facts come to.
 */
@NullMarked
package io.github.dsqlreach.diagnosis;

import org.jspecify.annotations.NullMarked;
