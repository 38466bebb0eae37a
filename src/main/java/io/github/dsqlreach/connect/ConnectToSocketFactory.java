package io.github.dsqlreach.connect;

import io.github.dsqlreach.HostAndPort;
import io.github.dsqlreach.internal.client.ConnectedSocketFactory;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;

/**
 * Makes the PostgreSQL driver connect to another address than the one in its URL, for example to a tunnel. The URL keeps
 * the cluster's name for SNI, the certificate check and the token. This is like {@code host} and {@code hostaddr} of
 * libpq.
 *
 * <pre>{@code
 * jdbc:postgresql://abc.dsql.us-east-1.on.aws/postgres?sslmode=verify-full
 *     &sslfactory=org.postgresql.ssl.DefaultJavaSSLFactory
 *     &socketFactory=io.github.dsqlreach.connect.ConnectToSocketFactory&socketFactoryArg=127.0.0.1:15432
 * }</pre>
 *
 * <p>The name in the URL is not looked up. A connect takes at most 10 s, the driver's default.
 */
public final class ConnectToSocketFactory extends ConnectedSocketFactory {
    private static final int TIMEOUT_MILLIS = (int) Duration.ofSeconds(10).toMillis();

    private final HostAndPort target;

    /**
     * The constructor that the driver calls.
     *
     * @param target {@code HOST:PORT}
     * @throws IllegalArgumentException if the target has another form
     */
    public ConnectToSocketFactory(String target) {
        this.target = HostAndPort.parse(target, 0);
    }

    /** A connected socket. The driver does not look up the name of one that is connected. */
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
