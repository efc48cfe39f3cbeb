package dev.hart.gpu.catalogue;

import dev.hart.gpu.LeaseMode;
import dev.hart.gpu.model.ModelEvent;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The models that there are, and the choice among them. Begins with the entries that HART knows and those that modules on the path
 * bring ({@link CatalogueProvider}); with a file, what is changed is in it when the call returns. Thread-safe; one process for each
 * file.
 */
public final class ModelCatalogue {
    private static final Logger log = LoggerFactory.getLogger(ModelCatalogue.class);

    private final InstantSource clock;
    private final @Nullable CatalogueFile file;
    private final KnownModels known;
    private final List<Consumer<CatalogueEvent>> listeners = new CopyOnWriteArrayList<>();
    private final Object lock = new Object();

    /** Replaced whole, under the lock. */
    private volatile Map<String, ModelEntry> entries;

    private volatile Map<String, ModelStanding> standings = Map.of();
    private final Set<String> removed = new LinkedHashSet<>();

    private ModelCatalogue(
            @Nullable Path path, InstantSource clock, List<Consumer<CatalogueEvent>> listeners, KnownModels known) {
        this.clock = clock;
        this.known = known;
        this.file = path == null ? null : new CatalogueFile(path);
        this.listeners.addAll(listeners);
        Map<String, ModelEntry> all = new TreeMap<>(known.all());
        if (file != null) {
            CatalogueFile.Content content = file.read(clock.instant());
            removed.addAll(content.removed());
            all.keySet().removeAll(removed);
            content.entries().forEach(entry -> all.put(entry.id(), entry));
            content.setAside().ifPresent(this::tell);
        }
        this.entries = all;
    }

    /** With the entries that HART knows, in memory. */
    public static ModelCatalogue builtIn() {
        return configure().open();
    }

    /**
     * With the entries of a file, and those that HART knows as far as the file does not say otherwise. The file may be absent; it
     * is written at the first change.
     */
    public static ModelCatalogue open(Path file) {
        return configure().file(file).open();
    }

    /** Says what differs from {@link #builtIn}. */
    public static Builder configure() {
        return new Builder();
    }

    /** Used by one thread, once. */
    public static final class Builder {
        private @Nullable Path file;
        private InstantSource clock = InstantSource.system();
        private final List<Consumer<CatalogueEvent>> listeners = new ArrayList<>();
        private @Nullable KnownModels known;

        private Builder() {}

        /** Where entries are kept; in memory unless set. */
        public Builder file(Path file) {
            this.file = file;
            return this;
        }

        /** Where time comes from; the system's clock unless set. */
        public Builder clock(InstantSource clock) {
            this.clock = clock;
            return this;
        }

        /** Is told of everything from the reading of the file on. */
        public Builder listener(Consumer<CatalogueEvent> listener) {
            listeners.add(listener);
            return this;
        }

        /** What brings entries, in the place of what is on the path. */
        Builder providers(List<CatalogueProvider> providers) {
            this.known = KnownModels.with(providers);
            return this;
        }

        /**
         * Reads the file. One that cannot be read is set aside as {@code .corrupt-<time>}; of one that can, each entry that cannot
         * be is left out and the file is copied aside.
         *
         * @throws UncheckedIOException when the file cannot be opened or set aside
         */
        public ModelCatalogue open() {
            return new ModelCatalogue(file, clock, listeners, known == null ? KnownModels.here() : known);
        }
    }

    /** Is told of every change from now on, on the thread that makes it; what it throws is logged. Close it to hear no more. */
    public AutoCloseable listen(Consumer<CatalogueEvent> listener) {
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }

    // Entries

    /** All of them, by id. */
    public Collection<ModelEntry> entries() {
        return List.copyOf(entries.values());
    }

    public Optional<ModelEntry> find(String id) {
        return Optional.ofNullable(entries.get(id));
    }

    /**
     * Adds an entry, in place of the one of that id.
     *
     * @throws UncheckedIOException when the file cannot be written; nothing is changed then
     */
    public void register(ModelEntry entry) {
        synchronized (lock) {
            Map<String, ModelEntry> next = new TreeMap<>(entries);
            next.put(entry.id(), entry);
            Set<String> nextRemoved = new LinkedHashSet<>(removed);
            nextRemoved.remove(entry.id());
            publish(next, nextRemoved);
        }
        tell(new CatalogueEvent.Registered(entry));
    }

    /**
     * Takes an entry out, also one that HART knows. Its files stay.
     *
     * @return false when there is none of that id
     * @throws UncheckedIOException when the file cannot be written; nothing is changed then
     */
    public boolean unregister(String id) {
        ModelEntry entry;
        synchronized (lock) {
            Map<String, ModelEntry> next = new TreeMap<>(entries);
            entry = next.remove(id);
            if (entry == null) {
                return false;
            }
            Set<String> nextRemoved = new LinkedHashSet<>(removed);
            if (known.all().containsKey(id)) {
                nextRemoved.add(id);
            }
            publish(next, nextRemoved);
            Map<String, ModelStanding> left = new HashMap<>(standings);
            left.remove(id);
            standings = Map.copyOf(left);
        }
        tell(new CatalogueEvent.Unregistered(entry));
        return true;
    }

