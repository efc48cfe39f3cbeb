package dev.hart.gpu.machine;

/**
 * What has gone through disks or networks since the machine started, in bytes.
 *
 * @param in read, or received
 * @param out written, or sent
 */
public record Traffic(long in, long out) {
    public static final Traffic NONE = new Traffic(0, 0);
}
