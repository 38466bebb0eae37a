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
 * The operating system's texts for errors that Java reports as a text only. English texts are known. Linux translates
 * them, so a text that is not English is compared with one that is learned: the error is caused on purpose, without a
 * packet leaving this machine.
 *
 * <p>A text that is learned while this machine itself has an error would be that error's text, and the error would later
 * be taken for one of the network. Therefore only the last step of a cause counts, which must fail with the expected
 * type; it is caused twice, and both texts must be the same; a connection over loopback must work before and after unless the cause does not
 * use the network, and the text must not be that of an error that is learned earlier here. Otherwise nothing is learned, and the next question
 * tries again.
 */
enum OsErrorMessages {
    /** EPERM. Caused without the network, because this error is about being allowed to use it. */
    NOT_PERMITTED(false, "Operation not permitted") {
        @Override
        Optional<String> cause() throws IOException {
            Path directory = Files.createTempDirectory("dsql-reach");
            try {
                // A directory has no second name.
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
                // TEST-NET-1: no machine's own address.
                SocketAddress address =
                        new InetSocketAddress(InetAddress.getByAddress(new byte[] {(byte) 192, 0, 2, 1}), 0);
                return failure(BindException.class, () -> none.bind(address));
            }
        }
    },
    /** EACCES. Caused without the network, for the same reason; on Linux only, which translates it. */
    ACCESS_DENIED(false, "Permission denied") {
        @Override
        Optional<String> cause() throws IOException {
            // A setting that can only be written, by root too. The second file can be read: there are handles.
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
                // TCP to a group of hosts: the kernel refuses at once.
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
            // A label of more than 63 characters cannot be asked for, so that the C library answers itself.
            // Each time another one, because the JDK remembers that a lookup failed without remembering why.
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
    /** EADDRINUSE; of a connection, on Windows, that no local port is left. */
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

    /** What other systems say for "no such name", or for a name without addresses; there is no type that tells. */
    private static final Pattern OTHERS_NO_SUCH_NAME =
            Pattern.compile("(?i)no such host|nodename nor servname|no address associated"
                    + "|unable to resolve host|name does not resolve|not known");

    private final boolean usesNetwork;
    private final List<String> english;
    private @Nullable String learned;

    /**
     * @param usesNetwork whether it is learned by means of the network
     * @param english how the text begins in English, on the systems that differ
     */
    OsErrorMessages(boolean usesNetwork, String... english) {
        this.usesNetwork = usesNetwork;
        this.english = List.of(english);
    }

    /**
     * Causes the error.
     *
     * @return its text; empty if it did not occur, or cannot be caused on purpose
     * @throws IOException if another step failed
     */
    Optional<String> cause() throws IOException {
        return Optional.empty();
    }

    /** A step that is to fail. */
    interface Step {
        void run() throws IOException;
    }

    /** The text of its failure, if that is of exactly that type. */
    static Optional<String> failure(Class<? extends IOException> type, Step step) {
        try {
            step.run();
            return Optional.empty();
        } catch (IOException e) {
            return Optional.ofNullable(e.getMessage()).filter(text -> e.getClass() == type);
        }
    }

    /** Whether an exception's message is this text. */
    boolean is(@Nullable String message) {
        return message != null
                && !message.isEmpty()
                && (isEnglish(message) || !isEnglishForAny(message) && message.equals(learned()));
    }

    /** Whether it is known in the language of this machine. */
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

    /** Not the English text of another error, nor the text of one that is learned earlier. */
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

    /** Why a connection over loopback fails on this machine now; empty if it works. */
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

    /** What the system said of that name; empty where the JDK only remembers that a lookup failed before. */
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
