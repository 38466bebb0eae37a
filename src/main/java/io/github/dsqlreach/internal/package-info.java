/** What several packages of this library share. Not for users: it may change or go with any version. */
@NullMarked
package io.github.dsqlreach.internal;

import org.jspecify.annotations.NullMarked;
