package dev.hart.server;

import dev.hart.error.GpuException;
import dev.hart.error.ModelFileException;
import dev.hart.gpu.catalogue.ModelEntry;
import dev.hart.gpu.catalogue.ModelType;
import dev.hart.gpu.catalogue.ModelVerdict;
import dev.hart.gpu.catalogue.ModelWish;
import dev.hart.gpu.library.ModelLibrary;
import dev.hart.gpu.model.Model;
import dev.hart.gpu.model.ModelUse;
import dev.hart.gpu.runtime.Audio;
import dev.hart.gpu.runtime.SpeechToText;
import dev.hart.gpu.runtime.TextToSpeech;
import dev.hart.model.ModelException;
import dev.hart.server.VoiceDocuments.EngineDocument;
import dev.hart.server.VoiceDocuments.SpeechDocument;
import dev.hart.server.VoiceDocuments.TranscriptDocument;
import dev.hart.server.VoiceDocuments.VoiceDocument;
import io.javalin.http.Context;
import io.javalin.http.UploadedFile;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.eclipse.jetty.http.HttpException;
import org.jspecify.annotations.Nullable;

/** Speech to text and text to speech, by whatever model of the catalogue can run here. */
final class VoiceRoutes {
    static final Duration LONGEST_AUDIO = Duration.ofMinutes(2);
    static final int MOST_AT_ONCE = 4;
    private static final int MOST_CHARACTERS = 5_000;
    private static final String WAV = "audio/wav";
    private static final String NO_ENGINE = "no_engine";
    private static final String UNREADABLE = "audio_unreadable";
    private static final String UNSPEAKABLE = "text_unspeakable";
    private static final String BUSY = "voice_busy";
    private static final Pattern LANGUAGE = Pattern.compile("[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8}){0,3}");
    /** Of what a refusal shows, as there may be many models that cannot run. */
    private static final int REASONS_SHOWN = 3;

    private final Supplier<ModelLibrary> library;
    private final SpokenAudio spoken;
    private final Semaphore calls = new Semaphore(MOST_AT_ONCE);

    /** @param library refuses when the runtime keeps no files */
    VoiceRoutes(Supplier<ModelLibrary> library, SpokenAudio spoken) {
        this.library = library;
        this.spoken = spoken;
    }

    void describe(RouteTable table) {
        table.post("/api/voice/transcribe")
                .summary(
                        "Writes down what a WAV file says: the body itself, or the part 'audio' of multipart/form-data")
                .query("language", "such as en, or a form field", Map.of("type", "string"))
                .answers(200, TranscriptDocument.class)
                .refuses(400, "no_audio", "invalid_query", "invalid_multipart")
                .refuses(413, "too_large", "audio_too_long")
                .refuses(422, UNREADABLE)
                .refuses(501, ModelRoutes.NOT_KEPT)
                .refuses(502, "MODEL_LOAD", "MODEL_UNREADABLE")
                .refuses(503, NO_ENGINE, BUSY)
                .refuses(507, "NOT_NOW", "CAN_NEVER_FIT", "LEASE_TIMEOUT", "DISK_FULL")
                .handle(Access.USER, call -> limited(() -> transcribe(call)));
        table.post("/api/voice/speak")
                .summary("Says a text; the WAV file is at audio_url for ten minutes")
                .takes(speakSchema())
                .answers(200, SpeechDocument.class)
                .refuses(400, "unknown_voice")
                .refuses(413, "audio_too_long")
                .refuses(422, UNSPEAKABLE)
                .refuses(501, ModelRoutes.NOT_KEPT)
                .refuses(502, "MODEL_LOAD", "MODEL_UNREADABLE")
                .refuses(503, NO_ENGINE, BUSY)
                .refuses(507, "NOT_NOW", "CAN_NEVER_FIT", "LEASE_TIMEOUT", "DISK_FULL")
                .handle(Access.USER, call -> limited(() -> speak(call)));
        table.post("/api/voice/clone")
                .summary("Would copy a voice; no engine of HART can, so it answers 501")
                .answers(200, VoiceDocument.class)
                .refuses(501, "not_implemented")
                .handle(Access.USER, call -> {
                    throw new Refused(
                            501,
                            "not_implemented",
                            "no engine of HART can copy a voice: choose one of GET /api/voice/voices");
                });
        table.get("/api/voice/voices")
                .summary("The voices that can speak here now, best first")
                .query("language", "such as en", Map.of("type", "string"))
                .answersListOf(VoiceDocument.class)
                .refuses(400, "invalid_query")
                .refuses(501, ModelRoutes.NOT_KEPT)
                .handle(Access.USER, this::voices);
        table.get("/api/voice/engines")
                .summary("The models that hear or speak: what runs each, and why those that cannot be used cannot")
                .answersListOf(EngineDocument.class)
                .refuses(501, ModelRoutes.NOT_KEPT)
                .handle(Access.USER, call -> Reply.ok(engines()));
        table.get("/api/voice/audio/{file}")
                .summary("What was said for this caller, as a WAV file")
                .answers(200, WAV, Map.of("type", "string", "format", "binary"))
                .refuses(400, "invalid_name")
                .refuses(404, "audio_not_found")
                .handle(Access.USER, this::audio);
    }

