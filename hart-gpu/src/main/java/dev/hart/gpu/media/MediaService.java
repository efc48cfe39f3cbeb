package dev.hart.gpu.media;

import dev.hart.gpu.sidecar.SidecarSpec;
import java.util.Optional;

/**
 * A tool that makes media: the entry of the catalogue that it is chosen by and whose memory it is given, how it is started, and how
 * it is spoken to. Immutable.
 *
 * @param modelId of the entry, such as {@code video_gen-ltx2}; of the kind that the protocol makes
 * @param spec its {@link SidecarSpec#tool} is the first part of the ids of what it makes
 * @param voice which of its models a tool of {@link MediaProtocol#TTS_SUITE} is to speak with; its own choice when empty
 */
public record MediaService(MediaProtocol protocol, String modelId, SidecarSpec spec, Optional<String> voice) {
    public MediaService {
        if (voice.isPresent() && protocol != MediaProtocol.TTS_SUITE) {
            throw new IllegalArgumentException("voice means nothing for " + protocol + ": leave it out");
        }
        if (voice.isPresent() && !voice.get().matches("[A-Za-z0-9][A-Za-z0-9 ._/-]{0,127}")) {
            throw new IllegalArgumentException(
                    "voice must be 1 to 128 of letters, digits, space, . _ / -, was '" + Shown.text(voice.get()) + "'");
        }
    }

    /** LTX-2, as the catalogue's {@code video_gen-ltx2}. */
    public static MediaService ltx2(SidecarSpec spec) {
        return new MediaService(MediaProtocol.LTX2, "video_gen-ltx2", spec, Optional.empty());
    }

    /** Wan2GP, as the catalogue's {@code video_gen-wan2gp}. */
    public static MediaService wan2gp(SidecarSpec spec) {
        return new MediaService(MediaProtocol.WAN2GP, "video_gen-wan2gp", spec, Optional.empty());
    }

    /**
     * A suite of voices, as that entry of the catalogue.
     *
     * @param modelId such as {@code tts-chatterbox-turbo}
     * @param voice what the suite itself calls it
     */
    public static MediaService speech(String modelId, String voice, SidecarSpec spec) {
        return new MediaService(MediaProtocol.TTS_SUITE, modelId, spec, Optional.of(voice));
    }

    /** The tool's name. */
    public String tool() {
        return spec.tool();
    }
}
