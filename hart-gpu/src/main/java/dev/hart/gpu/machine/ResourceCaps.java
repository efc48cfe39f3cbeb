package dev.hart.gpu.machine;

/**
 * How full the machine may become by work in the background, in shares from 0 to 1.
 *
 * @param cpu of the processor
 * @param ram of the memory
 * @param gpu of a GPU's memory
 */
public record ResourceCaps(double cpu, double ram, double gpu) {
    /** Nothing is limited. */
    public static final ResourceCaps NONE = new ResourceCaps(1, 1, 1);
}
