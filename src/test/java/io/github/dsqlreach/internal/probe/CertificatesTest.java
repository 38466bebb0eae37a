package io.github.dsqlreach.internal.probe;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.dsqlreach.Attempt;
import io.github.dsqlreach.Cause;
import io.github.dsqlreach.Confidence;
import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.Evidence;
import io.github.dsqlreach.FailureKind;
import io.github.dsqlreach.LoopbackServer;
import io.github.dsqlreach.Negotiation;
import io.github.dsqlreach.Phase;
import io.github.dsqlreach.PhaseResult;
import io.github.dsqlreach.Reachability;
import io.github.dsqlreach.Trust;
import io.github.dsqlreach.diagnosis.ReachabilityCheck;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which certificate counts, and what is said of one that does not. */
class CertificatesTest {
    private static final TestChain.Authority ROOT = TestChain.authority("Odd Test CA");

    @TempDir
    private static Path directory;

    private static Endpoint.Builder endpoint(ScriptedServer server, Trust.Mode mode) throws IOException {
        return Endpoint.builder(Given.HOST)
                .connectTo(server.address())
                .trust(new Trust(mode, Optional.of(ROOT.write(directory))));
    }

    private static ScriptedServer server(TestChain chain) throws IOException {
        return ScriptedServer.start(visitor -> {
            boolean direct = visitor.startsWith(22);
            (direct ? visitor : visitor.agree())
                    .tls(chain.serverContext(), false)
                    .hearMessage(false)
                    .say("R")
                    .say(0, 0, 0, 8, 0, 0, 0, 3)
                    .hearMessage(true)
                    .say(LoopbackServer.error("08006", "unable to accept connection, access denied"))
                    .listen();
        });
    }

    private static PhaseResult tls(TestChain chain, Trust.Mode mode, Negotiation negotiation) throws Exception {
        try (ScriptedServer server = server(chain)) {
            Endpoint endpoint = endpoint(server, mode).negotiation(negotiation).build();
            Attempt attempt = Given.attempt(endpoint, Given.AMPLE);
            if (attempt.result(Phase.TLS).failed()) {
                assertThat(server.receivedInTls()).isEmpty();
            }
            return attempt.result(Phase.TLS);
        }
    }

    private static PhaseResult tls(TestChain chain) throws Exception {
        return tls(chain, Trust.Mode.VERIFY_FULL, Negotiation.POSTGRES);
    }

    private static TestChain good() {
        return ROOT.issue(leaf -> leaf.names(Given.HOST));
    }

    @Test
    void aGoodOneCounts() throws Exception {
        PhaseResult tls = tls(good());

        assertThat(tls.passed()).as(tls.toString()).isTrue();
        assertThat(tls.evidence().is(Evidence.VERIFIED)).isTrue();
        assertThat(tls.evidence().has(Evidence.CERTIFICATE_PROBLEM)).isFalse();
    }

    @Test
    void aKeyTooShortUnderATrustedRootIsCalledSo() throws Exception {
        PhaseResult tls = tls(ROOT.issue(leaf -> leaf.names(Given.HOST).rsa(768)));

        assertThat(tls.failedWith(FailureKind.CERTIFICATE_UNACCEPTABLE))
                .as(tls.toString())
                .isTrue();
        assertThat(tls.evidence().text(Evidence.CERTIFICATE_PROBLEM).orElse("")).contains("RSA 768");
        assertThat(tls.failure().orElseThrow().message()).contains("RSA 768");
    }

    @Test
    void anotherPurposeUnderATrustedRootIsCalledSo() throws Exception {
        PhaseResult tls = tls(ROOT.issue(leaf -> leaf.names(Given.HOST).purpose(KeyPurposeId.id_kp_clientAuth)));

        assertThat(tls.failedWith(FailureKind.CERTIFICATE_UNACCEPTABLE))
                .as(tls.toString())
                .isTrue();
        assertThat(tls.evidence().text(Evidence.CERTIFICATE_PROBLEM).orElse("")).contains("Extended key usage");
    }

    @Test
    void aDisabledAlgorithmUnderATrustedRootIsCalledSo() throws Exception {
        TestChain.Authority weak = ROOT.authority("Weak Intermediate");
        TestChain chain = weak.issue(leaf -> leaf.names(Given.HOST).signature("MD5withRSA"));

        PhaseResult tls = tls(chain);

        assertThat(tls.failedWith(FailureKind.CERTIFICATE_UNACCEPTABLE))
                .as(tls.toString())
                .isTrue();
        assertThat(tls.evidence().text(Evidence.CERTIFICATE_PROBLEM).orElse("")).containsPattern("MD5|SHA1");
    }

    @Test
    void theSameFaultsUnderAnUnknownRootAreThoseOfAnybody() throws Exception {
        TestChain.Authority nobody = TestChain.authority("Nobody");

        PhaseResult tls =
                tls(nobody.issue(leaf -> leaf.names(Given.HOST).rsa(768).purpose(KeyPurposeId.id_kp_clientAuth)));

        assertThat(tls.failedWith(FailureKind.CERTIFICATE_UNTRUSTED))
                .as(tls.toString())
                .isTrue();
    }

    @Test
    void aRootThatOnlyBearsATrustedOnesNameIsNotTrusted() throws Exception {
        PhaseResult tls = tls(TestChain.authority("Odd Test CA")
                .issue(leaf -> leaf.names(Given.HOST).rsa(768)));

        assertThat(tls.failedWith(FailureKind.CERTIFICATE_UNTRUSTED))
                .as(tls.toString())
                .isTrue();
    }

