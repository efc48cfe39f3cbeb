package dev.hart.core.recipe;

import dev.hart.core.match.SentenceVectors;
import dev.hart.spi.SentenceEmbedder;
import dev.hart.store.Store;
import dev.hart.store.Transaction;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Vectors of example sentences, kept in the database so that each is made once. Thread-safe. */
final class StoredVectors implements SentenceVectors {
    private final Store store;
    private final SentenceEmbedder embedder;

    StoredVectors(Store store, SentenceEmbedder embedder) {
        this.store = store;
        this.embedder = embedder;
    }

    @Override
    public int dimensions() {
        return embedder.dimensions();
    }

    @Override
    public float[] ofRequest(String sentence) {
        return embedder.embed(sentence);
    }

    @Override
    public List<float[]> of(List<String> sentences) {
        Map<String, float[]> kept = store.read(tx -> kept(tx, sentences));
        Map<String, float[]> made = new HashMap<>();
        for (String sentence : sentences) {
            if (!kept.containsKey(sentence)) {
                made.computeIfAbsent(sentence, embedder::embed);
            }
        }
        if (!made.isEmpty()) {
            store.write(tx -> {
                keep(tx, made);
                return made.size();
            });
        }
        List<float[]> vectors = new ArrayList<>(sentences.size());
        for (String sentence : sentences) {
            float[] vector = kept.get(sentence);
            vectors.add(vector == null ? Objects.requireNonNull(made.get(sentence)) : vector);
        }
        return vectors;
    }

    private Map<String, float[]> kept(Transaction tx, List<String> sentences) throws SQLException {
        PreparedStatement select =
                tx.prepare("SELECT vector FROM sentence_vector WHERE model = ? AND sentence_hash = ?");
        Map<String, float[]> found = new HashMap<>();
        for (String sentence : sentences) {
            select.setString(1, embedder.modelId());
            select.setString(2, hash(sentence));
            try (ResultSet row = select.executeQuery()) {
                float[] vector = row.next() ? vector(row.getBytes(1)) : null;
                if (vector != null) {
                    found.put(sentence, vector);
                }
            }
        }
        return found;
    }

    private void keep(Transaction tx, Map<String, float[]> made) throws SQLException {
        PreparedStatement insert = tx.prepare(
                "INSERT INTO sentence_vector (model, sentence_hash, vector) VALUES (?, ?, ?) ON CONFLICT DO NOTHING");
        for (Map.Entry<String, float[]> one : made.entrySet()) {
            insert.setString(1, embedder.modelId());
            insert.setString(2, hash(one.getKey()));
            insert.setBytes(3, bytes(one.getValue()));
            insert.executeUpdate();
        }
    }

    private static String hash(String sentence) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(sentence.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java runtime has SHA-256", e);
        }
    }

    private static byte[] bytes(float[] vector) {
        ByteBuffer bytes = ByteBuffer.allocate(vector.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(vector);
        return bytes.array();
    }

    /** Null when it is of another length, as when the model of that name has changed. */
    private float @Nullable [] vector(byte[] bytes) {
        if (bytes.length != dimensions() * Float.BYTES) {
            return null;
        }
        float[] vector = new float[dimensions()];
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(vector);
        return vector;
    }
}
