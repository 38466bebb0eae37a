package io.github.dsqlreach.internal;

import com.google.gson.Gson;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import java.io.StringReader;

/** Reads strict JSON with the Gson version on the class path. */
public final class StrictJson {
    /** Exists since 2.10, the first version that binds records and reads deep nesting without recursion. */
    private static final String NEW_METHOD = "asMap";

    private StrictJson() {}

    /** A strict reader. Before 2.11 Gson accepts control characters in strings, {@code \'} and {@code TRUE}. */
    public static JsonReader reader(String text) {
        JsonReader reader = new JsonReader(new StringReader(text));
        try {
            reader.setStrictness(Strictness.STRICT);
        } catch (LinkageError e) {
            // This Gson has no stricter mode.
        }
        return reader;
    }

    /**
     * Checks that Gson is new enough.
     *
     * @throws IllegalStateException if it is too old; the message names the file
     */
    public static void check() {
        check(Gson.class);
    }

    static void check(Class<?> gson) {
        try {
            Class.forName("com.google.gson.JsonObject", false, gson.getClassLoader())
                    .getMethod(NEW_METHOD);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(
                    "dsql-reach needs Gson 2.10 or later, and "
                            + gson.getProtectionDomain().getCodeSource().getLocation()
                            + " on the class path is older: choose a newer com.google.code.gson:gson in your build"
                            + " (<dependencyManagement>, or Spring Boot's gson.version)",
                    e);
        }
    }
}
