package dev.hart.security.rules;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Decides whether a path names a protected file, whatever way it is written. */
final class ProtectedPaths {
    private static final int MAX_DECODINGS = 3;

    private ProtectedPaths() {}

    /** Why the path may not be written, or an empty text. The answer does not depend on any file system. */
    static String refusal(String path) {
        if (path.isBlank() || path.indexOf('\0') >= 0) {
            return "a path of the change is empty or holds a NUL";
        }
        String readable = path;
        for (int i = 0; i < MAX_DECODINGS; i++) {
            String refusal = refusalOf(readable);
            if (!refusal.isEmpty()) {
                return refusal;
            }
            String decoded = decoded(readable);
            if (decoded.equals(readable)) {
                return "";
            }
            readable = decoded;
        }
        return "a path of the change is encoded more than " + (MAX_DECODINGS - 1) + " times";
    }

    private static String refusalOf(String path) {
        List<String> segments = new ArrayList<>();
        // On Windows a backslash separates too, and a colon ends a drive or begins a stream of the same file.
        for (String raw : Names.fold(path).split("[/\\\\:]", -1)) {
            String name = raw.strip();
            if (name.equals("..")) {
                if (segments.isEmpty()) {
                    return "a path of the change leads out of the code";
                }
                segments.remove(segments.size() - 1);
                continue;
            }
            name = name.replaceAll("[. ]++$", ""); // Windows drops them from the end of a name
            if (!name.isEmpty()) {
                segments.add(name);
            }
        }
        for (String segment : segments) {
            if (isProtected(segment)) {
                return "a path of the change is protected: " + segment;
            }
        }
        String joined = "/" + String.join("/", segments) + "/";
        for (String folder : Constitution.PROTECTED_FOLDERS) {
            if (joined.contains("/" + folder.toLowerCase(Locale.ROOT) + "/")) {
                return "a path of the change is in a protected folder: " + folder;
            }
        }
        return "";
    }

    private static boolean isProtected(String segment) {
        String name = segment.replaceAll("^\\.++", "");
        int dot = name.indexOf('.');
        String stem = dot < 0 ? name : name.substring(0, dot);
        return Names.isOneOf(stem, Constitution.PROTECTED_FILES) || isShortForm(stem);
    }

    /** What Windows calls a long name for old programs: its first six characters, a tilde and a number. */
    private static boolean isShortForm(String stem) {
        return stem.matches(".{6}~\\d")
                && Constitution.PROTECTED_FILES.stream()
                        .anyMatch(name -> name.length() > 8 && name.startsWith(stem.substring(0, 6)));
    }

    private static String decoded(String path) {
        if (path.indexOf('%') < 0) {
            return path;
        }
        try {
            return URLDecoder.decode(path.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return path; // a percent sign that encodes nothing is part of the name
        }
    }
}
