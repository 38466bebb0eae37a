package io.github.dsqlreach.internal.probe;

import io.github.dsqlreach.Evidence;
import io.github.dsqlreach.Failure;
import io.github.dsqlreach.FailureKind;
import io.github.dsqlreach.HostAndPort;
import io.github.dsqlreach.internal.Daemon;
import io.github.dsqlreach.internal.JvmSettings;
import io.github.dsqlreach.internal.Numbers;
import io.github.dsqlreach.internal.Quietly;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Connects to one of the addresses, in the resolver's order. The next address is tried when one fails or does not answer
 * for 250 ms (RFC 8305), so that one unreachable address does not use up the timeout. The first connection counts, and the
 * others are closed.
 */
final class TcpPhase {
    private static final long HEAD_START_MILLIS = 250;
    private static final long LATE_ANSWER_MILLIS = 250;
    private static final String IPV4_ONLY = "java.net.preferIPv4Stack";

    private final List<AddressAttempt> attempts = new ArrayList<>();
    private final BlockingQueue<AddressAttempt> ended = new LinkedBlockingQueue<>();
    private final Deadline deadline;

    private TcpPhase(Deadline deadline) {
        this.deadline = deadline;
    }

    static Step<Socket> run(List<InetAddress> addresses, int port, Deadline deadline) throws InterruptedException {
        return new TcpPhase(deadline).connect(addresses, port);
    }

    private Step<Socket> connect(List<InetAddress> addresses, int port) throws InterruptedException {
        long start = System.nanoTime();
        AddressAttempt winner = null;
        try {
            int open = 0;
            // A little longer than the deadline, which the attempts keep themselves, because a busy machine notices it
            // late.
            Deadline end = deadline.withGrace();
            for (int next = 0; winner == null && (isMore(addresses, next) || open > 0) && !end.isOver(); ) {
                if (isMore(addresses, next)) {
                    start(new InetSocketAddress(addresses.get(next++), port));
                    open++;
                }
                boolean more = isMore(addresses, next);
                AddressAttempt done = ended.poll(
                        more ? Math.min(HEAD_START_MILLIS, deadline.leftMillis()) : end.leftMillis(),
                        TimeUnit.MILLISECONDS);
                if (done != null) {
                    open--;
                    winner = done.failure == null ? done : null;
                }
            }
        } finally {
            closeAllBut(winner);
        }
        return winner != null ? connected(winner, start) : failed(addresses, port, start);
    }

    private boolean isMore(List<InetAddress> addresses, int next) {
        return next < addresses.size() && !deadline.isOver();
    }

    private void start(InetSocketAddress address) {
        AddressAttempt attempt = new AddressAttempt(address);
        attempts.add(attempt);
        try {
            Daemon.start("dsql-reach-connect", attempt);
        } catch (OutOfMemoryError e) {
            attempt.fail(Failures.of(e));
        }
    }

    private void closeAllBut(@Nullable AddressAttempt winner) {
        for (AddressAttempt attempt : attempts) {
            if (attempt != winner) {
                attempt.abandon();
            }
        }
    }

    private Step<Socket> connected(AddressAttempt winner, long start) {
        Duration took = winner.took();
        Evidence evidence = Evidence.builder()
                .put(Evidence.ADDRESS, winner.where())
                .put(Evidence.ROUND_TRIP_MILLIS, took.toNanos() / 1e6)
                .put(Evidence.ATTEMPTS, describe())
                .put(Evidence.JVM_SETTINGS, JvmSettings.of(List.of(JvmSettings.Topic.TCP)))
                .put(Evidence.NOTES, remarks(took))
                .build();
        return Step.passed(winner.socket, evidence, start);
    }

    /** The system sends the first packet again after 1 s, and again after 2 s or 3 s in all. */
    static List<String> remarks(Duration took) {
        long millis = took.toMillis();
        boolean late = millis >= 1000 && millis < 4000 && millis % 1000 < LATE_ANSWER_MILLIS;
        return late
                ? List.of("connecting took just over " + millis / 1000
                        + " s, which suggests a lost packet that was sent again")
                : List.of();
    }

    private Step<Socket> failed(List<InetAddress> addresses, int port, long start) {
        FailureKind kind = decisive();
        Evidence.Builder evidence = Evidence.builder()
                .put(Evidence.ATTEMPTS, describe())
                .put(Evidence.JVM_SETTINGS, JvmSettings.of(List.of(JvmSettings.Topic.TCP)));
        List<AddressAttempt> alike =
                attempts.stream().filter(attempt -> attempt.kindNow() == kind).toList();
        String targets = attempts.size() == 1
                ? new HostAndPort(addresses.get(0).getHostAddress().replaceFirst("%.*", ""), port).toString()
                : alike.size() == attempts.size()
                        ? "all " + attempts.size() + " addresses, port " + port
                        : alike.size() + " of " + attempts.size() + " addresses, port " + port;
        Optional<AddressAttempt> decisive = alike.stream().findFirst();
        String proxy = decisive.flatMap(attempt -> attempt.proxy).orElse("");
        String reason =
                decisive.map(attempt -> attempt.failure).map(Failure::message).orElse("");
        String message;
        if (kind == FailureKind.PROXY_FAILED) {
            message = proxy + " failed: " + reason;
        } else if (kind == FailureKind.JVM_SETTING) {
            message = reason;
            evidence.put(Evidence.SETTING, JvmSettings.systemProperty(IPV4_ONLY).orElse(""))
                    .put(Evidence.SETTING_EFFECT, reason);
        } else if (kind.isLocal() || kind == FailureKind.UNCLASSIFIED) {
            message = reason;
        } else {
            message = kind.label() + " at " + targets + (proxy.isEmpty() ? "" : " through " + proxy);
        }
        return Step.failed(new Failure(kind, message), evidence.build(), start);
    }

