package dev.hart.djl;

import dev.hart.error.GpuException;
import dev.hart.gpu.runtime.Weights;
import java.io.IOException;
import java.io.InputStream;
import java.net.MalformedURLException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Where the parts of a sentence model are. */
record ModelParts(String name, URL model, URL tokenizer, Pooling pooling) {
    private static final String ONNX = ".onnx";
    private static final int LONGEST_CONFIG = 64 << 10;

    /** @throws GpuException {@code MODEL_UNREADABLE} when a part is missing */
    static ModelParts of(Weights weights, Pooling pooling) {
        try {
            if (weights instanceof Weights.InResource resource) {
                return beside(resource.url(), pooling);
            }
            Path path = ((Weights.InFile) weights).path().toAbsolutePath();
            if (!Files.isDirectory(path)) {
                return beside(path.toUri().toURL(), pooling);
            }
            Pooling said = said(url(path, "1_Pooling/config.json"), pooling);
            return new ModelParts(
                    String.valueOf(path.getFileName()),
                    existing(List.of(url(path, "model.onnx"), url(path, "onnx/model.onnx"))),
                    existing(List.of(url(path, "tokenizer.json"))),
                    said);
        } catch (IOException e) {
            throw new GpuException("MODEL_UNREADABLE", "the model %s cannot be read: %s".formatted(weights, e), e);
        }
    }

    /** What a file about the pooling says; the default when there is none. */
    private static Pooling said(URL config, Pooling pooling) throws IOException {
        if (!isThere(config)) {
            return pooling;
        }
        try (InputStream in = config.openStream()) {
            String text = new String(in.readNBytes(LONGEST_CONFIG), StandardCharsets.UTF_8);
            return text.replaceAll("\\s", "").contains("\"pooling_mode_cls_token\":true")
                    ? Pooling.FIRST
                    : Pooling.MEAN;
        }
    }

    private static ModelParts beside(URL model, Pooling pooling) throws IOException {
        String address = model.toString();
        if (!address.endsWith(ONNX)) {
            throw new GpuException(
                    "MODEL_UNREADABLE", "%s is no ONNX model: its name does not end with .onnx".formatted(address));
        }
        int slash = address.lastIndexOf('/') + 1;
        String stem = address.substring(0, address.length() - ONNX.length());
        URL tokenizer = existing(
                List.of(new URL(stem + "-tokenizer.json"), new URL(address.substring(0, slash) + "tokenizer.json")));
        return new ModelParts(
                stem.substring(slash),
                existing(List.of(model)),
                tokenizer,
                said(new URL(stem + "-pooling.json"), pooling));
    }

    private static URL url(Path folder, String name) throws MalformedURLException {
        return folder.resolve(name).toUri().toURL();
    }

    private static URL existing(List<URL> places) {
        for (URL place : places) {
            if (isThere(place)) {
                return place;
            }
        }
        throw new GpuException(
                "MODEL_UNREADABLE", "a sentence model needs %s, and there is none; download it too".formatted(places));
    }

    private static boolean isThere(URL place) {
        try {
            place.openStream().close();
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    InputStream openModel() throws IOException {
        return model.openStream();
    }

    InputStream openTokenizer() throws IOException {
        return tokenizer.openStream();
    }
}
