package dev.hart.security.access;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hart.security.access.PublicUrl.Check;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PublicUrlTest {
    private final List<String> asked = new ArrayList<>();

    private Check check(String url, String... addresses) {
        return PublicUrl.check(url, host -> {
            asked.add(host);
            List<InetAddress> found = new ArrayList<>();
            for (String address : addresses) {
                found.add(InetAddress.getByName(address));
            }
            return found;
        });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://2130706433/",
                "http://0x7f.1/",
                "http://127.1/",
                "http://0177.0.0.1/",
                "http://0x7f000001/",
                "http://127.0.0.1/",
                "http://8.8.8.8/",
                "http://[::1]/",
                "http://[::ffff:127.0.0.1]/",
                "http://metadata.google.internal./",
                "http://metadata.google.internal/",
                "http://localhost./",
                "http://localhost/",
                "http://LOCALHOST:8080/",
                "http://a.localhost/",
                "http://printer.local/",
                "http://100.64.0.1/",
                "http://169.254.169.254/latest/meta-data",
                "http://intranet/",
                "http://example.com./",
                "http://user@example.com/",
                "http://example.com@127.0.0.1/",
                "http://example.com\\@127.0.0.1/",
                "http://ⓛocalhost/",
                "http://exa mple.com/",
                "ftp://example.com/",
                "file:///etc/passwd",
                "http:///x",
                "http:example.com",
                "//example.com",
                "example.com",
                "",
                "http://-a.com/",
                "http://%31%32%37.0.0.1/"
            })
    void isRefusedWithoutAskingForItsAddress(String url) {
        assertThat(check(url, "93.184.216.34")).isInstanceOf(Check.Refused.class);
        assertThat(asked).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "127.0.0.1",
                "10.0.0.1",
                "172.16.0.1",
                "192.168.1.1",
                "169.254.169.254",
                "100.64.0.1",
                "100.127.255.255",
                "0.0.0.0",
                "192.0.0.8",
                "192.0.2.1",
                "192.88.99.1",
                "198.18.0.1",
                "198.51.100.1",
                "203.0.113.1",
                "224.0.0.1",
                "240.0.0.1",
                "255.255.255.255",
                "::1",
                "::",
                "fe80::1",
                "fc00::1",
                "fd12::1",
                "ff02::1",
                "2002:7f00:1::",
                "2001::1",
                "2001:db8::1",
                "64:ff9b::7f00:1"
            })
    void aNameOfAnAddressThatIsNotPublicIsRefusedEvenBesideAPublicOne(String address) {
        assertThat(check("https://example.com/", address)).isInstanceOf(Check.Refused.class);
        assertThat(check("https://example.com/", "93.184.216.34", address)).isInstanceOf(Check.Refused.class);
    }

    @ParameterizedTest
    @CsvSource({
        "https://example.com, 93.184.216.34",
        "https://EXAMPLE.com:8443/a?b, 100.63.255.255",
        "http://a-b.example.co/, 172.32.0.1",
        "https://xn--e1afmkfd.xn--p1ai/, 2606:2800:220:1::1",
        "https://3com.com/, 192.0.3.1"
    })
    void aPublicHostIsAllowedAndPinnedToTheAddressThatWasLookedAt(String url, String address) throws IOException {
        Check.Allowed allowed = (Check.Allowed) check(url, address);

        assertThat(allowed.url().address()).isEqualTo(InetAddress.getByName(address));
        assertThat(allowed.url().host()).isLowerCase();
        assertThat(asked).hasSize(1);
    }

    @Test
    void aConnectionGoesToTheAddressThatWasLookedAtWhateverTheNameIsByThen() throws IOException {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            PublicUrl pinned = new PublicUrl(
                    URI.create("http://no.such.host.invalid:" + server.getLocalPort() + "/"),
                    "no.such.host.invalid",
                    server.getInetAddress());

            try (Socket socket = pinned.connect(Duration.ofSeconds(10))) {
                assertThat(socket.getInetAddress()).isEqualTo(server.getInetAddress());
            }
        }
    }

    @Test
    void aNameWithoutAddressIsRefused() {
        Check unknown = PublicUrl.check("https://example.com/", host -> {
            throw new UnknownHostException(host);
        });

        assertThat(unknown).isEqualTo(new Check.Refused("the host example.com has no address"));
        assertThat(check("https://example.com/")).isInstanceOf(Check.Refused.class);
        assertThat(check("https://example.com/" + "x".repeat(2_048), "93.184.216.34"))
                .isInstanceOf(Check.Refused.class);
    }
}