    /** The kind to report if the addresses failed in several ways: the one that says most. */
    private FailureKind decisive() {
        return attempts.stream()
                .map(AddressAttempt::kindNow)
                .min(Comparator.comparing(TcpPhase::rank))
                .orElse(FailureKind.OUT_OF_TIME);
    }

    /**
     * A machine without resources has tested nothing, so its errors come first. "Unreachable" says least, because on a
     * machine with only one of IPv4 and IPv6 all addresses of the other kind are unreachable or not permitted.
     */
    private static int rank(FailureKind kind) {
        return switch (kind) {
            case NO_FILE_HANDLE, NO_LOCAL_PORT, NO_MEMORY, NO_THREAD -> 0;
            case OUT_OF_TIME -> 2;
            case NOT_PERMITTED, JVM_SETTING -> 3;
            case UNREACHABLE -> 4;
            default -> 1;
        };
    }

    private List<String> describe() {
        return attempts.stream().map(AddressAttempt::toString).toList();
    }

    private final class AddressAttempt implements Runnable {
        private final InetSocketAddress address;
        private final Socket socket = new Socket();
        private final long start = System.nanoTime();
        private final Optional<String> proxy;
        private volatile @Nullable Duration took;
        private volatile @Nullable Failure failure;
        private volatile boolean abandoned;
        private volatile long began;

        AddressAttempt(InetSocketAddress address) {
            this.address = address;
            this.proxy = Socks.proxyFor(address);
        }

        @Override
        public void run() {
            try {
                began = System.nanoTime();
                socket.setTcpNoDelay(true);
                socket.connect(address, deadline.leftMillis());
                took = Step.since(began);
            } catch (IOException e) {
                if (!abandoned) {
                    Duration elapsed = Step.since(began);
                    fail(ofFamily()
                            .or(() -> proxy.flatMap(through -> Socks.failureOf(e)))
                            .orElseGet(() -> Failures.ofConnect(e, address, elapsed, deadline)));
                }
                return;
            } catch (RuntimeException | Error e) {
                // Without a result the address would count as one that does not answer.
                fail(abandoned ? Failure.of(FailureKind.UNCLASSIFIED) : Failures.of(e));
                return;
            }
            ended.add(this);
            if (abandoned) {
                close();
            }
        }

        /** The JDK cannot connect to an IPv6 address then. */
        private Optional<Failure> ofFamily() {
            return address.getAddress() instanceof Inet6Address
                            && JvmSettings.systemProperty(IPV4_ONLY).isPresent()
                    ? Optional.of(new Failure(
                            FailureKind.JVM_SETTING, "this JVM uses IPv4 only and cannot connect to " + where()))
                    : Optional.empty();
        }

        void fail(Failure why) {
            failure = why;
            // Last, because this field tells other threads that the attempt has ended.
            took = Step.since(began == 0 ? start : began);
            close();
            ended.add(this);
        }

        /** The duration of the attempt, until now if it has not ended. */
        Duration took() {
            return took == null ? Step.since(began) : took;
        }

        void abandon() {
            abandoned = true;
            close();
        }

        private void close() {
            Quietly.close(socket);
        }

        /** The failure. An attempt that has not ended is a timeout if it began early enough. */
        FailureKind kindNow() {
            Failure known = failure;
            if (took != null && known != null) {
                return known.kind();
            }
            long listened = began == 0 ? 0 : System.nanoTime() - began;
            return TimeoutAssessment.whenConnecting(listened, deadline).kind();
        }

        String where() {
            return new HostAndPort(address.getAddress().getHostAddress().replaceFirst("%.*", ""), address.getPort())
                    .toString();
        }

        @Override
        public String toString() {
            if (took == null) {
                return where() + " no answer in " + Numbers.print(Step.since(start));
            }
            Failure known = failure;
            return where() + " " + (known == null ? "connected" : words(known)) + " after " + Numbers.print(took);
        }

        private static String words(Failure failure) {
            return failure.kind() == FailureKind.UNCLASSIFIED || failure.kind() == FailureKind.PROXY_FAILED
                    ? failure.kind().label() + " (" + failure.message() + ")"
                    : failure.message();
        }
    }
}
