package dev.hart.gpu.catalogue;

import java.util.List;

/**
 * Brings the entries of a module to every catalogue: models whose files are in a jar. Found by {@link java.util.ServiceLoader}.
 * An entry whose id is taken is left out.
 */
public interface CatalogueProvider {
    /** The same ones each time. Their source is {@link ModelSource#CLASSPATH} or {@link ModelSource#MAVEN}. */
    List<ModelEntry> entries();
}
