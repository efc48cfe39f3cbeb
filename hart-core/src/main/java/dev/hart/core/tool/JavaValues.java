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
import java.lang.reflect.Type;
import java.math.BigDecimal;
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
        if (type instanceof Class<?> raw) {
            if (value != null && (raw.isInstance(value) || raw == Object.class)) {
                return value;
            }
            Object number = number(value, raw);
            if (number != null) {
                return number;
            }
        }
        JavaType target = Lazy.MAPPER.constructType(type);
        if (value == null) {
            return nothing(target.getRawClass());
        }
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

    private static @Nullable Object number(@Nullable Object value, Class<?> type) {
        if (value instanceof Boolean && type == boolean.class) {
            return value;
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
