package io.github.dsqlreach.junit;

import org.junit.jupiter.api.extension.ExtensionContext;

final class RunLog {
    private RunLog() {}
    static void decided(ExtensionContext context, Decision decision) {}
    static void ran(ExtensionContext context) {}
}
