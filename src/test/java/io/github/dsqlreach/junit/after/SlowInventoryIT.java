package io.github.dsqlreach.junit.after;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.sun.net.httpserver.HttpServer;
import eu.rekawek.toxiproxy.Proxy;
import eu.rekawek.toxiproxy.ToxiproxyClient;
import eu.rekawek.toxiproxy.model.ToxicDirection;
import io.github.dsqlreach.junit.ToxiproxyExtension;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

public class SlowInventoryIT {
    static final ToxiproxyExtension toxiproxy = new ToxiproxyExtension();
    static HttpServer inventory;
    static Proxy proxy;

    @BeforeAll
    static void start() throws IOException {
        inventory = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        inventory.createContext("/", exchange -> exchange.sendResponseHeaders(204, -1));
        inventory.start();
        int port = inventory.getAddress().getPort();
        toxiproxy.start();
        ToxiproxyClient client = new ToxiproxyClient(toxiproxy.getHost(), toxiproxy.getControlPort());
        proxy = client.createProxy("inventory", "0.0.0.0:8666", "host.testcontainers.internal:" + port);
    }

    @AfterAll
    static void stop() {
        toxiproxy.stop();
        inventory.stop(0);
    }

    @Test
    void givesUpOnASlowInventoryAndRecovers() throws Exception {
        proxy.toxics().latency("slow", ToxicDirection.DOWNSTREAM, 60_000);
        assertThrows(HttpTimeoutException.class, () -> ask(Duration.ofSeconds(1)));
        proxy.toxics().get("slow").remove();
        assertEquals(204, ask(Duration.ofSeconds(30)));
    }

    private static int ask(Duration timeout) throws IOException, InterruptedException {
        URI uri = URI.create("http://" + toxiproxy.getHost() + ":" + toxiproxy.getMappedPort(8666) + "/");
        HttpRequest request = HttpRequest.newBuilder(uri).timeout(timeout).build();
        return HttpClient.newHttpClient()
                .send(request, BodyHandlers.discarding())
                .statusCode();
    }
}
