package io.github.dsqlreach.toxiproxy;

import java.io.IOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Toxics and chains of them, both streams, in situations that a connection can get into: what client and upstream see of it,
 * that is how many bytes, how the end comes, and whether at once. Compared over several rounds, because both ends of a close
 * race each other.
 */
final class BehaviourTable {
    private static final int ROUNDS = 3;
    private static final int MORE_ROUNDS = 7;
    private static final int AT_ONCE_MILLIS = 150;
    private static final int SILENCE_MILLIS = 800;
    private static final int SMALL = 100;
    private static final int BULK = 300_000;
    private static final AtomicInteger NAMES = new AtomicInteger();

    private BehaviourTable() {}

    /** What docs/toxiproxy.md lists. */
    private static final Pattern LISTED = Pattern.compile(
            ".*reset_peer.* : (toxics come|the toxics go|the toxics lose their toxicity)|.*limit_data.* : (toxics come|the toxics go)");

    /** Toxics as the API takes them; STREAM is replaced by either. */
    private static final String[][] CHAINS = {
        {},
        {toxic("latency", "\"latency\":300")},
        {toxic("bandwidth", "\"rate\":1")},
        {toxic("bandwidth", "\"rate\":0")},
        {toxic("slow_close", "\"delay\":300")},
        {toxic("timeout", "\"timeout\":0")},
        {toxic("timeout", "\"timeout\":300")},
        {toxic("reset_peer", "\"timeout\":0")},
        {toxic("reset_peer", "\"timeout\":300")},
        {without(toxic("reset_peer", "\"timeout\":0"))},
        {toxic("slicer", "\"average_size\":10,\"size_variation\":5,\"delay\":1000")},
        {toxic("limit_data", "\"bytes\":0")},
        {toxic("limit_data", "\"bytes\":50")},
        {toxic("limit_data", "\"bytes\":100")},
        {toxic("limit_data", "\"bytes\":150")},
        {toxic("limit_data", "\"bytes\":50"), without(toxic("reset_peer", "\"timeout\":0"))},
        {toxic("latency", "\"latency\":300"), toxic("limit_data", "\"bytes\":50")},
        {toxic("limit_data", "\"bytes\":50"), toxic("latency", "\"latency\":300")},
        {toxic("limit_data", "\"bytes\":50"), toxic("slow_close", "\"delay\":300")},
        {toxic("slicer", "\"average_size\":10,\"delay\":10"), toxic("limit_data", "\"bytes\":50")},
        {toxic("timeout", "\"timeout\":300"), toxic("latency", "\"latency\":300")},
        {toxic("slow_close", "\"delay\":300"), without(toxic("reset_peer", "\"timeout\":0"))},
        {toxic("latency", "\"latency\":300"), toxic("reset_peer", "\"timeout\":0")},
        {toxic("bandwidth", "\"rate\":1"), toxic("slow_close", "\"delay\":300")},
    };

    private static String toxic(String type, String attributes) {
        return "{\"type\":\"" + type + "\",\"stream\":\"STREAM\",\"attributes\":{" + attributes + "}}";
    }

    /** Of toxicity 0. */
    private static String without(String toxic) {
        return toxic.replaceFirst("\\{", "{\"toxicity\":0,");
    }

