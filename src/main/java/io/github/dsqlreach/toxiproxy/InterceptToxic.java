package io.github.dsqlreach.toxiproxy;

import io.github.dsqlreach.toxiproxy.ToxicDefinition.Certificate;
import java.io.IOException;
import java.security.GeneralSecurityException;
import javax.net.ssl.KeyManager;

/**
 * TLS inspection: ends the client's TLS here with a certificate of our own, after an SSLRequest or directly, and goes on
 * to the upstream in TLS when the client accepts it. {@code certificate} says what is wrong with it: {@code other_ca} (the
 * right name, from an unknown authority), {@code expired}, {@code wrong_name}; or {@code pkcs12} names a key store to
 * use, with its {@code password}.
 */
final class InterceptToxic extends ClientBytesToxic<ClientBytesToxic.Held> {
    private final KeyManager[] keys;

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
    Held memory() {
        return new Held();
    }

    @Override
    void read(ToxicStub stub, Held held) {
        byte[] bytes = held.bytes();
        boolean tls = PostgresRequest.SSL_REQUEST.starts(bytes) || ClientHello.starts(bytes);
        if (tls) {
            intercept(stub);
        }
        if (tls || !PostgresRequest.SSL_REQUEST.mayStart(bytes) && !ClientHello.mayStart(bytes)) {
            held.passAll(stub);
        }
    }

    private void intercept(ToxicStub stub) {
        stub.struck();
        try {
            stub.divert(Interceptor.start(keys, stub.upstream()));
        } catch (IOException e) {
            stub.abort();
        }
    }
}
