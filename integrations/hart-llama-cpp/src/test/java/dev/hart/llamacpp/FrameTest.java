package dev.hart.llamacpp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hart.llamacpp.Frame.Kind;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class FrameTest {
    private static final Frame FRAME =
            new Frame(Kind.GENERATE, 7, List.of(1, -2, Integer.MAX_VALUE), List.of("", "grüß dich 🙂", "a\nb\u0000"));

    private static DataInputStream stream(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return new DataInputStream(new ByteArrayInputStream(all.toByteArray()));
    }

    @Test
    void framesComeOutAsTheyWentInAndThenTheStreamEnds() throws IOException {
        DataInputStream in = stream(FRAME.encoded(), Frame.of(Kind.CANCEL, 3).encoded());
        assertThat(Frame.read(in)).isEqualTo(FRAME);
        assertThat(Frame.read(in)).isEqualTo(Frame.of(Kind.CANCEL, 3));
        assertThat(Frame.read(in)).isNull();
    }

    @Test
    void aStreamThatEndsWithinAFrameIsBroken() {
        byte[] whole = FRAME.encoded();
        for (int length = 1; length < whole.length; length++) {
            DataInputStream in = stream(Arrays.copyOf(whole, length));
            assertThatThrownBy(() -> Frame.read(in)).isInstanceOf(IOException.class);
        }
    }

    @Test
    void noiseBetweenFramesIsTold() throws IOException {
        DataInputStream in = stream(FRAME.encoded(), "warning: 1\n".getBytes(StandardCharsets.UTF_8), FRAME.encoded());
        assertThat(Frame.read(in)).isEqualTo(FRAME);
        assertThatThrownBy(() -> Frame.read(in)).hasMessage("what was read is no frame");
    }

    @Test
    void lengthsThatDoNotFitAreRefusedBeforeMemoryIsTaken() {
        int length = FRAME.encoded().length;
        for (int at = 4; at + 4 <= length; at++) {
            for (int value : new int[] {-1, Integer.MAX_VALUE, Frame.MOST_BYTES + 1}) {
                byte[] broken = FRAME.encoded();
                ByteBuffer buffer = ByteBuffer.wrap(broken);
                boolean same = buffer.getInt(at) == value;
                buffer.putInt(at, value);
                try {
                    // A number or a letter may well be another one.
                    assertThat(FRAME.equals(Frame.read(stream(broken)))).isEqualTo(same);
                } catch (IOException e) {
                    assertThat(e).hasMessageContaining("frame");
                }
            }
        }
        byte[] longest =
                ByteBuffer.wrap(FRAME.encoded()).putInt(4, Frame.MOST_BYTES + 1).array();
        assertThatThrownBy(() -> Frame.read(stream(longest))).hasMessage("what was read is no frame");
    }
}
