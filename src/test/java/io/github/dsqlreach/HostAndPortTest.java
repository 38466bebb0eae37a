package io.github.dsqlreach;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HostAndPortTest {
    @ParameterizedTest
    @CsvSource({
        "db.example.com:1234, db.example.com, 1234",
        "db.example.com, db.example.com, 5432",
        "db.example.com.:1, db.example.com., 1",
        "localhost:65535, localhost, 65535",
        "127.0.0.1:80, 127.0.0.1, 80",
        "my_host-1:80, my_host-1, 80",
        "[::1]:5432, ::1, 5432",
        "[2001:db8::7]:6543, 2001:db8::7, 6543",
        "[fe80::1%eth0], fe80::1%eth0, 5432",
    })
    void readsHostAndPort(String text, String host, int port) {
        HostAndPort parsed = HostAndPort.parse(text, 5432);

        assertThat(parsed.host()).isEqualTo(host);
        assertThat(parsed.port()).isEqualTo(port);
        assertThat(HostAndPort.parse(parsed.toString(), 0)).isEqualTo(parsed);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ":5432",
                "host:",
                "host:port",
                "a b:1",
                "host:1:2",
                "::1",
                "[::1",
                "::1]:5",
                "a/b",
                "a@b:1",
                "a,b:1",
                "host:-1",
                "-host:1",
                "host..name:1",
                "host:1 ",
                "[]:1",
                "[zz]:1",
                "h\u00f6st:1",
                "host\n:1"
            })
    void refusesWhatIsNeitherAndNamesIt(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> HostAndPort.parse(text, 5432))
                .withMessageContaining(
                        Scrubber.scrub(text.replaceFirst("^.*@", "").replaceFirst(":1$", "")));
    }

    @Test
    void saysWhatIsAllowed() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> HostAndPort.parse("::1", 5432))
                .withMessage("'::1' is not HOST or HOST:PORT (an IPv6 address goes in brackets)");
    }

    @ParameterizedTest
    @ValueSource(strings = {"host:0", "host:65536", "host:99999999999999999999"})
    void refusesAPortOutOfRange(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> HostAndPort.parse(text, 5432))
                .withMessage("port " + text.substring(5) + " is not between 1 and 65535");
    }

    @Test
    void wantsAPortWhereThereIsNoDefault() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> HostAndPort.parse("host", 0))
                .withMessageContaining("'host' is not HOST:PORT");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a:b", ":", "x::1", "a b", "", "a\u001b[31m"})
    void refusesAHostThatIsNone(String host) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new HostAndPort(host, 1))
                .withMessageContaining("is not a host name or an address")
                .withMessageNotContaining("\u001b");
    }

    @Test
    void refusesAnEndlessText() {
        assertThatIllegalArgumentException().isThrownBy(() -> HostAndPort.parse("a.".repeat(50_000) + "a:1", 1));
    }
}
