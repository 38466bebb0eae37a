package io.github.dsqlreach.internal.probe;

import io.github.dsqlreach.Evidence;
import io.github.dsqlreach.Failure;
import io.github.dsqlreach.FailureKind;
import io.github.dsqlreach.HostAndPort;
import io.github.dsqlreach.internal.Daemon;
import io.github.dsqlreach.internal.Numbers;
import io.github.dsqlreach.internal.Quietly;
import java.io.IOException;
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
 * One of the addresses becomes a connected socket. The addresses are tried in the resolver's order, the next one as
 * soon as one failed or did not answer for 250 ms (RFC 8305's advice), so that one dead address does not cost the time
 * of a living one; the first to connect wins and the others are closed.
 */
final class TcpPhase {
    private static final long HEAD_START_MILLIS = 250;
    private static final long LATE_ANSWER_MILLIS = 250;

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
            // A little longer than the attempts, which keep the deadline themselves: what a busy machine notices late
            // counts.
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
                    winner = done.kind == null ? done : null;
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
        Daemon.start("dsql-reach-connect", attempt);
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
                .put(Evidence.NOTES, remarks(took))
                .build();
        return Step.passed(winner.socket, evidence, start);
    }

    /** The first packet is sent again after a second, then after two or three in all, by the system. */
    static List<String> remarks(Duration took) {
        long millis = took.toMillis();
        boolean late = millis >= 1000 && millis < 4000 && millis % 1000 < LATE_ANSWER_MILLIS;
        return late
                ? List.of("connecting took just over " + millis / 1000
                        + " s, as after a lost packet that was sent again: the network loses some")
                : List.of();
    }

    private Step<Socket> failed(List<InetAddress> addresses, int port, long start) {
        FailureKind kind = decisive();
        Evidence evidence =
                Evidence.builder().put(Evidence.ATTEMPTS, describe()).build();
        String targets = attempts.size() == 1
                ? new HostAndPort(addresses.get(0).getHostAddress().replaceFirst("%.*", ""), port).toString()
                : "all " + attempts.size() + " addresses, port " + port;
        Optional<AddressAttempt> telling =
                attempts.stream().filter(attempt -> attempt.kindNow() == kind).findFirst();
        String proxy = telling.flatMap(attempt -> attempt.proxy).orElse("");
        String said = telling.map(attempt -> attempt.message).orElse("");
        String message = switch (kind) {
            case PROXY_FAILED -> proxy + " failed: " + said;
            case UNCLASSIFIED -> said;
            default -> kind.label() + " at " + targets + (proxy.isEmpty() ? "" : " through " + proxy);
        };
        return Step.failed(new Failure(kind, message), evidence, start);
    }

    /**
     * What to call it when addresses failed in several ways: the first that says most. "Unreachable" says least, because
     * on a machine with only one of IPv4 and IPv6 the other one's addresses are always that.
     */
    private FailureKind decisive() {
        return attempts.stream()
                .map(AddressAttempt::kindNow)
                .min(Comparator.comparing(List.of(FailureKind.OUT_OF_TIME, FailureKind.UNREACHABLE)::indexOf))
                .orElse(FailureKind.OUT_OF_TIME);
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
        private volatile @Nullable FailureKind kind;
        private volatile @Nullable String message;
        private volatile boolean abandoned;
        private volatile long began;

        AddressAttempt(InetSocketAddress address) {
            this.address = address;
            this.proxy = Socks.proxyFor(address);
        }

        @Override
        public void run() {
            try {
                socket.setTcpNoDelay(true);
                began = System.nanoTime();
                socket.connect(address, deadline.leftMillis());
                took = Step.since(began);
            } catch (IOException e) {
                if (abandoned) {
                    return;
                }
                Duration elapsed = Step.since(began);
                message = e.getMessage();
                kind = proxy.isPresent()
                        ? Socks.kindOf(e).orElseGet(() -> Failures.ofConnect(e, address, elapsed, deadline))
                        : Failures.ofConnect(e, address, elapsed, deadline);
                // Last, because it says that the attempt ended, and others look at it meanwhile.
                took = elapsed;
                close();
            }
            ended.add(this);
            if (abandoned) {
                close();
            }
        }

        /** As long as it has not ended, until now. */
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

        /** An attempt that did not end is silent, if it began in time. */
        FailureKind kindNow() {
            if (took != null && kind != null) {
                return kind;
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
            String outcome = kind == null
                    ? "connected"
                    : kind.label()
                            + (kind == FailureKind.UNCLASSIFIED || kind == FailureKind.PROXY_FAILED
                                    ? " (" + message + ")"
                                    : "");
            return where() + " " + outcome + " after " + Numbers.print(took);
        }
    }
}
