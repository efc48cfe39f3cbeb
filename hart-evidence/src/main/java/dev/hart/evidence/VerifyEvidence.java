package dev.hart.evidence;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Checks a file {@code hart.evidence/1}: {@code java VerifyEvidence.java FILE [--key KEY]}. This file needs the JDK (17 or
 * newer) and nothing else. docs/evidence.md describes the format.
 *
 * <p>The lines are the header, the events, the effects, the summary and the signature, in this order. A line is checked
 * against the hash of the one before it; header, effects and summary are made again from the events and compared. All JSON
 * in the file is canonical, so a value is compared as it is written, and no value is ever converted.
 */
public final class VerifyEvidence {
    private static final String USAGE = "usage: java VerifyEvidence.java FILE [--key KEY]\n"
            + "  KEY is the signer's public key (64 hex digits), or its id when HART made it (32 hex digits)";
    private static final String FORMAT = "\"hart.evidence/1\"";
    private static final int MAX_LINE = 16 << 20;
    private static final int MAX_DEPTH = 128;
    private static final Pattern KEY = Pattern.compile("[0-9a-f]{32}|[0-9a-f]{64}");
    private static final Pattern NAME = Pattern.compile("\"[A-Za-z0-9._:~-]{1,255}\"");
    private static final Pattern SCALAR = // possessive: no number makes it try again
            Pattern.compile("true|false|null|-?+(?:0|[1-9][0-9]*+)(?:\\.[0-9]++)?+(?:[eE][+-]?+[0-9]++)?+");
    private static final String ED25519 = "302a300506032b6570032100"; // what stands before the 32 bytes in X.509

    private final InputStream in;
    private final MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
    private long events = Long.MAX_VALUE / 4; // until the header says
    private long effects;
    private Line header = new Line("", new byte[0], Map.of(), -1);
    private Map<String, String> started = Map.of();
    private Map<String, String> finished = Map.of();
    private String finishedAt = "null";
    private final List<Map<String, String>> calls = new ArrayList<>();
    private final Map<String, Map<String, String>> open = new HashMap<>(); // by task
    private final Map<String, Long> costs = new TreeMap<>();
    private final Map<String, Long> kept = new TreeMap<>(); // steps that a rerun did not call, by the run that did

    private VerifyEvidence(InputStream in) throws GeneralSecurityException {
        this.in = in;
    }

    /** What is wrong with the file. */
    private static final class NotWhole extends Exception {
        private static final long serialVersionUID = 1;

        NotWhole(String what) {
            super(what);
        }
    }

    /** A line: what stands before its JSON, the JSON, its members, and its place by its own account (-1: unreadable). */
    private record Line(String seal, byte[] json, Map<String, String> members, long place) {
        String get(String member) {
            return members.getOrDefault(member, "null");
        }

        String text() {
            return new String(json, UTF_8);
        }
    }

    public static void main(String[] arguments) {
        System.exit(run(System.out, arguments));
    }

    /** Does what the command line says. 0: the file is whole, 1: it is not, 2: misuse, or it cannot be read. */
    public static int run(PrintStream out, String... arguments) {
        boolean withKey = arguments.length == 3 && arguments[1].equals("--key");
        if (!withKey && arguments.length != 1
                || withKey && !KEY.matcher(arguments[2]).matches()) {
            out.println(USAGE);
            return 2;
        }
        String answer;
        int code = 2;
        try (InputStream in = new BufferedInputStream(Files.newInputStream(Path.of(arguments[0])), 1 << 16)) {
            answer = "whole: " + new VerifyEvidence(in).verify(withKey ? arguments[2] : "");
            code = 0;
        } catch (NotWhole e) {
            answer = "NOT WHOLE: " + e.getMessage();
            code = 1;
        } catch (IOException e) {
            answer = "cannot read " + arguments[0] + ": " + e;
        } catch (GeneralSecurityException e) {
            answer = "this Java cannot check Ed25519 signatures: " + e;
        }
        out.println(answer.replaceAll("[\\x00-\\x1f\\x7f-\\x9f]", "?")); // what a file says never steers a terminal
        return code;
    }

