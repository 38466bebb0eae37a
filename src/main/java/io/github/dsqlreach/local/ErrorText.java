package io.github.dsqlreach.local;

/** What an error says, as the client gets it; {@code hint} may be {@code null}. */
record ErrorText(String sqlState, String message, String hint) {}
