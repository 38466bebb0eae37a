/**
 * Faults of the network in tests: {@link io.github.dsqlreach.fault.Fault} is the catalogue, and
 * {@link io.github.dsqlreach.fault.FaultyDsql} puts one of them in front of an endpoint,
 * {@link io.github.dsqlreach.fault.FaultyTcp} in front of any TCP server.
 */
@NullMarked
package io.github.dsqlreach.fault;

import org.jspecify.annotations.NullMarked;
