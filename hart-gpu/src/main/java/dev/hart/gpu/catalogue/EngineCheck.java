package dev.hart.gpu.catalogue;

import java.util.Optional;

/** Tells whether there is something here that runs a model. */
@FunctionalInterface
public interface EngineCheck {
    /** There is for each. */
    EngineCheck GIVEN = entry -> Optional.empty();

    /** Why nothing here runs it, and what to add; empty when something does. */
    Optional<String> problem(ModelEntry entry);
}
