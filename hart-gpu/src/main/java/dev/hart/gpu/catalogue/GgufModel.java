package dev.hart.gpu.catalogue;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A GGUF model that a repository offers: one file, or all parts of it.
 *
 * @param quantisation empty when its name tells none
 * @param parts in order
 * @param sizeBytes of all parts
 */
public record GgufModel(String repoId, Optional<Quantisation> quantisation, List<RemoteFile> parts, long sizeBytes) {
    private static final Pattern PART = Pattern.compile("(.*)-(\\d{5})-of-(\\d{5})\\.gguf", Pattern.CASE_INSENSITIVE);
    private static final int LONGEST_ID = 128;

    private static final Comparator<GgufModel> SMALLER_FIRST = Comparator.comparingLong(GgufModel::sizeBytes)
            .thenComparing(model -> model.parts().get(0).path());

    public GgufModel {
        parts = List.copyOf(parts);
        if (parts.isEmpty()) {
            throw new IllegalArgumentException("parts must not be empty");
        }
    }

    /**
     * The models among the files of a repository, best quality first. Passed over are files without a size, models that lack a part,
     * and projectors of images ({@code mmproj}), which are no models of their own.
     */
    public static List<GgufModel> of(List<RemoteFile> files) {
        Map<String, TreeMap<Integer, RemoteFile>> parts = new LinkedHashMap<>();
        Map<String, Integer> expected = new LinkedHashMap<>();
        for (RemoteFile file : files) {
            String lower = file.path().toLowerCase(Locale.ROOT);
            String name = lower.substring(lower.lastIndexOf('/') + 1);
            if (!name.endsWith(".gguf")
                    || name.contains("mmproj")
                    || file.sizeBytes().isEmpty()) {
                continue;
            }
            Matcher part = PART.matcher(file.path());
            String model = part.matches() ? part.group(1) : file.path();
            expected.put(model, part.matches() ? Integer.parseInt(part.group(3)) : 1);
            parts.computeIfAbsent(model, key -> new TreeMap<>())
                    .put(part.matches() ? Integer.parseInt(part.group(2)) : 1, file);
        }
        List<GgufModel> models = new ArrayList<>();
        parts.forEach((model, byNumber) -> {
            if (isWhole(byNumber, expected.getOrDefault(model, 0))) {
                models.add(of(List.copyOf(byNumber.values()), model));
            }
        });
        models.sort(Comparator.comparingInt(GgufModel::rank).thenComparing(SMALLER_FIRST));
        return List.copyOf(models);
    }

    private static boolean isWhole(TreeMap<Integer, RemoteFile> byNumber, int count) {
        return count > 0 && byNumber.size() == count && byNumber.firstKey() == 1 && byNumber.lastKey() == count;
    }

    private static GgufModel of(List<RemoteFile> parts, String name) {
        long size = 0;
        for (RemoteFile part : parts) {
            size = Math.addExact(size, part.sizeBytes().orElse(0));
        }
        return new GgufModel(parts.get(0).repoId(), Quantisation.ofFile(name), parts, size);
    }

    private int rank() {
        return quantisation.map(Quantisation::rank).orElse(Integer.MAX_VALUE);
    }

    /**
     * The best quality whose file, and a tenth of it, and its context fit. Of equals the smaller file; one whose quality is unknown
     * comes last, and one without a label never.
     *
     * @param models of one repository
     * @param plannableBytes that can be had
     * @param contextBytes that the context takes, as {@link GgufHeader#contextBytes} tells
     */
    public static Optional<GgufModel> best(List<GgufModel> models, long plannableBytes, long contextBytes) {
        if (plannableBytes < 0 || contextBytes < 0) {
            throw new IllegalArgumentException("plannableBytes and contextBytes must be 0 or more, were "
                    + plannableBytes + " and " + contextBytes);
        }
        return models.stream()
                .filter(model -> model.quantisation().isPresent())
                .filter(model -> model.fits(plannableBytes, contextBytes))
                .min(Comparator.comparingInt(GgufModel::rank).thenComparing(SMALLER_FIRST));
    }

    private boolean fits(long plannableBytes, long contextBytes) {
        return contextBytes <= plannableBytes && loadedBytes() <= plannableBytes - contextBytes;
    }

    /** The file and a tenth of it. */
    private long loadedBytes() {
        return sizeBytes + (sizeBytes + 9) / 10;
    }

    /** The one whose quality is nearest to that; of two the smaller file. One without a label never. */
    public static Optional<GgufModel> nearest(List<GgufModel> models, Quantisation target) {
        return models.stream()
                .filter(model -> model.quantisation().isPresent())
                .min(Comparator.<GgufModel>comparingInt(model -> Math.abs(model.rank() - target.rank()))
                        .thenComparing(SMALLER_FIRST));
    }

    /** {@code llm-}, the repository's name and the quantisation, in lower case with dashes: {@code llm-qwen3-8b-q4-k-m}. */
    public static String catalogueId(String repoId, Quantisation quantisation) {
        SafeNames.requireRepository("model", repoId);
        String name = slug(repoId.substring(repoId.indexOf('/') + 1));
        String end = "-" + slug(quantisation.label());
        int longest = LONGEST_ID - "llm-".length() - end.length();
        return "llm-" + name.substring(0, Math.min(name.length(), longest)) + end;
    }

    private static String slug(String text) {
        return text.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-");
    }

    /**
     * An entry for the catalogue: run by llama.cpp, with this file, its size and its digests.
     *
     * @param contextBytes that the context takes
     * @throws IllegalArgumentException when it has no label
     */
    public ModelEntry toEntry(long contextBytes) {
        Quantisation quant = quantisation.orElseThrow(
                () -> new IllegalArgumentException("%s tells no quantisation: make the entry by hand"
                        .formatted(parts.get(0).path())));
        Map<String, String> files = new LinkedHashMap<>();
        Map<String, String> digests = new LinkedHashMap<>();
        for (RemoteFile part : parts) {
            files.put(files.isEmpty() ? "model" : "model-" + (files.size() + 1), part.path());
            part.sha256().ifPresent(digest -> digests.put(part.path(), digest));
        }
        long loaded = Math.addExact(loadedBytes(), contextBytes);
        return ModelEntry.of(catalogueId(repoId, quant), repoId + " " + quant.label(), ModelType.LLM)
                .repository(repoId)
                .files(files)
                .sha256(digests)
                .backend(ModelBackend.LLAMA_CPP)
                .vramBytes(loaded)
                .ramBytes(loaded)
                .diskBytes(sizeBytes)
                .offload(OffloadMethod.RESTART_CPU)
                .capability("quantisation", quant.label())
                .build();
    }
}
