/**
 * The JUnit part: {@link io.github.dsqlreach.junit.RequiresDsqlReachability} skips or fails tests that need a cluster
 * which cannot be used from here, and says why; {@link io.github.dsqlreach.junit.WithLocalDsql} gives them a local one.
 */
@NullMarked
package io.github.dsqlreach.junit;

import org.jspecify.annotations.NullMarked;
