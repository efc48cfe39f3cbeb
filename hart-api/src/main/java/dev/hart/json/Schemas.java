package dev.hart.json;

import dev.hart.error.ToolInvalidException;
import dev.hart.tool.Param;
import dev.hart.tool.ToolContext;
import java.lang.reflect.GenericArrayType;
import java.lang.reflect.Method;
import java.lang.reflect.Parameter;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.lang.reflect.WildcardType;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * JSON Schema (draft 2020-12) of Java types: texts, numbers, booleans, enums, dates and times, addresses, paths, records,
 * collections, arrays, maps with text keys, and {@code Object} for any value. A path has the format {@code path}, which
 * JSON Schema leaves to the application.
 */
public final class Schemas {
    private static final Map<Class<?>, Map<String, Object>> SIMPLE = Map.ofEntries(
            Map.entry(String.class, Map.of("type", "string")),
            Map.entry(CharSequence.class, Map.of("type", "string")),
            Map.entry(char.class, Map.of("type", "string", "minLength", 1L, "maxLength", 1L)),
            Map.entry(Character.class, Map.of("type", "string", "minLength", 1L, "maxLength", 1L)),
            Map.entry(boolean.class, Map.of("type", "boolean")),
            Map.entry(Boolean.class, Map.of("type", "boolean")),
            Map.entry(byte.class, Map.of("type", "integer")),
            Map.entry(Byte.class, Map.of("type", "integer")),
            Map.entry(short.class, Map.of("type", "integer")),
            Map.entry(Short.class, Map.of("type", "integer")),
            Map.entry(int.class, Map.of("type", "integer")),
            Map.entry(Integer.class, Map.of("type", "integer")),
            Map.entry(long.class, Map.of("type", "integer")),
            Map.entry(Long.class, Map.of("type", "integer")),
            Map.entry(BigInteger.class, Map.of("type", "integer")),
            Map.entry(float.class, Map.of("type", "number")),
            Map.entry(Float.class, Map.of("type", "number")),
            Map.entry(double.class, Map.of("type", "number")),
            Map.entry(Double.class, Map.of("type", "number")),
            Map.entry(BigDecimal.class, Map.of("type", "number")),
            Map.entry(Number.class, Map.of("type", "number")),
            Map.entry(Path.class, Map.of("type", "string", "format", "path")),
            Map.entry(URI.class, Map.of("type", "string", "format", "uri")),
            Map.entry(UUID.class, Map.of("type", "string", "format", "uuid")),
            Map.entry(LocalDate.class, Map.of("type", "string", "format", "date")),
            Map.entry(LocalTime.class, Map.of("type", "string", "format", "local-time")),
            Map.entry(LocalDateTime.class, Map.of("type", "string", "format", "local-date-time")),
            Map.entry(Instant.class, Map.of("type", "string", "format", "date-time")),
            Map.entry(OffsetDateTime.class, Map.of("type", "string", "format", "date-time")),
            Map.entry(ZonedDateTime.class, Map.of("type", "string", "format", "date-time")),
            Map.entry(Duration.class, Map.of("type", "string", "format", "duration")),
            Map.entry(Object.class, Map.of()),
            Map.entry(void.class, Map.of("type", "null")),
            Map.entry(Void.class, Map.of("type", "null")));

    private Schemas() {}

    /**
     * The schema of a type.
     *
     * @throws ToolInvalidException when the type has none, or a record contains itself
     */
    public static Map<String, @Nullable Object> of(Type type) {
        return Json.objectOf(schema(type, new HashSet<>()));
    }

    /**
     * The schema of the arguments that a method takes, of type object; a {@link ToolContext} parameter is left out.
     *
     * @throws ToolInvalidException when a parameter's type has no schema, or was compiled without its name
     */
    public static Map<String, @Nullable Object> ofParameters(Method method) {
        Map<String, Object> properties = new LinkedHashMap<>();
        List<String> required = new ArrayList<>();
        for (Parameter parameter : method.getParameters()) {
            if (parameter.getType() == ToolContext.class) {
                continue;
            }
            Param param = parameter.getAnnotation(Param.class);
            String name = nameOf(parameter);
            properties.put(name, described(schema(parameter.getParameterizedType(), new HashSet<>()), param));
            if (!isOptional(parameter.getType(), param)) {
                required.add(name);
            }
        }
        return Json.objectOf(object(properties, required));
    }

