package dev.hart.gpu.catalogue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** An entry as a JSON object in snake_case, sizes in GiB. Keys that it does not know are passed over. */
final class ModelEntryJson {
    static final ObjectMapper MAPPER = new ObjectMapper();
    private static final BigDecimal MILLION = BigDecimal.valueOf(1_000_000);

    private ModelEntryJson() {}

    static ObjectNode write(ModelEntry entry) {
        ObjectNode json = MAPPER.createObjectNode();
        json.put("id", entry.id());
        json.put("name", entry.name());
        json.put("model_type", entry.type().wireName());
        json.put("version", entry.version());
        json.put("source", entry.source().wireName());
        json.put("repo_id", entry.repoId());
        json.put("download_url", entry.downloadUrl());
        json.set("files", MAPPER.valueToTree(entry.files()));
        json.set("sha256", MAPPER.valueToTree(entry.sha256()));
        json.put("vram_gb", gib(entry.vramBytes()));
        json.put("peak_vram_gb", gib(entry.peakVramBytes()));
        json.put("offload_vram_gb", gib(entry.offloadVramBytes()));
        json.put("ram_gb", gib(entry.ramBytes()));
        json.put("disk_gb", gib(entry.diskBytes()));
        json.put("min_capability_tier", entry.minTier().wireName());
        json.put("backend", entry.backend().wireName());
        json.put("supports_gpu", entry.supportsGpu());
        json.put("supports_cpu", entry.supportsCpu());
        json.put("supports_cpu_offload", entry.supportsCpuOffload());
        json.put("cpu_offload_method", entry.offloadMethod().wireName());
        json.put("idle_timeout_s", entry.idleTimeout().toSeconds());
        json.put("min_build", entry.minBuild().orElse(null));
        json.set("capabilities", MAPPER.valueToTree(entry.capabilities()));
        json.put("quality_score", entry.quality());
        json.put("speed_score", entry.speed());
        json.put(
                "cost_per_1k",
                BigDecimal.valueOf(entry.costPer1kMicros()).divide(MILLION).stripTrailingZeros());
        json.put("priority", entry.priority());
        json.set("languages", MAPPER.valueToTree(entry.languages()));
        json.set("language_priority", MAPPER.valueToTree(entry.languagePriority()));
        json.set("tags", MAPPER.valueToTree(entry.tags()));
        json.put("enabled", entry.enabled());
        json.put("auto_load", entry.autoLoad());
        json.put("pinned", entry.pinned());
        return json;
    }

    /** As many decimals as give the same bytes back. */
    private static BigDecimal gib(long bytes) {
        for (int decimals = 2; decimals < 10; decimals++) {
            BigDecimal gib =
                    BigDecimal.valueOf(bytes).divide(BigDecimal.valueOf(Gib.ONE), decimals, RoundingMode.HALF_UP);
            if (Gib.bytes("size", gib.doubleValue()) == bytes) {
                return gib.stripTrailingZeros().scale() < 0 ? gib.setScale(0) : gib.stripTrailingZeros();
            }
        }
        return BigDecimal.valueOf(bytes).divide(BigDecimal.valueOf(Gib.ONE));
    }

    /** @throws IllegalArgumentException naming the field that is missing or cannot be so */
    static ModelEntry read(JsonNode json) {
        if (!json.isObject()) {
            throw new IllegalArgumentException("a model must be a JSON object, was " + json.getNodeType());
        }
        Fields fields = new Fields(json);
        ModelEntry.Builder entry = ModelEntry.of(
                fields.required("id"), fields.required("name"), ModelType.parse(fields.required("model_type")));
        entry.version(fields.text("version", "1.0"))
                .source(ModelSource.parse(fields.text("source", "huggingface")))
                .repository(fields.text("repo_id", ""))
                .downloadUrl(fields.text("download_url", ""))
                .files(fields.texts("files"))
                .sha256(fields.texts("sha256"))
                .vramBytes(fields.bytes("vram_gb", 0))
                .peakVramBytes(fields.bytes("peak_vram_gb", 0))
                .ramBytes(fields.bytes("ram_gb", 1))
                .diskBytes(fields.bytes("disk_gb", 0))
                .minTier(MachineTier.parse(fields.text("min_capability_tier", "lite")))
                .backend(ModelBackend.parse(fields.text("backend", "torch")))
                .supportsGpu(fields.flag("supports_gpu", true))
                .supportsCpu(fields.flag("supports_cpu", true))
                .offload(
                        fields.flag("supports_cpu_offload", false),
                        OffloadMethod.parse(fields.text("cpu_offload_method", "none")))
                .idleTimeout(Duration.ofSeconds(fields.whole("idle_timeout_s", 600)))
                .quality(fields.number("quality_score", 0.5))
                .speed(fields.number("speed_score", 0.5))
                .costPer1kMicros(fields.micros("cost_per_1k"))
                .priority(Math.toIntExact(fields.whole("priority", 50)))
                .languages(fields.list("languages"))
                .languagePriority(fields.ranks("language_priority"))
                .tags(fields.list("tags"))
                .enabled(fields.flag("enabled", true))
                .autoLoad(fields.flag("auto_load", false))
                .pinned(fields.flag("pinned", false));
        if (fields.has("offload_vram_gb")) {
            entry.offloadVramBytes(fields.bytes("offload_vram_gb", 0));
        }
        if (fields.has("min_build")) {
            entry.minBuild(fields.required("min_build"));
        }
        fields.values("capabilities").forEach(entry::capability);
        return entry.build();
    }

