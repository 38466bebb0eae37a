/** Checks one connection to the cluster, phase by phase. Not API. */
@NullMarked
package io.github.dsqlreach.internal.probe;

import org.jspecify.annotations.NullMarked;
