package io.github.dsqlreach.fault;

import io.github.dsqlreach.HostAndPort;
import java.net.URI;
import java.util.ArrayDeque;
import java.util.Deque;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.Testcontainers;
import org.testcontainers.toxiproxy.ToxiproxyContainer;
import org.testcontainers.utility.DockerImageName;

/**
 * Testcontainers' {@code ToxiproxyContainer}; the only class that needs it. What listens on this machine's loopback, as a
 * local cluster does, is reached from the container as {@code host.testcontainers.internal}.
 */
final class ContainerToxiproxy implements ToxiproxyService {
    static final String DEFAULT_IMAGE = "ghcr.io/shopify/toxiproxy:2.12.0";

    /** The ports that the container publishes for proxies. */
    private static final int FIRST_PORT = 8666;

    private static final int LAST_PORT = FIRST_PORT + 31;

    private final ToxiproxyContainer container;
    private final Deque<String> free = new ArrayDeque<>();

    private ContainerToxiproxy(ToxiproxyContainer container) {
        this.container = container;
        for (int port = FIRST_PORT; port <= LAST_PORT; port++) {
            free.add("0.0.0.0:" + port);
        }
    }

    static ToxiproxyService start(String image) {
        if (!DockerClientFactory.instance().isDockerAvailable()) {
            throw new IllegalStateException(
                    "Toxiproxy in a container needs Docker, and Testcontainers finds none; use the"
                            + " server inside the JVM, which is the default");
        }
        @SuppressWarnings("resource") // Closed with the service.
        ToxiproxyContainer container = new ToxiproxyContainer(
                        DockerImageName.parse(image).asCompatibleSubstituteFor("ghcr.io/shopify/toxiproxy"))
                .withAccessToHost(true);
        container.start();
        return new ContainerToxiproxy(container);
    }

    @Override
    public URI uri() {
        return URI.create("http://" + container.getHost() + ":" + container.getControlPort());
    }

    @Override
    public synchronized String listen() {
        if (free.isEmpty()) {
            throw new IllegalStateException(
                    "The Toxiproxy container has room for 32 proxies at once, and all are taken");
        }
        return free.remove();
    }

    @Override
    public synchronized void released(String listen) {
        free.add("0.0.0.0:" + ToxiproxyService.portOf(listen));
    }

    @Override
    public HostAndPort reachable(String listen) {
        return new HostAndPort(container.getHost(), container.getMappedPort(ToxiproxyService.portOf(listen)));
    }

    @Override
    public boolean isOnThisMachine() {
        return false;
    }

    @Override
    public String upstream(HostAndPort target) {
        if (!ToxiproxyService.isLoopback(target.host())) {
            return target.toString();
        }
        Testcontainers.exposeHostPorts(target.port());
        return "host.testcontainers.internal:" + target.port();
    }

    @Override
    public void close() {
        container.close();
    }
}
