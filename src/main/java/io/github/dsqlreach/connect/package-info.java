/**
 * What a client needs to connect: a token, the driver's settings, a socket that goes through a tunnel, a
 * {@link javax.sql.DataSource}.
 */
@NullMarked
package io.github.dsqlreach.connect;

import org.jspecify.annotations.NullMarked;
