package dev.hart.tools;

import dev.hart.guard.Addresses;
import dev.hart.tool.ToolFailure;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * The hosts that may be called; none unless named. A name must not resolve to an address of this machine or its private
 * networks, lest a name under a stranger's control open them; an address, or {@code localhost}, that is named literally may
 * be called. Thread-safe.
 */
final class AllowedHosts {
    private static final int MAX_URL_LENGTH = 2048;

    private final Set<String> hosts;
    private final Resolver resolver;

    AllowedHosts(Set<String> hosts) {
        this(hosts, new SystemResolver());
    }

    AllowedHosts(Set<String> hosts, Resolver resolver) {
        this.hosts = Set.copyOf(hosts);
        this.resolver = resolver;
    }

    /** Looks up the addresses of a host. */
    interface Resolver {
        InetAddress[] resolve(String host) throws UnknownHostException;
    }

    /** A class of its own, as the first lambda of a program costs 20 ms, which {@code Hart.create()} would pay. */
    private static final class SystemResolver implements Resolver {
        @Override
        public InetAddress[] resolve(String host) throws UnknownHostException {
            return InetAddress.getAllByName(host);
        }
    }

    /**
     * @throws ToolFailure {@code URL_INVALID}, {@code HOST_NOT_ALLOWED}, {@code ADDRESS_NOT_ALLOWED}, or {@code HOST_UNKNOWN}
     *     when the name has no address
     */
    void check(URI url) {
        String scheme = url.getScheme() == null ? "" : url.getScheme().toLowerCase(Locale.ROOT);
        if (!scheme.equals("http") && !scheme.equals("https")) {
            throw invalid("must start with https:// or http://");
        }
        if (url.getRawUserInfo() != null) {
            throw invalid("must not hold a user name or password; remove the part before '@'");
        }
        if (url.getHost() == null) {
            throw invalid("names no host; write it like https://example.com/page");
        }
        if (url.toString().length() > MAX_URL_LENGTH) {
            throw invalid("must have at most " + MAX_URL_LENGTH + " characters");
        }
        String host = normal(url.getHost());
        int port = url.getPort() >= 0 ? url.getPort() : scheme.equals("https") ? 443 : 80;
        boolean ordinaryPort = scheme.equals("https") ? port == 443 : port == 80;
        if (!hosts.contains(host + ":" + port) && !(ordinaryPort && hosts.contains(host))) {
            String entry = ordinaryPort ? host : host + ":" + port;
            throw new ToolFailure(
                    "HOST_NOT_ALLOWED",
                    "'%s' is not among the allowed hosts; if it may be called, add allowHost(\"%s\") to Hart.configure()"
                            .formatted(entry, entry));
        }
        if (!isLiteral(host)) {
            checkAddresses(host);
        }
    }

    private void checkAddresses(String host) {
        List<InetAddress> addresses;
        try {
            addresses = Arrays.asList(resolver.resolve(host));
        } catch (UnknownHostException e) {
            throw new ToolFailure(
                    "HOST_UNKNOWN", "'%s' has no address; check the name and the network".formatted(host), true, e);
        }
        for (InetAddress address : addresses) {
            if (!Addresses.isPublic(address)) {
                throw new ToolFailure(
                        "ADDRESS_NOT_ALLOWED",
                        ("'%s' resolves to %s, which is not a public address; if that is meant, add"
                                        + " allowHost(\"%s\") and call it by the address")
                                .formatted(host, address.getHostAddress(), literal(address)));
            }
        }
    }

    /** Whether the allow-list, by naming this host, already said which machine is meant. */
    private static boolean isLiteral(String host) {
        return host.equals("localhost") || host.startsWith("[") || host.matches("[0-9.]+");
    }

    private static String literal(InetAddress address) {
        return address instanceof Inet6Address ? "[" + address.getHostAddress() + "]" : address.getHostAddress();
    }

    private static String normal(String host) {
        String lower = host.toLowerCase(Locale.ROOT);
        return lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower;
    }

    private static ToolFailure invalid(String problem) {
        return new ToolFailure("URL_INVALID", "the URL " + problem);
    }
}
