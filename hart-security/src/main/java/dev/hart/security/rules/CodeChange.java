package dev.hart.security.rules;

import java.util.List;

/**
 * A change of code that an agent proposes.
 *
 * @param paths every file it writes, moves or deletes, relative to the root of the code; the caller has resolved links
 * @param diff what changes, in the unified form or as plain text; may be empty
 */
public record CodeChange(List<String> paths, String diff) {
    public CodeChange {
        paths = List.copyOf(paths);
    }
}
