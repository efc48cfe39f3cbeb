package dev.hart.gpu.catalogue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a catalogue begins with: the entries that HART knows, and those that modules on the path bring. */
final class KnownModels {
    private static final Logger log = LoggerFactory.getLogger(KnownModels.class);

    private final Map<String, ModelEntry> all = new TreeMap<>();
    private final Map<String, ModelEntry> brought = new TreeMap<>();

    private KnownModels() {
        BuiltInModels.all().forEach(entry -> all.put(entry.id(), entry));
    }

    static KnownModels here() {
        List<CatalogueProvider> providers = new ArrayList<>();
        ServiceLoader.load(CatalogueProvider.class, CatalogueProvider.class.getClassLoader()).stream()
                .forEach(provider -> {
                    try {
                        providers.add(provider.get());
                    } catch (ServiceConfigurationError e) {
                        log.warn("{} cannot be made; its models are left out", provider.type(), e);
                    }
                });
        return with(providers);
    }

    static KnownModels with(List<CatalogueProvider> providers) {
        KnownModels known = new KnownModels();
        providers.forEach(known::add);
        return known;
    }

    private void add(CatalogueProvider provider) {
        List<ModelEntry> entries;
        try {
            entries = provider.entries();
        } catch (RuntimeException e) {
            log.warn("{} fails; its models are left out", provider.getClass().getName(), e);
            return;
        }
        for (ModelEntry entry : entries) {
            if (all.putIfAbsent(entry.id(), entry) == null) {
                brought.put(entry.id(), entry);
            } else {
                log.warn(
                        "{} brings a model '{}', and there is one of that id already: it is left out",
                        provider.getClass().getName(),
                        entry.id());
            }
        }
    }

    Map<String, ModelEntry> all() {
        return all;
    }

    /** Whether it is just as its module brings it: that says so again the next time, or says better. */
    boolean bringsAgain(ModelEntry entry) {
        return entry.equals(brought.get(entry.id()));
    }
}
