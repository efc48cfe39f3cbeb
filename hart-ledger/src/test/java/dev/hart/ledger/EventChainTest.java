package dev.hart.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class EventChainTest {
    private final EventChain chain = new EventChain("L1");

    private static long at(String second) {
        return Instant.parse("2026-01-01T00:00:" + second + "Z").toEpochMilli();
    }

    private byte[] next(byte[] previous, String envelope) {
        return chain.hash(previous, envelope);
    }

    @Test
    void case38theHashesAreThoseOfTheSheet() {
        String first = chain.envelope(
                0,
                1,
                "t1",
                "TASK_CREATED",
                at("00"),
                "u1",
                CanonicalJson.write(CanonicalJson.read("{\"priority\":50,\"description\":\"A\"}")));
        assertThat(first)
                .isEqualTo("{\"actor\":\"u1\",\"at\":\"2026-01-01T00:00:00.000Z\",\"ledger_id\":\"L1\","
                        + "\"payload\":{\"description\":\"A\",\"priority\":50},\"seq\":1,\"stripe\":0,\"task_id\":\"t1\","
                        + "\"type\":\"TASK_CREATED\",\"v\":1}");
        byte[] hash1 = next(EventChain.START, first);
        byte[] hash2 = next(
                hash1,
                chain.envelope(
                        0,
                        2,
                        "t1",
                        "TASK_TRANSITIONED",
                        at("01"),
                        "w1",
                        "{\"from\":\"pending\",\"to\":\"in_progress\"}"));
        byte[] hash3 = next(
                hash2,
                chain.envelope(
                        0,
                        3,
                        "t1",
                        "TASK_TRANSITIONED",
                        at("02"),
                        "w1",
                        "{\"from\":\"in_progress\",\"result\":{\"a\":[1,2,\"é\"],\"b\":1},\"to\":\"completed\"}"));
        assertThat(HexFormat.of().formatHex(hash1))
                .isEqualTo("e6cf231041a9efc37de679d3c94bcf0c38aba658a60ac13b0215362aebc8fd99");
        assertThat(HexFormat.of().formatHex(hash2))
                .isEqualTo("ca48351d1e98f43484745bc0b8b93df42e63d071317fb286cb10f56b9c4533e0");
        assertThat(HexFormat.of().formatHex(hash3))
                .isEqualTo("ddf457f9c6ad3022be2c3a5a421141cf4e61ead97d2cc13c36b9c65867e7dd55");
    }

    @Test
    void aTimeHasExactlyThreeDecimals() {
        assertThat(EventChain.format(at("59.999"))).isEqualTo("2026-01-01T00:00:59.999Z");
        assertThat(EventChain.format(at("59.900"))).isEqualTo("2026-01-01T00:00:59.900Z");
        assertThat(EventChain.format(at("00"))).isEqualTo("2026-01-01T00:00:00.000Z");
    }

    @Test
    void case38aCheckpointIsSignedAsTheSheetSays() {
        String statement = Checkpoint.statement(
                "L1",
                Instant.parse("2026-01-01T00:00:03Z"),
                List.of(new Checkpoint.Head(0, 3, "ddf457f9c6ad3022be2c3a5a421141cf4e61ead97d2cc13c36b9c65867e7dd55")),
                "k1");
        assertThat(statement)
                .isEqualTo("{\"at\":\"2026-01-01T00:00:03.000Z\",\"heads\":[{\"hash\":"
                        + "\"ddf457f9c6ad3022be2c3a5a421141cf4e61ead97d2cc13c36b9c65867e7dd55\",\"seq\":3,\"stripe\":0}],"
                        + "\"key_id\":\"k1\",\"ledger_id\":\"L1\",\"v\":1}");
        TestSigner key = TestSigner.rfc8032("k1");
        byte[] text = statement.getBytes(StandardCharsets.UTF_8);
        assertThat(HexFormat.of().formatHex(key.sign(text)))
                .isEqualTo("64cdeb47434c133d273820957e6d81d2f566c803604e5c734291b5b10be243b1"
                        + "18101d2f7b12a526fa3c88f2fcba8940cad6621423557fe536d91353e3ab4206");
        assertThat(Checkpoints.isSignedBy(key.publicKey(), text, key.sign(text)))
                .isTrue();
        assertThat(Checkpoints.isSignedBy(key.publicKey(), text, new byte[64])).isFalse();
        assertThat(Checkpoints.isSignedBy(key.publicKey(), text, new byte[3])).isFalse();
    }

    @Test
    void case38theStripeOfATaskIsTheOneOfTheSheet() {
        assertThat(EventChain.stripe("t1", 16)).isEqualTo(7);
        assertThat(EventChain.stripe("action_1", 16)).isEqualTo(1);
        assertThat(EventChain.stripe("seq_task_2", 16)).isEqualTo(4);
        assertThat(EventChain.stripe("t1", 1)).isZero();
    }
}
