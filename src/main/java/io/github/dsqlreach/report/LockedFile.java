package io.github.dsqlreach.report;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;

/** What several JVMs read and write, one at a time: from opening to closing it is this one's. */
final class LockedFile implements Closeable {
    private static final int LARGEST = 16 << 20;

    private final FileChannel channel;

    /**
     * Waits for other JVMs, and for other class loaders of this one; the channel's end is the lock's.
     *
     * @param readOnly whether others may read at the same time; else the file is made if it is not there
     */
    LockedFile(Path file, boolean readOnly, OpenOption... further) throws IOException {
        Set<OpenOption> options = new HashSet<>(List.of(further));
        options.add(StandardOpenOption.READ);
        if (!readOnly) {
            options.add(StandardOpenOption.WRITE);
            options.add(StandardOpenOption.CREATE);
        }
        channel = FileChannel.open(file, options);
        while (true) {
            try {
                channel.lock(0, Long.MAX_VALUE, readOnly);
                return;
            } catch (OverlappingFileLockException e) {
                LockSupport.parkNanos(1_000_000);
            } catch (IOException | RuntimeException e) {
                channel.close();
                throw e;
            }
        }
    }

    long size() throws IOException {
        return channel.size();
    }

    byte[] bytes() throws IOException {
        if (channel.size() > LARGEST) {
            throw new IOException("it has " + channel.size() + " bytes, and no record is larger than " + LARGEST);
        }
        ByteBuffer bytes = ByteBuffer.allocate((int) channel.size());
        while (bytes.hasRemaining() && channel.read(bytes, bytes.position()) >= 0) {
            // Until the end.
        }
        return Arrays.copyOf(bytes.array(), bytes.position());
    }

    /** Has these bytes stand from there to the end; whoever is killed in between leaves more than that, never less. */
    void replace(long from, byte[] with) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(with);
        long end = from + bytes.remaining();
        while (bytes.hasRemaining()) {
            channel.write(bytes, end - bytes.remaining());
        }
        channel.truncate(end);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
