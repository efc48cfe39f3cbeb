package dev.hart.gpu.media;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A tool in a process of its own that speaks all three protocols, and writes small files that are what they say. The first word of a
 * prompt tells it what to do wrong. Needs nothing but the JDK.
 */
final class MediaChild {
    private static final String CRLF = "\r\n";

    private final Path folder;
    private final String token = System.getenv("HART_SIDECAR_TOKEN");
    private final AtomicInteger made = new AtomicInteger();
    /** What each task of Wan2GP was asked for, and how often it was asked after. */
    private final Map<String, String> tasks = new ConcurrentHashMap<>();

    private final Map<String, Integer> asked = new ConcurrentHashMap<>();

    private MediaChild(Path folder) {
        this.folder = folder;
    }

    /** @param arguments the folder of its files */
    public static void main(String[] arguments) throws IOException {
        ServerSocket socket = new ServerSocket(0, 50, InetAddress.getByAddress(new byte[] {127, 0, 0, 1}));
        MediaChild child = new MediaChild(Files.createDirectories(Path.of(arguments[0])));
        System.out.println("PORT=" + socket.getLocalPort());
        while (true) {
            Socket client = socket.accept();
            Thread thread = new Thread(() -> child.serve(client));
            thread.setDaemon(true);
            thread.start();
        }
    }

    private record Answer(int status, String type, byte[] body, long length) {
        static Answer json(int status, String text) {
            byte[] body = text.getBytes(StandardCharsets.UTF_8);
            return new Answer(status, "application/json", body, body.length);
        }

        static Answer file(String type, byte[] body) {
            return new Answer(200, type, body, body.length);
        }
    }

    private void serve(Socket client) {
        try (client) {
            InputStream in = new BufferedInputStream(client.getInputStream());
            String first = line(in);
            if (first.isEmpty()) {
                return; // somebody only looked whether anybody listens
            }
            Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
            for (String line = line(in); !line.isEmpty(); line = line(in)) {
                headers.put(
                        line.substring(0, line.indexOf(':')),
                        line.substring(line.indexOf(':') + 1).strip());
            }
            String body = new String(
                    in.readNBytes(Integer.parseInt(headers.getOrDefault("Content-Length", "0"))),
                    StandardCharsets.UTF_8);
            String path = first.split(" ")[1];
            Answer answer = ("Bearer " + token).equals(headers.get("Authorization"))
                    ? answer(path, body)
                    : Answer.json(401, "{\"error\":\"no token\"}");
            OutputStream out = client.getOutputStream();
            String head = "HTTP/1.1 " + answer.status() + " x" + CRLF + "Content-Type: " + answer.type() + CRLF
                    + (answer.length() < 0 ? "" : "Content-Length: " + answer.length() + CRLF) + "Connection: close"
                    + CRLF + CRLF;
            out.write(head.getBytes(StandardCharsets.US_ASCII));
            out.write(answer.body());
        } catch (IOException | InterruptedException e) {
            System.err.println("a caller is gone: " + e);
        }
    }

