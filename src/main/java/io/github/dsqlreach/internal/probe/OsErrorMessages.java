package io.github.dsqlreach.internal.probe;

import java.io.FileInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The operating system's messages for errors that have no Java type of their own. The English messages are known. Linux
 * translates them, so other messages are learned: the error is caused on purpose, without a packet leaving this machine.
 *
 * <p>While this machine itself has an error, every attempt fails with the message of that error. Such a message must not
 * be learned, or the error would later be reported as one of the network. Therefore all of this must hold, or else nothing
 * is learned and the next question tries again:
 *
 * <ul>
 *   <li>The last step fails with the expected type, twice, with the same message.
 *   <li>A connection over loopback works before and after, if the error is caused by means of the network.
 *   <li>The message is not that of a constant above.
 * </ul>
 */
enum OsErrorMessages {
    /** EPERM. Caused without the network, because this machine may forbid its use with this error. */
    NOT_PERMITTED(false, "Operation not permitted") {
        @Override
        Optional<String> cause() throws IOException {
            Path directory = Files.createTempDirectory("dsql-reach");
            try {
                // A hard link to a directory is not permitted.
                Files.createLink(directory.resolve("link"), directory);
                return Optional.empty();
            } catch (FileSystemException e) {
                return Optional.ofNullable(e.getReason());
            } finally {
                Files.delete(directory);
            }
        }
    },
    /** EADDRNOTAVAIL. */
    ADDRESS_NOT_AVAILABLE(
            true, "Cannot assign requested address", "Can't assign requested address", "Address not available") {
        @Override
        Optional<String> cause() throws IOException {
            try (ServerSocket none = new ServerSocket()) {
                // TEST-NET-1 is never an own address.
                SocketAddress address =
                        new InetSocketAddress(InetAddress.getByAddress(new byte[] {(byte) 192, 0, 2, 1}), 0);
                return failure(BindException.class, () -> none.bind(address));
            }
        }
    },
    /** EACCES. Caused without the network, for the same reason, and only on Linux, which translates it. */
    ACCESS_DENIED(false, "Permission denied") {
        @Override
        Optional<String> cause() throws IOException {
            // The first file is write-only, even for root. Reading the second one shows that there are file handles.
            Path writeOnly = Path.of("/proc/sys/net/ipv4/route/flush");
            Path readable = Path.of("/proc/version");
            if (!Files.exists(writeOnly) || !Files.exists(readable)) {
                return Optional.empty();
            }
            new FileInputStream(readable.toFile()).close();
            try {
                new FileInputStream(writeOnly.toFile()).close();
                return Optional.empty();
            } catch (FileNotFoundException e) {
                String message = String.valueOf(e.getMessage());
                return Optional.of(message.substring(message.lastIndexOf('(') + 1, message.length() - 1));
            }
        }
    },
    /** ENETUNREACH. */
    UNREACHABLE(true, "Network is unreachable") {
        @Override
        Optional<String> cause() throws IOException {
            try (Socket socket = new Socket(Proxy.NO_PROXY)) {
                socket.setTcpNoDelay(true);
                // The kernel rejects TCP to a multicast address at once.
                SocketAddress group =
                        new InetSocketAddress(InetAddress.getByAddress(new byte[] {(byte) 224, 0, 0, 1}), 9);
                return failure(SocketException.class, () -> socket.connect(group, STEP_MILLIS));
            }
        }
    },
    /** EPIPE: the other side closed the connection before this write. */
    BROKEN_PIPE(true, "Broken pipe", "An established connection was aborted", "Software caused connection abort") {
        @Override
        Optional<String> cause() throws IOException {
            Pipe pipe = Pipe.open();
            try (Pipe.SinkChannel sink = pipe.sink()) {
                pipe.source().close();
                return failure(IOException.class, () -> sink.write(ByteBuffer.wrap(new byte[1])));
            }
        }
    },
    /** ECONNRESET: the other side reset the connection before this write. */
    RESET(true, "Connection reset", "An existing connection was forcibly closed") {
        @Override
        Optional<String> cause() throws IOException {
            try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                    Socket client = new Socket(Proxy.NO_PROXY)) {
                client.connect(server.getLocalSocketAddress(), STEP_MILLIS);
                server.setSoTimeout(STEP_MILLIS);
                try (Socket peer = server.accept()) {
                    peer.setSoLinger(true, 0);
                }
                return failure(
                        SocketException.class, () -> client.getOutputStream().write(1));
            }
        }
    },
    /** EAI_NONAME: a name that does not exist. */
    NO_SUCH_NAME(true, "Name or service not known") {
        @Override
        Optional<String> cause() throws IOException {
            // The C library rejects a label of more than 63 characters itself, without a query. The name is a new
            // one each time, because the JDK caches failures without the message.
            String host = String.format(Locale.ROOT, "%064d.invalid", System.nanoTime());
            try {
                InetAddress.getAllByName(host);
                return Optional.empty();
            } catch (UnknownHostException e) {
                return reason(e, host);
            }
        }
    },
    /** EMFILE and ENFILE. */
    TOO_MANY_FILES(false, "Too many open files", "No file descriptors available"),
    /** EADDRINUSE. On Windows a connection without a free local port fails with it. */
    ADDRESS_IN_USE(false, "Address already in use", "Address in use"),
    /** ENOBUFS and ENOMEM. */
    NO_BUFFERS(
            false,
            "No buffer space available",
            "Cannot allocate memory",
            "Not enough space",
            "Not enough memory",
            "Out of memory");

    private static final int STEP_MILLIS = 1_000;

    /** Messages of other systems for a name that does not exist or has no address. There is no type for that. */
    private static final Pattern OTHERS_NO_SUCH_NAME =
            Pattern.compile("(?i)no such host|nodename nor servname|no address associated"
                    + "|unable to resolve host|name does not resolve|not known");

    private final boolean usesNetwork;
    private final List<String> english;
    private @Nullable String learned;

    /**
     * @param usesNetwork whether the error is caused by means of the network
     * @param english the beginnings of the English messages
     */
    OsErrorMessages(boolean usesNetwork, String... english) {
        this.usesNetwork = usesNetwork;
        this.english = List.of(english);
    }

    /**
     * Causes the error.
     *
     * @return its message; empty if it did not occur, or cannot be caused
     * @throws IOException if an earlier step failed
     */
    Optional<String> cause() throws IOException {
        return Optional.empty();
    }

    /** The step that must fail. */
    interface Step {
        void run() throws IOException;
    }

    /** The message of the failure, if it has exactly that type. */
    static Optional<String> failure(Class<? extends IOException> type, Step step) {
        try {
            step.run();
            return Optional.empty();
        } catch (IOException e) {
            return Optional.ofNullable(e.getMessage()).filter(text -> e.getClass() == type);
        }
    }

    /** Whether an exception's message is that of this error. */
    boolean is(@Nullable String message) {
        return message != null
                && !message.isEmpty()
                && (isEnglish(message) || !isEnglishForAny(message) && message.equals(learned()));
    }

    /** Whether the message in the language of this machine is known. */
    boolean isKnown() {
        return learned() != null;
    }

    private static boolean isEnglishForAny(String message) {
        return Arrays.stream(values()).anyMatch(any -> any.isEnglish(message));
    }

    private boolean isEnglish(String message) {
        return english.stream().anyMatch(text -> message.regionMatches(true, 0, text, 0, text.length()));
    }

    private synchronized @Nullable String learned() {
        if (learned == null) {
            learned = learn().orElse(null);
        }
        return learned;
    }

    private Optional<String> learn() {
        try {
            if (!isWell()) {
                return Optional.empty();
            }
            Optional<String> text = cause();
            return text.equals(cause()) && isWell() ? text.filter(this::isNoOther) : Optional.empty();
        } catch (IOException | RuntimeException e) {
            return Optional.empty();
        }
    }

    /** Whether it is neither an English message of another error nor the message of a constant above. */
    private boolean isNoOther(String text) {
        for (OsErrorMessages other : values()) {
            if (other != this && (other.isEnglish(text) || other.compareTo(this) < 0 && other.is(text))) {
                return false;
            }
        }
        return true;
    }

    private boolean isWell() {
        return !usesNetwork || loopbackFailure().isEmpty();
    }

    /** The message with which a connection over loopback fails now; empty if it works. */
    static Optional<IOException> loopbackFailure() {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                Socket client = new Socket(Proxy.NO_PROXY)) {
            client.connect(server.getLocalSocketAddress(), STEP_MILLIS);
            server.setSoTimeout(STEP_MILLIS);
            server.accept().close();
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of(e);
        }
    }

    /** The system's message about that name; empty if the JDK only repeats a cached failure. */
    static Optional<String> reason(UnknownHostException e, String host) {
        String message = String.valueOf(e.getMessage());
        String prefix = host + ": ";
        return message.equals(host) || message.equals("null")
                ? Optional.empty()
                : Optional.of(message.startsWith(prefix) ? message.substring(prefix.length()) : message);
    }

    /** Whether the system says that the name does not exist. */
    static boolean isNoSuchName(UnknownHostException e, String host) {
        String reason = reason(e, host).orElse("");
        return NO_SUCH_NAME.is(reason) || OTHERS_NO_SUCH_NAME.matcher(reason).find();
    }
}
