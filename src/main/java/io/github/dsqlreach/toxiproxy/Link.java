package io.github.dsqlreach.toxiproxy;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One connection through a proxy: a client's socket, one to the upstream, and a {@link Pipe} each way. Lives on one loop's
 * thread. When one side closes, both close, each behind the data that was on its way to it.
 */
final class Link {
    /** Whose connections they are. */
    interface Owner {
        /** Those in force, in the order of their creation. */
        List<ToxicSpec> toxics();

        /** Where connections go, {@code host:port}. */
        String upstream();

        /** A toxic has had an effect on one more connection. */
        void countStruck();

        /** That one has closed. */
        void ended(Link link);
    }

    private final Owner proxy;
    private final EventLoop loop;
    private final SocketChannel client;
    private SocketChannel upstream;
    private SelectionKey clientKey;
    private SelectionKey upstreamKey;
    private Pipe up;
    private Pipe down;
    private final long number;
    private final long acceptedAt = System.nanoTime();
    private final List<Runnable> struckBy = new ArrayList<>(1);
    private @Nullable Interceptor interceptor;
    private long lastData = acceptedAt;
    private boolean upstreamAbandoned;
    private boolean over;

    @SuppressWarnings("NullAway.Init") // by connect()
    Link(Owner proxy, EventLoop loop, SocketChannel client, long number) {
        this.proxy = proxy;
        this.number = number;
        this.loop = loop;
        this.client = client;
    }

    EventLoop loop() {
        return loop;
    }

    Owner proxy() {
        return proxy;
    }

    /** The number of the connection among those of its proxy, from 1. */
    long number() {
        return number;
    }

    /** As {@link System#nanoTime()}. */
    long acceptedAt() {
        return acceptedAt;
    }

    void struck(ToxicSpec spec) {
        if (struckBy.isEmpty()) {
            proxy.countStruck();
        }
        if (!struckBy.contains(spec.onStrike())) {
            struckBy.add(spec.onStrike());
            spec.onStrike().run();
        }
    }

    void dataPassed() {
        lastData = System.nanoTime();
    }

    long nanosWithoutData() {
        return System.nanoTime() - lastData;
    }

    long answers() {
        return down.reads();
    }

    /** Closes the upstream's side, while the client's stays open until the client closes it. */
    void abandonUpstream() {
        upstreamAbandoned = true;
        up.dropOutput();
        down.endInput();
        closeUpstream();
    }

    /** Sends a FIN to the client, and goes on to read what it sends. */
    void endAnswers() {
        try {
            client.shutdownOutput();
        } catch (IOException e) {
            abort();
        }
    }

    /** Tries one address of the upstream after the other; without any the client is closed. */
    void connect(Iterator<InetSocketAddress> addresses) {
        while (!over && addresses.hasNext()) {
            try {
                upstream = SocketChannel.open();
                upstream.configureBlocking(false);
                if (upstream.connect((SocketAddress) addresses.next())) {
                    connected();
                } else {
                    upstreamKey =
                            loop.register(upstream, SelectionKey.OP_CONNECT, guarded(() -> finishConnect(addresses)));
                }
                return;
            } catch (IOException | RuntimeException e) {
                closeUpstream();
            } catch (Error e) {
                abort();
                throw e;
            }
        }
        abort();
    }

    private void finishConnect(Iterator<InetSocketAddress> addresses) {
        try {
            if (upstream.finishConnect()) {
                connected();
            }
        } catch (IOException e) {
            closeUpstream();
            connect(addresses);
        }
    }

    private void connected() throws IOException {
        client.setOption(StandardSocketOptions.TCP_NODELAY, true);
        upstream.setOption(StandardSocketOptions.TCP_NODELAY, true);
        up = new Pipe(this, Direction.UPSTREAM, client, upstream);
        down = new Pipe(this, Direction.DOWNSTREAM, upstream, client);
        clientKey = loop.register(client, 0, guarded(() -> ready(clientKey, up, down)));
        upstreamKey = loop.register(upstream, 0, guarded(() -> ready(upstreamKey, down, up)));
        followToxics();
        updateInterest();
    }

    private void ready(SelectionKey key, Pipe reading, Pipe writing) {
        int ready = key.readyOps();
        if ((ready & SelectionKey.OP_WRITE) != 0) {
            writing.writable();
        }
        if ((ready & SelectionKey.OP_READ) != 0) {
            reading.readable();
        }
        updateInterest();
    }

    /** What fails here, also for lack of memory, ends this connection and no other. */
    Runnable guarded(Runnable task) {
        return () -> {
            try {
                task.run();
            } catch (RuntimeException | Error e) {
                abort();
                throw e;
            }
        };
    }

    /** Toxics were added, changed or removed. */
    void followToxics() {
        List<ToxicSpec> toxics = proxy.toxics();
        if (up != null && !over) {
            up.follow(toxics);
        }
        if (down != null && !over) {
            down.follow(toxics);
        }
    }

    void updateInterest() {
        interest(clientKey, up, down);
        interest(upstreamKey, down, up);
    }

    private static void interest(SelectionKey key, Pipe reading, Pipe writing) {
        if (key != null && reading != null && key.isValid()) {
            int wanted = (reading.wantsToRead() ? SelectionKey.OP_READ : 0)
                    | (writing.wantsToWrite() ? SelectionKey.OP_WRITE : 0);
            if (key.interestOps() != wanted) {
                key.interestOps(wanted);
            }
        }
    }

    void closeByReset() {
        try {
            client.setOption(StandardSocketOptions.SO_LINGER, 0);
            upstream.setOption(StandardSocketOptions.SO_LINGER, 0);
        } catch (IOException e) {
            // Closed already, by its peer.
        }
    }

    /** Sends the client's bytes elsewhere from now on; nothing of them has reached the upstream yet. */
    void divert(Interceptor elsewhere) throws IOException {
        closeUpstream();
        interceptor = elsewhere;
        upstream = SocketChannel.open(elsewhere.address());
        upstream.configureBlocking(false);
        upstream.setOption(StandardSocketOptions.TCP_NODELAY, true);
        upstreamKey = loop.register(upstream, 0, guarded(() -> ready(upstreamKey, down, up)));
        up.divertSink(upstream);
        down.divertSource(upstream);
    }

    /** Tells the client something of our own, past all toxics, then closes. */
    void answerAndClose(byte[] answer) {
        down.write(ByteBuffer.wrap(answer));
        down.endOutput();
    }

    /** A pipe has closed its sink, which is the other's source. */
    void finished(Pipe pipe) {
        Pipe other = pipe == up ? down : up;
        other.sourceGone();
        if (upstreamAbandoned || up.isFinished() && down.isFinished()) {
            abort();
        }
    }

    /** Closes both sides at once. */
    void abort() {
        if (over) {
            return;
        }
        over = true;
        if (up != null) {
            up.finish();
            down.finish();
        }
        loop.close(client);
        if (interceptor != null) {
            interceptor.close();
        }
        closeUpstream();
        proxy.ended(this);
    }

    private void closeUpstream() {
        if (upstream != null) {
            loop.close(upstream);
        }
    }
}
