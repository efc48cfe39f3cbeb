package dev.hart.core.model;

import dev.hart.model.LanguageModel;
import dev.hart.model.ModelPrice;
import dev.hart.model.ModelReply;
import dev.hart.model.ModelRequest;
import dev.hart.model.TokenCount;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;

/** A model that gives prepared answers, in order, and remembers what it was asked. Each costs 1,200 tokens in and 300 out. */
public final class ScriptedReplies implements LanguageModel {
    private final Queue<Object> answers = new ArrayDeque<>();
    private final List<ModelRequest> asked = new ArrayList<>();

    /** @param answers texts to answer with, and exceptions to throw */
    public ScriptedReplies(Object... answers) {
        this.answers.addAll(List.of(answers));
    }

    public List<ModelRequest> asked() {
        return asked;
    }

    @Override
    public String name() {
        return "test/scripted";
    }

    @Override
    public ModelPrice price() {
        return new ModelPrice(new BigDecimal("0.0025"), new BigDecimal("0.01"));
    }

    @Override
    public ModelReply complete(ModelRequest request) {
        asked.add(request);
        Object answer = answers.remove();
        if (answer instanceof RuntimeException failure) {
            throw failure;
        }
        return new ModelReply((String) answer, List.of(), new TokenCount(1_200, 300), Duration.ofMillis(40));
    }
}
