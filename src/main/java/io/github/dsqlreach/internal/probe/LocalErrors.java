package io.github.dsqlreach.internal.probe;

import io.github.dsqlreach.Failure;
import io.github.dsqlreach.FailureKind;
import io.github.dsqlreach.Scrubber;
import io.github.dsqlreach.internal.Quietly;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.nio.channels.DatagramChannel;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Recognizes errors of this machine, which are never evidence about the network: no file handle, local port, memory or
 * thread left, a connection that this machine forbids, loopback down.
 */
public final class LocalErrors {
    private static final int LONGEST_MESSAGE = 200;
    private static final int LONGEST_CHAIN = 10;
    /** The handles that a name lookup and a connection need at once. */
    private static final int HANDLES = 4;

    private static final int DNS_PORT = 53;
    private static final Path ANY_FILE = Path.of(System.getProperty("java.home"), "release");

    private LocalErrors() {}

    /** The error of this machine that an exception or error certainly means; empty if there is none. */
    public static Optional<Failure> of(Throwable e) {
        return chain(e).map(LocalErrors::ofOne).flatMap(Optional::stream).findFirst();
    }

    private static Optional<Failure> ofOne(Throwable e) {
        Optional<FailureKind> kind = isSystemError(e) ? resource(e) : Optional.empty();
        return kind.or(() -> isNetworkError(e) ? ofText(e.getMessage()) : Optional.empty())
                .or(() -> isSystemError(e) && isOutOfHandles(e.getMessage())
                        ? Optional.of(FailureKind.NO_FILE_HANDLE)
                        : Optional.empty())
                .map(known -> failure(known, e));
    }

    /**
     * The same for a credentials provider, even in a message that lists everything it tried. Permissions do not count,
     * because they may be those of a file.
     */
    static Optional<Failure> ofResources(Throwable e) {
        return chain(e).map(cause -> resource(cause).map(kind -> failure(kind, cause)))
                .flatMap(Optional::stream)
                .findFirst();
    }

    /** The error of this machine that made a connection to that address fail; empty if there is none. */
    static Optional<Failure> ofConnect(IOException e, InetSocketAddress address) {
        Optional<Failure> certain = of(e);
        if (certain.isPresent()) {
            // Without an own address of the family, such as IPv6, the system reports the same error as without a port.
            return certain.filter(failure -> failure.kind() != FailureKind.NO_LOCAL_PORT || hasRoute(address));
        }
        if (address.getAddress().isLoopbackAddress() && isLoopbackDown()) {
            return Optional.of(failure(FailureKind.LOOPBACK_DOWN, e));
        }
        // The type means this or the missing permission, whose message is known.
        return e instanceof BindException && OsErrorMessages.ACCESS_DENIED.isKnown() && hasRoute(address)
                ? Optional.of(failure(FailureKind.NO_LOCAL_PORT, e))
                : Optional.empty();
    }

    /**
     * The error of this machine that makes lookups fail now. The C library reports it as no answer from the server, or as an
     * unknown name.
     */
    static Optional<Failure> ofLookup() {
        List<DatagramChannel> open = new ArrayList<>();
        try {
            for (int i = 0; i < HANDLES; i++) {
                open.add(DatagramChannel.open());
            }
            open.get(0).connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), DNS_PORT));
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of(of(e).orElseGet(() -> isLoopbackDown()
                    ? failure(FailureKind.LOOPBACK_DOWN, e)
                    : new Failure(
                            FailureKind.UNCLASSIFIED,
                            "this machine cannot ask for a name: "
                                    + Scrubber.line(String.valueOf(e.getMessage()), LONGEST_MESSAGE))));
        } finally {
            open.forEach(Quietly::close);
        }
    }

    /** Whether the kernel has a route. Connecting a datagram socket tests that, and sends nothing. */
    static boolean hasRoute(InetSocketAddress address) {
        try (DatagramChannel channel = DatagramChannel.open()) {
            try {
                channel.connect(address);
                return true;
            } catch (IOException | RuntimeException e) {
                return false;
            }
        } catch (IOException e) {
            // There is no socket, which says nothing about routes.
            return true;
        }
    }

    /** Whether a connection over loopback fails with the same message now, although loopback is up. */
    static boolean failsOnLoopback(IOException e) {
        return !isLoopbackDown()
                && OsErrorMessages.loopbackFailure()
                        .filter(failure -> Objects.equals(failure.getMessage(), e.getMessage()))
                        .isPresent();
    }

    /** Java lists only interfaces that are up or have an address. */
    private static boolean isLoopbackDown() {
        try {
            NetworkInterface loopback = NetworkInterface.getByInetAddress(InetAddress.getLoopbackAddress());
            return loopback == null || !loopback.isUp();
        } catch (SocketException e) {
            return false;
        }
    }

    /** Whether no file can be opened now, and opening a socket fails with a text that the message contains. */
    private static boolean isOutOfHandles(@Nullable String message) {
        try {
            DatagramChannel.open().close();
            return false;
        } catch (IOException socket) {
            try {
                FileChannel.open(ANY_FILE).close();
                return false;
            } catch (IOException e) {
                return message != null && message.contains(String.valueOf(socket.getMessage()));
            }
        }
    }

    private static Optional<FailureKind> resource(Throwable e) {
        String message = String.valueOf(e.getMessage());
        if (e instanceof OutOfMemoryError) {
            return Optional.of(message.contains("native thread") ? FailureKind.NO_THREAD : FailureKind.NO_MEMORY);
        }
        return message.contains("Too many open files") ? Optional.of(FailureKind.NO_FILE_HANDLE) : Optional.empty();
    }

    /** Exceptions whose message is the system's, perhaps after a file name. Others may quote a server. */
    private static boolean isSystemError(Throwable e) {
        return isNetworkError(e)
                || e instanceof Error
                || e instanceof FileNotFoundException
                || e instanceof FileSystemException;
    }

    /** Exceptions of sockets. Exceptions of files have other types. */
    private static boolean isNetworkError(Throwable e) {
        return e.getClass() == IOException.class || e.getClass() == SocketException.class || e instanceof BindException;
    }

    private static Optional<FailureKind> ofText(@Nullable String text) {
        if (OsErrorMessages.TOO_MANY_FILES.is(text)) {
            return Optional.of(FailureKind.NO_FILE_HANDLE);
        }
        if (OsErrorMessages.NO_BUFFERS.is(text)) {
            return Optional.of(FailureKind.NO_MEMORY);
        }
        if (OsErrorMessages.ADDRESS_NOT_AVAILABLE.is(text) || OsErrorMessages.ADDRESS_IN_USE.is(text)) {
            return Optional.of(FailureKind.NO_LOCAL_PORT);
        }
        return OsErrorMessages.NOT_PERMITTED.is(text) || OsErrorMessages.ACCESS_DENIED.is(text)
                ? Optional.of(FailureKind.NOT_PERMITTED)
                : Optional.empty();
    }

    private static Failure failure(FailureKind kind, Throwable e) {
        return new Failure(
                kind, kind.label() + " (" + Scrubber.line(String.valueOf(e.getMessage()), LONGEST_MESSAGE) + ")");
    }

    private static Stream<Throwable> chain(Throwable e) {
        return Stream.<Throwable>iterate(e, Objects::nonNull, Throwable::getCause)
                .limit(LONGEST_CHAIN);
    }
}
