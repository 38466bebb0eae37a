package io.github.dsqlreach.ground;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A client's namespace, a firewall's in the middle, and a wire to the world's: {@code client - firewall ~~ world}. The
 * firewall is router, resolver and obstacle in one, as at home.
 */
final class Network implements AutoCloseable {
    private static final AtomicInteger NUMBERS = new AtomicInteger();

    final String client;
    final String firewall;
    private final String prefix;
    private final String world;
    private final int number;
    private final Path directory;
    private final List<Process> processes = new ArrayList<>();
    private Wire wire;

    Network(String prefix, String world, Path directory) throws IOException {
        // Addresses are used again, names are not.
        this.number = NUMBERS.incrementAndGet();
        this.prefix = prefix;
        this.world = world;
        this.directory = Files.createDirectories(directory.resolve("network-" + number));
        this.client = prefix + "-" + number + "c";
        this.firewall = prefix + "-" + number + "f";
    }

    /** Puts it up as the case and the load want it. */
    void build(Case it, Load load) throws IOException {
        String near = prefix + "." + number + "a";
        String far = prefix + "." + number + "b";
        wire = new Wire(
                near,
                far,
                it.roundTripMillis > 0 ? it.roundTripMillis : load.roundTripMillis,
                it.loss >= 0 ? it.loss : load.loss,
                directory.resolve("wire.log"));
        Shell.run("""
                ip netns add CLIENT; ip netns add FIREWALL
                ip link add in netns FIREWALL type veth peer name eth0 netns CLIENT
                ip link set NEAR netns FIREWALL; ip link set FAR netns WORLD
                ip -n CLIENT addr add 10.HI.LO.2/24 dev eth0; ip -n FIREWALL addr add 10.HI.LO.1/24 dev in
                ip -n FIREWALL addr add 10.HW.LO.2/30 dev NEAR; ip -n WORLD addr add 10.HW.LO.1/30 dev FAR
                for n in lo eth0; do ip -n CLIENT link set $n up; done
                for n in lo in NEAR; do ip -n FIREWALL link set $n up; done
                ip -n WORLD link set FAR up
                ip -n CLIENT route add default via 10.HI.LO.1
                ip -n FIREWALL route add default via 10.HW.LO.1
                ip -n WORLD route add 10.HI.LO.0/24 via 10.HW.LO.2
                ip netns exec FIREWALL sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.all.rp_filter=0
                ip netns exec CLIENT sysctl -qw net.ipv4.tcp_mtu_probing=0
                """.replace("CLIENT", client)
                .replace("FIREWALL", firewall)
                .replace("WORLD", world)
                .replace("NEAR", near)
                .replace("FAR", far)
                .replace("HI", String.valueOf(100 + number / 250))
                .replace("HW", String.valueOf(150 + number / 250))
                .replace("LO", String.valueOf(number % 250)));
        names(it);
        for (String script : it.firewall) {
            Shell.in(firewall, variables(script));
        }
        for (String script : it.client) {
            Shell.in(client, variables(script));
        }
    }

    /** What the scripts may use. What they start in the background ends with the network. */
    private String variables(String script) {
        return "cd " + directory + "; ROOT=" + directory.getParent() + "; OUT=" + prefix + "." + number + "a; GATEWAY="
                + gateway() + "\n" + script;
    }

    private void names(Case it) throws IOException {
        Path configuration = Files.createDirectories(Path.of("/etc/netns", client));
        Files.writeString(configuration.resolve("resolv.conf"), "nameserver " + gateway() + "\n");
        Files.writeString(
                configuration.resolve("hosts"),
                "127.0.0.1 localhost\n"
                        + it.hosts.stream().map(line -> line + "\n").collect(Collectors.joining()));
        if (it.resolver == null) {
            return;
        }
        List<String> command = new ArrayList<>(List.of(
                "dnsmasq",
                "-k",
                "-C",
                "/dev/null",
                "--no-resolv",
                "--no-hosts",
                "--no-round-robin",
                "-u",
                "root",
                "--pid-file=",
                "--listen-address=" + gateway(),
                "--bind-interfaces"));
        if (it.resolver.isEmpty()) {
            // What it does not know does not exist, as a resolver with the root behind it says.
            command.addAll(List.of("--address=/#/", "--host-record=" + World.API_HOST + "," + Server.API.address));
            it.cluster.forEach(server -> command.add("--host-record=" + World.HOST + "," + server.address));
        } else {
            command.addAll(it.resolver);
        }
        processes.add(
                Shell.start(Shell.inside(firewall, command.toArray(String[]::new)), directory.resolve("resolver.log")));
        Shell.in(
                firewall,
                "for i in $(seq 100); do ss -Hlun src " + gateway() + ":53 | grep -q . && exit 0;"
                        + " sleep 0.02; done; cat " + directory.resolve("resolver.log") + "; exit 1");
    }

    private String gateway() {
        return "10." + (100 + number / 250) + "." + number % 250 + ".1";
    }

    @Override
    public void close() {
        processes.forEach(Shell::end);
        remove(client);
        remove(firewall);
        if (wire != null) {
            wire.close();
        }
    }

    /** Ends what runs in that namespace, and removes it. */
    static void remove(String namespace) {
        Shell.succeeds("for p in $(ip netns pids " + namespace + "); do kill -9 $p || true; done; ip netns del "
                + namespace + "; rm -rf /etc/netns/" + namespace);
    }

    /** Removes what a run left that has not cleaned up: namespaces, socats and quotas whose run is dead. */
    static void removeLeftovers(String prefix, boolean own) throws IOException {
        try (Stream<Path> entries = Stream.of(Path.of("/run/netns"), Path.of("/etc/netns"), Processor.ROOT)
                .filter(Files::isDirectory)
                .flatMap(Network::list)) {
            for (Path entry : entries.toList()) {
                String name = entry.getFileName().toString();
                if (isOf(name, prefix, own)) {
                    if (entry.startsWith(Processor.ROOT)) {
                        Processor.remove(entry);
                    } else {
                        remove(name);
                    }
                }
            }
        }
        ProcessHandle.allProcesses()
                .filter(process -> Stream.of(process.info().arguments().orElse(new String[0]))
                        .filter(argument -> argument.startsWith("TUN,tun-name="))
                        .anyMatch(argument -> isOf(argument.substring("TUN,tun-name=".length()), prefix, own)))
                .forEach(ProcessHandle::destroyForcibly);
    }

    private static Stream<Path> list(Path directory) {
        try {
            return Files.list(directory);
        } catch (IOException e) {
            return Stream.empty();
        }
    }

    /** Names are {@code dg<pid>…}: one's own at the end, those of dead processes at the beginning. */
    private static boolean isOf(String name, String prefix, boolean own) {
        if (own) {
            return name.matches(prefix + "[-.].*");
        }
        java.util.regex.Matcher matcher =
                java.util.regex.Pattern.compile("dg(\\d+)[-.].*").matcher(name);
        return matcher.matches()
                && ProcessHandle.of(Long.parseLong(matcher.group(1))).isEmpty();
    }
}
