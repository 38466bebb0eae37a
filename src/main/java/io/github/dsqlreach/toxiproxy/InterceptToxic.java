package io.github.dsqlreach.toxiproxy;

import io.github.dsqlreach.toxiproxy.ToxicDefinition.Certificate;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;

/**
 * TLS inspection: ends the client's TLS here with a certificate of our own, after an SSLRequest or directly, and goes on
 * to the upstream in TLS when the client accepts it. {@code certificate} says what is wrong with it: {@code other_ca} (the
 * right name, from an authority nobody knows), {@code expired}, {@code wrong_name}; or {@code pkcs12} names a key store to
 * use, with its {@code password}.
 */
final class InterceptToxic extends ClientBytesToxic<InterceptToxic.Start> {
    private final InterceptKeys keys;

    InterceptToxic(Attributes given) {
        super("intercept", given);
        Certificate certificate = given.constant("certificate", Certificate.class, Certificate.OTHER_CA);
        String pkcs12 = given.text("pkcs12", "");
        String password = given.text("password", "");
        try {
            keys = pkcs12.isEmpty() ? InterceptKeys.generated(certificate) : InterceptKeys.load(pkcs12, password);
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalArgumentException("pkcs12 " + pkcs12 + " cannot be used: " + e.getMessage(), e);
        }
    }

    @Override
    Start memory() {
        return new Start();
    }

    @Override
    void receive(ToxicStub stub, Start start, Chunk chunk) {
        if (start.decided) {
            stub.pass(chunk);
            return;
        }
        ByteBuffer data = chunk.data();
        start.bytes.write(data.array(), data.arrayOffset() + data.position(), data.remaining());
        byte[] bytes = start.bytes.toByteArray();
        boolean tls = PostgresRequest.SSL_REQUEST.starts(bytes) || ClientHello.starts(bytes);
        if (tls) {
            intercept(stub);
        }
        if (tls || !PostgresRequest.SSL_REQUEST.mayStart(bytes) && !ClientHello.mayStart(bytes)) {
            start.decided = true;
            stub.pass(new Chunk(ByteBuffer.wrap(bytes), chunk.readAt()));
        }
    }

    private void intercept(ToxicStub stub) {
        try {
            stub.divert(Interceptor.start(keys, stub.upstream()));
        } catch (IOException e) {
            stub.abort();
        }
    }

    static final class Start {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private boolean decided;
    }
}
