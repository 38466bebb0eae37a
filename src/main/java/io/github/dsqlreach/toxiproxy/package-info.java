/**
 * An in-JVM Toxiproxy server: {@link io.github.dsqlreach.toxiproxy.ToxiproxyServer} speaks the HTTP API of Toxiproxy 2.x
 * and has its toxics, and more of its own.
 */
@NullMarked
package io.github.dsqlreach.toxiproxy;

import org.jspecify.annotations.NullMarked;
