package dev.hart.gpu.process;

import java.util.Locale;
import java.util.Set;

/** The variables of this process that every child gets. */
public final class NeededVariables {
    /** Without these, programs do not find their libraries, their home or their language. */
    private static final Set<String> NEEDED = Set.of(
            "PATH",
            "HOME",
            "USER",
            "LOGNAME",
            "LANG",
            "LC_ALL",
            "LC_CTYPE",
            "TZ",
            "TMPDIR",
            "TEMP",
            "TMP",
            "LD_LIBRARY_PATH",
            "DYLD_LIBRARY_PATH",
            "CUDA_HOME",
            "CUDA_PATH",
            "ROCM_PATH",
            "JAVA_HOME",
            "SYSTEMROOT",
            "WINDIR",
            "COMSPEC",
            "PATHEXT",
            "USERPROFILE",
            "APPDATA",
            "LOCALAPPDATA",
            "PROGRAMDATA");

    private NeededVariables() {}

    /** Whether a child gets the variable of that name, in any case. */
    public static boolean contain(String name) {
        return NEEDED.contains(name.toUpperCase(Locale.ROOT));
    }
}
