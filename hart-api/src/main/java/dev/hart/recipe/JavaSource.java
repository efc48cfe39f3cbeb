package dev.hart.recipe;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The source of a Java class that builds a recipe and runs it, see {@link dev.hart.Recipes#toJava}.
 *
 * @param packageName empty for none
 * @param className without the package
 * @param text the whole file
 */
public record JavaSource(String packageName, String className, String text) {

    /** Where the file belongs below a source folder, such as {@code com/acme/InvoiceTotal.java}. */
    public Path file() {
        Path folder = packageName.isEmpty() ? Path.of("") : Path.of("", packageName.split("\\."));
        return folder.resolve(className + ".java");
    }

    /**
     * Writes the file below a source folder; the folders of its package are made where they are missing.
     *
     * @return the file
     * @throws java.nio.file.FileAlreadyExistsException when it is there already; it may have been changed by hand
     * @throws IOException when it cannot be written
     */
    public Path writeTo(Path sourceFolder) throws IOException {
        Path file = sourceFolder.resolve(file());
        Path folder = file.getParent();
        if (folder != null) {
            Files.createDirectories(folder);
        }
        return Files.writeString(file, text, StandardOpenOption.CREATE_NEW);
    }
}
