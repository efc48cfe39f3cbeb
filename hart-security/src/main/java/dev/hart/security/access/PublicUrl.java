package dev.hart.security.access;

import dev.hart.guard.Addresses;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;

/**
 * A URL that somebody else wrote, looked at before it is called: {@code http} or {@code https}, a host by its name, and every address
 * of that name public. {@link #connect} goes to the address that was looked at, whatever the name resolves to by then. A redirect is
 * another URL and is looked at again. Immutable.
 */
public final class PublicUrl {
    private static final int MAX_LENGTH = 2_048;
    private static final Pattern NAME = Pattern.compile(
            "(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)+");
    /** What looks like a number to some reader of addresses: decimal, octal, hex, or with fewer than four parts. */
    private static final Pattern NUMBER_LIKE = Pattern.compile("(0x[0-9a-f]*|[0-9]+)(\\.(0x[0-9a-f]*|[0-9]+))*");

    private static final Set<String> METADATA = Set.of(
            "metadata.google.internal", "metadata.goog", "instance-data.ec2.internal", "metadata.azure.internal");
    private static final Set<String> PRIVATE_ENDINGS =
            Set.of("localhost", "local", "internal", "localdomain", "lan", "home.arpa", "intranet");

    private final URI url;
    private final String host;
    private final InetAddress address;

    /** @param address that of the host, already looked at */
    PublicUrl(URI url, String host, InetAddress address) {
        this.url = url;
        this.host = host;
        this.address = address;
    }

    /** Looks up the addresses of a name. */
    @FunctionalInterface
    public interface Resolver {
        List<InetAddress> resolve(String host) throws UnknownHostException;
    }

    /** What the check says. */
    public sealed interface Check {
        record Allowed(PublicUrl url) implements Check {}

        /**
         * @param reason a sentence
         */
        record Refused(String reason) implements Check {}
    }

    /** Looks at a URL with the system's resolver. Never throws because of its text. */
    public static Check check(String text) {
        return check(text, host -> List.of(InetAddress.getAllByName(host)));
    }

    /** The same with another resolver. */
    public static Check check(String text, Resolver resolver) {
        if (text.length() > MAX_LENGTH) {
            return new Check.Refused("the URL has more than " + MAX_LENGTH + " characters");
        }
        URI url;
        try {
            url = new URI(text);
        } catch (URISyntaxException e) {
            return new Check.Refused("it is no URL");
        }
        String scheme = url.getScheme() == null ? "" : url.getScheme().toLowerCase(Locale.ROOT);
        if (!scheme.equals("http") && !scheme.equals("https")) {
            return new Check.Refused("a URL must start with https:// or http://");
        }
        String authority = url.getRawAuthority();
        if (authority == null || authority.contains("@")) {
            return new Check.Refused("a URL must name a host, without a user name or password");
        }
        String host = host(authority);
        String problem = problem(host);
        if (problem != null) {
            return new Check.Refused(problem);
        }
        return resolve(url, host, resolver);
    }

    private static Check resolve(URI url, String host, Resolver resolver) {
        List<InetAddress> addresses;
        try {
            addresses = resolver.resolve(host);
        } catch (UnknownHostException e) {
            return new Check.Refused("the host " + host + " has no address");
        }
        for (InetAddress address : addresses) {
            if (!Addresses.isPublic(address)) {
                return new Check.Refused(
                        "the host " + host + " resolves to " + address.getHostAddress() + ", which is not public");
            }
        }
        return addresses.isEmpty()
                ? new Check.Refused("the host " + host + " has no address")
                : new Check.Allowed(new PublicUrl(url, host, addresses.get(0)));
    }

    private static String host(String authority) {
        int port = authority.startsWith("[") ? authority.indexOf(":", authority.indexOf(']')) : authority.indexOf(':');
        return (port < 0 ? authority : authority.substring(0, port)).toLowerCase(Locale.ROOT);
    }

    private static @Nullable String problem(String host) {
        if (host.startsWith("[")) {
            return "the host must be called by its name, not by an address";
        }
        if (host.endsWith(".")) {
            return "the name of the host must not end with a dot";
        }
        if (NUMBER_LIKE.matcher(host).matches()) {
            return "the host must be called by its name, not by an address";
        }
        boolean ownNetwork = METADATA.contains(host)
                || PRIVATE_ENDINGS.stream().anyMatch(end -> host.equals(end) || host.endsWith("." + end));
        if (ownNetwork) {
            return "the host " + host + " is a name of this machine or its own network";
        }
        return NAME.matcher(host).matches() ? null : "'" + host + "' is no name of a host";
    }

    public URI url() {
        return url;
    }

    /** The name of the host, in lower case. */
    public String host() {
        return host;
    }

    /** The address that was looked at. */
    public InetAddress address() {
        return address;
    }

    /**
     * A connection to the address that was looked at; for {@code https} one over TLS, with a certificate for the host's name.
     *
     * @throws IOException when it cannot be reached in time, or its certificate is not for that name
     */
    public Socket connect(Duration timeout) throws IOException {
        boolean tls = "https".equalsIgnoreCase(url.getScheme());
        int port = url.getPort() >= 0 ? url.getPort() : tls ? 443 : 80;
        Socket plain = new Socket();
        try {
            plain.connect(new InetSocketAddress(address, port), Math.toIntExact(timeout.toMillis()));
            plain.setSoTimeout(Math.toIntExact(timeout.toMillis()));
            if (!tls) {
                return plain;
            }
            SSLSocket secure = (SSLSocket)
                    ((SSLSocketFactory) SSLSocketFactory.getDefault()).createSocket(plain, host, port, true);
            SSLParameters parameters = secure.getSSLParameters();
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
            secure.setSSLParameters(parameters);
            secure.startHandshake();
            return secure;
        } catch (IOException | RuntimeException e) {
            plain.close();
            throw e;
        }
    }

    @Override
    public String toString() {
        return url + " at " + address.getHostAddress();
    }
}
