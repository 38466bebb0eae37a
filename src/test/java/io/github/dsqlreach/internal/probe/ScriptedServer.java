package io.github.dsqlreach.internal.probe;

import io.github.dsqlreach.HostAndPort;
import io.github.dsqlreach.Negotiation;
import io.github.dsqlreach.internal.Daemon;
import io.github.dsqlreach.internal.client.ForwardingSocket;
import io.github.dsqlreach.local.TestCertificateAuthority.Leaf;
import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.FilterInputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/** A server on loopback that does to each visitor what its script says, and remembers all that visitors said. */
final class ScriptedServer implements AutoCloseable {
    /** What to do with one visitor. Whatever it throws ends the visit. */
    interface Script {
        void run(Visitor visitor) throws Exception;
    }

    private static final String THREADS = "test-scripted-server";

    private final ServerSocket socket;
    private final Script script;
    private final List<Visitor> visitors = new CopyOnWriteArrayList<>();
    private final CountDownLatch closed = new CountDownLatch(1);

    private ScriptedServer(Script script) throws IOException {
        this.script = script;
        this.socket = new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1"));
        Daemon.start(THREADS, this::accept);
    }

    static ScriptedServer start(Script script) throws IOException {
        return new ScriptedServer(script);
    }

    HostAndPort address() {
        return new HostAndPort("127.0.0.1", socket.getLocalPort());
    }

    List<Visitor> visitors() {
        return visitors;
    }

    /** All that visitors sent without encryption. */
    String receivedInTheClear() {
        return String.join(
                "\n", visitors.stream().map(visitor -> visitor.clear.text()).toList());
    }

    /** All that visitors sent inside TLS. */
    String receivedInTls() {
        return String.join(
                "\n", visitors.stream().map(visitor -> visitor.secret.text()).toList());
    }

    private void accept() {
        try {
            while (true) {
                Visitor visitor = new Visitor(socket.accept());
                visitors.add(visitor);
                Daemon.start(THREADS, visitor);
            }
        } catch (IOException e) {
            // Closed.
        }
    }

    @Override
    public void close() throws IOException {
        closed.countDown();
        socket.close();
        for (Visitor visitor : visitors) {
            visitor.raw.close();
        }
    }

    /** One connection, seen from the server. */
    final class Visitor implements Runnable {
        private final Socket raw;
        private final Recording clear = new Recording();
        private final Recording secret = new Recording();
        private Socket current;
        private InputStream in;
        private boolean peeked;

        Visitor(Socket raw) throws IOException {
            this.raw = raw;
            this.current = raw;
            this.in = new BufferedInputStream(clear.of(raw.getInputStream()), 1);
        }

        @Override
        public void run() {
            try (raw) {
                raw.setTcpNoDelay(true);
                script.run(this);
            } catch (Exception e) {
                // The visit is over, whoever ended it.
            }
        }

        Visitor say(int... bytes) throws IOException {
            byte[] all = new byte[bytes.length];
            for (int i = 0; i < bytes.length; i++) {
                all[i] = (byte) bytes[i];
            }
            return say(all);
        }

        Visitor say(String text) throws IOException {
            return say(text.getBytes(StandardCharsets.ISO_8859_1));
        }

        Visitor say(byte[] bytes) throws IOException {
            OutputStream out = current.getOutputStream();
            out.write(bytes);
            out.flush();
            return this;
        }

        /** Whether the first byte is that one; only before anything was heard, and TLS hears it again. */
        boolean startsWith(int first) throws IOException {
            peeked = true;
            in.mark(1);
            int heard = in.read();
            in.reset();
            return heard == first;
        }

        /** Waits for so many bytes. */
        Visitor hear(int bytes) throws IOException {
            new DataInputStream(in).readFully(new byte[bytes]);
            return this;
        }

        /** Waits for a byte. */
        int hearByte() throws IOException {
            return new DataInputStream(in).readUnsignedByte();
        }

        /** Waits for a whole TLS record. */
        Visitor hearRecord() throws IOException {
            byte[] header = new byte[5];
            new DataInputStream(in).readFully(header);
            return hear((header[3] & 0xff) << 8 | header[4] & 0xff);
        }

        /** Waits for a whole message of PostgreSQL's, with a type or without. */
        Visitor hearMessage(boolean typed) throws IOException {
            DataInputStream data = new DataInputStream(in);
            if (typed) {
                data.readByte();
            }
            return hear(data.readInt() - 4);
        }

        /** The next message of PostgreSQL's: its type and its body. */
        String nextMessage() throws IOException {
            DataInputStream data = new DataInputStream(in);
            char type = (char) data.readByte();
            byte[] body = new byte[data.readInt() - 4];
            data.readFully(body);
            return type + new String(body, StandardCharsets.ISO_8859_1);
        }

        /** Reads on until the visitor leaves. */
        void listen() throws IOException {
            in.transferTo(OutputStream.nullOutputStream());
        }

        /** Says and hears nothing until the server is closed. */
        void hold() throws InterruptedException {
            closed.await();
        }

