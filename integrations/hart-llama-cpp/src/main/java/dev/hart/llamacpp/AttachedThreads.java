package dev.hart.llamacpp;

import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Platform;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.IntByReference;
import com.sun.jna.ptr.PointerByReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Makes the threads that native code attaches to the JVM daemons, while something runs.
 *
 * <p>llama.cpp's binding attaches a thread for each model and never detaches it, so that a program whose {@code main} has returned
 * would never end, not even with every model closed. Native code attaches a thread through a table of functions that the JVM hands
 * out; for the time of loading, it is handed a copy of that table, in which "attach" is "attach as daemon". Where the table cannot
 * be reached nothing is changed, and the program has to end with {@code System.exit}.
 */
final class AttachedThreads {
    // Places in JNIInvokeInterface, as the JNI specification gives them.
    private static final int ATTACH = 4;
    private static final int ATTACH_AS_DAEMON = 7;
    private static final int ENTRIES = 8;

    private static final Object TABLE = new Object();

    /** Never freed: another thread may have looked it up a moment before the JVM's own was put back. Guarded by TABLE. */
    private static @Nullable Memory copy;

    private AttachedThreads() {}

    static <T> T asDaemons(Supplier<T> work) {
        synchronized (TABLE) {
            Pointer machine = machine();
            if (machine == null) {
                return work.get();
            }
            Pointer table = machine.getPointer(0);
            if (copy == null) {
                copy = copyOf(table);
            }
            machine.setPointer(0, copy);
            try {
                return work.get();
            } finally {
                machine.setPointer(0, table);
            }
        }
    }

    private static Memory copyOf(Pointer table) {
        long width = Native.POINTER_SIZE;
        Memory copy = new Memory(ENTRIES * width);
        for (int i = 0; i < ENTRIES; i++) {
            copy.setPointer(i * width, table.getPointer(i * width));
        }
        copy.setPointer(ATTACH * width, table.getPointer(ATTACH_AS_DAEMON * width));
        return copy;
    }

    /** The JVM as native code sees it, or null. */
    private static @Nullable Pointer machine() {
        try {
            NativeLibrary library =
                    Platform.isWindows() ? NativeLibrary.getInstance("jvm") : NativeLibrary.getProcess();
            PointerByReference machine = new PointerByReference();
            IntByReference count = new IntByReference();
            int status = library.getFunction("JNI_GetCreatedJavaVMs").invokeInt(new Object[] {machine, 1, count});
            return status == 0 && count.getValue() == 1 ? machine.getValue() : null;
        } catch (LinkageError e) {
            return null;
        }
    }
}
