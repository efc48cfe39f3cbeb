package dev.hart.store;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A numbered script that makes or changes the tables of one component. One that was applied once never changes.
 *
 * @param version its number, from 1 on without gaps
 * @param name its file name
 */
record Script(int version, String name, String text) {
    private static final Pattern NAME = Pattern.compile("V([1-9][0-9]{0,3})__[a-z0-9_]+\\.sql");

    /**
     * The scripts named in the list {@code scripts.txt} of a folder beside {@code anchor}.
     *
     * @param folder ends with a slash. It is not a legal package name: inside a named module such a folder may be read by
     *     other modules
     */
    static List<Script> all(String component, Class<?> anchor, String folder) {
        List<Script> scripts = new ArrayList<>();
        for (String name : resource(anchor, folder + "scripts.txt").lines().toList()) {
            Matcher parts = NAME.matcher(name);
            if (!parts.matches() || Integer.parseInt(parts.group(1)) != scripts.size() + 1) {
                throw new IllegalArgumentException("%s: script %d is '%s'; name it V%d__what_it_does.sql"
                        .formatted(component, scripts.size() + 1, name, scripts.size() + 1));
            }
            scripts.add(new Script(scripts.size() + 1, name, resource(anchor, folder + name)));
        }
        return scripts;
    }

    private static String resource(Class<?> anchor, String name) {
        try (InputStream in = anchor.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalArgumentException(
                        "no resource " + name + " beside " + anchor.getName() + ": add it to the module");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).replace("\r\n", "\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
