package dev.hart.server;

import dev.hart.error.InvalidConfigurationException;
import dev.hart.security.access.PublicUrl;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;

/**
 * Another node, by the address of its server. One on the internet is looked up and looked at before each call; one on the
 * operator's own network is called as it is named. Redirects are not followed. Immutable.
 */
final class Peer {
    private static final Duration TIMEOUT = Duration.ofSeconds(5);
    private static final int MOST_OF_ANSWER = 64;
    private static final Pattern STATUS = Pattern.compile("HTTP/1\\.[01] ([0-9]{3})( .*)?");

    private final URI base;
    private final boolean ownNetwork;

    /**
     * @param ownNetwork whether its address may be one that is not public
     * @throws InvalidConfigurationException unless it is a scheme, a host and perhaps a port, and nothing else
     */
    Peer(URI base, boolean ownNetwork) {
        String path = base.getPath();
        boolean plain = base.getHost() != null
                && ("http".equals(base.getScheme()) || "https".equals(base.getScheme()))
                && (path == null || path.isEmpty() || path.equals("/"))
                && base.getUserInfo() == null
                && base.getQuery() == null
                && base.getFragment() == null;
        if (!plain) {
            throw new InvalidConfigurationException(
                    "a peer is like https://node.example or http://10.0.0.7:6777, was '" + base + "'");
        }
        this.base = base;
        this.ownNetwork = ownNetwork;
        if (!ownNetwork
                && PublicUrl.check(base.toString(), host -> java.util.List.of(PUBLIC))
                        instanceof PublicUrl.Check.Refused refused) {
            throw new InvalidConfigurationException(
                    "peer " + base + ": " + refused.reason() + "; one on your own network is named as such");
        }
    }

    /** Stands for the addresses of a name while only the name is looked at: no look-up at the start. */
    private static final java.net.InetAddress PUBLIC = publicAddress();

    private static java.net.InetAddress publicAddress() {
        try {
            return java.net.InetAddress.getByAddress(new byte[] {1, 1, 1, 1});
        } catch (java.net.UnknownHostException e) {
            throw new IllegalStateException("an address of four bytes", e);
        }
    }

    /**
     * Posts bytes, and gives the status of the answer.
     *
     * @throws IOException when it cannot be reached within five seconds, is not public, or speaks no HTTP
     */
    int post(String path, byte[] body) throws IOException {
        try (Socket socket = connect()) {
            OutputStream out = socket.getOutputStream();
            out.write(
                    ("POST %s HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\nConnection: close\r\n\r\n"
                                    .formatted(path, base.getRawAuthority(), body.length))
                            .getBytes(StandardCharsets.US_ASCII));
            out.write(body);
            out.flush();
            Matcher status = STATUS.matcher(firstLine(socket.getInputStream()));
            if (!status.matches()) {
                throw new IOException("the peer did not answer as HTTP/1.1 does");
            }
            return Integer.parseInt(status.group(1));
        }
    }

    private static String firstLine(InputStream in) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int next = in.read(); next >= 0 && next != '\r' && next != '\n'; next = in.read()) {
            if (line.size() == MOST_OF_ANSWER) {
                break;
            }
            line.write(next);
        }
        return line.toString(StandardCharsets.ISO_8859_1);
    }

    private Socket connect() throws IOException {
        if (!ownNetwork) {
            PublicUrl.Check check = PublicUrl.check(base.toString());
            if (check instanceof PublicUrl.Check.Allowed allowed) {
                return allowed.url().connect(TIMEOUT);
            }
            throw new IOException(((PublicUrl.Check.Refused) check).reason());
        }
        boolean tls = "https".equals(base.getScheme());
        int port = base.getPort() >= 0 ? base.getPort() : tls ? 443 : 80;
        String host = base.getHost().replaceAll("[\\[\\]]", "");
        Socket plain = new Socket();
        try {
            plain.connect(new InetSocketAddress(host, port), Math.toIntExact(TIMEOUT.toMillis()));
            plain.setSoTimeout(Math.toIntExact(TIMEOUT.toMillis()));
            return tls ? secure(plain, host, port) : plain;
        } catch (IOException | RuntimeException e) {
            plain.close();
            throw e;
        }
    }

    private static Socket secure(Socket plain, String host, int port) throws IOException {
        SSLSocket secure =
                (SSLSocket) ((SSLSocketFactory) SSLSocketFactory.getDefault()).createSocket(plain, host, port, true);
        SSLParameters parameters = secure.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        secure.setSSLParameters(parameters);
        secure.startHandshake();
        return secure;
    }

    @Override
    public String toString() {
        return base.getRawAuthority();
    }
}
