package io.github.dsqlreach.ground;

import java.io.Closeable;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * A long wire between two namespaces: two TUN devices whose packets come by here, are held for the time they would
 * travel, and are lost at random. A kernel's netem would do the same, but not every kernel has it.
 */
final class Wire implements Closeable {
    private static final int LARGEST_PACKET = 65_535;

    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor(Wire::daemon);
    private final Random chance = new Random();
    private final long oneWayMicros;
    private final double loss;
    private final End near;
    private final End far;

    /**
     * Makes two devices, still outside of all namespaces; a device stays a wire's end wherever it is moved to.
     *
     * @param roundTripMillis there and back
     * @param loss the share of packets that is lost, in each direction
     */
    Wire(String nearDevice, String farDevice, int roundTripMillis, double loss, Path log) throws IOException {
        this.oneWayMicros = roundTripMillis * 500L;
        this.loss = loss;
        this.near = new End(nearDevice, log);
        this.far = new End(farDevice, log);
        carry(near, far);
        carry(far, near);
    }

    private void carry(End from, End to) {
        daemon(() -> {
                    byte[] buffer = new byte[LARGEST_PACKET];
                    try {
                        while (true) {
                            DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
                            from.socket.receive(packet);
                            if (chance.nextDouble() >= loss) {
                                byte[] bytes = Arrays.copyOf(buffer, packet.getLength());
                                clock.schedule(() -> to.deliver(bytes), oneWayMicros, TimeUnit.MICROSECONDS);
                            }
                        }
                    } catch (IOException | RejectedExecutionException e) {
                        // The wire was taken down.
                    }
                })
                .start();
    }

    @Override
    public void close() {
        clock.shutdownNow();
        near.close();
        far.close();
    }

    private static Thread daemon(Runnable task) {
        Thread thread = new Thread(task, "wire");
        thread.setDaemon(true);
        return thread;
    }

    /** One TUN device, held by a socat that turns each packet into a datagram. */
    private static final class End {
        private final DatagramSocket socket =
                new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        private final InetSocketAddress device;
        private final Process socat;

        End(String name, Path log) throws IOException {
            try (DatagramSocket free = new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))) {
                device = new InetSocketAddress(InetAddress.getLoopbackAddress(), free.getLocalPort());
            }
            socat = Shell.start(
                    new ProcessBuilder(
                            "socat",
                            "-b65535",
                            "TUN,tun-name=" + name + ",tun-type=tun,iff-no-pi",
                            "UDP4-DATAGRAM:127.0.0.1:" + socket.getLocalPort() + ",bind=127.0.0.1:" + device.getPort()),
                    log);
            Shell.run("for i in $(seq 200); do [ -e /sys/class/net/" + name + " ] && exit 0; sleep 0.02; done; exit 1");
        }

        void deliver(byte[] packet) {
            try {
                socket.send(new DatagramPacket(packet, packet.length, device));
            } catch (IOException e) {
                // Lost, as a packet may be.
            }
        }

        void close() {
            socket.close();
            Shell.end(socat);
        }
    }
}