    @Test
    void aPublicAuthoritysCertificateWithoutItsIssuersIsIncomplete() throws Exception {
        TestChain chain = ROOT.authority("Intermediate CA")
                .issue(leaf -> leaf.names(Given.HOST).issuerAt("http://ca.example/intermediate.cer"));

        assertThat(tls(chain).passed()).isTrue();
        PhaseResult tls = tls(chain.alone());
        assertThat(tls.failedWith(FailureKind.CERTIFICATE_CHAIN_INCOMPLETE))
                .as(tls.toString())
                .isTrue();
        assertThat(tls.failure().orElseThrow().message())
                .contains("Intermediate CA")
                .contains("did not send");
    }

    @Test
    void aCertificateAloneThatDoesNotSayWhereItsIssuerIsIsUntrusted() throws Exception {
        TestChain chain = TestChain.authority("Inspection CA").issue(leaf -> leaf.names(Given.HOST));

        assertThat(tls(chain.alone()).failedWith(FailureKind.CERTIFICATE_UNTRUSTED))
                .isTrue();
    }

    @ParameterizedTest
    @EnumSource
    void aNameThatOnlyTheJdkAcceptsGetsNoToken(Negotiation negotiation) throws Exception {
        TestChain chain = ROOT.issue(leaf -> leaf.names("foo*.dsql.us-east-1.on.aws"));

        PhaseResult tls = tls(chain, Trust.Mode.VERIFY_FULL, negotiation);

        assertThat(tls.failedWith(FailureKind.HOSTNAME_MISMATCH))
                .as(tls.toString())
                .isTrue();
    }

    @Test
    void theCommonNameAloneDoesNotCount() throws Exception {
        PhaseResult tls = tls(ROOT.issue(leaf -> leaf.commonName(Given.HOST)));

        assertThat(tls.failedWith(FailureKind.HOSTNAME_MISMATCH))
                .as(tls.toString())
                .isTrue();
    }

    @Test
    void withVerifyCaAnotherNameIsSaidAndFailsNothing() throws Exception {
        PhaseResult tls =
                tls(ROOT.issue(leaf -> leaf.names("other.example")), Trust.Mode.VERIFY_CA, Negotiation.POSTGRES);

        assertThat(tls.passed()).as(tls.toString()).isTrue();
        assertThat(tls.evidence().list(Evidence.NOTES)).containsExactly("certificate is for other.example");
        assertThat(tls.evidence().is(Evidence.VERIFIED)).isFalse();
    }

    @Test
    void withVerifyCaAnUnknownRootFails() throws Exception {
        TestChain chain = TestChain.authority("Nobody").issue(leaf -> leaf.names(Given.HOST));

        assertThat(tls(chain, Trust.Mode.VERIFY_CA, Negotiation.POSTGRES).failedWith(FailureKind.CERTIFICATE_UNTRUSTED))
                .isTrue();
    }

    private static Reachability check(TestChain chain, Trust.Mode mode) throws Exception {
        try (ScriptedServer server = server(chain)) {
            return ReachabilityCheck.of(
                            endpoint(server, mode).region("us-east-1").build())
                    .credentials(Given.CREDENTIALS)
                    .experiments(false)
                    .timeout(Given.AMPLE)
                    .run();
        }
    }

    /** An inspecting proxy that answers for the cluster is no cluster that denies: its issuer is named. */
    @ParameterizedTest
    @ValueSource(strings = {"Inspection CA", "Odd Test CA"})
    void withRequireTheChainIsLookedAtAndTheIssuerNamed(String issuer) throws Exception {
        TestChain chain = TestChain.authority(issuer).issue(leaf -> leaf.names(Given.HOST));

        Reachability reachability = check(chain, Trust.Mode.REQUIRE);

        assertThat(reachability.toString()).contains("certificate signed by CN=" + issuer + " is not trusted");
        assertThat(reachability.diagnosis().explanation()).contains("did not prove to be the cluster", issuer);
        Evidence tls = reachability.attempt().orElseThrow().result(Phase.TLS).evidence();
        assertThat(tls.has(Evidence.CERTIFICATE_PROBLEM)).isTrue();
        assertThat(tls.text(Evidence.CERTIFICATE_ISSUER)).contains("CN=" + issuer);
        assertThat(reachability.diagnosis().cause()).contains(Cause.UNKNOWN);
    }

    @Test
    void withRequireACertificateOfATrustedRootLetsTheClustersWordsCount() throws Exception {
        Reachability reachability = check(good(), Trust.Mode.REQUIRE);

        assertThat(reachability.diagnosis().cause()).as(reachability.toString()).contains(Cause.ACCESS_DENIED);
    }

    @Test
    void theDiagnosisTellsTheJdksReason() throws Exception {
        Reachability reachability =
                check(ROOT.issue(leaf -> leaf.names(Given.HOST).rsa(768)), Trust.Mode.VERIFY_FULL);

        assertThat(reachability.diagnosis().cause()).contains(Cause.CERTIFICATE_UNACCEPTABLE);
        // One attempt confirms nothing, and there are no experiments here.
        assertThat(reachability.diagnosis().confidence()).isEqualTo(Confidence.LIKELY);
        assertThat(reachability.diagnosis().explanation()).contains("RSA 768");
    }
}
