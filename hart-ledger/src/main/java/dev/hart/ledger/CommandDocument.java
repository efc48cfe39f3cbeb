package dev.hart.ledger;

import dev.hart.Spark;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Commands as JSON objects, as routes take them: the parts by name in {@code snake_case}; times in ISO-8601, durations in
 * seconds (a name ending in {@code _s}), Spark as decimal text.
 */
public final class CommandDocument {
    private static final Map<String, Class<?>> TYPES = new TreeMap<>();

    static {
        for (Class<?> type : TaskCommand.class.getPermittedSubclasses()) {
            TYPES.put(snake(type.getSimpleName()), type);
        }
    }

    private CommandDocument() {}

    /** The names of all commands, sorted. */
    public static List<String> names() {
        return List.copyOf(TYPES.keySet());
    }

    /** The parts of a command, without its name. */
    public static Map<String, @Nullable Object> write(TaskCommand command) {
        Map<String, @Nullable Object> document = new LinkedHashMap<>();
        for (RecordComponent part : command.getClass().getRecordComponents()) {
            try {
                document.put(key(part), json(part.getAccessor().invoke(command)));
            } catch (IllegalAccessException | InvocationTargetException e) {
                throw new IllegalStateException(command + " cannot be read", e);
            }
        }
        return document;
    }

    /**
     * The command of that name with those parts; parts that are missing are empty, false or none.
     *
     * @throws dev.hart.error.LedgerException INVALID_ARGUMENT for an unknown name or part, or a value of another type
     */
    public static TaskCommand read(String name, Map<String, ? extends @Nullable Object> document) {
        Class<?> type = TYPES.get(name);
        if (type == null) {
            throw Limits.invalid("there is no command '%s'; there are %s".formatted(name, String.join(", ", names())));
        }
        RecordComponent[] parts = type.getRecordComponents();
        List<String> keys = Arrays.stream(parts).map(CommandDocument::key).toList();
        for (String given : document.keySet()) {
            if (!keys.contains(given)) {
                throw Limits.invalid("%s takes %s, not '%s'"
                        .formatted(name, keys.isEmpty() ? "nothing" : String.join(", ", keys), given));
            }
        }
        List<@Nullable Object> values = new ArrayList<>();
        for (RecordComponent part : parts) {
            values.add(value(name, part, document.get(key(part))));
        }
        Class<?>[] types = Arrays.stream(parts).map(RecordComponent::getType).toArray(Class<?>[]::new);
        try {
            return (TaskCommand) type.getDeclaredConstructor(types).newInstance(values.toArray());
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(name + " cannot be made", e);
        }
    }

    private static String key(RecordComponent part) {
        String name = snake(part.getName());
        return part.getType() == Duration.class ? name + "_s" : name;
    }

    private static String snake(String camel) {
        return camel.replaceAll("(?<=[a-z])(?=[A-Z])", "_").toLowerCase(java.util.Locale.ROOT);
    }

    private static @Nullable Object json(@Nullable Object value) {
        if (value instanceof Enum<?> constant) {
            return WireNames.of(constant);
        } else if (value instanceof Instant time) {
            return EventChain.format(time.toEpochMilli());
        } else if (value instanceof Duration duration) {
            return BigDecimal.valueOf(duration.toMillis(), 3);
        } else if (value instanceof Spark amount) {
            return amount.toString();
        } else if (value instanceof Integer number) {
            return number.longValue();
        }
        return value;
    }

    private static @Nullable Object value(String command, RecordComponent part, @Nullable Object given) {
        Class<?> type = part.getType();
        if (given == null) {
            return absent(command, part);
        }
        try {
            if (type == Object.class) {
                return given;
            } else if (type == String.class && given instanceof String) {
                return given;
            } else if (type == boolean.class && given instanceof Boolean) {
                return given;
            } else if (type == int.class && given instanceof Number number) {
                return new BigDecimal(number.toString()).intValueExact();
            } else if (type.isEnum() && given instanceof String text) {
                return constant(type, text);
            } else if (type == Instant.class && given instanceof String text) {
                return Instant.parse(text);
            } else if (type == Duration.class && given instanceof Number number) {
                return Duration.ofMillis(
                        new BigDecimal(number.toString()).movePointRight(3).longValueExact());
            } else if (type == Spark.class && given instanceof String text) {
                return new Spark(new BigDecimal(text).movePointRight(6).longValueExact());
            } else if (type == Map.class && given instanceof Map) {
                return given;
            }
        } catch (ArithmeticException | NumberFormatException | DateTimeParseException e) {
            throw Limits.invalid("%s: '%s' cannot be %s".formatted(command, key(part), given));
        }
        throw Limits.invalid("%s: '%s' must be %s, was %s".formatted(command, key(part), expected(type), given));
    }

    @SuppressWarnings({"unchecked", "rawtypes"}) // the type is an enum
    private static Object constant(Class<?> type, String name) {
        return WireNames.parse((Class<? extends Enum>) type, name);
    }

    private static @Nullable Object absent(String command, RecordComponent part) {
        Class<?> type = part.getType();
        if (type == boolean.class) {
            return false;
        } else if (type == Map.class) {
            return Map.of();
        } else if (type == String.class && part.getName().equals("reason")) {
            return "";
        } else if (type == FailureReason.class) {
            return FailureReason.ERROR;
        } else if (type == DelegationType.class) {
            return DelegationType.SUB_AGENT;
        } else if (isOptional(part)) {
            return null;
        }
        throw Limits.invalid("%s needs '%s', %s".formatted(command, key(part), expected(type)));
    }

    private static boolean isOptional(RecordComponent part) {
        return part.getAnnotatedType().isAnnotationPresent(Nullable.class);
    }

    private static String expected(Class<?> type) {
        if (type == Instant.class) {
            return "a time such as 2026-01-01T00:00:00.000Z";
        } else if (type == Duration.class) {
            return "a number of seconds";
        } else if (type == Spark.class) {
            return "an amount of Spark such as \"0.6\"";
        } else if (type == int.class) {
            return "a whole number";
        } else if (type == boolean.class) {
            return "true or false";
        } else if (type == Map.class) {
            return "an object";
        } else if (type.isEnum()) {
            return "one of "
                    + String.join(
                            ", ",
                            Arrays.stream((Enum<?>[]) type.getEnumConstants())
                                    .map(WireNames::of)
                                    .toList());
        }
        return "a text";
    }

    /** The hash that tells whether a command that comes again is the same. */
    static String hash(String taskId, TaskCommand command) {
        return CanonicalJson.sha256(List.of(taskId, command.name(), write(command)));
    }
}
