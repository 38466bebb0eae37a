/** One connection to the cluster, phase by phase, and what each phase tells. No API. */
@NullMarked
package io.github.dsqlreach.internal.probe;

import org.jspecify.annotations.NullMarked;
