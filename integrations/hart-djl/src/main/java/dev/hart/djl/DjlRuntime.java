package dev.hart.djl;

import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.engine.EngineException;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import dev.hart.error.GpuException;
import dev.hart.gpu.LeaseMode;
import dev.hart.gpu.catalogue.ModelType;
import dev.hart.gpu.runtime.EmbeddingModel;
import dev.hart.gpu.runtime.LoadOptions;
import dev.hart.gpu.runtime.ModelRuntime;
import dev.hart.gpu.runtime.Weights;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Deep Java Library with ONNX Runtime: sentence models of ONNX files. The weights are a folder with {@code model.onnx} and
 * {@code tokenizer.json}, as Hugging Face has them, or an ONNX file or resource with its tokenizer beside it:
 * {@code name-tokenizer.json} for {@code name.onnx}, or {@code tokenizer.json}; {@code name-pooling.json} says as {@code
 * 1_Pooling/config.json} of a folder how the tokens' vectors become one. Computes on the processor. Thread-safe.
 *
 * <p>DJL unpacks the natives of the tokenizer below {@code ~/.djl.ai}, or where the variable {@code DJL_CACHE_DIR} says. It would
 * download others for a GPU that it finds: unless the system property {@code ai.djl.offline} is set, it is set to true.
 */
public final class DjlRuntime implements ModelRuntime {
    public static final String NAME = "djl-onnx";

    private static final String ENGINE = "OnnxRuntime";
    /** As long as BERT's positions go. */
    private static final int MOST_TOKENS = 512;

    private final Pooling pooling;

    /** For {@link java.util.ServiceLoader}: with the mean of the tokens' vectors, unless the model's files say otherwise. */
    public DjlRuntime() {
        this(Pooling.MEAN);
    }

    /** @param pooling of models that do not say it themselves */
    public DjlRuntime(Pooling pooling) {
        this.pooling = pooling;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Set<ModelType> types() {
        return Set.of(ModelType.EMBEDDING);
    }

    private static final class Started {
        static final Optional<String> PROBLEM = start();

        private static Optional<String> start() {
            if (System.getProperty("ai.djl.offline") == null) {
                System.setProperty("ai.djl.offline", "true");
            }
            try {
                return Engine.hasEngine(ENGINE) && Engine.getEngine(ENGINE) != null
                        ? Optional.empty()
                        : Optional.of("DJL finds no engine " + ENGINE + "; add ai.djl.onnxruntime:onnxruntime-engine");
            } catch (EngineException | LinkageError e) {
                return Optional.of(String.valueOf(e.getMessage()));
            }
        }
    }

    @Override
    public Optional<String> unavailable() {
        return Started.PROBLEM;
    }

    @Override
    public EmbeddingModel load(Weights weights, LoadOptions options) {
        unavailable().ifPresent(reason -> {
            throw new GpuException("RUNTIME_UNAVAILABLE", "ONNX Runtime cannot run here: " + reason);
        });
        if (options.mode() != LeaseMode.CPU) {
            throw new GpuException(
                    "RUNTIME_UNAVAILABLE", "ONNX models run on the processor only; load with LeaseMode.CPU");
        }
        ModelParts parts = ModelParts.of(weights, pooling);
        HuggingFaceTokenizer tokenizer = tokenizer(parts);
        Model model = Model.newInstance(parts.name(), ENGINE);
        try (InputStream in = parts.openModel()) {
            model.load(in, Map.of("intraOpNumThreads", Integer.toString(options.threadCount())));
            return new OnnxEmbeddingModel(parts.name(), model, tokenizer, parts.pooling());
        } catch (IOException | MalformedModelException | RuntimeException e) {
            model.close();
            tokenizer.close();
            throw unreadable(weights.toString(), e);
        }
    }

    private static HuggingFaceTokenizer tokenizer(ModelParts parts) {
        try (InputStream in = parts.openTokenizer()) {
            return HuggingFaceTokenizer.newInstance(
                    in,
                    Map.of(
                            "padding",
                            "true",
                            "truncation",
                            "true",
                            "maxLength",
                            Integer.toString(MOST_TOKENS),
                            "modelMaxLength",
                            Integer.toString(MOST_TOKENS)));
        } catch (IOException | RuntimeException e) {
            throw unreadable("the tokenizer of " + parts.name(), e);
        }
    }

    private static GpuException unreadable(String what, Exception e) {
        return new GpuException(
                "MODEL_UNREADABLE",
                "%s cannot be loaded: %s; is it an ONNX sentence model with its tokenizer?"
                        .formatted(what, e.getMessage()),
                e);
    }
}
