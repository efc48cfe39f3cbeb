package dev.hart.gpu.catalogue;

import java.nio.file.Path;

/** What happened to a catalogue. */
public sealed interface CatalogueEvent {
    /** A new entry, or another one in its place. */
    record Registered(ModelEntry entry) implements CatalogueEvent {}

    record Unregistered(ModelEntry entry) implements CatalogueEvent {}

    /** It was loaded, unloaded, downloaded, deleted, or failed. */
    record StandingChanged(String id, ModelStanding standing) implements CatalogueEvent {}

    /**
     * The catalogue's file could not be read, in part or whole.
     *
     * @param file where what could not be read is kept
     */
    record SetAside(Path file, String reason) implements CatalogueEvent {}
}
