package dev.hart.gpu.media;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** The formats of files that tools may make, told by their first bytes. */
enum MediaFormat {
    MP4("mp4", "video/mp4"),
    WEBM("webm", "video/webm"),
    PNG("png", "image/png"),
    JPEG("jpg", "image/jpeg"),
    WEBP("webp", "image/webp"),
    WAV("wav", "audio/wav", "audio/x-wav", "audio/wave", "audio/vnd.wave"),
    MP3("mp3", "audio/mpeg", "audio/mp3"),
    OGG("ogg", "audio/ogg", "application/ogg"),
    FLAC("flac", "audio/flac", "audio/x-flac");

    private static final int HEAD = 12;
    /** Boxes of an MP4 file, and chunks of a WAV file, that are looked at. */
    private static final int MOST_PARTS = 1000;

    private final String extension;
    private final List<String> types;

    MediaFormat(String extension, String... types) {
        this.extension = extension;
        this.types = List.of(types);
    }

    String extension() {
        return extension;
    }

    /** Its usual name. */
    String mediaType() {
        return types.get(0);
    }

    /** In which that kind may come. */
    static Set<MediaFormat> of(MediaKind kind) {
        return switch (kind) {
            case VIDEO -> EnumSet.of(MP4, WEBM);
            case IMAGE -> EnumSet.of(PNG, JPEG, WEBP);
            case AUDIO, SPEECH -> EnumSet.of(WAV, MP3, OGG, FLAC);
        };
    }

    /** The one of a {@code Content-Type}, whose parameters are not looked at. */
    static Optional<MediaFormat> ofType(String contentType) {
        int end = contentType.indexOf(';');
        String type =
                (end < 0 ? contentType : contentType.substring(0, end)).strip().toLowerCase(Locale.ROOT);
        return Arrays.stream(values())
                .filter(format -> format.types.contains(type))
                .findFirst();
    }

    /** What a file is by its first bytes; empty for none of these. */
    static Optional<MediaFormat> of(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(HEAD);
            return Arrays.stream(values())
                    .filter(format -> format.begins(bytes))
                    .findFirst();
        }
    }

    private boolean begins(byte[] head) {
        return switch (this) {
            case MP4 -> is(head, 4, "ftyp");
            case WEBM -> is(head, 0, "\u001A\u0045\u00DF\u00A3");
            case PNG -> is(head, 0, "\u0089PNG\r\n\u001A\n");
            case JPEG -> is(head, 0, "\u00FF\u00D8\u00FF");
            case WEBP -> is(head, 0, "RIFF") && is(head, 8, "WEBP");
            case WAV -> is(head, 0, "RIFF") && is(head, 8, "WAVE");
            case MP3 -> is(head, 0, "ID3") || (head.length >= 2 && head[0] == -1 && (head[1] & 0xE6) == 0xE2);
            case OGG -> is(head, 0, "OggS");
            case FLAC -> is(head, 0, "fLaC");
        };
    }

    private static boolean is(byte[] head, int at, String bytes) {
        byte[] wanted = bytes.getBytes(StandardCharsets.ISO_8859_1);
        return head.length >= at + wanted.length
                && Arrays.equals(head, at, at + wanted.length, wanted, 0, wanted.length);
    }

    // How long it plays

    /** What the header of a WAV or MP4 file says; empty for others, and for a header that says nothing of use. */
    Optional<Duration> duration(Path file) throws IOException {
        if (this != WAV && this != MP4) {
            return Optional.empty();
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            return this == WAV ? ofWav(channel) : ofMp4(channel);
        } catch (EOFException e) {
            return Optional.empty(); // a header that ends early says nothing
        }
    }

    /** Chunks after the twelve bytes of the head; {@code fmt } tells bytes a second, {@code data} how many there are. */
    private static Optional<Duration> ofWav(FileChannel channel) throws IOException {
        long bytesPerSecond = 0;
        long at = HEAD;
        for (int i = 0; i < MOST_PARTS; i++) {
            ByteBuffer chunk = read(channel, at, 8).order(ByteOrder.LITTLE_ENDIAN);
            int name = chunk.getInt();
            long length = Integer.toUnsignedLong(chunk.getInt());
            if (name == littleEndian("fmt ")) {
                bytesPerSecond = Integer.toUnsignedLong(
                        read(channel, at + 16, 4).order(ByteOrder.LITTLE_ENDIAN).getInt());
            } else if (name == littleEndian("data")) {
                long there = Math.min(length, channel.size() - at - 8); // a streamed file does not know its length
                return bytesPerSecond == 0
                        ? Optional.empty()
                        : Optional.of(Duration.ofMillis(Math.round(1000.0 * there / bytesPerSecond)));
            }
            at += 8 + length + (length & 1);
        }
        return Optional.empty();
    }

    private static int littleEndian(String name) {
        return ByteBuffer.wrap(name.getBytes(StandardCharsets.US_ASCII))
                .order(ByteOrder.LITTLE_ENDIAN)
                .getInt();
    }

    /** Boxes; {@code mvhd} in {@code moov} tells units a second, and how many there are. */
    private static Optional<Duration> ofMp4(FileChannel channel) throws IOException {
        long at = 0;
        long end = channel.size();
        for (int i = 0; i < MOST_PARTS && at < end; i++) {
            ByteBuffer box = read(channel, at, 8);
            long length = Integer.toUnsignedLong(box.getInt());
            String name = text(box);
            long head = 8;
            if (length == 1) {
                length = read(channel, at + 8, 8).getLong();
                head = 16;
            } else if (length == 0) {
                length = end - at;
            }
            if (length < head) {
                return Optional.empty();
            }
            if (name.equals("moov")) {
                at += head; // into it
            } else if (name.equals("mvhd")) {
                return ofMvhd(channel, at + head);
            } else {
                at += length;
            }
            if (at < 0) {
                return Optional.empty();
            }
        }
        return Optional.empty();
    }

    private static Optional<Duration> ofMvhd(FileChannel channel, long at) throws IOException {
        boolean wide = read(channel, at, 1).get() == 1;
        long scale;
        long units;
        if (wide) {
            ByteBuffer times = read(channel, at + 20, 12);
            scale = Integer.toUnsignedLong(times.getInt());
            units = times.getLong();
        } else {
            ByteBuffer times = read(channel, at + 12, 8);
            scale = Integer.toUnsignedLong(times.getInt());
            units = Integer.toUnsignedLong(times.getInt());
        }
        double seconds = (double) units / scale;
        return scale == 0 || units <= 0 || seconds > 86_400
                ? Optional.empty()
                : Optional.of(Duration.ofMillis(Math.round(seconds * 1000)));
    }

    private static String text(ByteBuffer box) {
        byte[] name = new byte[4];
        box.get(name);
        return new String(name, StandardCharsets.ISO_8859_1);
    }

    private static ByteBuffer read(FileChannel channel, long at, int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length);
        while (bytes.hasRemaining()) {
            if (at < 0 || channel.read(bytes, at + bytes.position()) < 0) {
                throw new EOFException();
            }
        }
        return bytes.flip();
    }
}