    private interface Work {
        Reply run() throws InterruptedException;
    }

    /** Speech takes a core for seconds, so few are worked on at a time. */
    private Reply limited(Work work) throws InterruptedException {
        if (!calls.tryAcquire()) {
            throw new Refused(
                    503, BUSY, MOST_AT_ONCE + " calls are being worked on: try again", Map.of("Retry-After", "2"));
        }
        try {
            return work.run();
        } catch (CancellationException e) {
            throw new Refused(503, BUSY, "the model was unloaded meanwhile: try again", Map.of("Retry-After", "2"));
        } finally {
            calls.release();
        }
    }

    // Listening

    private Reply transcribe(Call call) throws InterruptedException {
        Recording recording = recording(call);
        Audio audio;
        try {
            audio = Audio.ofWav(recording.wav());
        } catch (IllegalArgumentException e) {
            throw new Refused(422, UNREADABLE, "the audio cannot be read: " + e.getMessage());
        }
        if (audio.duration().compareTo(LONGEST_AUDIO) > 0) {
            throw new Refused(
                    413,
                    "audio_too_long",
                    "the audio lasts %d seconds and may last %d"
                            .formatted(audio.duration().toSeconds(), LONGEST_AUDIO.toSeconds()));
        }
        ModelEntry entry = best(ModelType.STT, recording.language(), ignored -> true);
        long start = System.nanoTime();
        try (ModelUse<?> use = model(entry).use()) {
            if (!(use.get() instanceof SpeechToText listener)) {
                throw noEngine(
                        "model '%s' was registered with a loader that gives no SpeechToText".formatted(entry.id()));
            }
            String text = listener.transcribe(audio);
            use.succeeded();
            return Reply.ok(TranscriptDocument.of(text, recording.language(), entry, audio, millisSince(start)));
        } catch (ModelException e) {
            throw refused(e, UNREADABLE);
        }
    }

    private record Recording(byte[] wav, Optional<String> language) {}

    /** The body is read before anything is refused: a connection with a rest of it in the way could not be used again. */
    private static Recording recording(Call call) {
        Context context = call.context();
        String type = String.valueOf(context.contentType()).toLowerCase(Locale.ROOT);
        boolean isForm = type.startsWith("multipart/form-data");
        byte[] wav = isForm ? part(context) : body(call);
        Optional<String> language = language(call.query("language"));
        if (isForm && language.isEmpty()) {
            language = language(context.formParam("language"));
        }
        if (type.startsWith("application/json")) {
            throw new Refused(
                    400, "no_audio", "send the WAV file itself; paths of this server are not taken from callers");
        }
        if (wav.length == 0) {
            throw new Refused(400, "no_audio", "there is no audio: send a WAV file as body or as the part 'audio'");
        }
        return new Recording(wav, language);
    }