    private void publish(Map<String, ModelEntry> next, Set<String> nextRemoved) {
        if (file != null) {
            try {
                file.write(
                        next.values().stream()
                                .filter(entry -> !known.bringsAgain(entry))
                                .toList(),
                        nextRemoved,
                        clock.instant());
            } catch (IOException e) {
                throw new UncheckedIOException("the catalogue %s cannot be written".formatted(file.path()), e);
            }
        }
        entries = next;
        removed.clear();
        removed.addAll(nextRemoved);
    }

    // How models stand

    /** How the model of that id stands now; one that is unknown is neither here nor loaded. */
    public ModelStanding standing(String id) {
        return standings.getOrDefault(id, ModelStanding.NONE);
    }

    /** Its files are here, or no more. */
    public void markDownloaded(String id, boolean downloaded) {
        stand(id, old -> new ModelStanding(downloaded, old.loaded(), old.activeSince(), old.error()));
    }

    /** It runs now; an earlier error is forgotten. */
    public void markLoaded(String id, LeaseMode mode) {
        stand(
                id,
                old -> new ModelStanding(
                        old.downloaded(), Optional.of(mode), Optional.of(clock.instant()), Optional.empty()));
    }

    public void markUnloaded(String id) {
        stand(id, old -> new ModelStanding(old.downloaded(), Optional.empty(), Optional.empty(), old.error()));
    }

    /** It could not be loaded, or stopped by itself. */
    public void markFailed(String id, String error) {
        stand(id, old -> new ModelStanding(old.downloaded(), Optional.empty(), Optional.empty(), Optional.of(error)));
    }

    /**
     * Takes over what happened to loaded models; those that are not in the catalogue are passed over. Give it to
     * {@code Models.configure(gpus).listener(catalogue::observe)}.
     */
    public void observe(ModelEvent event) {
        if (event instanceof ModelEvent.Loaded loaded) {
            ifKnown(loaded.model(), id -> markLoaded(id, loaded.mode()));
        } else if (event instanceof ModelEvent.Restarted restarted) {
            ifKnown(restarted.model(), id -> markLoaded(id, restarted.mode()));
        } else if (event instanceof ModelEvent.Unloaded unloaded) {
            ifKnown(unloaded.model(), this::markUnloaded);
        } else if (event instanceof ModelEvent.LoadFailed failed) {
            ifKnown(failed.model(), id -> markFailed(id, failed.reason()));
        } else if (event instanceof ModelEvent.Crashed crashed) {
            ifKnown(crashed.model(), id -> markFailed(id, "it ended by itself: " + crashed.exit()));
        }
    }

    private void ifKnown(String id, Consumer<String> change) {
        if (entries.containsKey(id)) {
            change.accept(id);
        }
    }

    private void stand(String id, UnaryOperator<ModelStanding> change) {
        ModelStanding now;
        synchronized (lock) {
            if (!entries.containsKey(id)) {
                throw new IllegalArgumentException(
                        "there is no model '%s' in the catalogue: register it first".formatted(SafeNames.shown(id)));
            }
            ModelStanding before = standing(id);
            now = change.apply(before);
            if (now.equals(before)) {
                return;
            }
            Map<String, ModelStanding> next = new HashMap<>(standings);
            next.put(id, now);
            standings = Map.copyOf(next);
        }
        tell(new CatalogueEvent.StandingChanged(id, now));
    }

    // Choice

    /**
     * The best model for a wish in that much room; empty when none can run. {@link #explain} says why. Whether its engine is here
     * is not looked at: {@code ModelLibrary.select} does.
     */
    public Optional<ModelChoice> select(ModelWish wish, Headroom room) {
        return select(wish, room, EngineCheck.GIVEN);
    }

    /** The same among those that have an engine. */
    public Optional<ModelChoice> select(ModelWish wish, Headroom room, EngineCheck engines) {
        return explain(wish, room, engines).stream()
                .filter(ModelVerdict::chosen)
                .findFirst()
                .flatMap(ModelVerdict::choice);
    }

    /** Every entry of the type with what became of it, best first. */
    public List<ModelVerdict> explain(ModelWish wish, Headroom room) {
        return explain(wish, room, EngineCheck.GIVEN);
    }

    /** The same; what has no engine and is not loaded cannot be chosen, and its verdict says what to add. */
    public List<ModelVerdict> explain(ModelWish wish, Headroom room, EngineCheck engines) {
        Map<String, ModelStanding> now = standings;
        return new ModelSelection(wish, room, id -> now.getOrDefault(id, ModelStanding.NONE), engines)
                .of(entries.values());
    }

    private void tell(CatalogueEvent event) {
        for (Consumer<CatalogueEvent> listener : listeners) {
            try {
                listener.accept(event);
            } catch (RuntimeException e) {
                log.error("a listener of the catalogue failed at {}", event, e);
            }
        }
    }
}
