package dev.hart.gpu.catalogue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** An HTTP server whose every byte a test decides. One request for each connection. */
final class ScriptedServer implements AutoCloseable {
    record Request(String path, Map<String, String> headers) {
        Optional<String> header(String name) {
            return Optional.ofNullable(headers.get(name.toLowerCase(Locale.ROOT)));
        }

        long from() {
            return header("Range")
                    .map(range -> Long.parseLong(range.substring("bytes=".length(), range.length() - 1)))
                    .orElse(0L);
        }
    }

    interface Script {
        void answer(Request request, OutputStream out) throws IOException;
    }

    private final ServerSocket socket = new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1"));
    final List<Request> requests = new CopyOnWriteArrayList<>();
    volatile Script script;

    ScriptedServer(Script script) throws IOException {
        this.script = script;
        Transfers.daemon(this::serve, "scripted-server").start();
    }

    URI uri(String path) {
        return URI.create("http://127.0.0.1:" + socket.getLocalPort() + path);
    }

    /** The same machine under another name: another origin. */
    URI otherUri(String path) {
        return URI.create("http://localhost:" + socket.getLocalPort() + path);
    }

    private void serve() {
        try {
            while (true) {
                Socket connection = socket.accept();
                Transfers.daemon(() -> answer(connection), "scripted-answer").start();
            }
        } catch (IOException e) {
            // closed
        }
    }

    private void answer(Socket connection) {
        try (connection) {
            BufferedReader in =
                    new BufferedReader(new InputStreamReader(connection.getInputStream(), StandardCharsets.ISO_8859_1));
            String first = in.readLine();
            if (first == null) {
                return;
            }
            Map<String, String> headers = new TreeMap<>();
            for (String line = in.readLine(); line != null && !line.isEmpty(); line = in.readLine()) {
                int colon = line.indexOf(':');
                headers.put(
                        line.substring(0, colon).toLowerCase(Locale.ROOT),
                        line.substring(colon + 1).strip());
            }
            Request request = new Request(first.split(" ")[1], headers);
            requests.add(request);
            OutputStream out = connection.getOutputStream();
            script.answer(request, out);
            out.flush();
        } catch (SocketException e) {
            // the client went away
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    static void head(OutputStream out, int status, String... headers) throws IOException {
        StringBuilder text = new StringBuilder("HTTP/1.1 " + status + " Scripted\r\nConnection: close\r\n");
        for (String header : headers) {
            text.append(header).append("\r\n");
        }
        out.write(text.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1));
    }

    static void status(OutputStream out, int status, String... headers) throws IOException {
        String[] all = java.util.Arrays.copyOf(headers, headers.length + 1);
        all[headers.length] = "Content-Length: 0";
        head(out, status, all);
    }

    /** As a good server answers, but no more than so many bytes before the connection is cut. */
    static void file(Request request, OutputStream out, byte[] content, String etag, long most) throws IOException {
        boolean same = request.header("If-Range").map(etag::equals).orElse(true);
        int from = same ? (int) request.from() : 0;
        if (from > 0) {
            head(
                    out,
                    206,
                    "ETag: " + etag,
                    "Content-Range: bytes " + from + "-" + (content.length - 1) + "/" + content.length,
                    "Content-Length: " + (content.length - from));
        } else {
            head(out, 200, "ETag: " + etag, "Content-Length: " + content.length);
        }
        out.write(content, from, (int) Math.min(most, content.length - from));
    }

    static void file(Request request, OutputStream out, byte[] content) throws IOException {
        file(request, out, content, "\"v1\"", content.length);
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
