package dev.hart.json;

import java.lang.reflect.Array;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.URI;
import java.nio.file.Path;
import java.time.temporal.TemporalAccessor;
import java.time.temporal.TemporalAmount;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * JSON values as plain Java: null, {@link Boolean}, {@link String}, numbers, {@link List}, and {@link Map} with text keys. Lists
 * and maps are unmodifiable and keep their order. A whole number that fits is a {@link Long}, any other a {@link BigDecimal} without
 * trailing zeros, so equal numbers are equal objects.
 */
public final class Json {
    private static final int MAX_DEPTH = 100;

    private Json() {}

    /**
     * The JSON value of a Java value. Records become maps; enums their names; paths, addresses, dates, times and
     * durations their text; an empty Optional null.
     *
     * @throws IllegalArgumentException for other types, for NaN and infinities, and deeper than 100 levels
     */
    public static @Nullable Object valueOf(@Nullable Object value) {
        return valueOf(value, 0);
    }

    /** The same for a map. */
    public static Map<String, @Nullable Object> objectOf(Map<String, ? extends @Nullable Object> value) {
        return object(value, 0);
    }

    private static @Nullable Object valueOf(@Nullable Object value, int depth) {
        if (depth > MAX_DEPTH) {
            throw new IllegalArgumentException("nested deeper than " + MAX_DEPTH + " levels");
        }
        if (value == null || value instanceof String || value instanceof Boolean || value instanceof Long) {
            return value;
        }
        if (value instanceof Number number) {
            return number(number);
        }
        if (value instanceof Map<?, ?> map) {
            return object(map, depth);
        }
        if (value instanceof Collection<?> items) {
            return list(items, depth);
        }
        if (value instanceof Optional<?> optional) {
            return valueOf(optional.orElse(null), depth);
        }
        if (value instanceof Enum<?> constant) {
            return constant.name();
        }
        if (value instanceof Record data) {
            return record(data, depth);
        }
        if (value instanceof CharSequence
                || value instanceof Character
                || value instanceof Path
                || value instanceof URI
                || value instanceof UUID
                || value instanceof TemporalAccessor
                || value instanceof TemporalAmount) {
            return value.toString();
        }
        if (value.getClass().isArray()) {
            List<@Nullable Object> items = new ArrayList<>();
            for (int i = 0; i < Array.getLength(value); i++) {
                items.add(Array.get(value, i));
            }
            return list(items, depth);
        }
        throw new IllegalArgumentException(
                value.getClass().getName() + " has no JSON form; give a record, a map, a list, a text or a number");
    }

    private static Object number(Number number) {
        if (number instanceof Integer || number instanceof Short || number instanceof Byte) {
            return number.longValue();
        }
        if (number instanceof BigDecimal decimal) {
            return normal(decimal);
        }
        if (number instanceof BigInteger integer) {
            return normal(new BigDecimal(integer));
        }
        double value = number.doubleValue();
        if (Double.isNaN(value) || Double.isInfinite(value)) {
            throw new IllegalArgumentException(value + " is not a JSON number");
        }
        return normal(new BigDecimal(number.toString()));
    }

    /** One form for one number: 5, 5.0 and 5.00 are the same in JSON. */
    private static Object normal(BigDecimal number) {
        BigDecimal shortest = number.stripTrailingZeros();
        boolean isLong = shortest.scale() <= 0
                && shortest.precision() - shortest.scale() <= 19
                && shortest.toBigInteger().bitLength() < Long.SIZE;
        return isLong ? (Object) shortest.longValueExact() : shortest;
    }

    private static Map<String, @Nullable Object> object(Map<?, ?> map, int depth) {
        Map<String, @Nullable Object> result = new LinkedHashMap<>();
        map.forEach((key, value) -> {
            if (!(key instanceof String name)) {
                throw new IllegalArgumentException("a JSON object has text keys, was " + key);
            }
            result.put(name, valueOf(value, depth + 1));
        });
        return Collections.unmodifiableMap(result);
    }

    private static List<@Nullable Object> list(Collection<?> items, int depth) {
        List<@Nullable Object> result = new ArrayList<>(items.size());
        for (Object item : items) {
            result.add(valueOf(item, depth + 1));
        }
        return Collections.unmodifiableList(result);
    }

    private static Map<String, @Nullable Object> record(Record data, int depth) {
        Map<String, @Nullable Object> result = new LinkedHashMap<>();
        for (RecordComponent component : data.getClass().getRecordComponents()) {
            try {
                var accessor = component.getAccessor();
                accessor.trySetAccessible();
                result.put(Schemas.nameOf(component), valueOf(accessor.invoke(data), depth + 1));
            } catch (IllegalAccessException e) {
                throw new IllegalArgumentException(
                        data.getClass().getName()
                                + " cannot be read: make it public, or open its package to dev.hart.api",
                        e);
            } catch (InvocationTargetException e) {
                throw new IllegalArgumentException(
                        data.getClass().getName() + "." + component.getName() + " threw", e.getCause());
            }
        }
        return Collections.unmodifiableMap(result);
    }
}
