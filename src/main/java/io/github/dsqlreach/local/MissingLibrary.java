package io.github.dsqlreach.local;

/** Names the artifact to add where an optional library is missing. */
final class MissingLibrary {
    private MissingLibrary() {}

    static void check(String className, String artifact, String purpose) {
        try {
            Class.forName(className, false, MissingLibrary.class.getClassLoader());
        } catch (ClassNotFoundException | LinkageError e) {
            throw new IllegalStateException(
                    "LocalDsql needs " + artifact + " on the class path " + purpose + "; add it as a test dependency",
                    e);
        }
    }
}