    private static String line(InputStream in) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int next = in.read(); next >= 0 && next != '\n'; next = in.read()) {
            line.write(next);
        }
        return line.toString(StandardCharsets.US_ASCII).strip();
    }

    private Answer answer(String path, String body) throws IOException, InterruptedException {
        if (!body.isEmpty()) {
            note(path, body);
        }
        if (path.equals("/health")) {
            return Answer.json(200, "{\"status\":\"ok\"}");
        }
        if (path.equals("/list")) {
            return Answer.json(200, "{\"videos\":[\"other.mp4\",\"a_listed.mp4\"" + listed() + "]}");
        }
        if (path.equals("/models")) {
            return Answer.json(200, "{\"models\":[\"pocket\",\"large one\"]}");
        }
        if (path.equals("/clear_cache") || path.equals("/unload")) {
            return Answer.json(200, "{\"status\":\"ok\"}");
        }
        if (path.startsWith("/video/") || path.startsWith("/audio/")) {
            return file(path.substring(7));
        }
        if (path.equals("/check_result")) {
            return check(field(body, "task_id"));
        }
        String words = field(body, path.equals("/synthesize") ? "text" : "prompt");
        if (path.equals("/synthesize")) {
            String wrong = word(words);
            if (wrong.equals("hang")) {
                Thread.currentThread().join();
            }
            String file = make(wrong, "wav", wav());
            return Answer.json(200, "{\"audio_id\":\"" + file + "\"}");
        }
        if (body.contains("\"fps\":24") && !body.contains("guidance_scale")) { // Wan2GP
            String task = "task-" + made.incrementAndGet();
            tasks.put(task, word(words));
            return Answer.json(200, "{\"task_id\":\"" + task + "\",\"status\":\"pending\"}");
        }
        return ltx2(word(words), field(body, "num_frames"));
    }

    private Answer ltx2(String wrong, String frames) throws IOException, InterruptedException {
        switch (wrong) {
            case "hang":
                Thread.currentThread().join();
                return Answer.json(500, "{}");
            case "oom":
                if (!"gpu".equals(System.getenv("LTX2_OFFLOAD"))) {
                    break;
                }
                return Answer.json(507, "{\"error\":\"CUDA out of memory\"}");
            case "unlisted":
                return Answer.json(200, "{\"file\":\"nowhere.mp4\"}");
            case "missing":
                return Answer.json(200, "{\"file\":\"a_listed.mp4\"}");
            case "path":
                return Answer.json(200, "{\"file\":\"../../secret.mp4\"}");
            case "words":
                return Answer.json(200, "I have made it!");
            case "array":
                return Answer.json(200, "[]");
            case "much":
                return Answer.json(200, "{\"file\":\"" + "x".repeat((1 << 20) + 1) + "\"}");
            case "refuse":
                return Answer.json(400, "{\"error\":\"no such\\nstyle\"}");
            default:
                break;
        }
        double seconds = wrong.equals("brief") ? 1 : Integer.parseInt(frames) / 24.0;
        return Answer.json(200, "{\"file\":\"" + make(wrong, "mp4", mp4(seconds)) + "\"}");
    }

    private Answer check(String task) throws IOException {
        String wrong = tasks.getOrDefault(task, "lost");
        int times = asked.merge(task, 1, Integer::sum);
        switch (wrong) {
            case "lost":
                return Answer.json(404, "{\"error\":\"unknown task\"}");
            case "forever":
                return Answer.json(200, "{\"task_id\":\"" + task + "\",\"status\":\"running\",\"progress\":12}");
            case "fail":
                return Answer.json(200, "{\"status\":\"failed\",\"error\":\"no such style\"}");
            case "odd":
                return Answer.json(200, "{\"status\":\"perhaps\"}");
            case "oom":
                return Answer.json(507, "{\"error\":\"CUDA out of memory\"}");
            case "nowhere":
                return Answer.json(200, "{\"status\":\"completed\",\"video_id\":\"nowhere\"}");
            case "forget":
                tasks.remove(task);
                break;
            default:
                break;
        }
        if (times < 3) {
            String state = times == 1 ? "pending" : "running";
            return Answer.json(200, "{\"status\":\"" + state + "\",\"progress\":" + 40 * times + "}");
        }
        return Answer.json(200, "{\"status\":\"completed\",\"video_id\":\"" + make(wrong, "mp4", mp4(2)) + "\"}");
    }

    private String make(String wrong, String extension, byte[] content) throws IOException {
        String file = wrong + "-" + made.incrementAndGet() + "." + extension;
        Files.write(folder.resolve(file), content);
        return file;
    }

    private Answer file(String name) throws IOException {
        Path file = folder.resolve(name);
        if (!Files.exists(file)) {
            return Answer.json(404, "{\"error\":\"no such file\"}");
        }
        byte[] content = Files.readAllBytes(file);
        String type = name.endsWith(".wav") ? "audio/wav" : "video/mp4";
        if (name.startsWith("large")) {
            return new Answer(200, type, new byte[200_000], -1);
        }
        if (name.startsWith("cut")) {
            return new Answer(200, type, content, content.length + 100);
        }
        if (name.startsWith("page")) {
            return Answer.file("text/html; charset=utf-8", "<p>here it is</p>".getBytes(StandardCharsets.UTF_8));
        }
        if (name.startsWith("lie")) {
            return Answer.file(type, wav());
        }
        if (name.startsWith("empty")) {
            return Answer.file(type, new byte[0]);
        }
        return Answer.file(type, content);
    }

    private String listed() throws IOException {
        StringBuilder names = new StringBuilder();
        try (var files = Files.list(folder)) {
            files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".mp4"))
                    .forEach(name -> names.append(",\"").append(name).append('"'));
        }
        return names.toString();
    }

    /** What it was asked for the last time there. */
    private void note(String path, String body) throws IOException {
        Path next = Files.createTempFile(folder, "note", "");
        Files.writeString(next, body);
        Files.move(
                next,
                folder.resolve("last" + path.replace('/', '-')),
                java.nio.file.StandardCopyOption.ATOMIC_MOVE,
                java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    }

    private static String word(String prompt) {
        return prompt.split(" ")[0];
    }

    private static String field(String json, String name) {
        Matcher field = Pattern.compile("\"" + name + "\":\"?([^\",}]*)").matcher(json);
        return field.find() ? field.group(1) : "";
    }

    /** Eight thousand samples a second, one byte each: one second of silence. */
    static byte[] wav() {
        ByteBuffer wav = ByteBuffer.allocate(44 + 8000).order(ByteOrder.LITTLE_ENDIAN);
        wav.put("RIFF".getBytes(StandardCharsets.US_ASCII)).putInt(36 + 8000);
        wav.put("WAVEfmt ".getBytes(StandardCharsets.US_ASCII)).putInt(16);
        wav.putShort((short) 1).putShort((short) 1).putInt(8000).putInt(8000);
        wav.putShort((short) 1).putShort((short) 8);
        wav.put("data".getBytes(StandardCharsets.US_ASCII)).putInt(8000);
        return wav.array();
    }

    /** No picture, but a header that says how long it plays. */
    static byte[] mp4(double seconds) {
        ByteBuffer mp4 = ByteBuffer.allocate(16 + 8 + 108 + 16);
        mp4.putInt(16).put("ftypisom".getBytes(StandardCharsets.US_ASCII)).putInt(512);
        mp4.putInt(8 + 108).put("moov".getBytes(StandardCharsets.US_ASCII));
        mp4.putInt(108).put("mvhd".getBytes(StandardCharsets.US_ASCII));
        mp4.putInt(0).putInt(0).putInt(0).putInt(1000).putInt((int) Math.round(seconds * 1000));
        mp4.position(16 + 8 + 108);
        mp4.putInt(16).put("mdat".getBytes(StandardCharsets.US_ASCII));
        return mp4.array();
    }
}
