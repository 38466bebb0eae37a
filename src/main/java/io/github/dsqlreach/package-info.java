/**
 * The words of dsql-reach, as immutable values: an {@link io.github.dsqlreach.Endpoint} is checked
 * {@link io.github.dsqlreach.Phase} by phase, which gives a {@link io.github.dsqlreach.Attempt}; experiments add to it when
 * it fails; a {@link io.github.dsqlreach.Diagnosis} says what the facts come to; a
 * {@link io.github.dsqlreach.Reachability} is the whole.
 */
@NullMarked
package io.github.dsqlreach;

import org.jspecify.annotations.NullMarked;
