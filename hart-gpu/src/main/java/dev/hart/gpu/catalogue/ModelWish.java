package dev.hart.gpu.catalogue;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What a model is wanted for.
 *
 * @param language such as {@code en} or {@code pt-br}; a model for it is preferred, others stay possible
 * @param capabilities that an entry must have, with these very values
 */
public record ModelWish(ModelType type, Optional<String> language, Map<String, Object> capabilities) {
    public ModelWish {
        capabilities = Capabilities.copyOf(capabilities);
    }

    /** Any model of that type. */
    public static ModelWish of(ModelType type) {
        return new ModelWish(type, Optional.empty(), Map.of());
    }

    public ModelWish language(String language) {
        if (language.isBlank()) {
            throw new IllegalArgumentException("language must not be blank; leave it out when any will do");
        }
        return new ModelWish(type, Optional.of(language), capabilities);
    }

    /** One more that an entry must have. */
    public ModelWish capability(String name, Object value) {
        Map<String, Object> all = new LinkedHashMap<>(capabilities);
        all.put(name, value);
        return new ModelWish(type, language, all);
    }
}
