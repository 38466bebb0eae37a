/** Sockets through proxies and WebSockets, trust anchors, and sources of credentials. Not API. */
@NullMarked
package io.github.dsqlreach.internal.client;

import org.jspecify.annotations.NullMarked;