    private String verify(String trusted) throws IOException, GeneralSecurityException, NotWhole {
        byte[] previous = new byte[32];
        byte[] headerHash = previous;
        byte[] lastEvent = previous;
        Line line = next();
        for (long place = 0; ; place++) {
            if (line == null) {
                throw new NotWhole(place == 0 ? "the file is empty" : "cut off after " + label(place - 1));
            }
            Line after = next();
            boolean signature = place == events + effects + 2;
            sha256.update(place <= 1 ? new byte[32] : previous); // event 1 follows zeros, as in the ledger
            byte[] hash = sha256.digest(line.json);
            if (line.place != place || !signature && !hex(hash).equals(line.seal)) {
                throw new NotWhole(fault(place, line, after));
            }
            if (signature) {
                if (after != null) {
                    throw new NotWhole("something stands behind the signature");
                }
                return signed(line, hex(headerHash), hex(lastEvent), hex(previous), trusted);
            }
            try {
                take(place, line);
            } catch (RuntimeException e) {
                throw new NotWhole(label(place) + " cannot be understood: " + e);
            }
            headerHash = place == 0 ? hash : headerHash;
            lastEvent = place == events ? hash : lastEvent;
            previous = hash;
            line = after;
        }
    }

    /** What is wrong at a place where another line should stand, judged by what stands there and behind it. */
    private String fault(long place, Line line, Line after) {
        long behind = after == null ? events + effects + 3 : after.place;
        if (line.place == place || line.place < 0 || behind == place + 1) {
            return label(place) + " was changed";
        }
        if (line.place > place && behind == line.place + 1) {
            return label(place) + (line.place > place + 1 ? " to " + label(line.place - 1) : "") + " is missing";
        }
        return line.place < place && behind == place
                ? label(line.place) + " is there twice"
                : label(place) + " is not in its place: " + label(line.place) + " stands there";
    }

    private String label(long place) {
        long effect = place - events;
        return place == 0
                ? "the header"
                : effect <= 0
                        ? "event " + place
                        : effect <= effects
                                ? "effect " + effect
                                : effect == effects + 1 ? "the summary" : "the signature";
    }

    /** Takes in a line whose hash is right: gathers what the events say, or compares with what they have said. */
    private void take(long place, Line line) throws NotWhole {
        if (place == 0) {
            header = line;
            events = Long.parseLong(line.get("events"));
            effects = Long.parseLong(line.get("effects"));
            String ledger = "\"ledger_run_" + line.get("runId").substring(1);
            if (events < 1
                    || effects < 0
                    || effects > events
                    || !header.get("format").equals(FORMAT)
                    || !ledger.equals(line.get("ledgerId"))
                    || !NAME.matcher(line.get("runId")).matches()
                    || !NAME.matcher(line.get("keyId")).matches()) {
                throw new NotWhole("the header is not one of hart.evidence/1");
            }
        } else if (place <= events) {
            if (!line.get("ledger_id").equals(header.get("ledgerId"))) {
                throw new NotWhole(label(place) + " is of another ledger");
            }
            event(line, members(line.get("payload")));
            if (place == events) {
                follows(header, headerText());
            }
        } else {
            long effect = place - events;
            follows(line, effect <= effects ? object(calls.get((int) effect - 1)) : summary());
        }
    }

    private void follows(Line line, String text) throws NotWhole {
        if (!line.text().equals(text)) {
            throw new NotWhole(label(line.place) + " does not follow from the events");
        }
    }

    private void event(Line event, Map<String, String> payload) {
        String task = event.get("task_id");
        switch (event.get("type")) {
            case "\"RUN_STARTED\"" -> {
                started = payload;
                read(payload.getOrDefault("planning", "[]"), (name, call) -> cost(members(call)));
            }
            case "\"RUN_FINISHED\"" -> {
                finished = payload;
                finishedAt = event.get("at");
            }
            case "\"MODEL_CALLED\"" -> cost(payload);
            case "\"STEP_STARTED\"" -> {
                open.remove(task);
                if (payload.get("kind").equals("\"TOOL\"")) {
                    Map<String, String> call = fields("effect", calls.size() + 1L);
                    copy(List.of("attempt", "effect", "key", "tool"), payload, call);
                    call.put("action", task);
                    call.put("arguments", hashOf(payload.get("args")));
                    call.put("event", event.get("seq"));
                    call.put("outcome", "\"UNKNOWN\"");
                    call.put("result", "null");
                    calls.add(call);
                    open.put(task, call);
                }
            }
            case "\"ANSWERED\"" -> {
                if (open.containsKey(task) && payload.get("decision").equals("\"take_as_done\"")) {
                    open.get(task).put("outcome", "\"TAKEN_AS_DONE\"");
                }
            }
            case "\"STEP_FINISHED\"" -> {
                String from = payload.getOrDefault("keptFrom", "null");
                if (!from.equals("null")) {
                    kept.merge(members(from).getOrDefault("run", "null"), 1L, Math::addExact);
                }
                if (open.containsKey(task)) {
                    open.get(task).put("result", hashOf(payload.get("output")));
                    open.remove(task).replace("outcome", "\"UNKNOWN\"", "\"FINISHED\"");
                }
            }
            case "\"STEP_FAILED\"" -> {
                if (open.containsKey(task)) {
                    open.remove(task).put("outcome", "\"FAILED\"");
                }
            }
            default -> {} // every other event is part of the chain, and of no summary
        }
    }

