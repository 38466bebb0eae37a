/** The walk: one small class per phase, and {@link io.github.dsqlreach.probe.Prober} that runs them under deadlines. */
package io.github.dsqlreach.probe;