    /** Reads the fields of one object; null is the same as absent. */
    private record Fields(JsonNode json) {

        boolean has(String name) {
            return json.hasNonNull(name);
        }

        private IllegalArgumentException wrong(String name, String expected) {
            return new IllegalArgumentException("%s must be %s, was %s"
                    .formatted(name, expected, SafeNames.shown(json.get(name).toString())));
        }

        String required(String name) {
            if (!has(name)) {
                throw new IllegalArgumentException(name + " is missing");
            }
            return text(name, "");
        }

        String text(String name, String orElse) {
            if (has(name) && !json.get(name).isTextual()) {
                throw wrong(name, "text");
            }
            return has(name) ? json.get(name).textValue() : orElse;
        }

        boolean flag(String name, boolean orElse) {
            if (has(name) && !json.get(name).isBoolean()) {
                throw wrong(name, "true or false");
            }
            return has(name) ? json.get(name).booleanValue() : orElse;
        }

        double number(String name, double orElse) {
            if (has(name) && !json.get(name).isNumber()) {
                throw wrong(name, "a number");
            }
            return has(name) ? json.get(name).doubleValue() : orElse;
        }

        long whole(String name, long orElse) {
            if (has(name)
                    && !(json.get(name).isNumber()
                            && json.get(name).canConvertToExactIntegral()
                            && json.get(name).canConvertToInt())) {
                throw wrong(name, "a whole number");
            }
            return has(name) ? json.get(name).longValue() : orElse;
        }

        long bytes(String name, double orElse) {
            return Gib.bytes(name, number(name, orElse));
        }

        long micros(String name) {
            double units = number(name, 0);
            if (!(units >= 0 && units <= 1_000_000)) {
                throw wrong(name, "0 to 1000000");
            }
            return Math.round(units * 1_000_000);
        }

        List<String> list(String name) {
            List<String> texts = new ArrayList<>();
            if (has(name)) {
                if (!json.get(name).isArray()) {
                    throw wrong(name, "a list of texts");
                }
                for (JsonNode item : (ArrayNode) json.get(name)) {
                    if (!item.isTextual()) {
                        throw wrong(name, "a list of texts");
                    }
                    texts.add(item.textValue());
                }
            }
            return texts;
        }

        private Map<String, JsonNode> object(String name, String expected) {
            Map<String, JsonNode> fields = new LinkedHashMap<>();
            if (has(name)) {
                if (!json.get(name).isObject()) {
                    throw wrong(name, expected);
                }
                json.get(name).fields().forEachRemaining(field -> fields.put(field.getKey(), field.getValue()));
            }
            return fields;
        }

        Map<String, String> texts(String name) {
            Map<String, String> texts = new LinkedHashMap<>();
            object(name, "an object of texts").forEach((key, value) -> {
                if (!value.isTextual()) {
                    throw wrong(name, "an object of texts");
                }
                texts.put(key, value.textValue());
            });
            return texts;
        }

        Map<String, Integer> ranks(String name) {
            Map<String, Integer> ranks = new LinkedHashMap<>();
            object(name, "an object of whole numbers").forEach((key, value) -> {
                if (!value.canConvertToInt() || !value.canConvertToExactIntegral()) {
                    throw wrong(name, "an object of whole numbers");
                }
                ranks.put(key, value.intValue());
            });
            return ranks;
        }

        Map<String, Object> values(String name) {
            Map<String, Object> values = new LinkedHashMap<>();
            object(name, "an object").forEach((key, value) -> {
                if (!value.isNull()) {
                    values.put(key, MAPPER.convertValue(value, Object.class));
                }
            });
            return values;
        }
    }
}