    private void cost(Map<String, String> call) {
        String spark = call.get("microSpark");
        costs.merge("microSpark", Long.valueOf(spark.substring(1, spark.length() - 1)), Math::addExact);
        costs.merge("modelCalls", 1L, Math::addExact);
        costs.merge("tokensIn", Long.valueOf(call.get("tokensIn")), Math::addExact);
        costs.merge("tokensOut", Long.valueOf(call.get("tokensOut")), Math::addExact);
    }

    private String headerText() {
        Map<String, String> said = fields("header", 0);
        copy(List.of("keyId", "ledgerId", "publicKey", "runId"), header.members, said);
        copy(List.of("inputs", "mode", "recipeHash", "request", "startedAt"), started, said);
        copy(List.of("code", "message", "outputs", "recipeId", "recipeName", "recipeVersion", "state"), finished, said);
        said.put("effects", Integer.toString(calls.size()));
        said.put("events", Long.toString(events));
        said.put("finishedAt", finishedAt);
        said.put("format", FORMAT);
        said.put("plan", started.containsKey("recipe") ? hashOf(started.get("recipe")) : "null");
        said.computeIfPresent(
                "recipeHash", (name, hash) -> hash.equals("null") ? finished.getOrDefault(name, hash) : hash);
        return object(said);
    }

    private String summary() {
        Map<String, String> said = fields("summary", 0);
        for (String effect : List.of("DESTRUCTIVE", "IDEMPOTENT", "READ", "WRITE")) {
            long times = calls.stream()
                    .filter(call -> call.get("effect").equals("\"" + effect + "\""))
                    .count();
            said.put(effect, Long.toString(times));
        }
        copy(List.of("elapsedNanos"), finished, said);
        for (String count : List.of("modelCalls", "tokensIn", "tokensOut")) {
            said.put(count, Long.toString(costs.getOrDefault(count, 0L)));
        }
        said.put("microSpark", "\"" + costs.getOrDefault("microSpark", 0L) + "\"");
        return object(said);
    }

