package dev.hart.security.trust;

import dev.hart.security.canonical.CanonicalText;
import dev.hart.security.canonical.SignedBytes;
import dev.hart.spi.HaltCause;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a node must not forget: the highest sequence it took, and why it stands still. On disk it is one line, a SHA-256
 * and the JSON that it is of, put in place as a whole.
 *
 * @param sequence 0 when no order was ever taken
 * @param causes by their scope
 */
record HaltState(long sequence, Map<String, HaltCause> causes) {
    private static final int MAX_BYTES = 262_144;
    private static final int DIGEST = 64;

    HaltState {
        causes = Map.copyOf(causes);
    }

    HaltState with(HaltCause cause) {
        Map<String, HaltCause> more = new LinkedHashMap<>(causes);
        more.put(cause.scope(), cause);
        return new HaltState(Math.max(sequence, cause.sequence()), more);
    }

    HaltState without(String scope) {
        Map<String, HaltCause> fewer = new LinkedHashMap<>(causes);
        fewer.remove(scope);
        return new HaltState(sequence, fewer);
    }

    HaltState at(long newSequence) {
        return new HaltState(newSequence, causes);
    }

    /** @throws MalformedException when the file is not one that {@link #write} has written */
    static HaltState read(Path file) throws IOException, MalformedException {
        if (Files.size(file) > MAX_BYTES) {
            throw new MalformedException("it is too large");
        }
        byte[] bytes = Files.readAllBytes(file);
        if (bytes.length < DIGEST + 2 || bytes[DIGEST] != ' ' || bytes[bytes.length - 1] != '\n') {
            throw new MalformedException("it is cut off");
        }
        byte[] json = Arrays.copyOfRange(bytes, DIGEST + 1, bytes.length - 1);
        if (!SignedBytes.sha256(json).equals(new String(bytes, 0, DIGEST, StandardCharsets.US_ASCII))) {
            throw new MalformedException("it does not fit its checksum");
        }
        StrictJson.Fields fields = StrictJson.object(json).only(Set.of("causes", "sequence", "v"));
        if (fields.number("v") != 1) {
            throw new MalformedException("it is of version " + fields.number("v"));
        }
        Map<String, HaltCause> causes = new LinkedHashMap<>();
        for (Object item : fields.list("causes")) {
            if (!(item instanceof StrictJson.Fields cause)) {
                throw new MalformedException("a cause is no object");
            }
            cause.only(Set.of("kind", "reason", "scope", "sequence", "since"));
            try {
                causes.put(
                        cause.text("scope"),
                        new HaltCause(
                                HaltCause.Kind.valueOf(cause.text("kind")),
                                cause.text("scope"),
                                cause.text("reason"),
                                cause.instant("since"),
                                cause.number("sequence")));
            } catch (IllegalArgumentException e) {
                throw new MalformedException("a cause is of no known kind", e);
            }
        }
        return new HaltState(fields.number("sequence"), causes);
    }

    /** Returns once the state is on the disk, the old one or the new one whatever fails in between. */
    void write(Path file) throws IOException {
        List<Object> list = new ArrayList<>();
        causes.values()
                .forEach(cause -> list.add(Map.of(
                        "kind", cause.kind().name(),
                        "reason", cause.reason(),
                        "scope", cause.scope(),
                        "sequence", cause.sequence(),
                        "since", cause.since().toString())));
        byte[] json = CanonicalText.bytes(Map.of("causes", list, "sequence", sequence, "v", 1));
        String line = SignedBytes.sha256(json) + " " + new String(json, StandardCharsets.UTF_8) + "\n";
        DurableFile.replace(file, line.getBytes(StandardCharsets.UTF_8));
    }
}