    private static byte[] body(Call call) {
        try {
            byte[] body = call.bytes(FrontDoor.MAX_BODY + 1);
            if (body.length > FrontDoor.MAX_BODY) {
                throw FrontDoor.tooLarge();
            }
            return body;
        } catch (IOException e) {
            throw new Refused(400, "no_audio", "the body ended early");
        }
    }

    private static byte[] part(Context context) {
        UploadedFile file;
        try {
            file = context.uploadedFile("audio");
            if (file == null) {
                throw new Refused(400, "no_audio", "the form has no file in its part 'audio'");
            }
            try (InputStream in = file.content()) {
                return in.readAllBytes();
            }
        } catch (Refused e) {
            throw e;
        } catch (Exception e) { // Kotlin declares none of what the servlet throws
            for (Throwable cause = e; cause != null; cause = cause.getCause()) {
                if (cause instanceof HttpException http && http.getCode() == 413) {
                    throw FrontDoor.tooLarge();
                }
            }
            // What is left of it is still in the connection.
            throw new Refused(400, "invalid_multipart", "the form cannot be read", Map.of("Connection", "close"));
        }
    }

    // Speaking

    private Reply speak(Call call) throws InterruptedException {
        String text = call.text("text");
        Optional<String> language = language(optional(call, "language"));
        String voice = optional(call, "voice");
        String engine = optional(call, "engine");
        if (voice != null
                && library.get().catalogue().entries().stream()
                        .noneMatch(entry ->
                                entry.type() == ModelType.TTS && entry.id().equals(voice))) {
            throw new Refused(
                    400, "unknown_voice", "there is no voice '%s': GET /api/voice/voices lists them".formatted(voice));
        }
        ModelEntry entry = best(
                ModelType.TTS,
                language,
                candidate -> (voice == null || candidate.id().equals(voice))
                        && (engine == null || ModelLibrary.engineOf(candidate).equals(engine)));
        long start = System.nanoTime();
        try (ModelUse<?> use = model(entry).use()) {
            if (!(use.get() instanceof TextToSpeech speaker)) {
                throw noEngine(
                        "model '%s' was registered with a loader that gives no TextToSpeech".formatted(entry.id()));
            }
            Audio audio = speaker.speak(text);
            use.succeeded();
            long latency = millisSince(start);
            String file = spoken.keep(call.caller().name(), audio.toWav());
            return Reply.ok(new SpeechDocument(
                    VoiceDocuments.seconds(audio),
                    ModelLibrary.engineOf(entry),
                    use.mode().name().toLowerCase(Locale.ROOT),
                    "local",
                    latency,
                    audio.sampleRate(),
                    entry.id(),
                    entry.quality(),
                    "/api/voice/audio/" + file));
        } catch (ModelException e) {
            throw refused(e, UNSPEAKABLE);
        }
    }

    private Reply audio(Call call) {
        String file = call.context().pathParam("file");
        if (!SpokenAudio.isName(file)) {
            throw new Refused(400, "invalid_name", "a file has the name that audio_url gave");
        }
        return new Reply.Content(
                WAV,
                spoken.find(call.caller().name(), file)
                        .orElseThrow(() -> new Refused(
                                404, "audio_not_found", "there is no such file for you: it is kept for ten minutes")));
    }

    // Choosing

    private Reply voices(Call call) throws InterruptedException {
        Optional<String> language = language(call.query("language"));
        ModelLibrary known = library.get();
        return Reply.ok(known.explain(wish(ModelType.TTS, language)).stream()
                .filter(verdict -> verdict.choice().isPresent() && speaks(verdict.entry(), language))
                .map(verdict -> VoiceDocument.of(
                        verdict.entry(),
                        known.catalogue()
                                .standing(verdict.entry().id())
                                .loaded()
                                .isPresent()))
                .toList());
    }

    private List<EngineDocument> engines() throws InterruptedException {
        List<EngineDocument> all = new ArrayList<>();
        for (ModelType type : List.of(ModelType.STT, ModelType.TTS)) {
            library.get().explain(ModelWish.of(type)).forEach(verdict -> all.add(EngineDocument.of(verdict)));
        }
        return all;
    }

