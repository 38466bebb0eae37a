package io.github.dsqlreach.diagnosis;

import io.github.dsqlreach.HostAndPort;
import io.github.dsqlreach.LoopbackServer;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/** What servers other than a cluster say. */
final class Talks {
    private static final String PAGE =
            "<html><head><title>Welcome to Airport WiFi</title></head><body>Sign in</body></html>";

    private Talks() {}

    /** Speaks first, as SSH, SMTP and MySQL do, and waits for the client to leave. */
    static LoopbackServer.Talk greeting(byte[] greeting) {
        return (client, n) -> {
            client.getOutputStream().write(greeting);
            drain(client);
        };
    }

    static LoopbackServer.Talk greeting(String greeting) {
        return greeting(greeting.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** Answers the first bytes, whatever they are, and closes. */
    static LoopbackServer.Talk answering(String answer) {
        return (client, n) -> answer(client, answer.getBytes(StandardCharsets.ISO_8859_1));
    }

    static LoopbackServer.Talk silent() {
        return (client, n) -> drain(client);
    }

    /** Closes at the first bytes. */
    static LoopbackServer.Talk closing() {
        return (client, n) -> answer(client, new byte[0]);
    }

    /** A web server that refuses what is not HTTP at the first byte, as nginx does. */
    static LoopbackServer.Talk eagerHttp() {
        return (client, n) -> {
            int first = client.getInputStream().read();
            answer(
                    client,
                    (first >= 'A' && first <= 'Z' ? page(200) : page(400)).getBytes(StandardCharsets.ISO_8859_1));
        };
    }

    /** A web server that waits for a whole line, as many small ones do. */
    static LoopbackServer.Talk patientHttp() {
        return (client, n) -> http(client, client.getInputStream());
    }

    /** A web server with TLS. */
    static LoopbackServer.Talk https(SSLContext tls) {
        return (client, n) -> {
            int first = client.getInputStream().read();
            if (first != 22) {
                answer(client, new byte[] {21, 3, 3, 0, 2, 2, 80});
                return;
            }
            try (SSLSocket encrypted = accept(tls, client, first)) {
                boolean asked = encrypted.getInputStream().read() == 'G';
                answer(encrypted, page(asked ? 200 : 400).getBytes(StandardCharsets.ISO_8859_1));
            }
        };
    }

    private static void http(Socket client, InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.read(); c >= 0 && !line.toString().endsWith("\r\n"); c = in.read()) {
            line.append((char) c);
        }
        answer(
                client,
                (line.toString().startsWith("GET ") ? page(200) : page(400)).getBytes(StandardCharsets.ISO_8859_1));
    }

    static String page(int status) {
        return "HTTP/1.1 " + status + (status == 200 ? " OK" : " Bad Request") + "\r\nContent-Type: text/html\r\n"
                + "Content-Length: " + PAGE.length() + "\r\nConnection: close\r\n\r\n" + PAGE;
    }

    /** A TLS server for the control: ends the handshake, and waits. */
    static LoopbackServer.Talk tls(SSLContext tls) {
        return (client, n) -> {
            try (SSLSocket encrypted =
                    accept(tls, client, client.getInputStream().read())) {
                encrypted.getInputStream().read();
            }
        };
    }

    /** Wants a certificate of the client; with TLS 1.3 it says so when the client's handshake is over. */
    static LoopbackServer.Talk wantingACertificate(SSLContext tls) {
        return (client, n) -> {
            client.getInputStream().readNBytes(8);
            client.getOutputStream().write('S');
            SSLSocket encrypted = (SSLSocket)
                    tls.getSocketFactory().createSocket(client, new ByteArrayInputStream(new byte[0]), false);
            encrypted.setNeedClientAuth(true);
            try {
                encrypted.startHandshake();
            } catch (IOException e) {
                client.shutdownOutput();
                drain(client);
            }
        };
    }

    /** Asks for a certificate of the client, gets none, and resets the connection. */
    static LoopbackServer.Talk resettingWithoutCertificate(SSLContext tls) {
        return (client, n) -> {
            client.getInputStream().readNBytes(8);
            client.getOutputStream().write('S');
            SSLSocket encrypted = accept(tls, client, -1);
            encrypted.setWantClientAuth(true);
            encrypted.startHandshake();
            Login.RESET.end(client, encrypted);
        };
    }

    /** A device that resets connections with that name when a part of the server's answer has passed already. */
    static LoopbackServer.Talk lateResetOf(String name, HostAndPort upstream) {
        return (client, n) -> {
            try (Socket server = new Socket(upstream.host(), upstream.port())) {
                byte[] hello = start(client, server);
                if (new String(hello, StandardCharsets.ISO_8859_1).contains(name)) {
                    client.getOutputStream().write(server.getInputStream().readNBytes(100));
                    Login.RESET.end(client, null);
                    return;
                }
                LoopbackServer.inThread(() -> forward(client, server));
                forward(server, client);
            }
        };
    }

    /** A network that lets an answer to TLS through byte by byte, in so many milliseconds each. */
    static LoopbackServer.Talk trickling(HostAndPort upstream, long millis) {
        return (client, n) -> {
            try (Socket server = new Socket(upstream.host(), upstream.port())) {
                start(client, server);
                for (int b = server.getInputStream().read();
                        b >= 0;
                        b = server.getInputStream().read()) {
                    client.getOutputStream().write(b);
                    Thread.sleep(millis);
                }
            }
        };
    }

    /** Passes the SSLRequest, its answer and the ClientHello. */
    private static byte[] start(Socket client, Socket server) throws IOException {
        DataInputStream in = new DataInputStream(client.getInputStream());
        server.getOutputStream().write(in.readNBytes(8));
        client.getOutputStream().write(server.getInputStream().read());
        byte[] head = in.readNBytes(5);
        byte[] body = in.readNBytes(ByteBuffer.wrap(head).getShort(3) & 0xffff);
        server.getOutputStream().write(head);
        server.getOutputStream().write(body);
        return body;
    }

    private static void forward(Socket from, Socket to) {
        try {
            from.getInputStream().transferTo(to.getOutputStream());
            to.shutdownOutput();
        } catch (IOException e) {
            // One side is gone.
        }
    }

    /** A PostgreSQL that was built or configured without TLS. */
    static LoopbackServer.Talk plainPostgres() {
        return (client, n) -> {
            DataInputStream in = new DataInputStream(client.getInputStream());
            byte[] message = message(in);
            if (message.length == 4) {
                client.getOutputStream().write('N');
                message = message(in);
            }
            answer(client, LoopbackServer.error("28000", "no pg_hba.conf entry for host, no encryption"));
        };
    }

    /** A PostgreSQL before 17: TLS after an SSLRequest only; direct TLS is a startup packet of impossible length. */
    static LoopbackServer.Talk postgresBefore17(SSLContext tls, Login login) {
        return (client, n) -> {
            DataInputStream in = new DataInputStream(client.getInputStream());
            if (message(in).length != 4) {
                answer(client, LoopbackServer.error("28000", "connection requires TLS"));
                return;
            }
            client.getOutputStream().write('S');
            try (SSLSocket encrypted = accept(tls, client, -1)) {
                login.serve(client, encrypted);
            }
        };
    }

    /** A pooler that says what it thinks of direct TLS. */
    static LoopbackServer.Talk poolerWithoutDirectTls(SSLContext tls) {
        return (client, n) -> {
            if (client.getInputStream().read() == 22) {
                answer(client, LoopbackServer.error("08P01", "unsupported startup packet"));
                return;
            }
            client.getInputStream().readNBytes(7);
            client.getOutputStream().write('S');
            try (SSLSocket encrypted = accept(tls, client, -1)) {
                new Login(Login.Until.STARTUP, Login.saying(LoopbackServer.error("28P01", "no such user")))
                        .serve(client, encrypted);
            }
        };
    }

    /** A PostgreSQL that takes TLS in both ways. */
    static LoopbackServer.Talk postgres(SSLContext tls, Login login) {
        return (client, n) -> {
            int first = client.getInputStream().read();
            if (first == 0) {
                client.getInputStream().readNBytes(7);
                client.getOutputStream().write('S');
                first = -1;
            }
            try (SSLSocket encrypted = accept(tls, client, first)) {
                encrypted.setHandshakeApplicationProtocolSelector(
                        (socket, offered) -> offered.contains("postgresql") ? "postgresql" : "");
                login.serve(client, encrypted);
            }
        };
    }

    /** A login over TLS that ends somewhere, and keeps what clients sent. */
    static final class Login {
        /** Where it stops being a PostgreSQL. */
        enum Until {
            STARTUP,
            PASSWORD,
            QUERY
        }

        /** How it ends, below TLS or in it. */
        interface Ending {
            void end(Socket raw, SSLSocket encrypted) throws IOException;
        }

        static final Ending RESET = (raw, encrypted) -> {
            raw.setSoLinger(true, 0);
            raw.close();
        };
        static final Ending CLOSE = (raw, encrypted) -> answer(raw, new byte[0]);
        static final Ending SILENCE = (raw, encrypted) -> drain(encrypted);

        static Ending saying(byte[] answer) {
            return (raw, encrypted) -> answer(encrypted, answer);
        }

        private final Until until;
        private final Ending then;
        private final List<String> received = Collections.synchronizedList(new ArrayList<>());

        Login(Until until, Ending then) {
            this.until = until;
            this.then = then;
        }

        /** What came over TLS, one message each. */
        List<String> received() {
            return received;
        }

        void serve(Socket raw, SSLSocket client) throws IOException {
            DataInputStream in = new DataInputStream(client.getInputStream());
            DataOutputStream out = new DataOutputStream(client.getOutputStream());
            keep(message(in));
            if (until == Until.STARTUP) {
                then.end(raw, client);
                return;
            }
            out.write(new byte[] {'R', 0, 0, 0, 8, 0, 0, 0, 3});
            in.readByte();
            keep(message(in));
            if (until == Until.PASSWORD) {
                then.end(raw, client);
                return;
            }
            out.write(new byte[] {'R', 0, 0, 0, 8, 0, 0, 0, 0});
            for (String[] parameter : new String[][] {
                {"server_version", "16.4"},
                {"client_encoding", "UTF8"},
                {"integer_datetimes", "on"},
                {"standard_conforming_strings", "on"},
                {"DateStyle", "ISO, MDY"},
                {"TimeZone", "UTC"}
            }) {
                byte[] body = (parameter[0] + "\0" + parameter[1] + "\0").getBytes(StandardCharsets.UTF_8);
                out.write('S');
                out.writeInt(body.length + 4);
                out.write(body);
            }
            out.write(new byte[] {'Z', 0, 0, 0, 5, 'I'});
            answerSettings(in, out);
            then.end(raw, client);
        }

        /** Agrees to what the driver sets up, until it asks for something. */
        private void answerSettings(DataInputStream in, DataOutputStream out) throws IOException {
            for (String message = ""; !message.contains("SELECT 1"); ) {
                int type = in.readByte();
                message = new String(message(in), StandardCharsets.ISO_8859_1);
                received.add(message);
                switch (type) {
                    case 'P' -> out.write(new byte[] {'1', 0, 0, 0, 4});
                    case 'B' -> out.write(new byte[] {'2', 0, 0, 0, 4});
                    case 'D' -> out.write(new byte[] {'n', 0, 0, 0, 4});
                    case 'E' -> out.write(new byte[] {'C', 0, 0, 0, 8, 'S', 'E', 'T', 0});
                    case 'S' -> out.write(new byte[] {'Z', 0, 0, 0, 5, 'I'});
                    case 'Q' -> out.write(new byte[] {'C', 0, 0, 0, 8, 'S', 'E', 'T', 0, 'Z', 0, 0, 0, 5, 'I'});
                    default -> throw new IOException("unexpected message " + (char) type);
                }
            }
        }

        private void keep(byte[] message) {
            received.add(new String(message, StandardCharsets.ISO_8859_1));
        }
    }

    static void answer(Socket client, byte[] bytes) throws IOException {
        client.getOutputStream().write(bytes);
        client.shutdownOutput();
        drain(client);
    }

    static void drain(Socket client) throws IOException {
        // Unread bytes would turn the close into a reset.
        client.getInputStream().transferTo(OutputStream.nullOutputStream());
    }

    /** The TLS server's side; {@code first} was read from the socket already, unless it is negative. */
    static SSLSocket accept(SSLContext tls, Socket client, int first) throws IOException {
        InputStream consumed = new ByteArrayInputStream(first < 0 ? new byte[0] : new byte[] {(byte) first});
        return (SSLSocket) tls.getSocketFactory().createSocket(client, consumed, true);
    }

    private static byte[] message(DataInputStream in) throws IOException {
        int length = in.readInt();
        if (length < 4 || length > 10_000) {
            throw new IOException("invalid length of startup packet");
        }
        return in.readNBytes(length - 4);
    }
}
