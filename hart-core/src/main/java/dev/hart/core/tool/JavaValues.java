package dev.hart.core.tool;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyName;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import dev.hart.tool.Param;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.math.BigDecimal;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Turns JSON values (see {@link dev.hart.json.Json}) into Java values of a wanted type. */
public final class JavaValues {
    private JavaValues() {}

    /** Made when the first value needs it: most tool arguments are texts and numbers. */
    private static final class Lazy {
        static final ObjectMapper MAPPER = JsonMapper.builder()
                .addModule(new Jdk8Module())
                .addModule(new JavaTimeModule())
                .annotationIntrospector(new ParamNames())
                .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
                .enable(DeserializationFeature.FAIL_ON_NUMBERS_FOR_ENUMS)
                .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
                .build();
    }

    /**
     * The value as that type; null gives null, zero, false or an empty Optional.
     *
     * @throws IllegalArgumentException when it does not fit; the message says where
     */
    public static @Nullable Object convert(@Nullable Object value, Type type) {
        if (value == null) {
            return nothing(rawOf(type));
        }
        if (type instanceof Class<?> raw) {
            Object simple = raw.isInstance(value) ? value : simple(value, raw);
            if (simple != null) {
                return simple;
            }
        }
        JavaType target = Lazy.MAPPER.constructType(type);
        try {
            return Lazy.MAPPER.convertValue(value, target);
        } catch (IllegalArgumentException e) {
            String reason =
                    e.getCause() instanceof JsonProcessingException json ? json.getOriginalMessage() : e.getMessage();
            throw new IllegalArgumentException(
                    "%s does not fit %s: %s"
                            .formatted(kindOf(value), target.getRawClass().getSimpleName(), reason),
                    e);
        }
    }

    /** What needs no mapper: most arguments of most tools. Null for everything else, and for what does not fit. */
    private static @Nullable Object simple(Object value, Class<?> type) {
        if (value instanceof Boolean && type == boolean.class) {
            return value;
        }
        if (value instanceof String text && type == Path.class && text.indexOf(':') < 0) {
            return path(text);
        }
        if (value instanceof Long number) {
            if (type == long.class) {
                return number;
            }
            if ((type == int.class || type == Integer.class) && number == number.intValue()) {
                return number.intValue();
            }
            if (type == BigDecimal.class) {
                return BigDecimal.valueOf(number);
            }
        }
        return null;
    }

    private static @Nullable Path path(String text) {
        try {
            return Path.of(text);
        } catch (InvalidPathException e) {
            return null; // the mapper says so in its words, as for every value that does not fit
        }
    }

    private static Class<?> rawOf(Type type) {
        if (type instanceof Class<?> raw) {
            return raw;
        }
        return type instanceof ParameterizedType generic && generic.getRawType() instanceof Class<?> raw
                ? raw
                : Lazy.MAPPER.constructType(type).getRawClass();
    }

    private static @Nullable Object nothing(Class<?> type) {
        if (type == Optional.class) {
            return Optional.empty();
        }
        return type.isPrimitive() ? java.lang.reflect.Array.get(java.lang.reflect.Array.newInstance(type, 1), 0) : null;
    }

    private static String kindOf(Object value) {
        String text = String.valueOf(value);
        return text.length() > 60 ? text.substring(0, 60) + "…" : text;
    }

    /** Lets a record component be named by {@link Param}. */
    private static final class ParamNames extends JacksonAnnotationIntrospector {
        private static final long serialVersionUID = 1;

        @Override
        public @Nullable PropertyName findNameForDeserialization(Annotated annotated) {
            Param param = annotated.getAnnotation(Param.class);
            return param != null && !param.name().isEmpty()
                    ? PropertyName.construct(param.name())
                    : super.findNameForDeserialization(annotated);
        }

        @Override
        public @Nullable PropertyName findNameForSerialization(Annotated annotated) {
            Param param = annotated.getAnnotation(Param.class);
            return param != null && !param.name().isEmpty()
                    ? PropertyName.construct(param.name())
                    : super.findNameForSerialization(annotated);
        }
    }
}
