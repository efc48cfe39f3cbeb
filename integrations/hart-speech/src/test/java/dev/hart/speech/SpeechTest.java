package dev.hart.speech;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.speech.freetts.en.us.cmu_us_kal.KevinVoiceDirectory;
import dev.hart.error.GpuException;
import dev.hart.gpu.LeaseMode;
import dev.hart.gpu.runtime.Audio;
import dev.hart.gpu.runtime.LoadOptions;
import dev.hart.gpu.runtime.ModelRuntime;
import dev.hart.gpu.runtime.SpeechToText;
import dev.hart.gpu.runtime.TextToSpeech;
import dev.hart.gpu.runtime.Weights;
import dev.hart.model.ModelException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What FreeTTS says, Sphinx-4 hears. */
@Timeout(120)
class SpeechTest {
    private static final List<String> COMMANDS = List.of(
            "open the window",
            "close the door",
            "turn on the light",
            "turn off the printer",
            "what is the weather in london");

    private static TextToSpeech voice;
    private static SpeechToText commands;

    @BeforeAll
    static void load() {
        // tag::speech[]
        URL grammar = SpeechTest.class.getResource("house.gram");
        SpeechToText listener = (SpeechToText) ModelRuntime.named("sphinx4")
                .load(Weights.resource(grammar), LoadOptions.onCpu().parallel(2));
        TextToSpeech speaker =
                (TextToSpeech) ModelRuntime.named("freetts").load(FreeTtsRuntime.kevin(), LoadOptions.onCpu());
        Audio audio = speaker.speak("open the window");
        String text = listener.transcribe(audio);
        // end::speech[]
        assertThat(text).isEqualTo("open the window");
        commands = listener;
        voice = speaker;
    }

