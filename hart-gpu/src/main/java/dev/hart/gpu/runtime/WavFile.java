package dev.hart.gpu.runtime;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** RIFF files of format WAVE: chunks with a name of four letters and a length, of which {@code fmt } and {@code data} count. */
final class WavFile {
    private static final int RIFF = 0x46464952;
    private static final int WAVE = 0x45564157;
    private static final int FORMAT = 0x20746d66;
    private static final int DATA = 0x61746164;
    private static final int PCM = 1;
    private static final int FLOAT = 3;
    /** Says the real format in its extension. */
    private static final int EXTENSIBLE = 0xFFFE;

    private static final int MOST_CHANNELS = 8;

    private WavFile() {}

    private record Format(int code, int channels, int rate, int bits) {
        int frameBytes() {
            return channels * bits / 8;
        }

        /** One sample as 16 bits. */
        double sample(ByteBuffer in) {
            if (code == FLOAT) {
                float value = in.getFloat();
                return Float.isNaN(value) ? 0 : value * 32_767.0;
            }
            return switch (bits) {
                case 8 -> ((in.get() & 0xFF) - 128) * 256.0;
                case 16 -> in.getShort();
                case 24 -> ((in.get() & 0xFF) | (in.get() & 0xFF) << 8 | in.get() << 16) / 256.0;
                default -> in.getInt() / 65_536.0;
            };
        }
    }

    static Audio read(byte[] file) {
        ByteBuffer in = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
        try {
            int riff = in.getInt();
            in.getInt(); // its length, which streams do not know
            if (riff != RIFF || in.getInt() != WAVE) {
                throw new IllegalArgumentException("it is no WAV file: it does not begin with RIFF and WAVE");
            }
            Format format = null;
            while (true) {
                int name = in.getInt();
                long length = in.getInt() & 0xFFFF_FFFFL;
                if (name == DATA) {
                    if (format == null) {
                        throw new IllegalArgumentException("its samples come before their format");
                    }
                    return audio(format, in, (int) Math.min(length, in.remaining()));
                }
                if (length > in.remaining()) {
                    throw new IllegalArgumentException("it is cut off, or has no samples");
                }
                int start = in.position();
                if (name == FORMAT) {
                    format = format(in, length);
                }
                in.position((int) Math.min(in.limit(), start + length + (length & 1)));
            }
        } catch (BufferUnderflowException e) {
            throw new IllegalArgumentException("it is cut off, or has no samples", e);
        }
    }

    private static Format format(ByteBuffer in, long length) {
        int code = in.getShort() & 0xFFFF;
        int channels = in.getShort() & 0xFFFF;
        int rate = in.getInt();
        in.getInt();
        in.getShort();
        int bits = in.getShort() & 0xFFFF;
        if (code == EXTENSIBLE && length >= 26) {
            in.getLong();
            code = in.getShort() & 0xFFFF;
        }
        boolean known = code == PCM ? bits == 8 || bits == 16 || bits == 24 || bits == 32 : code == FLOAT && bits == 32;
        if (!known) {
            throw new IllegalArgumentException(
                    "its samples are of format %d with %d bits; send PCM of 8, 16, 24 or 32 bits"
                            .formatted(code, bits));
        }
        if (channels < 1 || channels > MOST_CHANNELS) {
            throw new IllegalArgumentException(
                    "it has %d channels, and may have 1 to %d".formatted(channels, MOST_CHANNELS));
        }
        return new Format(code, channels, rate, bits);
    }

    private static Audio audio(Format format, ByteBuffer in, int bytes) {
        short[] samples = new short[bytes / format.frameBytes()];
        if (samples.length == 0) {
            throw new IllegalArgumentException("it has no samples");
        }
        for (int i = 0; i < samples.length; i++) {
            double sum = 0;
            for (int channel = 0; channel < format.channels(); channel++) {
                sum += format.sample(in);
            }
            long mean = Math.round(sum / format.channels());
            samples[i] = (short) Math.max(Short.MIN_VALUE, Math.min(Short.MAX_VALUE, mean));
        }
        return new Audio(format.rate(), samples);
    }

    static byte[] write(int rate, short[] samples) {
        int bytes = Math.multiplyExact(samples.length, 2);
        ByteBuffer out = ByteBuffer.allocate(Math.addExact(bytes, 44)).order(ByteOrder.LITTLE_ENDIAN);
        out.putInt(RIFF).putInt(36 + bytes).putInt(WAVE);
        out.putInt(FORMAT).putInt(16).putShort((short) PCM).putShort((short) 1);
        out.putInt(rate).putInt(rate * 2).putShort((short) 2).putShort((short) 16);
        out.putInt(DATA).putInt(bytes);
        out.asShortBuffer().put(samples);
        return out.array();
    }
}
