package io.github.dsqlreach.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.google.gson.JsonParseException;
import com.google.gson.stream.MalformedJsonException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StrictJsonTest {
    @ParameterizedTest
    @ValueSource(strings = {"TRUE", "\"\\'\"", "\"\t\"", "{a: 1}", "[1,]"})
    void refusesWhatIsNoJson(String text) {
        assertThatThrownBy(() -> new Gson().getAdapter(JsonElement.class).read(StrictJson.reader(text)))
                .isInstanceOfAny(MalformedJsonException.class, JsonParseException.class);
    }

    @Test
    void takesTheGsonThatIsThere() {
        assertThatCode(StrictJson::check).doesNotThrowAnyException();
    }

    /** What it lacks is all that tells an old one; the compatibility matrix has a real one. */
    @Test
    void namesAnOldOne(@TempDir Path directory) throws Exception {
        Path types = Files.createDirectories(directory.resolve("com/google/gson"));
        for (String name : new String[] {"Gson", "JsonObject"}) {
            Path source = types.resolve(name + ".java");
            Files.writeString(source, "package com.google.gson; public class " + name + " {}");
            assertThat(ToolProvider.getSystemJavaCompiler().run(null, null, null, source.toString()))
                    .isZero();
        }
        try (URLClassLoader old =
                new URLClassLoader(new URL[] {directory.toUri().toURL()}, null)) {
            Class<?> gson = old.loadClass("com.google.gson.Gson");

            assertThatThrownBy(() -> StrictJson.check(gson))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContainingAll(
                            "needs Gson 2.10 or later",
                            directory.getFileName().toString(),
                            "com.google.code.gson:gson");
        }
    }
}
