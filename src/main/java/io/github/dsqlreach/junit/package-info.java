/**
 * Annotations and extensions for JUnit. {@link io.github.dsqlreach.junit.RequiresDsqlReachability} skips or fails tests whose cluster
 * cannot be used from here, and says why; {@link io.github.dsqlreach.junit.WithLocalDsql} gives them a local cluster;
 * {@link io.github.dsqlreach.junit.InjectFault} puts a fault between them.
 */
@NullMarked
package io.github.dsqlreach.junit;

import org.jspecify.annotations.NullMarked;
