package dev.hart.gpu.model;

import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * How a process ended.
 *
 * @param code as the system gives it; empty when it cannot be known
 * @param overLimit how much memory it had, when it was killed because that was above its limit; empty otherwise
 */
public record ProcessExit(OptionalInt code, Optional<String> overLimit) {
    /** SIGKILL as a shell and as Python tell it, plain 9, and Windows' access violation and stack overflow. */
    private static final Set<Long> OUT_OF_MEMORY = Set.of(137L, -9L & 0xFFFF_FFFFL, 9L, 3_221_225_477L, 3_221_225_725L);

    public ProcessExit {
        Objects.requireNonNull(code, "code");
        Objects.requireNonNull(overLimit, "overLimit");
    }

    /** One that nobody here ended. */
    public ProcessExit(OptionalInt code) {
        this(code, Optional.empty());
    }

    /** What its code says. */
    public enum Kind {
        /** 0. */
        CLEAN,
        /** The system ended it, which is what happens when memory runs out, or HART did, as it had more than its limit. */
        OUT_OF_MEMORY,
        /** Any other code. */
        CRASH,
        /** It is gone, and nobody knows why. */
        DISAPPEARED
    }

    public static ProcessExit of(int code) {
        return new ProcessExit(OptionalInt.of(code));
    }

    public static ProcessExit unknown() {
        return new ProcessExit(OptionalInt.empty());
    }

    public Kind kind() {
        if (overLimit.isPresent()) {
            return Kind.OUT_OF_MEMORY;
        }
        if (code.isEmpty()) {
            return Kind.DISAPPEARED;
        }
        int value = code.getAsInt();
        return value == 0 ? Kind.CLEAN : OUT_OF_MEMORY.contains(value & 0xFFFF_FFFFL) ? Kind.OUT_OF_MEMORY : Kind.CRASH;
    }

    @Override
    public String toString() {
        return overLimit.orElseGet(() -> code.isPresent() ? "exit code " + code.getAsInt() : "no exit code");
    }
}
