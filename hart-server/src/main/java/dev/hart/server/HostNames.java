package dev.hart.server;

import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The names under which the server may be called. A page on another site can make a browser call 127.0.0.1 under the
 * site's own name (DNS rebinding); the Host header gives it away.
 */
final class HostNames {
    private final Set<String> names = new HashSet<>(Set.of("localhost", "127.0.0.1", "[::1]"));

    HostNames(Set<String> more) {
        more.forEach(name -> names.add(bracketed(name.toLowerCase(Locale.ROOT))));
    }

    /** Whether a Host header names this server; its port does not count. */
    boolean admit(@Nullable String header) {
        return header != null && names.contains(hostOf(header.toLowerCase(Locale.ROOT)));
    }

    private static String hostOf(String authority) {
        int end = authority.startsWith("[") ? authority.indexOf(']') + 1 : authority.indexOf(':');
        if (end <= 0) {
            return authority;
        }
        String port = authority.substring(end);
        return port.isEmpty() || port.matches(":\\d{1,5}") ? authority.substring(0, end) : "";
    }

    private static String bracketed(String name) {
        return name.contains(":") && !name.startsWith("[") ? "[" + name + "]" : name;
    }
}
