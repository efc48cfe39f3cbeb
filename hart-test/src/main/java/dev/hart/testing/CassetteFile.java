package dev.hart.testing;

import dev.hart.error.InvalidConfigurationException;
import dev.hart.model.ModelPrice;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the file of a {@link Cassette} holds. Not thread-safe. */
final class CassetteFile {
    /** What stands in the place of the model's name when no model was recorded. */
    static final String NO_MODEL = "recorded/none";

    private static final String FORMAT = "hart.cassette/1";
    private static final long MAX_BYTES = 64L << 20;

    private final List<Interaction> interactions;
    private String modelName;
    private ModelPrice modelPrice;

    private CassetteFile(String modelName, ModelPrice modelPrice, List<Interaction> interactions) {
        this.modelName = modelName;
        this.modelPrice = modelPrice;
        this.interactions = interactions;
    }

    static CassetteFile empty() {
        return new CassetteFile(NO_MODEL, ModelPrice.FREE, new ArrayList<>());
    }

    /** In the order of the file; grows while recording. */
    List<Interaction> interactions() {
        return interactions;
    }

    String modelName() {
        return modelName;
    }

    ModelPrice modelPrice() {
        return modelPrice;
    }

    void model(String name, ModelPrice price) {
        this.modelName = name;
        this.modelPrice = price;
    }

    static CassetteFile read(Path file) {
        try {
            if (Files.size(file) > MAX_BYTES) {
                throw unusable(file, "it is larger than 64 MiB", null);
            }
            return parse(object(JsonText.parse(Files.readString(file))));
        } catch (NoSuchFileException e) {
            throw unusable(file, "there is none; record it first", e);
        } catch (IOException e) {
            throw unusable(file, "it cannot be read", e);
        } catch (IllegalArgumentException | ClassCastException e) {
            throw unusable(file, "it is not a recording (" + e.getMessage() + ")", e);
        }
    }

    private static CassetteFile parse(Map<String, @Nullable Object> json) {
        if (!FORMAT.equals(json.get("format"))) {
            throw new IllegalArgumentException("its format is " + json.get("format") + ", not " + FORMAT);
        }
        List<Interaction> interactions = new ArrayList<>();
        for (Object item : (List<?>) of(json, "calls")) {
            Map<String, @Nullable Object> call = object(item);
            Interaction interaction =
                    new Interaction((String) of(call, "to"), object(call.get("request")), object(call.get("reply")));
            if (!interaction.key().equals(call.get("key"))) {
                throw new IllegalArgumentException("the key of call %d does not fit its request, it should be %s"
                        .formatted(interactions.size() + 1, interaction.key()));
            }
            interactions.add(interaction);
        }
        Map<String, @Nullable Object> model = object(json.get("model"));
        ModelPrice price = new ModelPrice(new BigDecimal((String) of(model, "usdPer1000In")), new BigDecimal((String)
                of(model, "usdPer1000Out")));
        return new CassetteFile((String) of(model, "name"), price, interactions);
    }

    /** Replaces the file as a whole, so that a reader sees the old or the new one. */
    void write(Path file) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("format", FORMAT);
        json.put(
                "model",
                Map.of(
                        "name",
                        modelName,
                        "usdPer1000In",
                        modelPrice.usdPer1000In().toPlainString(),
                        "usdPer1000Out",
                        modelPrice.usdPer1000Out().toPlainString()));
        json.put("calls", interactions.stream().map(CassetteFile::json).toList());
        try {
            Path folder = file.toAbsolutePath().getParent();
            if (folder == null) {
                throw unusable(file, "it is not a file", null);
            }
            Files.createDirectories(folder);
            Path fresh = Files.createTempFile(folder, file.getFileName().toString(), ".new");
            Files.writeString(fresh, JsonText.pretty(json));
            Files.move(fresh, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException("the recording " + file + " cannot be written", e);
        }
    }

    private static Map<String, @Nullable Object> json(Interaction interaction) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("to", interaction.to());
        json.put("key", interaction.key());
        json.put("request", interaction.request());
        json.put("reply", interaction.reply());
        return json;
    }

    private static InvalidConfigurationException unusable(Path file, String reason, @Nullable Exception cause) {
        return new InvalidConfigurationException("the recording %s cannot be used: %s".formatted(file, reason), cause);
    }

    private static Object of(Map<String, @Nullable Object> json, String key) {
        Object value = json.get(key);
        if (value == null) {
            throw new IllegalArgumentException("'" + key + "' is missing");
        }
        return value;
    }

    @SuppressWarnings("unchecked")
    private static Map<String, @Nullable Object> object(@Nullable Object value) {
        if (value instanceof Map<?, ?> map) {
            return (Map<String, @Nullable Object>) map;
        }
        throw new IllegalArgumentException("a JSON object is missing");
    }
}
