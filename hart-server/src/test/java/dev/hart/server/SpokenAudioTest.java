package dev.hart.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hart.HartClock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SpokenAudioTest {
    private Instant now = Instant.parse("2026-01-01T00:00:00Z");
    private final SpokenAudio spoken = new SpokenAudio(new HartClock() {
        @Override
        public Instant instant() {
            return now;
        }

        @Override
        public void sleep(Duration duration) {}
    });

    @Test
    void aFileIsForWhomItWasMade() {
        String file = spoken.keep("ann", new byte[] {1});
        assertThat(SpokenAudio.isName(file)).isTrue();
        assertThat(spoken.find("ann", file)).contains(new byte[] {1});
        assertThat(spoken.find("bob", file)).isEmpty();
        assertThat(spoken.keep("ann", new byte[] {1})).isNotEqualTo(file);
    }

    @Test
    void itIsKeptForTenMinutesAndNotLonger() {
        String file = spoken.keep("ann", new byte[1]);
        now = now.plus(SpokenAudio.KEPT).minusMillis(1);
        assertThat(spoken.find("ann", file)).isPresent();
        now = now.plusMillis(1);
        assertThat(spoken.find("ann", file)).isEmpty();
    }

    @Test
    void theOldestGoFirstWhenThereAreTooManyOrTheyAreTooLarge() {
        List<String> files = new ArrayList<>();
        for (int i = 0; i < SpokenAudio.MOST_FILES; i++) {
            files.add(spoken.keep("ann", new byte[1]));
        }
        assertThat(spoken.find("ann", files.get(0))).isPresent();
        files.add(spoken.keep("ann", new byte[1]));
        assertThat(spoken.find("ann", files.get(0))).isEmpty();
        assertThat(spoken.find("ann", files.get(1))).isPresent();

        String large = spoken.keep("ann", new byte[(int) SpokenAudio.MOST_BYTES]);
        assertThat(spoken.find("ann", large)).isPresent();
        assertThat(spoken.find("ann", files.get(files.size() - 1))).isEmpty();
        assertThatThrownBy(() -> spoken.keep("ann", new byte[(int) SpokenAudio.MOST_BYTES + 1]))
                .isInstanceOf(Refused.class);
        assertThat(spoken.find("ann", large)).isPresent();
    }
}
