package dev.hart.gpu.probe;

import com.sun.jna.Function;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Platform;
import org.jspecify.annotations.Nullable;

/** The C functions of NVIDIA's management library, called by name. Thread-safe, as the library is. */
@FunctionalInterface
interface NvmlLibrary {
    int SUCCESS = 0;
    /** NVML's own code for a function that the installed driver does not have. */
    int FUNCTION_NOT_FOUND = 13;

    int UNKNOWN = 999;

    /**
     * Calls {@code function}; its answer is an {@code nvmlReturn_t}, {@link #FUNCTION_NOT_FOUND} when this driver's library is
     * older than the function. Arguments are what JNA takes: Integer, Pointer, Memory.
     */
    int call(String function, @Nullable Object... arguments);

    /**
     * Loads {@code libnvidia-ml.so.1} or {@code nvml.dll}.
     *
     * @throws UnsatisfiedLinkError where no NVIDIA driver is installed, and where JNA has no native part for this system
     */
    static NvmlLibrary load() {
        NativeLibrary library = NativeLibrary.getInstance(Platform.isWindows() ? "nvml" : "libnvidia-ml.so.1");
        return (name, arguments) -> {
            Function function;
            try {
                function = library.getFunction(name);
            } catch (UnsatisfiedLinkError e) {
                return FUNCTION_NOT_FOUND;
            }
            return function.invokeInt(arguments);
        };
    }
}
