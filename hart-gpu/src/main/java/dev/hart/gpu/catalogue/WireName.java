package dev.hart.gpu.catalogue;

import java.util.Arrays;
import java.util.stream.Collectors;

/** The value that has a name in JSON. */
final class WireName {
    private WireName() {}

    interface Named {
        String wireName();
    }

    static <E extends Enum<E> & Named> E parse(String field, E[] values, String name) {
        for (E value : values) {
            if (value.wireName().equals(name)) {
                return value;
            }
        }
        throw new IllegalArgumentException("%s must be one of %s, was '%s'"
                .formatted(field, Arrays.stream(values).map(Named::wireName).collect(Collectors.joining(", ")), name));
    }
}
