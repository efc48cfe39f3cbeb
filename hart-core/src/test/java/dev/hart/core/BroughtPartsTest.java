package dev.hart.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hart.Hart;
import dev.hart.HartBuilder;
import dev.hart.error.InvalidConfigurationException;
import dev.hart.ledger.Ledgers;
import dev.hart.spi.RuntimePart;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Parts of the runtime that other modules, or the application, bring. */
class BroughtPartsTest {
    private final List<String> told = new ArrayList<>();

    @TempDir
    Path folder;

    private final class Lamp implements AutoCloseable {
        private final Ledgers ledgers;

        Lamp(Ledgers ledgers) {
            this.ledgers = ledgers;
        }

        @Override
        public void close() {
            told.add("lamp closed, the ledger is open: " + ledgers.list("", 1).isEmpty());
        }
    }

    private final class Switch implements AutoCloseable {
        private final Lamp lamp;

        Switch(Lamp lamp) {
            this.lamp = lamp;
        }

        @Override
        public void close() {
            told.add("switch closed");
            throw new IllegalStateException("stuck");
        }
    }

    private <T> RuntimePart<T> part(Class<T> type, Function<RuntimePart.Host, T> open) {
        return new RuntimePart<>() {
            @Override
            public Class<T> type() {
                return type;
            }

            @Override
            public T open(Host host) {
                told.add(type.getSimpleName() + " opened");
                return open.apply(host);
            }
        };
    }

    private HartBuilder builder() {
        return Hart.configure().inMemory().workspace(folder).withoutModel();
    }

    @Test
    void aPartIsOpenedOnceWhenAskedForAndClosedBeforeWhatItUses() {
        Hart hart = builder()
                .part(part(Switch.class, host -> new Switch(host.part(Lamp.class))))
                .part(part(Lamp.class, host -> new Lamp(host.part(Ledgers.class))))
                .part(part(String.class, host -> ""))
                .create();
        assertThat(told).isEmpty();
        Switch first = hart.unwrap(Switch.class);
        assertThat(hart.unwrap(Switch.class)).isSameAs(first);
        assertThat(hart.unwrap(Lamp.class)).isSameAs(first.lamp);
        hart.close();
        assertThat(told)
                .containsExactly(
                        "Switch opened", "Lamp opened", "switch closed", "lamp closed, the ledger is open: true");
        assertThatThrownBy(() -> hart.unwrap(String.class)).hasMessageContaining("closed");
    }

    @Test
    void aPartThatCouldNotBeOpenedIsOpenedAnewForWhoAsksNext() {
        try (Hart hart = builder()
                .part(part(String.class, host -> {
                    if (told.size() == 1) {
                        throw new IllegalStateException("not yet");
                    }
                    return "there";
                }))
                .create()) {
            assertThatThrownBy(() -> hart.unwrap(String.class)).hasMessage("not yet");
            assertThat(hart.unwrap(String.class)).isEqualTo("there");
        }
    }

    @Test
    void aPartGetsTheClockTheFolderAndTheHaltSwitchOfItsRuntime() {
        Path data = folder.resolve("data");
        try (Hart hart = builder()
                .dataDirectory(data)
                .part(part(
                        String.class,
                        host -> host.dataDirectory() + " " + host.haltSwitch().isHalted()
                                + (host.clock().instant() == null)))
                .create()) {
            assertThat(hart.unwrap(String.class)).isEqualTo("Optional[" + data + "] falsefalse");
        }
    }

    @Test
    void aRefusalNamesThePartsThereAre() {
        try (Hart hart = builder().part(part(String.class, host -> "")).create()) {
            assertThatThrownBy(() -> hart.unwrap(Integer.class))
                    .isInstanceOf(InvalidConfigurationException.class)
                    .hasMessageContaining("no part java.lang.Integer")
                    .hasMessageContaining("java.lang.String")
                    .hasMessageContaining(Ledgers.class.getName());
        }
    }

    @Test
    void twoPartsOfOneTypeAreRefused() {
        HartBuilder builder = builder().part(part(String.class, host -> ""));
        RuntimePart<String> second = part(String.class, host -> "");
        assertThatThrownBy(() -> builder.part(second)).isInstanceOf(InvalidConfigurationException.class);
    }
}
