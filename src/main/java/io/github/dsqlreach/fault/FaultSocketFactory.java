package io.github.dsqlreach.fault;

import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.HostAndPort;
import io.github.dsqlreach.connect.AuthToken;
import io.github.dsqlreach.connect.WebSocketSocketFactory;
import io.github.dsqlreach.internal.client.ConnectedSocketFactory;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.sql.SQLException;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.postgresql.plugin.AuthenticationPlugin;
import org.postgresql.plugin.AuthenticationRequestType;
import org.postgresql.util.PSQLException;
import org.postgresql.util.PSQLState;

/**
 * Makes the PostgreSQL driver connect through a {@link FaultyDsql} of this JVM, whichever way connections to it go at the
 * time, so that a URL keeps its meaning when faults come and go; and log in there with a fresh token, unless the given password
 * is a token. {@link FaultyDsql#jdbcUrl()} names it; there is no other use for it.
 */
public final class FaultSocketFactory extends ConnectedSocketFactory implements AuthenticationPlugin {
    private static final Map<String, FaultyDsql> OPEN = new ConcurrentHashMap<>();
    private static final AtomicLong COUNT = new AtomicLong();

    private final Properties properties;
    private final String id;

    /**
     * The constructor that the driver calls.
     *
     * @param properties of the connection; {@code socketFactoryArg} is the {@link FaultyDsql}, as its URLs have it
     */
    public FaultSocketFactory(Properties properties) {
        this.properties = properties;
        this.id = String.valueOf(properties.getProperty("socketFactoryArg"));
    }

    static String register(FaultyDsql faulty) {
        String id = "faulty-dsql-" + COUNT.incrementAndGet();
        OPEN.put(id, faulty);
        return id;
    }

    static void unregister(String id) {
        OPEN.remove(id);
    }

    private FaultyDsql faulty() throws ConnectException {
        FaultyDsql faulty = OPEN.get(id);
        if (faulty == null) {
            throw new ConnectException("the FaultyDsql of this URL (" + id + ") is closed, or of another JVM");
        }
        return faulty;
    }

    @Override
    public char[] getPassword(AuthenticationRequestType type) throws PSQLException {
        try {
            String given = properties.getProperty("password");
            // A service's own password, as in spring.datasource.password, would be refused: a cluster takes tokens
            // only.
            boolean use = given != null && AuthToken.isToken(given);
            return (use ? given : faulty().token(properties.getProperty("user"))).toCharArray();
        } catch (SQLException | ConnectException e) {
            throw new PSQLException(e.getMessage(), PSQLState.INVALID_AUTHORIZATION_SPECIFICATION, e);
        }
    }

    /** A socket that is connected already: the driver then leaves out its own name lookup. */
    @Override
    public Socket createSocket() throws IOException {
        FaultyDsql faulty = faulty();
        Endpoint way = faulty.connecting();
        HostAndPort target = way.target();
        if (faulty.isOverWebSocket()) {
            Properties through = new Properties();
            through.setProperty(
                    "connectTimeout",
                    String.valueOf(Math.max(1, faulty.connectTimeout().toSeconds())));
            properties.stringPropertyNames().forEach(name -> through.setProperty(name, properties.getProperty(name)));
            through.setProperty(
                    "socketFactoryArg",
                    way.proxy().map(proxy -> Endpoint.PROXY_SCHEME + proxy).orElseGet(target::toString));
            return new WebSocketSocketFactory(through).createSocket();
        }
        Socket socket = new Socket();
        try {
            socket.connect(new InetSocketAddress(target.host(), target.port()), (int)
                    faulty.connectTimeout().toMillis());
            return socket;
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }
}
