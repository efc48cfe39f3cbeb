package dev.hart.tools;

import static dev.hart.tools.Failures.assertFails;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.hart.guard.Addresses;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AllowedHostsTest {
    private final AllowedHosts hosts =
            new AllowedHosts(Set.of("example.com", "example.com:8443", "localhost:8080", "127.0.0.1", "[::1]"), name ->
                    new InetAddress[] {InetAddress.getByName("93.184.216.34")});

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://example.com", "http://example.com/a?b=c", "https://example.com:443/", "http://example.com:80/",
                "https://EXAMPLE.com/", "HTTPS://example.com/", "https://example.com./", "https://example.com:8443/",
                "http://example.com:8443/", "http://localhost:8080/", "http://127.0.0.1/", "http://[::1]/"
            })
    void hostsThatAreNamedMayBeCalled(String url) {
        assertThatCode(() -> hosts.check(URI.create(url))).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://www.example.com/",
                "https://example.com.evil.org/",
                "https://notexample.com/",
                "https://example.com:444/",
                "http://example.com:443/",
                "https://example.com:80/",
                "http://localhost/",
                "http://localhost:8081/",
                "http://127.0.0.2/",
                "http://[::2]/",
                "http://127.0.0.1:22/"
            })
    void allOthersMayNot(String url) {
        assertFails("HOST_NOT_ALLOWED", () -> hosts.check(URI.create(url)));
    }

    @Test
    void theAdviceNamesThePortWhenItIsAnUnusualOne() {
        assertFails("HOST_NOT_ALLOWED", () -> hosts.check(URI.create("https://other.org:8443/x")))
                .isEqualTo("'other.org:8443' is not among the allowed hosts; if it may be called, add"
                        + " allowHost(\"other.org:8443\") to Hart.configure()");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ftp://example.com/",
                "file:///etc/passwd",
                "example.com",
                "//example.com/",
                "https:example.com",
                "https:///path",
                "https://me@example.com/",
                "https://example.com@evil.org/",
                "https://me:pass@example.com/",
                "http://127.1/",
                "http://0x7f.0.0.1/",
                "http://exämple.com/",
                "jar:https://example.com/a.jar!/"
            })
    void urlsOfAnotherFormAreRefused(String url) {
        assertFails("URL_INVALID", () -> hosts.check(URI.create(url)));
    }

    @Test
    void aUrlHasAtMost2048Characters() {
        String longest = "https://example.com/" + "x".repeat(2048 - 20);

        assertThatCode(() -> hosts.check(URI.create(longest))).doesNotThrowAnyException();
        assertFails("URL_INVALID", () -> hosts.check(URI.create(longest + "x")))
                .isEqualTo("the URL must have at most 2048 characters");
    }

    @Test
    void oneAddressThatIsNotPublicIsEnoughToRefuseAName() {
        AllowedHosts mixed = new AllowedHosts(Set.of("example.com"), name ->
                new InetAddress[] {InetAddress.getByName("93.184.216.34"), InetAddress.getByName("10.0.0.1")});

        assertFails("ADDRESS_NOT_ALLOWED", () -> mixed.check(URI.create("https://example.com/")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0.0.0.0",
                "0.1.2.3",
                "10.0.0.1",
                "100.64.0.1",
                "100.127.255.255",
                "127.0.0.1",
                "127.255.0.1",
                "169.254.169.254",
                "172.16.0.1",
                "172.31.255.255",
                "192.0.0.1",
                "192.0.2.7",
                "192.88.99.1",
                "192.168.1.1",
                "198.18.0.1",
                "198.19.255.255",
                "198.51.100.1",
                "203.0.113.255",
                "2001:db8::1",
                "224.0.0.1",
                "240.0.0.1",
                "255.255.255.255",
                "::",
                "::1",
                "::ffff:127.0.0.1",
                "fe80::1",
                "fec0::1",
                "fc00::1",
                "fd12::1",
                "ff02::1",
                "64:ff9b::7f00:1",
                "2002:7f00:1::",
                "2001:0:1::1",
                "100::1"
            })
    void addressesOfThisMachineAndPrivateNetworksAreNotPublic(String address) throws UnknownHostException {
        assertThat(Addresses.isPublic(InetAddress.getByName(address))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1.1.1.1",
                "100.63.255.255",
                "100.128.0.0",
                "172.15.0.1",
                "172.32.0.1",
                "192.0.1.1",
                "192.0.3.1",
                "192.88.98.1",
                "192.88.100.1",
                "198.51.99.1",
                "198.51.101.1",
                "203.0.112.1",
                "203.0.114.1",
                "192.169.0.1",
                "198.17.0.1",
                "198.20.0.1",
                "223.255.255.255",
                "2606:4700::1",
                "2a00:1450::1",
                "2001:4860::8888"
            })
    void theNeighboursOfThoseRangesArePublic(String address) throws UnknownHostException {
        assertThat(Addresses.isPublic(InetAddress.getByName(address))).isTrue();
    }
}
