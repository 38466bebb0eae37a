/** Shared by several packages of this library. Not API: any version may change or remove it. */
@NullMarked
package io.github.dsqlreach.internal;

import org.jspecify.annotations.NullMarked;
