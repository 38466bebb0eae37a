package io.github.dsqlreach.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.Phase;
import io.github.dsqlreach.report.Reported;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

// SECURITY.md: no link leads to another file.
class BuildMemoryTest {
    @TempDir
    private Path directory;

    @Test
    void doesNotFollowALink() throws IOException {
        Path victim = Files.writeString(directory.resolve("victim"), "precious");
        Files.createSymbolicLink(directory.resolve(".name.build"), victim);
        Reported reported =
                Reported.of(OnFakeNetwork.Extension.up(Endpoint.parse("up.dsql.us-east-1.on.aws"), Phase.QUERY));

        assertThatIOException().isThrownBy(() -> BuildMemory.merge(directory, "name", reported));

        assertThat(victim).hasContent("precious");
    }
}
