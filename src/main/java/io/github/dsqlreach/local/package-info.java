/**
 * A local stand-in for an Aurora DSQL cluster: a real PostgreSQL behind a front door with TLS, SNI and a real check of
 * the IAM token. {@link io.github.dsqlreach.local.LocalDsql} is the entry point.
 */
@NullMarked
package io.github.dsqlreach.local;

import org.jspecify.annotations.NullMarked;
