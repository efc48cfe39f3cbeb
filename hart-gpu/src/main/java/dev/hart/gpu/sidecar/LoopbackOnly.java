package dev.hart.gpu.sidecar;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.Socket;
import java.util.List;
import java.util.Optional;

/** Finds out whether other machines could reach a port: asked at each of this machine's addresses. */
final class LoopbackOnly {
    private static final int LIMIT_MILLIS = 500;
    private static final int MOST_ADDRESSES = 32;

    private LoopbackOnly() {}

    /** The address beyond the loopback at which somebody answers; empty when nobody does. */
    static Optional<InetAddress> openAddress(int port) throws IOException {
        List<InetAddress> addresses = NetworkInterface.networkInterfaces()
                .flatMap(NetworkInterface::inetAddresses)
                .filter(address -> !address.isLoopbackAddress())
                .limit(MOST_ADDRESSES)
                .toList();
        return addresses.stream().filter(address -> answers(address, port)).findFirst();
    }

    static boolean answers(InetAddress address, int port) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(address, port), LIMIT_MILLIS);
            return true;
        } catch (IOException e) {
            return false; // refused, or filtered, which is as good
        }
    }
}
