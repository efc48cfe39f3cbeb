package dev.hart.core;

import dev.hart.error.InvalidConfigurationException;
import dev.hart.spi.RuntimePart;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The parts that other modules bring to one runtime. Looked for when the first is asked for. Thread-safe. */
final class BroughtParts implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(BroughtParts.class);

    private final RuntimePart.Host host;
    private final Lazy<Map<Class<?>, RuntimePart<?>>> known;
    private final Map<Class<?>, Object> opened = new LinkedHashMap<>();
    private boolean closed;

    /** @param given in place of those of the same type that are found */
    BroughtParts(RuntimePart.Host host, List<RuntimePart<?>> given) {
        this.host = host;
        this.known = new Lazy<>(() -> {
            Map<Class<?>, RuntimePart<?>> all = find();
            given.forEach(part -> all.put(part.type(), part));
            return all;
        });
    }

    private static Map<Class<?>, RuntimePart<?>> find() {
        Map<Class<?>, RuntimePart<?>> found = new LinkedHashMap<>();
        for (RuntimePart<?> part : ServiceLoader.load(RuntimePart.class, CoreHart.class.getClassLoader())) {
            RuntimePart<?> other = found.put(part.type(), part);
            if (other != null) {
                throw new InvalidConfigurationException("%s and %s both bring the part %s; leave one of them out"
                        .formatted(
                                other.getClass().getName(),
                                part.getClass().getName(),
                                part.type().getName()));
            }
        }
        return found;
    }

    /** The classes of the parts there are. */
    Set<Class<?>> types() {
        return known.get().keySet();
    }

    /** The part, opened now unless it was before; empty when no module brings it. */
    synchronized <T> Optional<T> get(Class<T> type) {
        RuntimePart<?> part = known.get().get(type);
        if (part == null) {
            return Optional.empty();
        }
        Object value = opened.get(type);
        if (value == null) {
            if (closed) {
                throw new IllegalStateException("the runtime is closed; its part " + type.getName() + " is not opened");
            }
            value = part.open(host);
            opened.put(type, value);
        }
        return Optional.of(type.cast(value));
    }

    /** Closes what was opened, the last first. */
    @Override
    public synchronized void close() {
        closed = true;
        List<Object> last = new ArrayList<>(opened.values());
        Collections.reverse(last);
        for (Object part : last) {
            if (part instanceof AutoCloseable closeable) {
                try {
                    closeable.close();
                } catch (Exception e) {
                    LOG.warn("part {} could not be closed", part.getClass().getName(), e);
                }
            }
        }
    }
}
