package dev.hart.ledger;

import dev.hart.error.LedgerException;
import dev.hart.spi.Signer;
import dev.hart.store.Transaction;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Signs the heads of ledgers, and knows which keys may have signed. */
final class Checkpoints {
    private static final HexFormat HEX = HexFormat.of();
    /** Bytes of an Ed25519 signature. */
    private static final int SIGNATURE = 64;

    private Checkpoints() {}

    /** The present heads of a ledger; empty when nothing happened since its last checkpoint. */
    static List<Checkpoint.Head> unsigned(Transaction tx, LedgerId id) throws SQLException {
        LedgerTables tables = new LedgerTables(tx, id, false);
        LedgerTables.Info info = tables.info();
        if (info == null) {
            return List.of();
        }
        List<Checkpoint.Head> heads = new ArrayList<>();
        for (int stripe = 0; stripe < info.options().stripes(); stripe++) {
            LedgerTables.Head head = tables.head(stripe);
            if (head != null && head.seq() > 0) {
                heads.add(new Checkpoint.Head(stripe, head.seq(), HEX.formatHex(head.hash())));
            }
        }
        Checkpoint last = last(tx, id);
        return last != null && last.heads().equals(heads) ? List.of() : heads;
    }

    /** Heads with a signature. */
    record Signed(LedgerId id, List<Checkpoint.Head> heads, byte[] signature) {}

    /**
     * Signs heads; outside of a transaction, as it may take long.
     *
     * @param proven whether this signer's signatures are known to be good; if not, this one is verified
     * @throws LedgerException BAD_SIGNER if the signature is not that of the signer's own key: kept, it would make a whole
     *     ledger look forged
     */
    static Signed sign(LedgerId id, List<Checkpoint.Head> heads, Signer signer, long now, boolean proven) {
        byte[] statement = Checkpoint.statement(id.key(), Instant.ofEpochMilli(now), heads, signer.keyId())
                .getBytes(StandardCharsets.UTF_8);
        byte[] signature = signer.sign(statement.clone());
        if (signature.length != SIGNATURE || !proven && !isSignedBy(signer.publicKey(), statement, signature)) {
            throw new LedgerException(
                    "BAD_SIGNER",
                    "the signer %s gave a signature that its own public key does not verify".formatted(signer.keyId()));
        }
        return new Signed(id, heads, signature);
    }

    /** Keeps what was signed. */
    static List<Checkpoint> keep(Transaction tx, List<Signed> all, Signer signer, long now) throws SQLException {
        remember(tx, signer, now);
        List<Checkpoint> kept = new ArrayList<>();
        for (Signed signed : all) {
            // Locks the ledger, where a database has locks, so that another process does not take the same number.
            new LedgerTables(tx, signed.id(), true).head(0);
            Checkpoint last = last(tx, signed.id());
            Checkpoint checkpoint = new Checkpoint(
                    signed.id(),
                    last == null ? 1 : last.no() + 1,
                    Instant.ofEpochMilli(now),
                    signed.heads(),
                    signer.keyId(),
                    HEX.formatHex(signed.signature()));
            insert(tx, checkpoint, signed.signature());
            kept.add(checkpoint);
        }
        return kept;
    }

    private static void insert(Transaction tx, Checkpoint checkpoint, byte[] signature) throws SQLException {
        var insert =
                tx.prepare("INSERT INTO ledger_checkpoint (ledger_id, no, heads_json, signed_at, key_id, signature)"
                        + " VALUES (?, ?, ?, ?, ?, ?)");
        insert.setString(1, checkpoint.ledger().key());
        insert.setLong(2, checkpoint.no());
        insert.setString(3, CanonicalJson.write(Checkpoint.documents(checkpoint.heads())));
        insert.setLong(4, checkpoint.at().toEpochMilli());
        insert.setString(5, checkpoint.keyId());
        insert.setBytes(6, signature);
        insert.executeUpdate();
    }

    private static final String SELECT =
            "SELECT no, heads_json, signed_at, key_id, signature FROM ledger_checkpoint WHERE ledger_id = ? ORDER BY"
                    + " no";

    static @Nullable Checkpoint last(Transaction tx, LedgerId id) throws SQLException {
        List<Checkpoint> newest = newest(tx, id, 1);
        return newest.isEmpty() ? null : newest.get(0);
    }

    /** The newest first. */
    static List<Checkpoint> newest(Transaction tx, LedgerId id, int most) throws SQLException {
        var select = tx.prepare(SELECT + " DESC LIMIT ?");
        select.setString(1, id.key());
        select.setInt(2, most);
        List<Checkpoint> newest = new ArrayList<>();
        try (ResultSet rows = select.executeQuery()) {
            while (rows.next()) {
                newest.add(Checkpoint.read(id, rows));
            }
        }
        return newest;
    }

    static List<Checkpoint> all(Transaction tx, LedgerId id) throws SQLException {
        var select = tx.prepare(SELECT);
        select.setString(1, id.key());
        List<Checkpoint> all = new ArrayList<>();
        try (ResultSet rows = select.executeQuery()) {
            while (rows.next()) {
                all.add(Checkpoint.read(id, rows));
            }
        }
        return all;
    }

