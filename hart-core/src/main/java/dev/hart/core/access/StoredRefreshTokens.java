package dev.hart.core.access;

import dev.hart.security.access.RefreshTokenStore;
import dev.hart.store.Store;
import dev.hart.store.Transaction;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Refresh tokens in the database of recipes and ledgers, which other processes may use too. A family is forgotten when its last token
 * has expired. Thread-safe.
 */
public final class StoredRefreshTokens implements RefreshTokenStore {
    private final Store store;

    public StoredRefreshTokens(Store store) {
        store.migrate("access", StoredRefreshTokens.class);
        this.store = store;
    }

    private record Shown(Family family, boolean revoked, boolean used, long expiresAt) {}

    @Override
    public void begin(Family family, String hash, Instant expiresAt) {
        store.write(tx -> {
            PreparedStatement insert =
                    tx.prepare("INSERT INTO token_family (family_id, subject, scope, audience, revoked, expires_at)"
                            + " VALUES (?, ?, ?, ?, 0, ?)");
            insert.setString(1, family.id());
            insert.setString(2, family.subject());
            insert.setString(3, family.scope());
            insert.setString(4, family.audience());
            insert.setLong(5, expiresAt.toEpochMilli());
            insert.executeUpdate();
            add(tx, family.id(), hash, expiresAt);
            return true;
        });
    }

    private static void add(Transaction tx, String familyId, String hash, Instant expiresAt) throws SQLException {
        PreparedStatement insert =
                tx.prepare("INSERT INTO refresh_token (hash, family_id, used, expires_at) VALUES (?, ?, 0, ?)");
        insert.setString(1, hash);
        insert.setString(2, familyId);
        insert.setLong(3, expiresAt.toEpochMilli());
        insert.executeUpdate();
    }

    @Override
    public Rotation rotate(String hash, String next, Instant now, Instant expiresAt) {
        return store.write(tx -> {
            forgetExpired(tx, now);
            Shown shown = find(tx, hash);
            if (shown == null || shown.expiresAt() <= now.toEpochMilli()) {
                return new Rotation.Refused("it is not known, or too old");
            }
            Family family = shown.family();
            if (shown.revoked()) {
                return new Rotation.Refused("its family was revoked");
            }
            if (!use(tx, hash)) {
                revoke(tx, family.id());
                return new Rotation.Reused(family);
            }
            add(tx, family.id(), next, expiresAt);
            PreparedStatement extend = tx.prepare("UPDATE token_family SET expires_at = ? WHERE family_id = ?");
            extend.setLong(1, expiresAt.toEpochMilli());
            extend.setString(2, family.id());
            extend.executeUpdate();
            return new Rotation.Rotated(family);
        });
    }

    private static void forgetExpired(Transaction tx, Instant now) throws SQLException {
        delete(
                tx,
                "DELETE FROM refresh_token WHERE family_id IN (SELECT family_id FROM token_family WHERE expires_at <="
                        + " ?)",
                now);
        delete(tx, "DELETE FROM token_family WHERE expires_at <= ?", now);
    }

    private static void delete(Transaction tx, String sql, Instant now) throws SQLException {
        PreparedStatement delete = tx.prepare(sql);
        delete.setLong(1, now.toEpochMilli());
        delete.executeUpdate();
    }

    private static @Nullable Shown find(Transaction tx, String hash) throws SQLException {
        PreparedStatement select =
                tx.prepare("SELECT f.family_id, f.subject, f.scope, f.audience, f.revoked, t.used, t.expires_at"
                        + " FROM refresh_token t JOIN token_family f ON f.family_id = t.family_id WHERE t.hash = ?");
        select.setString(1, hash);
        try (ResultSet row = select.executeQuery()) {
            return row.next()
                    ? new Shown(
                            new Family(row.getString(1), row.getString(2), row.getString(3), row.getString(4)),
                            row.getInt(5) != 0,
                            row.getInt(6) != 0,
                            row.getLong(7))
                    : null;
        }
    }

    /** Whether this call is the one that used it up; of several at once one is. */
    private static boolean use(Transaction tx, String hash) throws SQLException {
        PreparedStatement use = tx.prepare("UPDATE refresh_token SET used = 1 WHERE hash = ? AND used = 0");
        use.setString(1, hash);
        return use.executeUpdate() == 1;
    }

    private static void revoke(Transaction tx, String familyId) throws SQLException {
        PreparedStatement revoke = tx.prepare("UPDATE token_family SET revoked = 1 WHERE family_id = ?");
        revoke.setString(1, familyId);
        revoke.executeUpdate();
    }

    @Override
    public void revoke(String familyId) {
        store.write(tx -> {
            revoke(tx, familyId);
            return true;
        });
    }

    @Override
    public void revokeAll(String subject) {
        store.write(tx -> {
            PreparedStatement revoke = tx.prepare("UPDATE token_family SET revoked = 1 WHERE subject = ?");
            revoke.setString(1, subject);
            return revoke.executeUpdate();
        });
    }

    @Override
    public boolean isLive(String familyId) {
        return store.read(tx -> {
            PreparedStatement select = tx.prepare("SELECT 1 FROM token_family WHERE family_id = ? AND revoked = 0");
            select.setString(1, familyId);
            try (ResultSet row = select.executeQuery()) {
                return row.next();
            }
        });
    }
}
