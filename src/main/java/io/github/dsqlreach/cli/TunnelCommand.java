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
import java.io.IOException;
import java.net.InetAddress;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Listens for PostgreSQL's protocol on loopback and forwards it over a WebSocket, for psql and other tools. */
@Command(
        name = "tunnel",
        description = {
            "Listens on this machine for psql and other tools, and forwards their connections over a WebSocket to port 443"
                    + " of the endpoint, until Ctrl-C.",
            "It has no credentials: the tool logs in with its own token. The tool connects without TLS."
        },
        sortOptions = false,
        mixinStandardHelpOptions = true)
final class TunnelCommand implements Callable<Integer> {
    private static final Pattern LOOPBACK =
            Pattern.compile("(127\\.\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}|localhost|\\[::1]):(\\d{1,5})");

    @Option(
            names = "--listen",
            paramLabel = "HOST:PORT",
            description = "The loopback address to listen on; port 0 chooses a free one (default: ${DEFAULT-VALUE}).",
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
        WebSocketSocketFactory sockets = WebSocketSocketFactory.to(endpoint);
        try (Relay relay = listen(sockets)) {
            // Shows a failure now, and not when a tool connects.
            sockets.createSocket().close();
            Thread atExit = new Thread(() -> Quietly.close(relay), "dsql-reach-tunnel-exit");
            Runtime.getRuntime().addShutdownHook(atExit);
            try {
                announce(
                        endpoint,
                        new HostAndPort(
                                relay.address().getAddress().getHostAddress(),
                                relay.address().getPort()));
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                Runtime.getRuntime().removeShutdownHook(atExit);
            }
            return ExitCode.OK;
        } catch (IOException e) {
            system.say("cannot connect to " + endpoint + ": " + Scrubber.line(String.valueOf(e.getMessage()), 300)
                    + "; run 'doctor " + endpoint.host() + " --transport websocket' for a diagnosis");
            return 1;
        }
    }

    private Relay listen(WebSocketSocketFactory sockets) {
        Matcher address = LOOPBACK.matcher(listen);
        int port = address.matches() ? Integer.parseInt(address.group(2)) : 0;
        if (!address.matches() || port > 65_535) {
            throw new UsageException(
                    "option --listen: '" + listen + "' is not a loopback address of this machine; allowed are"
                            + " 127.0.0.1:PORT, localhost:PORT and [::1]:PORT");
        }
        try {
            return new Relay(
                    InetAddress.getByName(address.group(1)),
                    port,
                    new TunnelTarget(sockets, system::say),
                    message -> system.say(Scrubber.line(message, 300)));
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
                        "Listening on " + address + ". Connections are forwarded over a WebSocket to "
                                + endpoint.address()
                                + ", encrypted and verified, until Ctrl-C.\n"
                                + "The tool logs in with its own token and connects without TLS:\n\n"
                                + "  export PGPASSWORD=\"$(aws dsql generate-db-connect-" + kind + "-token --hostname "
                                + endpoint.tokenHost()
                                + endpoint.region()
                                        .map(region -> " --region " + region)
                                        .orElse("") + ")\"\n"
                                + "  psql \"host=" + address.host() + " port=" + address.port() + " user="
                                + endpoint.user()
                                + " dbname=" + endpoint.database() + " sslmode=disable\"\n\n"
                                + "Other users of this machine can connect too, but they cannot log in without their own token.");
        system.out().flush();
    }
}