    /** The name of a tool method's parameter in the schema. */
    public static String nameOf(Parameter parameter) {
        Param param = parameter.getAnnotation(Param.class);
        if (param != null && !param.name().isEmpty()) {
            return param.name();
        }
        if (!parameter.isNamePresent()) {
            throw new ToolInvalidException(
                    "the parameters of %s have no names: compile with -parameters, or use @Param(name = …)"
                            .formatted(parameter.getDeclaringExecutable()));
        }
        return parameter.getName();
    }

    /** The name of a record component in the schema. */
    public static String nameOf(RecordComponent component) {
        Param param = component.getAnnotation(Param.class);
        return param != null && !param.name().isEmpty() ? param.name() : component.getName();
    }

    private static Map<String, Object> schema(Type type, Set<Type> open) {
        if (type instanceof Class<?> raw) {
            return schema(raw, open);
        }
        if (type instanceof ParameterizedType generic) {
            Class<?> raw = (Class<?>) generic.getRawType();
            Type[] arguments = generic.getActualTypeArguments();
            if (Collection.class.isAssignableFrom(raw)) {
                return Map.of("type", "array", "items", schema(arguments[0], open));
            }
            if (Map.class.isAssignableFrom(raw) && arguments[0] == String.class) {
                Map<String, Object> values = schema(arguments[1], open);
                return values.isEmpty()
                        ? Map.of("type", "object")
                        : Map.of("type", "object", "additionalProperties", values);
            }
            if (raw == Optional.class) {
                return schema(arguments[0], open);
            }
            return schema(raw, open);
        }
        if (type instanceof GenericArrayType array) {
            return Map.of("type", "array", "items", schema(array.getGenericComponentType(), open));
        }
        if (type instanceof WildcardType wildcard) {
            return schema(wildcard.getUpperBounds()[0], open);
        }
        throw new ToolInvalidException(
                type + " has no JSON Schema; use a record, a list, a map with text keys, a text or a number");
    }

    private static Map<String, Object> schema(Class<?> type, Set<Type> open) {
        Map<String, Object> simple = SIMPLE.get(type);
        if (simple != null) {
            return simple;
        }
        if (type.isEnum()) {
            return Map.of(
                    "type",
                    "string",
                    "enum",
                    Arrays.stream(type.getEnumConstants())
                            .map(c -> ((Enum<?>) c).name())
                            .toList());
        }
        if (type.isRecord()) {
            return record(type, open);
        }
        if (type.isArray()) {
            return Map.of("type", "array", "items", schema(type.getComponentType(), open));
        }
        if (Collection.class.isAssignableFrom(type)) {
            return Map.of("type", "array");
        }
        if (Map.class.isAssignableFrom(type)) {
            return Map.of("type", "object");
        }
        throw new ToolInvalidException(
                type.getName() + " has no JSON Schema; use a record, a list, a map with text keys, a text or a number");
    }

    private static Map<String, Object> record(Class<?> type, Set<Type> open) {
        if (!open.add(type)) {
            throw new ToolInvalidException(type.getName() + " contains itself; a tool's schema must be finite");
        }
        Map<String, Object> properties = new LinkedHashMap<>();
        List<String> required = new ArrayList<>();
        for (RecordComponent component : type.getRecordComponents()) {
            Param param = component.getAnnotation(Param.class);
            String name = nameOf(component);
            properties.put(name, described(schema(component.getGenericType(), open), param));
            if (!isOptional(component.getType(), param)) {
                required.add(name);
            }
        }
        open.remove(type);
        return object(properties, required);
    }

    private static Map<String, Object> object(Map<String, Object> properties, List<String> required) {
        Map<String, Object> schema = new LinkedHashMap<>();
        schema.put("type", "object");
        schema.put("properties", properties);
        schema.put("required", required);
        schema.put("additionalProperties", false);
        return schema;
    }

    private static Map<String, Object> described(Map<String, Object> schema, @Nullable Param param) {
        if (param == null || param.value().isEmpty()) {
            return schema;
        }
        Map<String, Object> described = new LinkedHashMap<>(schema);
        described.put("description", param.value());
        return described;
    }

    private static boolean isOptional(Class<?> type, @Nullable Param param) {
        return type == Optional.class || (param != null && param.optional());
    }
}
