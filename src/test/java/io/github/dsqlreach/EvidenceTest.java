package io.github.dsqlreach;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class EvidenceTest {
    private final Evidence evidence = Evidence.builder()
            .put(Evidence.ADDRESSES, List.of("10.0.0.1", "10.0.0.2"))
            .put(Evidence.ROUND_TRIP_MILLIS, 0.123456)
            .put(Evidence.BYTES_SENT, 8)
            .put(Evidence.VERIFIED, true)
            .put(Evidence.CIPHER, "TLS_AES_256_GCM_SHA384")
            .build();

    @Test
    void givesEachFactInItsType() {
        assertThat(evidence.list(Evidence.ADDRESSES)).containsExactly("10.0.0.1", "10.0.0.2");
        assertThat(evidence.get(Evidence.ROUND_TRIP_MILLIS)).contains(0.123);
        assertThat(evidence.get(Evidence.BYTES_SENT)).contains(8L);
        assertThat(evidence.is(Evidence.VERIFIED)).isTrue();
        assertThat(evidence.text(Evidence.CIPHER)).contains("TLS_AES_256_GCM_SHA384");
        assertThat(evidence.get(Evidence.BYTES_SENT)).contains(8L);
        assertThat(evidence.isOver(7, Evidence.BYTES_SENT)).isTrue();
        assertThat(evidence.isOver(8, Evidence.BYTES_SENT)).isFalse();
    }

    @Test
    void givesEveryFactAsAText() {
        assertThat(evidence.text(Evidence.ADDRESSES)).contains("10.0.0.1, 10.0.0.2");
        assertThat(evidence.text(Evidence.ROUND_TRIP_MILLIS)).contains("0.1");
        assertThat(evidence.text(Evidence.BYTES_SENT)).contains("8");
        assertThat(evidence.text(Evidence.VERIFIED)).contains("true");
    }

    @Test
    void tellsWhatIsAbsentFromZeroAndFalse() {
        assertThat(evidence.has(Evidence.ALPN)).isFalse();
        assertThat(evidence.text(Evidence.ALPN)).isEmpty();
        assertThat(evidence.get(Evidence.BYTES_RECEIVED)).isEmpty();
        assertThat(evidence.isOver(-1, Evidence.BYTES_RECEIVED)).isFalse();
        assertThat(evidence.is(Evidence.SIGNATURE)).isFalse();
        assertThat(evidence.list(Evidence.NOTES)).isEmpty();
    }

    @Test
    void readsEachFactAsAReportHasIt() {
        Evidence all = Evidence.builder()
                .putAll(evidence)
                .put(Evidence.AFTER, SentMessage.CLIENT_HELLO)
                .put(Evidence.NEGOTIATION, Negotiation.DIRECT)
                .put(Evidence.PROXY, new HostAndPort("proxy", 3128))
                .put(Evidence.CERTIFICATE_NOT_AFTER, Instant.parse("2026-11-29T00:00:00Z"))
                .build();
        Evidence.Builder read = Evidence.builder();
        all.asMap().forEach(read::putPlain);

        assertThat(read.build()).isEqualTo(all);
        assertThat(all.asMap()).containsEntry("after", "ClientHello").containsEntry("negotiation", "direct");
    }

    @Test
    void readsAWordOnlyAsItIsWritten() {
        assertThatThrownBy(() -> Evidence.builder().putPlain("negotiation", "DIRECT"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("'DIRECT' is not a value of negotiation");
        assertThatThrownBy(() -> Evidence.builder().putPlain("addresses", List.of("10.0.0.1", 5)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void leavesOutAFactOfALaterVersionAndRefusesAnotherType() {
        assertThat(Evidence.builder().putPlain("ofALaterVersion", 1L).build()).isSameAs(Evidence.none());
        assertThatThrownBy(() -> Evidence.builder().putPlain("bytesSent", "eight"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("'eight' is not a value of bytesSent");
        assertThatThrownBy(() -> Evidence.builder().putPlain("after", "Goodbye"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("'Goodbye' is not a value of after");
    }

    @Test
    void leavesOutWhatIsEmpty() {
        assertThat(Evidence.builder()
                        .put(Evidence.ALPN, "")
                        .put(Evidence.HINT, (String) null)
                        .put(Evidence.NOTES, List.of())
                        .build())
                .isSameAs(Evidence.none());
    }

    @Test
    void keepsTheOrderOfItsFacts() {
        assertThat(evidence)
                .hasToString("addresses 10.0.0.1, 10.0.0.2, roundTripMillis 0.1, bytesSent 8, verified true,"
                        + " cipher TLS_AES_256_GCM_SHA384");
    }

    @Test
    void prefersTheFactsAddedLater() {
        Evidence more = Evidence.builder().put(Evidence.BYTES_SENT, 9).build();

        assertThat(evidence.and(more).get(Evidence.BYTES_SENT)).contains(9L);
        assertThat(more.and(evidence).get(Evidence.BYTES_SENT)).contains(8L);
    }

    @Test
    void cannotBeChanged() {
        List<String> addresses = new ArrayList<>(List.of("10.0.0.1"));
        Evidence.Builder builder = Evidence.builder().put(Evidence.ADDRESSES, addresses);
        Evidence before = builder.build();
        addresses.add("10.0.0.2");
        builder.put(Evidence.BYTES_SENT, 1);

        assertThat(before.keys()).containsExactly(Evidence.ADDRESSES);
        assertThat(before.list(Evidence.ADDRESSES)).containsExactly("10.0.0.1");
        assertThatThrownBy(() -> before.asMap().clear()).isInstanceOf(UnsupportedOperationException.class);
    }

    @Test
    void holdsNoSecret() {
        String signature = "0123456789abcdef".repeat(4);
        Evidence hostile = Evidence.builder()
                .put(Evidence.SERVER_MESSAGE, "no X-Amz-Signature=" + signature + "\u001b[31m")
                .put(Evidence.NOTES, List.of("secretAccessKey=abcdefgh"))
                .build();

        assertThat(hostile.toString())
                .doesNotContain(signature)
                .doesNotContain("abcdefgh")
                .doesNotContain("\u001b");
    }

    @Test
    void isEqualByItsFacts() {
        assertThat(Evidence.builder().putAll(evidence).build())
                .isEqualTo(evidence)
                .hasSameHashCodeAs(evidence)
                .isNotEqualTo(Evidence.none());
    }
}