    /** What happens to a connection. */
    private enum Situation {
        CLIENT_SENDS_AND_HALF_CLOSES {
            @Override
            void run(Connection c) throws Exception {
                c.client.send(new byte[SMALL]);
                c.client.socket().shutdownOutput();
            }
        },
        BOTH_SEND_AND_THE_CLIENT_HALF_CLOSES {
            @Override
            void run(Connection c) throws Exception {
                c.bothSend();
                c.client.socket().shutdownOutput();
            }
        },
        BOTH_SEND_AND_THE_UPSTREAM_HALF_CLOSES {
            @Override
            void run(Connection c) throws Exception {
                c.bothSend();
                c.upstream.socket().shutdownOutput();
            }
        },
        THE_CLIENT_RESETS {
            @Override
            void run(Connection c) throws Exception {
                c.bothSend();
                c.client.reset();
            }
        },
        THE_UPSTREAM_RESETS {
            @Override
            void run(Connection c) throws Exception {
                c.bothSend();
                c.upstream.reset();
            }
        },
        THE_CLIENT_SENDS_MUCH {
            @Override
            void run(Connection c) throws Exception {
                c.client.sendUnlessClosed(new byte[BULK]);
                c.client.socket().shutdownOutput();
            }
        },
        THE_UPSTREAM_SENDS_MUCH {
            @Override
            void run(Connection c) throws Exception {
                c.upstream.sendUnlessClosed(new byte[BULK]);
                c.upstream.socket().shutdownOutput();
            }
        },
        THE_PROXY_IS_DISABLED {
            @Override
            void run(Connection c) throws Exception {
                c.bothSend();
                c.api.post(c.proxy, "{\"enabled\":false}");
            }
        },
        THE_PROXY_IS_DELETED {
            @Override
            void run(Connection c) throws Exception {
                c.bothSend();
                c.api.delete(c.proxy);
            }
        },
        NOTHING_IS_SENT_AND_THE_CLIENT_HALF_CLOSES {
            @Override
            void run(Connection c) throws Exception {
                c.client.socket().shutdownOutput();
            }
        },
        THE_TOXICS_GO {
            @Override
            void run(Connection c) throws Exception {
                c.bothSend();
                for (var toxic : c.api.get(c.proxy).at("toxics").getAsJsonArray()) {
                    c.api.delete(c.proxy + "/toxics/"
                            + toxic.getAsJsonObject().get("name").getAsString());
                }
                c.bothSend();
                c.client.socket().shutdownOutput();
            }
        },
        THE_TOXICS_LOSE_THEIR_TOXICITY {
            @Override
            void run(Connection c) throws Exception {
                c.bothSend();
                for (var toxic : c.api.get(c.proxy).at("toxics").getAsJsonArray()) {
                    c.api.post(
                            c.proxy + "/toxics/"
                                    + toxic.getAsJsonObject().get("name").getAsString(),
                            "{\"toxicity\":0}");
                }
                c.bothSend();
                c.client.socket().shutdownOutput();
            }
        },
        TOXICS_COME {
            @Override
            void run(Connection c) throws Exception {
                c.bothSend();
                c.addToxics();
                c.bothSend();
                c.client.socket().shutdownOutput();
            }
        };

        abstract void run(Connection c) throws Exception;

        @Override
        public String toString() {
            return name().toLowerCase(java.util.Locale.ROOT).replace('_', ' ');
        }
    }

    private record Case(List<String> toxics, Situation situation) {
        @Override
        public String toString() {
            return toxics.toString().replaceAll("[\"{}]", "") + " : " + situation;
        }
    }

    /** A connection through a proxy of its own. */
    private static final class Connection {
        private final RawApi api;
        private final List<String> toxics;
        private final String proxy;
        private Wire client;
        private Wire upstream;

        Connection(RawApi api, List<String> toxics) {
            this.api = api;
            this.toxics = toxics;
            this.proxy = "/proxies/differential-" + NAMES.incrementAndGet();
        }

        /** A client that is closed already may fail to send, which is what the reader sees too. */
        void bothSend() throws Exception {
            client.sendUnlessClosed(new byte[SMALL]);
            upstream.sendUnlessClosed(new byte[SMALL]);
            // Both are on their way before what comes next.
            TimeUnit.MILLISECONDS.sleep(40);
        }

        void addToxics() throws Exception {
            for (String toxic : toxics) {
                RawApi.Answer answer = api.post(proxy + "/toxics", toxic);
                if (answer.status() != 200) {
                    throw new IOException(answer.body());
                }
            }
        }