    private static void remember(Transaction tx, Signer signer, long now) throws SQLException {
        var insert = tx.prepare("INSERT INTO ledger_key (key_id, public_key, known_since, old_key_id, old_signature,"
                + " new_signature) VALUES (?, ?, ?, NULL, NULL, NULL) ON CONFLICT DO NOTHING");
        insert.setString(1, signer.keyId());
        insert.setBytes(2, signer.publicKey().getEncoded());
        insert.setLong(3, now);
        insert.executeUpdate();
    }

    /** What both keys sign when one follows the other. */
    private static String rotation(String oldKeyId, String newKeyId, PublicKey newKey) {
        Map<String, @Nullable Object> statement = new LinkedHashMap<>();
        statement.put("v", 1L);
        statement.put("old_key_id", oldKeyId);
        statement.put("new_key_id", newKeyId);
        statement.put("new_public_key", HEX.formatHex(newKey.getEncoded()));
        return CanonicalJson.write(statement);
    }

    /** Lets {@code to} sign from now on; each key signs that it follows or is followed by the other. */
    static Map<String, @Nullable Object> rotate(Transaction tx, Signer from, Signer to, long now) throws SQLException {
        remember(tx, from, now);
        byte[] statement = rotation(from.keyId(), to.keyId(), to.publicKey()).getBytes(StandardCharsets.UTF_8);
        byte[] byOld = from.sign(statement);
        byte[] byNew = to.sign(statement);
        var insert = tx.prepare("INSERT INTO ledger_key (key_id, public_key, known_since, old_key_id, old_signature,"
                + " new_signature) VALUES (?, ?, ?, ?, ?, ?)");
        insert.setString(1, to.keyId());
        insert.setBytes(2, to.publicKey().getEncoded());
        insert.setLong(3, now);
        insert.setString(4, from.keyId());
        insert.setBytes(5, byOld);
        insert.setBytes(6, byNew);
        insert.executeUpdate();
        Map<String, @Nullable Object> event = new LinkedHashMap<>();
        event.put("old_key_id", from.keyId());
        event.put("new_key_id", to.keyId());
        event.put("new_public_key", HEX.formatHex(to.publicKey().getEncoded()));
        event.put("signed_by_old", HEX.formatHex(byOld));
        event.put("signed_by_new", HEX.formatHex(byNew));
        return event;
    }

    private record StoredKey(
            String keyId,
            byte[] publicKey,
            @Nullable String oldKeyId,
            byte @Nullable [] byOld,
            byte @Nullable [] byNew) {}

    /**
     * The keys that may have signed, by name: the node's own, those of other nodes that it was told, and beginning with each,
     * every earlier key that it followed, as both have signed. Without a key of its own and without others, a reader takes
     * the stored keys as they are.
     */
    static Map<String, PublicKey> trusted(Transaction tx, @Nullable Signer own, Map<String, PublicKey> others)
            throws SQLException {
        Map<String, StoredKey> stored = new HashMap<>();
        var select = tx.prepare("SELECT key_id, public_key, old_key_id, old_signature, new_signature FROM ledger_key");
        try (ResultSet rows = select.executeQuery()) {
            while (rows.next()) {
                stored.put(
                        rows.getString(1),
                        new StoredKey(
                                rows.getString(1),
                                rows.getBytes(2),
                                rows.getString(3),
                                rows.getBytes(4),
                                rows.getBytes(5)));
            }
        }
        Map<String, PublicKey> trusted = new HashMap<>(others);
        if (own == null && others.isEmpty()) {
            stored.forEach((id, key) -> trusted.put(id, decode(key.publicKey())));
            return trusted;
        }
        if (own != null) {
            trusted.put(own.keyId(), own.publicKey());
        }
        for (String keyId : List.copyOf(trusted.keySet())) {
            trustEarlier(keyId, stored, trusted);
        }
        return trusted;
    }

    private static void trustEarlier(String keyId, Map<String, StoredKey> stored, Map<String, PublicKey> trusted) {
        StoredKey next = stored.get(keyId);
        while (next != null && next.oldKeyId() != null && next.byOld() != null && next.byNew() != null) {
            StoredKey older = stored.get(next.oldKeyId());
            if (older == null || trusted.containsKey(older.keyId())) {
                return;
            }
            PublicKey newer = java.util.Objects.requireNonNull(trusted.get(next.keyId()));
            PublicKey old = decode(older.publicKey());
            byte[] text = rotation(older.keyId(), next.keyId(), newer).getBytes(StandardCharsets.UTF_8);
            if (!isSignedBy(newer, text, next.byNew()) || !isSignedBy(old, text, next.byOld())) {
                return;
            }
            trusted.put(older.keyId(), old);
            next = older;
        }
    }

    static boolean isSignedBy(PublicKey key, byte[] text, byte[] signature) {
        try {
            Signature ed25519 = Signature.getInstance("Ed25519");
            ed25519.initVerify(key);
            ed25519.update(text);
            return ed25519.verify(signature);
        } catch (GeneralSecurityException e) {
            return false; // a signature of another length or form is no signature
        }
    }

    private static PublicKey decode(byte[] encoded) {
        try {
            return KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(encoded));
        } catch (GeneralSecurityException e) {
            throw Limits.invalid("a stored key is no Ed25519 key: " + e.getMessage());
        }
    }
}
