package io.github.dsqlreach.internal.probe;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What the kernel of Linux knows about a connection: whether the other side has acknowledged what was sent, and whether
 * received bytes are unread. Other systems have no such table.
 *
 * @param unacknowledged sent bytes without an acknowledgement
 * @param unread received bytes that were not read
 * @param retransmissions how often the kernel has repeated unacknowledged bytes
 */
record SocketTable(long unacknowledged, long unread, long retransmissions) {
    /** If the kernel has IPv6, all of Java's sockets are in the first file, otherwise in the second one. */
    private static final List<Path> FILES = List.of(Path.of("/proc/net/tcp6"), Path.of("/proc/net/tcp"));
    /** The entries of several ten thousand connections. */
    private static final int MOST_BYTES = 4 << 20;

    private static final int LOCAL = 1;
    private static final int REMOTE = 2;
    private static final int QUEUES = 4;
    private static final int RETRANSMISSIONS = 6;

    /** The entry of that connection; empty on systems without the table. */
    static Optional<SocketTable> of(Socket socket) {
        if (socket.getInetAddress() == null || socket.getLocalAddress() == null) {
            return Optional.empty();
        }
        String local = hex(socket.getLocalAddress()) + port(socket.getLocalPort());
        String remote = hex(socket.getInetAddress()) + port(socket.getPort());
        return FILES.stream()
                .map(SocketTable::read)
                .flatMap(String::lines)
                // Before the split, which takes longer than reading on a machine with many connections.
                .filter(line -> line.contains(local))
                .map(line -> line.strip().split("\\s+"))
                .filter(columns -> columns.length > RETRANSMISSIONS
                        && columns[LOCAL].endsWith(local)
                        && columns[REMOTE].endsWith(remote))
                .findFirst()
                .flatMap(SocketTable::parse);
    }

    private static String port(int port) {
        return String.format(Locale.ROOT, ":%04X", port);
    }

    private static String read(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            return new String(in.readNBytes(MOST_BYTES), StandardCharsets.US_ASCII);
        } catch (IOException e) {
            return "";
        }
    }

    /** The address in the kernel's notation: words of four bytes in the machine's byte order. */
    private static String hex(InetAddress address) {
        ByteBuffer bytes = ByteBuffer.wrap(address.getAddress());
        StringBuilder text = new StringBuilder();
        while (bytes.hasRemaining()) {
            int word = bytes.getInt();
            text.append(String.format(
                    Locale.ROOT,
                    "%08X",
                    ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN ? Integer.reverseBytes(word) : word));
        }
        return text.toString();
    }

    private static Optional<SocketTable> parse(String[] columns) {
        try {
            String[] queues = columns[QUEUES].split(":");
            return Optional.of(new SocketTable(
                    Long.parseLong(queues[0], 16),
                    Long.parseLong(queues[1], 16),
                    Long.parseLong(columns[RETRANSMISSIONS], 16)));
        } catch (RuntimeException e) {
            return Optional.empty();
        }
    }
}
