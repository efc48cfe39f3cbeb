package dev.hart.gpu.probe;

import com.sun.jna.Memory;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/** Answers as a real driver once did: {@code nvml-h200.txt}. A function that was not recorded is one the driver does not have. */
final class RecordedNvml implements NvmlLibrary {
    private record Call(int code, List<byte[]> outputs) {}

    private final Map<String, Call> calls = new HashMap<>();
    final List<String> called = new ArrayList<>();

    /** @param moment {@code idle}, {@code held}, {@code busy} or {@code after} */
    RecordedNvml(String moment) {
        String section = "";
        for (String line : text("nvml-h200.txt").lines().toList()) {
            if (line.startsWith("[")) {
                section = line.substring(1, line.length() - 1);
            } else if (section.equals(moment)) {
                String[] fields = line.split(" ", -1);
                calls.put(
                        fields[0],
                        new Call(
                                Integer.parseInt(fields[1]),
                                List.of(fields).subList(2, fields.length).stream()
                                        .map(HexFormat.of()::parseHex)
                                        .toList()));
            }
        }
    }

    /** From now on the driver refuses this function. */
    RecordedNvml refusing(String function, int code) {
        calls.put(function, new Call(code, List.of()));
        return this;
    }

    @Override
    public int call(String function, Object... arguments) {
        called.add(function);
        boolean withoutList = arguments.length > 0 && arguments[arguments.length - 1] == null;
        Call call = calls.get(withoutList ? function + "?count" : function);
        if (call == null) {
            return FUNCTION_NOT_FOUND;
        }
        int next = 0;
        for (Object argument : arguments) {
            if (argument instanceof Memory memory && next < call.outputs().size()) {
                byte[] bytes = call.outputs().get(next++);
                memory.clear();
                memory.write(0, bytes, 0, (int) Math.min(bytes.length, memory.size()));
            }
        }
        return call.code();
    }

    static String text(String resource) {
        try (InputStream stream = RecordedNvml.class.getResourceAsStream(resource)) {
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
