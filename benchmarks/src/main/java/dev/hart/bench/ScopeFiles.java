package dev.hart.bench;

import dev.langchain4j.agentic.scope.AgenticScopeKey;
import dev.langchain4j.agentic.scope.AgenticScopeSerializer;
import dev.langchain4j.agentic.scope.AgenticScopeStore;
import dev.langchain4j.agentic.scope.DefaultAgenticScope;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.Set;

/** The store that LangChain4j leaves to its users: a file for each scope, synced and then put in the place of the one before. */
final class ScopeFiles implements AgenticScopeStore {
    private final Path folder;

    ScopeFiles(Path folder) {
        this.folder = folder;
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public boolean save(AgenticScopeKey key, DefaultAgenticScope scope) {
        Path next = folder.resolve(key.memoryId() + ".next");
        byte[] json = AgenticScopeSerializer.toJson(scope).getBytes(StandardCharsets.UTF_8);
        try (FileChannel file = FileChannel.open(
                next, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            file.write(ByteBuffer.wrap(json));
            file.force(true);
            Files.move(next, file(key), StandardCopyOption.ATOMIC_MOVE);
            return true;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Path file(AgenticScopeKey key) {
        return folder.resolve(key.memoryId() + ".json");
    }

    @Override
    public Optional<DefaultAgenticScope> load(AgenticScopeKey key) {
        try {
            return Files.exists(file(key))
                    ? Optional.of(AgenticScopeSerializer.fromJson(Files.readString(file(key))))
                    : Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public boolean delete(AgenticScopeKey key) {
        try {
            return Files.deleteIfExists(file(key));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Nothing asks for them in a run. */
    @Override
    public Set<AgenticScopeKey> getAllKeys() {
        throw new UnsupportedOperationException("the benchmark resumes nothing");
    }
}
