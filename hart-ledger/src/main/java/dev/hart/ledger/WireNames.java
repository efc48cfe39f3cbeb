package dev.hart.ledger;

import java.util.Arrays;
import java.util.Locale;

/** The lower-case names of enum constants in rows, events and documents. */
final class WireNames {
    private static final ClassValue<String[]> NAMES = new ClassValue<>() {
        @Override
        protected String[] computeValue(Class<?> type) {
            return Arrays.stream((Enum<?>[]) type.getEnumConstants())
                    .map(constant -> constant.name().toLowerCase(Locale.ROOT))
                    .toArray(String[]::new);
        }
    };

    private WireNames() {}

    static String of(Enum<?> constant) {
        return NAMES.get(constant.getDeclaringClass())[constant.ordinal()];
    }

    static <E extends Enum<E>> E parse(Class<E> type, String name) {
        int ordinal = Arrays.asList(NAMES.get(type)).indexOf(name);
        if (ordinal >= 0) {
            return type.getEnumConstants()[ordinal];
        }
        throw Limits.invalid("'%s' is no %s; it can be %s"
                .formatted(name, type.getSimpleName(), String.join(", ", NAMES.get(type))));
    }
}