        /** Waits, so that what was said arrives before what follows; the visitor cannot notice. */
        Visitor pause(long millis) throws InterruptedException {
            closed.await(millis, TimeUnit.MILLISECONDS);
            return this;
        }

        void reset() throws IOException {
            raw.setSoLinger(true, 0);
            raw.close();
        }

        void closeOutput() throws IOException {
            raw.shutdownOutput();
        }

        /** Hears an SSLRequest and agrees to it, as PostgreSQL does. */
        Visitor agree() throws IOException {
            peeked = false;
            return hear(8).say("S");
        }

        /** Begins TLS in either way. */
        Visitor beginTls(Negotiation negotiation, Leaf certificate) throws IOException {
            return (negotiation == Negotiation.POSTGRES ? agree() : this).tls(certificate, false);
        }

        /** Hears a ClientHello in either way, and leaves. */
        Visitor hearHello(Negotiation negotiation) throws IOException {
            return (negotiation == Negotiation.POSTGRES ? agree() : this).hearRecord();
        }

        /** Hears an SSLRequest, agrees, and shows that certificate. */
        Visitor startTls(Leaf certificate) throws IOException {
            return agree().tls(certificate, false);
        }

        /** Shows that certificate, asks for the password and hears it. */
        Visitor askForPassword(Leaf certificate) throws IOException {
            return startTls(certificate)
                    .hearMessage(false)
                    .say("R")
                    .say(0, 0, 0, 8, 0, 0, 0, 3)
                    .hearMessage(true);
        }

        /** Logs the visitor in, agrees to the driver's settings, and hears the query of the attempt. */
        Visitor hearQuery(Leaf certificate) throws IOException {
            return askForPassword(certificate).logInAndHearQuery();
        }

        /** The same from the password on. */
        Visitor logInAndHearQuery() throws IOException {
            say("R").say(0, 0, 0, 8, 0, 0, 0, 0);
            for (String parameter : new String[] {
                "server_version\u000016.9",
                "client_encoding\0UTF8",
                "standard_conforming_strings\0on",
                "DateStyle\0ISO",
                "integer_datetimes\0on"
            }) {
                say("S").say(0, 0, 0, parameter.length() + 5).say(parameter).say(0);
            }
            say("Z").say(0, 0, 0, 5).say("I");
            while (true) {
                String message = nextMessage();
                if (message.contains("SELECT 1")) {
                    return this;
                }
                if (message.startsWith("Q")) {
                    say("C").say(0, 0, 0, 8).say("SET\0");
                    say("Z").say(0, 0, 0, 5).say("I");
                }
            }
        }

        Visitor tls(Leaf certificate, boolean wantsClientCertificate) throws IOException {
            return tls(certificate.serverContext(), wantsClientCertificate);
        }

        /** Asks the visitor for new keys, which TLS 1.3 answers by itself. */
        void askForNewKeys() throws IOException {
            ((SSLSocket) current).startHandshake();
        }

        Visitor tls(SSLContext context, boolean wantsClientCertificate) throws IOException {
            return tls(context, wantsClientCertificate, raw);
        }

        /** Sends so many records of the handshake, and then nothing more. */
        Visitor stallingTls(SSLContext context, int records) throws IOException {
            return tls(context, false, new Stalling(raw, records));
        }

        private Visitor tls(SSLContext context, boolean wantsClientCertificate, Socket wire) throws IOException {
            InputStream heard = peeked ? new ByteArrayInputStream(in.readNBytes(1)) : InputStream.nullInputStream();
            SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket(wire, heard, true);
            SSLParameters parameters = socket.getSSLParameters();
            parameters.setNeedClientAuth(wantsClientCertificate);
            parameters.setApplicationProtocols(new String[] {"postgresql"});
            parameters.setUseCipherSuitesOrder(true);
            socket.setHandshakeApplicationProtocolSelector((s, offered) -> offered.isEmpty() ? "" : offered.get(0));
            socket.setSSLParameters(parameters);
            socket.startHandshake();
            current = socket;
            in = secret.of(socket.getInputStream());
            return this;
        }
    }

    private static final class Stalling extends ForwardingSocket {
        private final OutputStream out;

        Stalling(Socket socket, int writes) throws IOException {
            super(socket);
            this.out = new FilterOutputStream(socket.getOutputStream()) {
                private int left = writes;

                @Override
                public void write(byte[] bytes, int offset, int length) throws IOException {
                    if (left-- > 0) {
                        out.write(bytes, offset, length);
                    }
                }
            };
        }

        @Override
        public OutputStream getOutputStream() {
            return out;
        }
    }

    private static final class Recording {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        InputStream of(InputStream in) {
            return new FilterInputStream(in) {
                @Override
                public int read() throws IOException {
                    byte[] one = new byte[1];
                    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
                }

                @Override
                public int read(byte[] buffer, int offset, int length) throws IOException {
                    int count = super.read(buffer, offset, length);
                    if (count > 0) {
                        synchronized (bytes) {
                            bytes.write(buffer, offset, count);
                        }
                    }
                    return count;
                }
            };
        }

        String text() {
            synchronized (bytes) {
                return bytes.toString(StandardCharsets.ISO_8859_1);
            }
        }
    }
}
