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
 * What Linux tells every user about a connection: whether what was sent has arrived at the other side, and whether an
 * answer is here that nobody read yet. Other systems have no such table, and then nothing is known.
 *
 * @param unacknowledged bytes sent that the other side's kernel has not confirmed
 * @param unread bytes that arrived and were not read
 * @param retransmissions how often the kernel has repeated what is not confirmed
 */
record SocketTable(long unacknowledged, long unread, long retransmissions) {
    /** With an IPv6 stack Java's sockets are all there; else all in the other one. */
    private static final List<Path> FILES = List.of(Path.of("/proc/net/tcp6"), Path.of("/proc/net/tcp"));
    /** Some ten thousand connections. */
    private static final int MOST_BYTES = 4 << 20;

    private static final int LOCAL = 1;
    private static final int REMOTE = 2;
    private static final int QUEUES = 4;
    private static final int RETRANSMISSIONS = 6;

    /** The entry of that connection; empty where this system has none. */
    static Optional<SocketTable> of(Socket socket) {
        if (socket.getInetAddress() == null || socket.getLocalAddress() == null) {
            return Optional.empty();
        }
        String local = hex(socket.getLocalAddress()) + port(socket.getLocalPort());
        String remote = hex(socket.getInetAddress()) + port(socket.getPort());
        return FILES.stream()
                .map(SocketTable::read)
                .flatMap(String::lines)
                // Before it is taken apart: on a machine with many connections that takes longer than reading.
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

    /** The address as the end of the kernel's notation: words of four bytes in the machine's order. */
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
