package io.github.dsqlreach.cli;

import io.github.dsqlreach.Configuration;
import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.HostAndPort;
import io.github.dsqlreach.Scrubber;
import io.github.dsqlreach.Setting;
import io.github.dsqlreach.Transport;
import io.github.dsqlreach.connect.WebSocketSocketFactory;
import io.github.dsqlreach.internal.Quietly;
import io.github.dsqlreach.internal.Relay;
import io.github.dsqlreach.internal.StartupCode;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ProtocolException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** PostgreSQL on loopback, a WebSocket outside: for psql and every other tool that knows no WebSocket. */
@Command(
        name = "tunnel",
        description = {
            "Listens on this machine for psql and other tools, and carries what they say over a WebSocket to port 443 of"
                    + " the endpoint, until Ctrl-C.",
            "It makes no token and keeps none: the tool logs in with its own, and without TLS."
        },
        sortOptions = false,
        mixinStandardHelpOptions = true)
final class TunnelCommand implements Callable<Integer> {
    private static final Pattern LOOPBACK =
            Pattern.compile("(127\\.\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}|localhost|\\[::1]):(\\d{1,5})");
    private static final int MOST_REQUESTS = 4;
    private static final int STARTUP_MILLIS = 10_000;

    @Option(
            names = "--listen",
            paramLabel = "HOST:PORT",
            description = "Where to listen, on loopback; port 0 is a free one (default: ${DEFAULT-VALUE}).",
            defaultValue = "127.0.0.1:5432")
    private String listen;

    @Spec
    private CommandSpec spec;

    private final CliContext system;

    static boolean takes(Setting<?> setting) {
        return setting.group() == Setting.Group.ENDPOINT
                && setting != Setting.NEGOTIATION
                && setting != Setting.TRANSPORT
                && setting != Setting.CREDENTIALS_PROVIDER;
    }

    TunnelCommand(CliContext system) {
        this.system = system;
    }

    @Override
    public Integer call() {
        Configuration configuration = SettingOptions.over(system.configuration(), spec);
        Endpoint endpoint = configuration
                .endpoint()
                .orElseThrow(() -> new UsageException(
                        "no endpoint; give it as argument, for example doctor tunnel abc.dsql.us-east-1.on.aws"))
                .over(Transport.WEBSOCKET);
        WebSocketSocketFactory way = WebSocketSocketFactory.to(endpoint);
        try (Relay relay = listen(way)) {
            // Before anybody waits for it in vain.
            way.createSocket().close();
            Thread goodbye = new Thread(() -> Quietly.close(relay), "dsql-reach-goodbye");
            Runtime.getRuntime().addShutdownHook(goodbye);
            try {
                announce(
                        endpoint,
                        new HostAndPort(
                                relay.address().getAddress().getHostAddress(),
                                relay.address().getPort()));
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                Runtime.getRuntime().removeShutdownHook(goodbye);
            }
            return ExitCode.OK;
        } catch (IOException e) {
            system.say("no way to " + endpoint + ": " + Scrubber.line(String.valueOf(e.getMessage()), 300)
                    + "; 'doctor " + endpoint.host() + " --transport websocket' tells why");
            return 1;
        }
    }

    private Relay listen(WebSocketSocketFactory way) {
        Matcher address = LOOPBACK.matcher(listen);
        int port = address.matches() ? Integer.parseInt(address.group(2)) : 0;
        if (!address.matches() || port > 65_535) {
            throw new UsageException("option --listen: '" + listen + "' is not on this machine's loopback; allowed are"
                    + " 127.0.0.1:PORT, localhost:PORT and [::1]:PORT");
        }
        try {
            return new Relay(InetAddress.getByName(address.group(1)), port, client -> connectFor(client, way));
        } catch (IOException e) {
            throw new UsageException(
                    "cannot listen on " + listen + ": " + e.getMessage()
                            + "; choose another port, for example --listen 127.0.0.1:15432",
                    e);
        }
    }

    private void announce(Endpoint endpoint, HostAndPort address) {
        String kind = endpoint.user().equals(Endpoint.DEFAULT_USER) ? "admin-auth" : "auth";
        system.out()
                .println(
                        "Listening on " + address + ". What connects there goes over a WebSocket to "
                                + endpoint.address()
                                + ", encrypted and verified, until Ctrl-C.\n"
                                + "It logs in with a token of its own, and without TLS:\n\n"
                                + "  export PGPASSWORD=\"$(aws dsql generate-db-connect-" + kind + "-token --hostname "
                                + endpoint.tokenHost()
                                + endpoint.region()
                                        .map(region -> " --region " + region)
                                        .orElse("") + ")\"\n"
                                + "  psql \"host=" + address.host() + " port=" + address.port() + " user="
                                + endpoint.user()
                                + " dbname=" + endpoint.database() + " sslmode=disable\"\n\n"
                                + "Other users of this machine can connect as well; without a token of their own they get nowhere.");
        system.out().flush();
    }

    private Socket connectFor(Socket client, WebSocketSocketFactory way) throws IOException {
        client.setTcpNoDelay(true);
        client.setSoTimeout(STARTUP_MILLIS);
        byte[] beginning = beginning(client);
        client.setSoTimeout(0);
        try {
            Socket server = way.createSocket();
            // Sent with what comes next.
            server.getOutputStream().write(beginning);
            return server;
        } catch (IOException e) {
            String why = Scrubber.line("no way through the tunnel: " + e.getMessage(), 300);
            system.say(why);
            if (ByteBuffer.wrap(beginning).getShort(4) == StartupCode.PROTOCOL_MAJOR) {
                client.getOutputStream().write(error(why));
            }
            throw e;
        }
    }

    /** Length and code of the first packet that is no request for encryption: here is none, and outside there is. */
    private static byte[] beginning(Socket client) throws IOException {
        DataInputStream in = new DataInputStream(client.getInputStream());
        for (int count = 0; count < MOST_REQUESTS; count++) {
            byte[] packet = new byte[8];
            in.readFully(packet);
            int code = ByteBuffer.wrap(packet).getInt(4);
            if (code != StartupCode.SSL_REQUEST && code != StartupCode.GSS_ENCRYPTION_REQUEST) {
                return packet;
            }
            client.getOutputStream().write('N');
        }
        throw new ProtocolException("no startup after " + MOST_REQUESTS + " requests");
    }

    private static byte[] error(String message) {
        byte[] fields = ("SFATAL\0VFATAL\0C08001\0M" + message + "\0\0").getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(5 + fields.length)
                .put((byte) 'E')
                .putInt(4 + fields.length)
                .put(fields)
                .array();
    }
}
