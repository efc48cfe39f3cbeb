package dev.hart.core.model;

import dev.hart.error.HaltedException;
import dev.hart.model.LanguageModel;
import dev.hart.model.ModelPrice;
import dev.hart.model.ModelReply;
import dev.hart.model.ModelRequest;
import dev.hart.spi.HaltSwitch;
import java.util.function.Consumer;

/**
 * A model that is not asked while the node stands still: every call throws {@link HaltedException} then. Thread-safe when
 * the model is.
 */
public record HaltableModel(LanguageModel model, HaltSwitch halt) implements LanguageModel {

    @Override
    public String name() {
        return model.name();
    }

    @Override
    public ModelPrice price() {
        return model.price();
    }

    @Override
    public ModelReply complete(ModelRequest request) {
        halt.requireRunning();
        return model.complete(request);
    }

    @Override
    public ModelReply stream(ModelRequest request, Consumer<String> onText) {
        halt.requireRunning();
        return model.stream(request, onText);
    }
}