    private String signed(Line line, String headerHash, String lastHash, String summaryHash, String trusted)
            throws GeneralSecurityException, NotWhole {
        Map<String, String> said = fields("signature", 0);
        said.put("at", line.get("at"));
        said.put("events", Long.toString(events));
        said.put("format", FORMAT);
        said.put("header", "\"" + headerHash + "\"");
        said.put("keyId", header.get("keyId"));
        said.put("last", "\"" + lastHash + "\"");
        said.put("summary", "\"" + summaryHash + "\"");
        String id = header.get("keyId").replace("\"", "");
        String key = header.get("publicKey").replace("\"", "");
        boolean fits = false;
        try {
            Signature ed25519 = Signature.getInstance("Ed25519");
            byte[] encoded = HexFormat.of().parseHex(ED25519 + key);
            ed25519.initVerify(KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(encoded)));
            ed25519.update(line.json);
            byte[] signature = HexFormat.of().parseHex(line.seal);
            fits = hex(signature).equals(line.seal)
                    && ed25519.verify(signature)
                    && line.text().equals(object(said));
        } catch (IllegalArgumentException | GeneralSecurityException e) {
            fits = false; // no key, or no signature
        }
        if (!fits) {
            throw new NotWhole("the signature does not fit key " + id + " (public key " + key + ")");
        }
        String told = "run " + header.get("runId").replace("\"", "") + ", "
                + header.get("state").replace("\"", "") + ", " + events + " events, " + effects
                + " tool calls" + rerun() + "; signed by key " + id + " (public key " + key + ")";
        if (trusted.isEmpty()) {
            return told + "; whose key that is was not checked, give --key to check it";
        }
        String fingerprint =
                hex(sha256.digest(HexFormat.of().parseHex(ED25519 + key))).substring(0, 32);
        if (!trusted.equals(key) && !trusted.equals(fingerprint)) {
            throw new NotWhole("signed by another key than " + trusted + ": by " + id + " (public key " + key + ")");
        }
        return told + ", which is the key that was asked for";
    }

    /** Which run was run again, and whose results stand in this one without a call. */
    private String rerun() {
        String of = started.getOrDefault("rerunOf", "null");
        if (of.equals("null")) {
            return "";
        }
        StringBuilder told = new StringBuilder("; runs again " + members(of).getOrDefault("run", "null"));
        kept.forEach((run, steps) ->
                told.append(", ").append(steps).append(" steps kept from ").append(run));
        return told.toString().replace("\"", "");
    }

    /** The next line; null at the end, also behind a part of a line. */
    private Line next() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        boolean tooLong = false;
        for (int b = in.read(); b != '\n'; b = in.read()) {
            if (b < 0) {
                return null;
            }
            tooLong |= bytes.size() == MAX_LINE;
            if (!tooLong) {
                bytes.write(b);
            }
        }
        String text;
        try {
            text = UTF_8.newDecoder()
                    .decode(ByteBuffer.wrap(bytes.toByteArray()))
                    .toString();
        } catch (CharacterCodingException e) {
            text = "";
        }
        int space = text.indexOf(' ');
        if (tooLong || space != 64 && space != 128) {
            return new Line("", new byte[0], Map.of(), -1);
        }
        String json = text.substring(space + 1);
        String seal = text.substring(0, space);
        try {
            Map<String, String> members = members(json);
            return new Line(seal, json.getBytes(UTF_8), members, place(members));
        } catch (RuntimeException e) {
            return new Line(seal, json.getBytes(UTF_8), Map.of(), -1);
        }
    }

    private long place(Map<String, String> members) {
        return switch (members.getOrDefault("record", "")) {
            case "" -> Math.max(1, Long.parseLong(members.get("seq")));
            case "\"header\"" -> 0;
            case "\"effect\"" -> events + Math.max(1, Long.parseLong(members.get("number")));
            case "\"summary\"" -> events + effects + 1;
            case "\"signature\"" -> events + effects + 2;
            default -> -1;
        };
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    /** The hash of a value, as a JSON text. */
    private static String hashOf(String json) {
        try {
            return "\"" + hex(MessageDigest.getInstance("SHA-256").digest(json.getBytes(UTF_8))) + "\"";
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The fields that a record is made of, by name. */
    private static Map<String, String> fields(String record, long number) {
        Map<String, String> fields = new TreeMap<>(Map.of("record", "\"" + record + "\""));
        if (number > 0) {
            fields.put("number", Long.toString(number));
        }
        return fields;
    }

    private static void copy(List<String> names, Map<String, String> from, Map<String, String> to) {
        names.forEach(name -> to.put(name, from.getOrDefault(name, "null")));
    }

    private static String object(Map<String, String> sorted) {
        StringBuilder json = new StringBuilder("{");
        sorted.forEach((name, value) -> json.append(json.length() == 1 ? "\"" : ",\"")
                .append(name)
                .append("\":")
                .append(value));
        return json.append('}').toString();
    }

    /** The members of a JSON object, as they are written. */
    private static Map<String, String> members(String json) {
        Map<String, String> members = new HashMap<>();
        read(json, (name, value) -> {
            if (members.put(name, value) != null) {
                throw new IllegalArgumentException("two members are called " + name);
            }
        });
        return members;
    }

    /** Reads one JSON value without spaces, and tells each member or item with its text. */
    private static void read(String json, BiConsumer<String, String> parts) {
        if (value(json, 0, 0, parts) != json.length()) {
            throw new IllegalArgumentException("something stands behind the JSON");
        }
    }

    /** Where the value ends that begins at a place. */
    private static int value(String json, int from, int depth, BiConsumer<String, String> parts) {
        char first = json.charAt(from);
        if (first == '"') {
            return string(json, from);
        }
        if (first != '{' && first != '[') {
            Matcher scalar = SCALAR.matcher(json).region(from, json.length());
            require(scalar.lookingAt(), "no JSON value", from);
            return scalar.end();
        }
        require(depth < MAX_DEPTH, "nested too deeply", from);
        char last = first == '{' ? '}' : ']';
        int at = from + 1;
        while (json.charAt(at) != last || at > from + 1) {
            String name = "";
            if (first == '{') {
                int end = string(json, at);
                name = json.substring(at + 1, end - 1);
                require(json.charAt(end) == ':', "no colon", end);
                at = end + 1;
            }
            int end = value(json, at, depth + 1, (inner, text) -> {});
            if (depth == 0) {
                parts.accept(name, json.substring(at, end));
            }
            if (json.charAt(end) == last) {
                return end + 1;
            }
            require(json.charAt(end) == ',', "no comma", end);
            at = end + 1;
        }
        return at + 1;
    }

    private static int string(String json, int from) {
        require(json.charAt(from) == '"', "no text", from);
        for (int at = from + 1; ; at++) {
            char c = json.charAt(at);
            if (c == '"') {
                return at + 1;
            }
            require(c >= ' ', "a control character", at);
            at += c == '\\' ? 1 : 0;
        }
    }

    private static void require(boolean right, String wrong, int at) {
        if (!right) {
            throw new IllegalArgumentException(wrong + ", at character " + at);
        }
    }
}
