package dev.hart.gpu;

/**
 * A graphics card as the operating system names it, whether or not anything can compute on it.
 *
 * @param deviceId as the system writes it, such as {@code 0x2335}; may be empty
 * @param statedBytes the memory that the system states: a total, often wrong, 0 when unknown. Nothing is planned with it
 */
public record GraphicsCard(String name, String vendor, String deviceId, long statedBytes) {}
