package io.github.dsqlreach.internal;

import com.google.gson.Gson;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import java.io.StringReader;

/** Reads JSON as its standard has it, with the Gson that the user's build chose. */
public final class StrictJson {
    /** Since 2.10, which is the first that binds records, and reads deep nesting without deep calls. */
    private static final String NEW_METHOD = "asMap";

    private StrictJson() {}

    /** A reader of that text. Before 2.11 Gson lets control characters in texts, {@code \'} and {@code TRUE} pass. */
    public static JsonReader reader(String text) {
        JsonReader reader = new JsonReader(new StringReader(text));
        try {
            reader.setStrictness(Strictness.STRICT);
        } catch (LinkageError e) {
            // It is as strict as it can be.
        }
        return reader;
    }

    /**
     * Refuses a Gson that is too old.
     *
     * @throws IllegalStateException if it is; the message names the file
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
