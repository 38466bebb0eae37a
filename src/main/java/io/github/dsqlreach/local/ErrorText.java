package io.github.dsqlreach.local;

import org.jspecify.annotations.Nullable;

/** An error as the client gets it; {@code hint} may be {@code null}. */
record ErrorText(String sqlState, String message, @Nullable String hint) {}
