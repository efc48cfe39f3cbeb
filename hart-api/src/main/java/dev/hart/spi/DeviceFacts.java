package dev.hart.spi;

/**
 * What is known of a machine's compute devices, for those that must not know how devices are found. Found through {@link
 * java.util.ServiceLoader}. Thread-safe.
 */
public interface DeviceFacts {

    /** The memory of the devices as they are now. May take a second. */
    VideoMemory videoMemory() throws InterruptedException;

    /** What is known of it. */
    sealed interface VideoMemory {
        /**
         * @param bytes all usable devices of one kind together; of several kinds the one with the most. 0 for no device
         * @param devices which they are, in words
         */
        record Known(long bytes, String devices) implements VideoMemory {}

        /**
         * @param reason a sentence
         */
        record Unknown(String reason) implements VideoMemory {}
    }
}