    /** Closes while a call runs. */
    @AfterAll
    static void close() throws Exception {
        short[] command = said("what is the weather in paris").samples();
        short[] many = new short[50 * 16_000];
        for (int at = 0; at + command.length < many.length; at += command.length + 16_000) {
            System.arraycopy(command, 0, many, at, command.length);
        }
        ExecutorService caller = Executors.newSingleThreadExecutor();
        try {
            Future<String> text = caller.submit(() -> commands.transcribe(new Audio(16_000, many)));
            while (!text.isDone() && !isListening()) {
                Thread.onSpinWait();
            }
            commands.close();
            assertThatThrownBy(text::get)
                    .isInstanceOf(ExecutionException.class)
                    .hasCauseInstanceOf(CancellationException.class)
                    .hasMessageContaining("the call of model house was ended, as the model was closed");
        } finally {
            caller.shutdownNow();
        }
        commands.close();
        assertThatThrownBy(() -> commands.transcribe(new Audio(16_000, command)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("model house is closed");
        voice.close();
        assertThatThrownBy(() -> voice.speak("too late"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("model cmu_us_kal16 is closed");
    }

    private static boolean isListening() {
        return Thread.getAllStackTraces().values().stream()
                .flatMap(Arrays::stream)
                .anyMatch(frame -> frame.getClassName().equals(Recogniser.class.getName())
                        && frame.getMethodName().equals("words"));
    }

    private static Audio said(String text) {
        return voice.speak(text);
    }

    @Test
    void theEnginesAreFoundByTheirNames() {
        assertThat(ModelRuntime.named(SphinxRuntime.NAME)).isInstanceOf(SphinxRuntime.class);
        assertThat(ModelRuntime.named(FreeTtsRuntime.NAME)).isInstanceOf(FreeTtsRuntime.class);
    }

    @Test
    void commandsAreWrittenDownAsTheyWereSaid() {
        for (String command : COMMANDS) {
            assertThat(commands.transcribe(said(command))).isEqualTo(command);
        }
        assertThat(commands.name()).isEqualTo("house");
    }

    @Test
    void commandsWithSilenceBetweenThemAreHeardOneByOne() {
        assertThat(commands.transcribe(said("open the window. close the door.")))
                .isEqualTo("open the window close the door");
    }

    @Test
    void silenceGivesAnEmptyText() {
        assertThat(commands.transcribe(new Audio(16_000, new short[1]))).isEmpty();
        assertThat(commands.transcribe(new Audio(16_000, new short[16_000]))).isEmpty();
    }

    @Test
    void whatIsNoCommandGivesAnEmptyText() {
        assertThat(commands.transcribe(said("delete all files"))).isEmpty();
        assertThat(commands.transcribe(said("good morning"))).isEmpty();
        Random random = new Random(7);
        short[] noise = new short[16_000];
        short[] tone = new short[16_000];
        for (int i = 0; i < noise.length; i++) {
            noise[i] = (short) (3_000 * random.nextGaussian());
            tone[i] = (short) (8_000 * Math.sin(i * 0.1));
        }
        assertThat(commands.transcribe(new Audio(16_000, noise))).isEmpty();
        assertThat(commands.transcribe(new Audio(16_000, tone))).isEmpty();
    }

    @Test
    void soundOfOtherRatesIsHeardToo() {
        short[] samples = said("turn off the printer").samples();
        for (int rate : new int[] {8_000, 44_100}) {
            Audio audio = new Audio(rate, Sound.resampled(samples, 16_000, rate));
            assertThat(commands.transcribe(audio)).isEqualTo("turn off the printer");
        }
    }

    @Test
    void callersAreHeardAtTheSameTime() throws Exception {
        ExecutorService callers = Executors.newFixedThreadPool(3);
        try {
            List<Future<String>> texts = new ArrayList<>();
            for (String command : COMMANDS) {
                texts.add(callers.submit(() -> commands.transcribe(said(command))));
            }
            for (int i = 0; i < texts.size(); i++) {
                assertThat(texts.get(i).get()).isEqualTo(COMMANDS.get(i));
            }
        } finally {
            callers.shutdownNow();
        }
    }

    @Test
    void audioThatCannotBeUsedIsRefused() {
        assertRefused(new Audio(16_000, new short[0]), "the audio has no samples");
        assertThat(commands.transcribe(new Audio(16_000, new short[60 * 16_000])))
                .isEmpty();
        assertRefused(new Audio(16_000, new short[60 * 16_000 + 1]), "may last 60 seconds");
    }

    private static void assertRefused(Audio audio, String reason) {
        assertThatThrownBy(() -> commands.transcribe(audio))
                .isInstanceOfSatisfying(
                        ModelException.class, e -> assertThat(e.kind()).isEqualTo(ModelException.Kind.REFUSED))
                .hasMessageContaining(reason);
    }

    @Test
    void anInterruptEndsACall() {
        Audio audio = said("open the door");
        Thread.currentThread().interrupt();
        try {
            assertThatThrownBy(() -> commands.transcribe(audio)).isInstanceOf(CancellationException.class);
            assertThatThrownBy(() -> voice.speak("open the door")).isInstanceOf(CancellationException.class);
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
    }

    @Test
    void aVoiceSaysEnglishWordsAndNumbers() {
        Audio audio = said("12 dogs");
        assertThat(audio.sampleRate()).isEqualTo(16_000);
        assertThat(audio.duration()).isBetween(Duration.ofMillis(500), Duration.ofSeconds(3));
        assertThat(said("12 dogs")).isEqualTo(audio);
    }

    @Test
    void aTextThatCannotBeSaidIsRefused() {
        assertThatThrownBy(() -> voice.speak(" \n"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("blank");
        assertThat(said("a" + " ".repeat(4_999)).duration()).isPositive();
        assertThatThrownBy(() -> voice.speak("a" + " ".repeat(5_000)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("5001 characters");
        assertThatThrownBy(() -> voice.speak("…!"))
                .isInstanceOfSatisfying(
                        ModelException.class, e -> assertThat(e.kind()).isEqualTo(ModelException.Kind.REFUSED));
    }

    @Test
    void aVoiceCanBeAFile(@TempDir Path folder) throws IOException {
        Path sounds = copy("cmu_us_kal.bin", folder);
        copy("cmu_us_kal.idx", folder);
        try (TextToSpeech other = new FreeTtsRuntime().load(Weights.file(sounds), LoadOptions.onCpu())) {
            assertThat(other.name()).isEqualTo("cmu_us_kal");
            assertThat(other.speak("hello").sampleRate()).isEqualTo(8_000);
        }
    }

    private static Path copy(String name, Path folder) throws IOException {
        Path to = folder.resolve(name);
        try (InputStream in = KevinVoiceDirectory.class.getResourceAsStream(name)) {
            Files.copy(in, to);
        }
        return to;
    }

    @Test
    void whatIsNoVoiceIsNamed(@TempDir Path folder) throws IOException {
        assertUnreadable(new FreeTtsRuntime(), folder.resolve("none.bin"), "there is no such file");
        assertUnreadable(new FreeTtsRuntime(), Files.writeString(folder.resolve("voice.txt"), "x"), "end with .bin");
        assertUnreadable(
                new FreeTtsRuntime(), Files.writeString(folder.resolve("alone.bin"), "x"), "no voice of FreeTTS");
        Files.writeString(folder.resolve("voice.idx"), "no index");
        assertUnreadable(
                new FreeTtsRuntime(),
                Files.writeString(folder.resolve("voice.bin"), "no voice"),
                "no voice of FreeTTS");
    }

    @Test
    void wordsThatTheDictionaryLacksAreNamed(@TempDir Path folder) throws IOException {
        Path grammar = Files.writeString(
                folder.resolve("odd.gram"), "#JSGF V1.0;\ngrammar odd;\npublic <a> = open xyzzy | Close;");
        assertUnreadable(new SphinxRuntime(), grammar, "words that are not in the dictionary: [Close, xyzzy]");
    }

    private static void assertUnreadable(ModelRuntime runtime, Path path, String reason) {
        assertThatThrownBy(() -> runtime.load(Weights.file(path), LoadOptions.onCpu()))
                .isInstanceOfSatisfying(
                        GpuException.class, e -> assertThat(e.code()).isEqualTo("MODEL_UNREADABLE"))
                .hasMessageContaining(reason);
    }

    @Test
    void theyRunOnTheProcessorOnly() {
        for (ModelRuntime runtime : List.of(new SphinxRuntime(), new FreeTtsRuntime())) {
            assertThat(runtime.unavailable()).isEmpty();
            assertThatThrownBy(() -> runtime.load(FreeTtsRuntime.kevin(), LoadOptions.on(LeaseMode.GPU)))
                    .isInstanceOfSatisfying(
                            GpuException.class, e -> assertThat(e.code()).isEqualTo("RUNTIME_UNAVAILABLE"));
        }
    }
}
