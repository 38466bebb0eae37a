package io.github.dsqlreach.connect;

import io.github.dsqlreach.HostAndPort;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;

/**
 * Makes the PostgreSQL driver connect to another address than the one in its URL, so that the URL keeps the cluster's
 * name for SNI, the certificate check and the token while TCP goes through a tunnel or a proxy. What libpq does with
 * {@code host} and {@code hostaddr}.
 *
 * <pre>{@code
 * jdbc:postgresql://abc.dsql.us-east-1.on.aws/postgres?sslmode=verify-full
 *     &socketFactory=io.github.dsqlreach.connect.ConnectToSocketFactory&socketFactoryArg=127.0.0.1:15432
 * }</pre>
 *
 * <p>The name in the URL is not looked up. Connecting may take 10 s, as is the driver's default.
 */
public final class ConnectToSocketFactory extends ConnectedSocketFactory {
    private static final int TIMEOUT_MILLIS = (int) Duration.ofSeconds(10).toMillis();

    private final HostAndPort target;

    /**
     * The constructor that the driver calls.
     *
     * @param target {@code HOST:PORT}
     * @throws IllegalArgumentException if it is not
     */
    public ConnectToSocketFactory(String target) {
        this.target = HostAndPort.parse(target, 0);
    }

    /** A socket that is connected already: the driver then leaves out its own name lookup. */
    @Override
    public Socket createSocket() throws IOException {
        Socket socket = new Socket();
        try {
            socket.connect(new InetSocketAddress(target.host(), target.port()), TIMEOUT_MILLIS);
            return socket;
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }
}
