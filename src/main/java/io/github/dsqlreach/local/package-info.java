/**
 * A local cluster: a real PostgreSQL behind a listener that checks TLS, SNI and the IAM token as Aurora DSQL does. {@link io.github.dsqlreach.local.LocalDsql} is the entry point.
 */
@NullMarked
package io.github.dsqlreach.local;

import org.jspecify.annotations.NullMarked;
