package io.github.dsqlreach.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.dsqlreach.Background;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LockedFileTest {
    private static final String OF_OTHERS = "of others\n";
    private static final int ROUNDS = 200;

    @TempDir
    private Path directory;

    /** At each moment its writer may be killed. */
    @Test
    void isNeverWithoutWhatItHasBeforeAndAfter() throws Exception {
        Path file = directory.resolve("file");
        String longer = OF_OTHERS.repeat(100_000);
        String shorter = OF_OTHERS.repeat(60_000);
        replace(file, 0, OF_OTHERS + longer);
        AtomicBoolean done = new AtomicBoolean();
        CompletableFuture<Long> smallest = Background.call(() -> smallestSize(file, done));

        try {
            for (int i = 0; i < ROUNDS; i++) {
                replace(file, OF_OTHERS.length(), i % 2 == 0 ? shorter : longer);
            }
        } finally {
            done.set(true);
        }

        assertThat(smallest.join()).isGreaterThanOrEqualTo(OF_OTHERS.length() + shorter.length());
        assertThat(file).hasContent(OF_OTHERS + longer);
    }

    private static void replace(Path file, long from, String text) throws IOException {
        try (LockedFile locked = new LockedFile(file, false)) {
            locked.replace(from, text.getBytes(StandardCharsets.UTF_8));
        }
    }

    private static long smallestSize(Path file, AtomicBoolean done) throws IOException {
        long smallest;
        for (smallest = Files.size(file); !done.get(); ) {
            smallest = Math.min(smallest, Files.size(file));
        }
        return Math.min(smallest, Files.size(file));
    }
}
