/**
 * The parts of a client: a token, the driver's settings, sockets for a tunnel, a proxy or a WebSocket, and a
 * {@link javax.sql.DataSource}.
 */
@NullMarked
package io.github.dsqlreach.connect;

import org.jspecify.annotations.NullMarked;
