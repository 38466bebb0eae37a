package io.github.dsqlreach.internal.probe;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What this system says, in the language it runs in, for errors that Java hands on as a text only. The texts are learned
 * by causing each error once on purpose, without a packet leaving this machine or a proxy having a say, and not before an
 * error needs it. English words alone would not do: Linux and Windows translate them.
 */
enum OsErrorMessages {
    /** A name that does not exist. */
    NO_SUCH_NAME("Name or service not known") {
        @Override
        void provoke() throws IOException {
            // A label of more than 63 characters cannot be asked for, so that the C library answers itself.
            // Never the same, because the JDK remembers that a lookup failed without remembering why.
            String host = String.format(Locale.ROOT, "%064d.invalid", System.nanoTime());
            try {
                InetAddress.getAllByName(host);
            } catch (UnknownHostException e) {
                throw new IOException(reason(e, host).orElse(null), e);
            }
        }
    },
    /** The network is unreachable. */
    UNREACHABLE("Network is unreachable") {
        @Override
        void provoke() throws IOException {
            try (Socket socket = new Socket(Proxy.NO_PROXY)) {
                // TCP to a group of hosts: the kernel refuses at once.
                socket.connect(new InetSocketAddress(InetAddress.getByAddress(new byte[] {(byte) 224, 0, 0, 1}), 9), 1);
            }
        }
    },
    /** Written to a connection that the other side closed. */
    BROKEN_PIPE("Broken pipe", "An established connection was aborted") {
        @Override
        void provoke() throws IOException {
            Pipe pipe = Pipe.open();
            try (Pipe.SinkChannel sink = pipe.sink()) {
                pipe.source().close();
                sink.write(ByteBuffer.wrap(new byte[1]));
            }
        }
    },
    /** A connection that the other side reset. */
    RESET("Connection reset by peer", "An existing connection was forcibly closed") {
        @Override
        void provoke() throws IOException {
            try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                    Socket client = new Socket(Proxy.NO_PROXY)) {
                client.connect(server.getLocalSocketAddress());
                Socket peer = server.accept();
                peer.setSoLinger(true, 0);
                peer.close();
                client.getOutputStream().write(1);
            }
        }
    };

    /** What other systems say for "no such name", or for a name without addresses; there is no type that tells. */
    private static final Pattern OTHERS_NO_SUCH_NAME =
            Pattern.compile("(?i)no such host|nodename nor servname|no address associated"
                    + "|unable to resolve host|name does not resolve|not known");

    private final List<String> english;
    private @Nullable String learned;

    /** How the text begins in English, on Unix and, where it differs, on Windows. */
    OsErrorMessages(String... english) {
        this.english = List.of(english);
    }

    /** Causes the error. */
    abstract void provoke() throws IOException;

    /** Whether an exception's message is this system's text. */
    boolean is(@Nullable String message) {
        if (message == null || message.isEmpty()) {
            return false;
        }
        return english.stream().anyMatch(text -> message.regionMatches(true, 0, text, 0, text.length()))
                || message.equals(learned());
    }

    private synchronized String learned() {
        if (learned == null) {
            learned = english.get(0);
            try {
                provoke();
            } catch (IOException e) {
                learned = String.valueOf(e.getMessage());
            }
        }
        return learned;
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
