package io.github.dsqlreach.toxiproxy;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.github.dsqlreach.internal.Quietly;
import io.github.dsqlreach.internal.Troubles;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A port that passes connections on to an upstream through toxics. {@link Proxies} lets one thread at a time change it; its
 * links read {@link #toxics()} and {@link #upstream} on their loops.
 */
final class ToxicProxy implements Link.Owner {
    private static final int BACKLOG = 4096;
    private static final AtomicLong TOXIC_IDS = new AtomicLong();

    private final Loops loops;
    private final Ports ports;
    private final String name;
    private final Set<Link> links = ConcurrentHashMap.newKeySet();
    private final AtomicLong accepted = new AtomicLong();
    private final AtomicLong struck = new AtomicLong();
    private final EventLoop acceptor;
    private final Troubles troubles;
    private String listen;
    private volatile String upstream;
    private volatile List<ToxicSpec> toxics = List.of();
    private volatile @Nullable ServerSocketChannel server;

    ToxicProxy(Loops loops, Ports ports, String name, String listen, String upstream) {
        this.loops = loops;
        this.ports = ports;
        this.acceptor = loops.next();
        this.name = name;
        this.troubles = new Troubles("a proxy of Toxiproxy on " + listen, Troubles::log);
        this.listen = listen;
        this.upstream = upstream;
    }

    String name() {
        return name;
    }

    String listen() {
        return listen;
    }

    @Override
    public String upstream() {
        return upstream;
    }

    boolean isEnabled() {
        return server != null;
    }

    long accepted() {
        return accepted.get();
    }

    int open() {
        return links.size();
    }

    // The port

    void start() {
        if (isEnabled()) {
            return;
        }
        InetSocketAddress address = Addresses.listen(listen);
        ServerSocketChannel channel = null;
        try {
            channel = ServerSocketChannel.open();
            channel.configureBlocking(false);
            channel.bind(new InetSocketAddress(address.getAddress(), ports.take(address.getPort())), BACKLOG);
            InetSocketAddress real = (InetSocketAddress) channel.getLocalAddress();
            if (address.getPort() == 0) {
                ports.found(real.getPort());
            }
            listen = Addresses.text(address.getPort() == 0 ? real : address);
            ServerSocketChannel bound = channel;
            server = bound;
            acceptor.call(() -> listenOn(bound));
        } catch (IllegalStateException e) {
            server = null;
            Quietly.close(channel);
            throw e;
        } catch (IOException e) {
            Quietly.close(channel);
            throw new ApiException(500, "listen tcp " + Addresses.text(address) + ": bind: " + lowerCase(e));
        }
    }

    /** Clients compare this text with Go's. */
    private static String lowerCase(IOException e) {
        String message = String.valueOf(e.getMessage());
        return message.substring(0, 1).toLowerCase(Locale.ROOT) + message.substring(1);
    }

    private void listenOn(ServerSocketChannel channel) {
        try {
            acceptor.register(channel, SelectionKey.OP_ACCEPT, () -> accept(channel));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Closes the port and every connection, and returns when they are closed. */
    void stop() {
        ServerSocketChannel channel = server;
        if (channel == null) {
            return;
        }
        server = null;
        try {
            acceptor.call(() -> acceptor.close(channel));
        } finally {
            onLoops(Link::abort);
        }
    }

    void moveTo(String newListen, String newUpstream) {
        stop();
        listen = newListen;
        upstream = newUpstream;
    }

    boolean differs(String otherListen, String otherUpstream) {
        return !listen.equals(Addresses.resolved(otherListen)) || !upstream.equals(otherUpstream);
    }

    private void accept(ServerSocketChannel channel) {
        for (int i = 0; i < BACKLOG; i++) {
            SocketChannel client = null;
            try {
                client = channel.accept();
                if (client == null) {
                    return;
                }
                client.configureBlocking(false);
                open(client, channel);
            } catch (IOException | RuntimeException | Error e) {
                if (client != null) {
                    Quietly.close(client);
                }
                // Out of handles or memory: not again at once.
                acceptor.pause(channel, TimeUnit.MILLISECONDS.toNanos(100));
                troubles.report(e);
                return;
            }
        }
    }

    /** A connection that a client has opened is older than a toxic that comes now. */
    private void acceptWaiting() {
        ServerSocketChannel channel = server;
        if (channel != null) {
            acceptor.call(() -> accept(channel));
        }
    }

    private void open(SocketChannel client, ServerSocketChannel from) {
        long number = accepted.incrementAndGet();
        EventLoop loop = loops.next();
        Link link = new Link(this, loop, client, number);
        links.add(link);
        try {
            connect(link, from);
        } catch (RuntimeException | Error e) {
            links.remove(link);
            throw e;
        }
    }

    private void connect(Link link, ServerSocketChannel from) {
        EventLoop loop = link.loop();
        String target = upstream;
        if (Addresses.isNumeric(target)) {
            loop.execute(() -> connect(link, addresses(target), from));
            return;
        }
        try {
            loops.resolver().execute(() -> {
                List<InetSocketAddress> found = addresses(target);
                loop.execute(() -> connect(link, found, from));
            });
        } catch (RejectedExecutionException e) {
            loop.execute(link::abort); // The server is being closed.
        }
    }

    /** None where there is nowhere to connect to: the client is closed then. */
    private static List<InetSocketAddress> addresses(String target) {
        try {
            return Addresses.upstream(target);
        } catch (UnknownHostException | ApiException e) {
            return List.of();
        }
    }

    private void connect(Link link, List<InetSocketAddress> addresses, ServerSocketChannel from) {
        if (server == from) {
            link.connect(addresses.iterator());
        } else {
            link.abort();
        }
    }

    long struck() {
        return struck.get();
    }

    @Override
    public void countStruck() {
        struck.incrementAndGet();
    }

    @Override
    public void ended(Link link) {
        links.remove(link);
    }

    // Toxics

    @Override
    public List<ToxicSpec> toxics() {
        return toxics;
    }

    ToxicSpec toxic(String toxicName) {
        return toxics.stream()
                .filter(toxic -> toxic.name().equals(toxicName))
                .findFirst()
                .orElseThrow(() -> new ApiException(404, "toxic not found"));
    }

    boolean hasToxic(String toxicName) {
        return toxics.stream().anyMatch(toxic -> toxic.name().equals(toxicName));
    }

    ToxicSpec addToxic(
            String toxicName,
            String type,
            String stream,
            Direction direction,
            float toxicity,
            Toxic<?> toxic,
            Runnable onStrike) {
        acceptWaiting();
        ToxicSpec spec = new ToxicSpec(
                TOXIC_IDS.incrementAndGet(),
                toxicName,
                type,
                stream,
                direction,
                toxicity,
                toxic,
                onStrike,
                System.nanoTime(),
                ToxicSpec.seedOf(toxic));
        List<ToxicSpec> changed = new ArrayList<>(toxics);
        changed.add(spec);
        setToxics(changed);
        return spec;
    }

    void changeToxic(ToxicSpec changed) {
        setToxics(toxics.stream()
                .map(toxic -> toxic.id() == changed.id() ? changed : toxic)
                .toList());
    }

    void removeToxic(ToxicSpec gone) {
        setToxics(toxics.stream().filter(toxic -> toxic.id() != gone.id()).toList());
    }

    void removeToxics() {
        setToxics(List.of());
    }

    /** When this returns, all living connections follow. */
    private void setToxics(List<ToxicSpec> changed) {
        toxics = List.copyOf(changed);
        onLoops(Link::followToxics);
    }

    private void onLoops(Consumer<Link> action) {
        links.stream()
                .map(Link::loop)
                .distinct()
                .forEach(loop -> loop.call(
                        () -> links.stream().filter(link -> link.loop() == loop).forEach(action)));
    }

    // JSON

    JsonObject toJson() {
        JsonObject json = new JsonObject();
        json.addProperty("name", name);
        json.addProperty("listen", listen);
        json.addProperty("upstream", upstream);
        json.addProperty("enabled", isEnabled());
        json.add("toxics", toxicsJson());
        return json;
    }

    JsonArray toxicsJson() {
        JsonArray array = new JsonArray();
        inOrder().map(ToxicSpec::toJson).forEach(array::add);
        return array;
    }

    List<ToxicDefinition> definitions() {
        return inOrder().map(ToxicSpec::definition).toList();
    }

    /** Those of the upstream direction first, each direction in the order of creation. */
    private Stream<ToxicSpec> inOrder() {
        return toxics.stream().sorted(Comparator.comparing(ToxicSpec::direction));
    }
}