        String observe(Situation situation, ExecutorService threads) throws Exception {
            try (Upstream server = Upstream.manual()) {
                String listen = api.post(
                                "/proxies",
                                "{\"name\":\"" + proxy.substring("/proxies/".length())
                                        + "\",\"listen\":\"127.0.0.1:0\",\"upstream\":\"" + server.address() + "\"}")
                        .string("listen");
                if (situation != Situation.TOXICS_COME) {
                    addToxics();
                }
                try (Wire c = Wire.to(listen);
                        Wire u = Wire.of(server.accepted())) {
                    client = c;
                    upstream = u;
                    long start = System.nanoTime();
                    Future<String> atClient = threads.submit(() -> end(c.socket(), start));
                    Future<String> atUpstream = threads.submit(() -> end(u.socket(), start));
                    // What is blocked for good ends with the sockets.
                    threads.submit(() -> {
                        situation.run(this);
                        return null;
                    });
                    return "client " + atClient.get() + ", upstream " + atUpstream.get();
                }
            } finally {
                api.delete(proxy);
            }
        }

        private static String end(Socket socket, long start) {
            long count = 0;
            try {
                socket.setSoTimeout(SILENCE_MILLIS);
                byte[] buffer = new byte[1 << 16];
                int n = socket.getInputStream().read(buffer);
                while (n >= 0) {
                    count += n;
                    if (System.nanoTime() - start > TimeUnit.SECONDS.toNanos(2)) {
                        return bytes(count) + " and going on";
                    }
                    n = socket.getInputStream().read(buffer);
                }
            } catch (SocketTimeoutException e) {
                return bytes(count) + " and silence";
            } catch (IOException e) {
                // How much of what came before was read in time is chance: the kernel drops the rest.
                return (socket.isClosed() ? "its own close" : "RST") + when(start);
            }
            return bytes(count) + " FIN" + when(start);
        }

        private static String when(long start) {
            return (System.nanoTime() - start) / 1_000_000 < AT_ONCE_MILLIS ? " at once" : " later";
        }

        private static String bytes(long count) {
            return count <= 2 * SMALL ? String.valueOf(count) : count == BULK ? "all" : "some";
        }
    }

    static List<String> differences(URI ours, URI theirs) throws Exception {
        ExecutorService cases = Executors.newFixedThreadPool(24);
        ExecutorService threads = Executors.newCachedThreadPool();
        try {
            List<Future<String>> running = cases().map(
                            one -> cases.submit(() -> difference(one, new RawApi(ours), new RawApi(theirs), threads)))
                    .toList();
            List<String> differences = new ArrayList<>();
            for (Future<String> one : running) {
                String difference = one.get();
                if (difference != null) {
                    differences.add(difference);
                }
            }
            return differences;
        } finally {
            cases.shutdownNow();
            threads.shutdownNow();
        }
    }

    private static Stream<Case> cases() {
        return Stream.of(CHAINS)
                .flatMap(chain -> Stream.of("upstream", "downstream")
                        .map(stream -> Stream.of(chain)
                                .map(toxic -> toxic.replace("STREAM", stream))
                                .toList()))
                .distinct()
                .flatMap(toxics -> Stream.of(Situation.values()).map(situation -> new Case(toxics, situation)))
                .filter(one -> !LISTED.matcher(one.toString()).matches());
    }

    /** Null when something that the one showed was shown by the other. */
    private static String difference(Case one, RawApi ours, RawApi theirs, ExecutorService threads) throws Exception {
        Set<String> here = new LinkedHashSet<>();
        Set<String> there = new LinkedHashSet<>();
        for (int round = 0; round < ROUNDS + MORE_ROUNDS; round++) {
            if (round >= ROUNDS && !disjoint(here, there)) {
                break;
            }
            here.add(new Connection(ours, one.toxics).observe(one.situation, threads));
            there.add(new Connection(theirs, one.toxics).observe(one.situation, threads));
        }
        return disjoint(here, there) ? one + "\n    ours:   " + here + "\n    theirs: " + there : null;
    }

    private static boolean disjoint(Set<String> some, Set<String> others) {
        return some.stream().noneMatch(others::contains);
    }
}
