package dev.hart.gpu.sidecar;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Answers HTTP on a free port of the loopback, or of all addresses; notes the {@code Authorization} headers. It can be the whole of
 * a process, too: that wants its token, answers {@code /health}, and leaves at {@code /exit}.
 */
class TinyServer implements AutoCloseable {
    private final ServerSocket socket;
    final List<String> authorizations = Collections.synchronizedList(new ArrayList<>());
    volatile int status = 200;

    TinyServer(boolean loopback) throws IOException {
        socket = loopback
                ? new ServerSocket(0, 50, InetAddress.getByAddress(new byte[] {127, 0, 0, 1}))
                : new ServerSocket(0);
        Thread thread = new Thread(this::serve, "tiny-server");
        thread.setDaemon(true);
        thread.start();
    }

    int port() {
        return socket.getLocalPort();
    }

    private void serve() {
        while (!socket.isClosed()) {
            try (Socket client = socket.accept()) {
                BufferedReader in =
                        new BufferedReader(new InputStreamReader(client.getInputStream(), StandardCharsets.US_ASCII));
                String first = in.readLine();
                if (first == null) {
                    continue; // somebody only looked whether anybody listens
                }
                String authorization = "";
                for (String line = in.readLine(); line != null && !line.isEmpty(); line = in.readLine()) {
                    if (line.toLowerCase(java.util.Locale.ROOT).startsWith("authorization:")) {
                        authorization = line.substring(14).strip();
                    }
                }
                authorizations.add(authorization);
                int answer = answer(first);
                client.getOutputStream()
                        .write(("HTTP/1.1 " + answer + " x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                                .getBytes(StandardCharsets.US_ASCII));
            } catch (IOException e) {
                if (!socket.isClosed()) {
                    throw new UncheckedIOException(e);
                }
            }
        }
    }

    int answer(String requestLine) {
        return status;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }

    /** The process: its only argument is the code that it leaves with. */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        String wanted = "Bearer " + System.getenv("HART_SIDECAR_TOKEN");
        TinyServer server = new TinyServer(true) {
            @Override
            int answer(String requestLine) {
                if (authorizations.isEmpty()
                        || !authorizations.get(authorizations.size() - 1).equals(wanted)) {
                    return 401;
                }
                if (requestLine.contains("/exit")) {
                    Runtime.getRuntime().halt(Integer.parseInt(arguments[0]));
                }
                return 200;
            }
        };
        System.out.println(
                "mode " + System.getenv("TINY_OFFLOAD") + " devices " + System.getenv("CUDA_VISIBLE_DEVICES"));
        System.out.println("PORT=" + server.port());
        Thread.currentThread().join();
    }
}
