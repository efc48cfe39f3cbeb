package dev.hart.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hart.gpu.Device;
import dev.hart.gpu.DeviceKind;
import dev.hart.gpu.DeviceMemory;
import dev.hart.gpu.Gpus;
import dev.hart.gpu.ProbeReading;
import dev.hart.gpu.runtime.Audio;
import dev.hart.spi.RuntimePart;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What FreeTTS says over HTTP, Sphinx-4 hears over HTTP, on a machine of a processor only. */
@Timeout(60)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class VoiceRoutesTest {
    private static final String COMMAND = "turn on the light";

    private ServedHart served;
    private Map<String, Object> spoken;
    private byte[] command;

    @BeforeAll
    void serve(@TempDir Path directory) throws IOException {
        served = new ServedHart(directory, runtime -> runtime.part(new Processor()), settings -> settings);
        spoken = served.post(
                        "/api/voice/speak", "{\"text\":\"" + COMMAND + "\",\"language\":\"en\",\"source\":\"test\"}")
                .json();
        command = file(String.valueOf(spoken.get("audio_url")));
    }

    @AfterAll
    void close() {
        served.close();
    }

    private static final class Processor implements RuntimePart<Gpus> {
        @Override
        public Class<Gpus> type() {
            return Gpus.class;
        }

        @Override
        public Gpus open(Host host) {
            DeviceMemory memory = new DeviceMemory(16L << 30, 12L << 30);
            return Gpus.configure()
                    .probes(List.of(now -> ProbeReading.Found.of(
                            List.of(Device.of(DeviceKind.CPU, 0, "cpu:0", "CPU", Optional.of(memory), now)))))
                    .open();
        }
    }

    private byte[] file(String path) throws IOException {
        try {
            HttpResponse<byte[]> answer = served.client.send(
                    HttpRequest.newBuilder(served.uri(path)).build(), HttpResponse.BodyHandlers.ofByteArray());
            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(answer.headers().firstValue("Content-Type")).contains("audio/wav");
            return answer.body();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private ServedHart.Answer transcribe(String query, String type, BodyPublisher body) {
        try {
            return new ServedHart.Answer(served.client.send(
                    HttpRequest.newBuilder(served.uri("/api/voice/transcribe" + query))
                            .header("Content-Type", type)
                            .POST(body)
                            .build(),
                    HttpResponse.BodyHandlers.ofString()));
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private ServedHart.Answer transcribe(byte[] wav) {
        return transcribe("", "audio/wav", BodyPublishers.ofByteArray(wav));
    }

    private static byte[] form(String part, byte[] content, String language) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(("--b\r\nContent-Disposition: form-data; name=\"" + part
                        + "\"; filename=\"a.wav\"\r\nContent-Type: audio/wav\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII));
        out.write(content);
        out.write(("\r\n--b\r\nContent-Disposition: form-data; name=\"language\"\r\n\r\n" + language + "\r\n--b--\r\n")
                .getBytes(StandardCharsets.US_ASCII));
        return out.toByteArray();
    }

    @Test
    void whatWasSaidIsAWavFileWithARandomName() {
        assertThat(spoken)
                .containsEntry("engine", "freetts")
                .containsEntry("voice", "tts-freetts-kevin")
                .containsEntry("device", "cpu")
                .containsEntry("location", "local")
                .containsEntry("sample_rate", 16_000L)
                .containsKeys("duration", "latency_ms", "quality_score")
                .doesNotContainKey("path");
        assertThat(String.valueOf(spoken.get("audio_url"))).matches("/api/voice/audio/[A-Za-z0-9_-]{22}\\.wav");
        assertThat(Audio.ofWav(command).duration()).isGreaterThan(Duration.ofMillis(500));
    }

    @Test
    void aWavFileAsBodyOrAsPartOfAFormIsWrittenDown() throws IOException {
        assertThat(transcribe(command).json())
                .containsEntry("text", COMMAND)
                .containsEntry("language", "en")
                .containsEntry("model", "stt-sphinx4-commands")
                .containsEntry("engine", "sphinx4")
                .containsEntry("vocabulary", "commands");
        assertThat(transcribe(
                                "",
                                "multipart/form-data; boundary=b",
                                BodyPublishers.ofByteArray(form("audio", command, "en-GB")))
                        .json())
                .containsEntry("text", COMMAND)
                .containsEntry("language", "en-gb");
    }

    @Test
    void whatIsNoAudioIsRefusedWithItsReason() throws IOException {
        assertThat(transcribe(new byte[0]).json()).containsEntry("code", "no_audio");
        ServedHart.Answer text = transcribe("no sound at all".getBytes(StandardCharsets.US_ASCII));
        assertThat(text.status()).isEqualTo(422);
        assertThat(text.json()).containsEntry("code", "audio_unreadable");
        ServedHart.Answer path =
                transcribe("", "application/json", BodyPublishers.ofString("{\"audio_path\":\"/etc/passwd\"}"));
        assertThat(path.status()).isEqualTo(400);
        assertThat(path.json().get("error").toString()).contains("paths of this server are not taken");
        assertThat(transcribe(
                                "",
                                "multipart/form-data; boundary=b",
                                BodyPublishers.ofByteArray(form("other", command, "en")))
                        .json())
                .containsEntry("code", "no_audio");
        assertThat(transcribe("", "multipart/form-data; boundary=b", BodyPublishers.ofString("--b\r\nno form"))
                        .status())
                .isEqualTo(400);
        assertThat(transcribe("?language=%2e%2e%2f", "audio/wav", BodyPublishers.ofByteArray(command))
                        .status())
                .isEqualTo(400);
    }

    @Test
    void audioIsAtMostTwoMinutesAndTwoMebibytes() {
        ServedHart.Answer over = transcribe(new Audio(8_000, new short[8_000 * 121]).toWav());
        assertThat(over.status()).isEqualTo(413);
        assertThat(over.json()).containsEntry("code", "audio_too_long");
        assertThat(transcribe(new byte[(2 << 20) + 1]).status()).isEqualTo(413);
        byte[] large = new byte[(2 << 20) + 1];
        assertThat(transcribe(
                                "",
                                "audio/wav",
                                BodyPublishers.ofInputStream(() -> new java.io.ByteArrayInputStream(large)))
                        .status())
                .isEqualTo(413);
    }

    @Test
    void aModelThatTakesLessSaysSo() {
        ServedHart.Answer answer = transcribe(new Audio(8_000, new short[8_000 * 61]).toWav());
        assertThat(answer.status()).isEqualTo(422);
        assertThat(answer.json().get("error").toString()).contains("may last 60 seconds");
    }

    @Test
    void aLanguageThatNothingHereKnowsIsNotGuessedAt() {
        ServedHart.Answer answer = transcribe("?language=de", "audio/wav", BodyPublishers.ofByteArray(command));
        assertThat(answer.status()).isEqualTo(503);
        assertThat(answer.json()).containsEntry("code", "no_engine");
        assertThat(answer.json().get("error").toString())
                .contains("nothing here can do speech to text for language 'de'", "no engine here");
        assertThat(served.post("/api/voice/speak", "{\"text\":\"hallo\",\"language\":\"de\"}")
                        .status())
                .isEqualTo(503);
    }

    @Test
    void aVoiceThatIsNotThereAndWhatNobodyMaySendAreRefused() {
        assertThat(served.post("/api/voice/speak", "{\"text\":\"hello\",\"voice\":\"nobody\"}")
                        .json())
                .containsEntry("code", "unknown_voice");
        ServedHart.Answer torch = served.post("/api/voice/speak", "{\"text\":\"hello\",\"voice\":\"tts-f5-tts\"}");
        assertThat(torch.status()).isEqualTo(503);
        assertThat(torch.json().get("error").toString()).contains("tts-f5-tts: no engine here");
        assertThat(served.post("/api/voice/speak", "{\"text\":\"hello\",\"engine\":\"luxtts\"}")
                        .status())
                .isEqualTo(503);
        assertThat(served.post("/api/voice/speak", "{\"text\":\"hello\",\"output_path\":\"/tmp/a.wav\"}")
                        .status())
                .isEqualTo(400);
        assertThat(served.post("/api/voice/speak", "{\"text\":\"  \"}").status())
                .isEqualTo(400);
        assertThat(served.post("/api/voice/speak", "{}").status()).isEqualTo(400);
        assertThat(served.post("/api/voice/speak", JsonText.write(Map.of("text", "a".repeat(5_001))))
                        .status())
                .isEqualTo(400);
        assertThat(served.post("/api/voice/speak", "{\"text\":\"...\"}").json())
                .containsEntry("code", "text_unspeakable");
    }

    @Test
    void voicesAndEnginesAreListedWithWhatIsMissing() {
        assertThat(served.get("/api/voice/voices").body())
                .contains("\"id\":\"tts-freetts-kevin\"")
                .doesNotContain("chatterbox");
        assertThat(served.get("/api/voice/voices?language=de").body()).isEqualTo("[]");
        assertThat(served.get("/api/voice/engines").body())
                .contains("\"model\":\"stt-sphinx4-commands\"", "\"model\":\"tts-chatterbox-turbo\"", "no engine here");
        assertThat(served.get("/api/models?type=tts").body()).contains("tts-freetts-kevin", "no engine here");
        assertThat(served.post("/api/tools/tts-freetts-kevin/start", "").status())
                .isEqualTo(200);
    }

    @Test
    void nothingIsCopied() {
        ServedHart.Answer answer = served.post("/api/voice/clone", "{\"audio_path\":\"a.wav\",\"name\":\"me\"}");
        assertThat(answer.status()).isEqualTo(501);
        assertThat(answer.json()).containsEntry("code", "not_implemented");
    }

    @Test
    void onlyNamesThatWereGivenLeadToAFile() {
        assertThat(served.get("/api/voice/audio/..%2F..%2Fetc").status()).isIn(400, 404);
        assertThat(served.get("/api/voice/audio/song.wav").status()).isEqualTo(400);
        assertThat(served.get("/api/voice/audio/AAAAAAAAAAAAAAAAAAAAAA.wav").status())
                .isEqualTo(404);
    }
}
