package dev.hart.gpu.machine;

/**
 * How much memory a process holds. Its command line is not read: it may have secrets.
 *
 * @param pid its number
 * @param name of its program, at most 64 characters
 * @param bytes of the machine's memory
 */
public record ProcessMemory(long pid, String name, long bytes) {
    private static final int MOST_CHARACTERS = 64;

    public ProcessMemory {
        name = name.length() > MOST_CHARACTERS ? name.substring(0, MOST_CHARACTERS) : name;
    }
}
