package dev.hart.gpu.library;

import dev.hart.gpu.catalogue.ModelEntry;
import dev.hart.gpu.catalogue.StoredModel;
import dev.hart.gpu.model.Model;
import dev.hart.gpu.runtime.LoadedModel;

/**
 * A model of the catalogue whose files are here.
 *
 * @param model loads it when it is used, and keeps its lease
 */
public record LocalModel(ModelEntry entry, StoredModel files, Model<LoadedModel> model) {}
