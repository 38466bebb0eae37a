/** The walk: one small class per phase, and {@link io.github.dsqlreach.internal.probe.Prober} that runs them under deadlines. */
package io.github.dsqlreach.internal.probe;
