package io.github.dsqlreach.internal;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;

/** Reads files of others: only regular ones, which cannot block, and only up to a size. */
public final class BoundedFiles {
    private BoundedFiles() {}

    /**
     * The text of a file in UTF-8.
     *
     * @param options {@link LinkOption#NOFOLLOW_LINKS} to reject links
     * @throws java.nio.charset.CharacterCodingException if it is not UTF-8
     * @throws IOException if the file cannot be read, is not a regular file, or is larger
     */
    public static String readText(Path file, int mostBytes, LinkOption... options) throws IOException {
        return StandardCharsets.UTF_8
                .newDecoder()
                .decode(ByteBuffer.wrap(readBytes(file, mostBytes, options)))
                .toString();
    }

    /**
     * The bytes of a file.
     *
     * @throws IOException if the file cannot be read, is not a regular file, or is larger
     */
    public static byte[] readBytes(Path file, int mostBytes, LinkOption... options) throws IOException {
        // Opening a FIFO would wait for a writer.
        if (!Files.readAttributes(file, BasicFileAttributes.class, options).isRegularFile()) {
            throw new IOException("it is not a regular file");
        }
        try (InputStream in = Files.newInputStream(file, options)) {
            byte[] bytes = in.readNBytes(mostBytes + 1);
            if (bytes.length > mostBytes) {
                throw new IOException("it is larger than " + mostBytes / 1_000_000 + " MB, the limit");
            }
            return bytes;
        }
    }
}