    private static ModelWish wish(ModelType type, Optional<String> language) {
        ModelWish any = ModelWish.of(type);
        return language.map(any::language).orElse(any);
    }

    /** What does not know the language is not taken: its answer would be nonsense. */
    private ModelEntry best(ModelType type, Optional<String> language, Predicate<ModelEntry> wanted)
            throws InterruptedException {
        List<ModelVerdict> all = library.get().explain(wish(type, language)).stream()
                .filter(verdict -> wanted.test(verdict.entry()))
                .toList();
        return all.stream()
                .filter(verdict -> verdict.choice().isPresent() && speaks(verdict.entry(), language))
                .map(ModelVerdict::entry)
                .findFirst()
                .orElseThrow(() -> noEngine(why(type, language, all)));
    }

    private static String why(ModelType type, Optional<String> language, List<ModelVerdict> all) {
        String what = "nothing here can do %s%s"
                .formatted(
                        type == ModelType.STT ? "speech to text" : "text to speech",
                        language.map(name -> " for language '" + name + "'").orElse(""));
        String reasons = all.stream()
                .filter(verdict -> speaks(verdict.entry(), language))
                .limit(REASONS_SHOWN)
                .map(verdict -> verdict.entry().id() + ": " + verdict.reason())
                .collect(Collectors.joining("; "));
        String known = reasons.isEmpty() ? what : what + "; " + reasons;
        return all.stream().anyMatch(verdict -> verdict.choice().isPresent())
                ? known
                : known + "; the jars of hart-speech on the class path bring some in English that need no network";
    }

    private static boolean speaks(ModelEntry entry, Optional<String> language) {
        return language.isEmpty() || entry.speaks(language.get());
    }

    private Model<?> model(ModelEntry entry) throws InterruptedException {
        Optional<Model<?>> registered = library.get().models().find(entry.id());
        if (registered.isPresent()) {
            return registered.get();
        }
        try {
            return library.get().model(entry.id()).model();
        } catch (GpuException e) {
            if (e.code().equals("RUNTIME_UNAVAILABLE")) {
                throw noEngine(String.valueOf(e.getMessage()));
            }
            throw e;
        } catch (ModelFileException e) {
            if (e.code().equals("MODEL_NOT_FOUND")) {
                throw noEngine(String.valueOf(e.getMessage()));
            }
            throw e;
        }
    }

    private static Refused noEngine(String why) {
        return new Refused(503, NO_ENGINE, why);
    }

    private static RuntimeException refused(ModelException e, String code) {
        return e.kind() == ModelException.Kind.REFUSED ? new Refused(422, code, String.valueOf(e.getMessage())) : e;
    }

    private static Optional<String> language(@Nullable String language) {
        if (language == null || language.isBlank()) {
            return Optional.empty();
        }
        if (!LANGUAGE.matcher(language).matches()) {
            throw new Refused(400, "invalid_query", "language must be such as en or pt-br");
        }
        return Optional.of(language.toLowerCase(Locale.ROOT));
    }

    private static @Nullable String optional(Call call, String field) {
        return call.body().get(field) instanceof String text ? text : null;
    }

    private static long millisSince(long start) {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
    }

    private static Map<String, @Nullable Object> speakSchema() {
        return Map.of(
                "type",
                "object",
                "properties",
                Map.of(
                        "text",
                        Map.of(
                                "type",
                                "string",
                                "minLength",
                                1L,
                                "maxLength",
                                (long) MOST_CHARACTERS,
                                "pattern",
                                "\\S"),
                        "language",
                        Map.of("type", "string", "pattern", "^" + LANGUAGE.pattern() + "$"),
                        "voice",
                        Map.of("type", "string", "maxLength", 128L, "description", "an id of GET /api/voice/voices"),
                        "engine",
                        Map.of("type", "string", "maxLength", 128L, "description", "such as freetts"),
                        "source",
                        Map.of("type", "string", "maxLength", 128L, "description", "a label of the caller's own")),
                "required",
                List.of("text"),
                "additionalProperties",
                false);
    }
}
