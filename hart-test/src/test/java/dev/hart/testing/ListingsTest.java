package dev.hart.testing;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ListingsTest {
    @TempDir
    Path root;

    @BeforeEach
    void writeASource() throws IOException {
        Files.writeString(root.resolve("Sample.java"), """
                class Sample {
                    // tag::first[]
                    int a = 1;
                    if (b) {
                        c();
                    }
                    // end::first[]
                    // tag::open[]
                }
                """);
    }

    @Test
    void aListingEqualToItsSourcePassesWhateverItsIndentation() throws IOException {
        page("""
                # Page
                <!-- listing first from Sample.java -->
                ```java
                int a = 1;
                if (b) {
                    c();
                }
                ```
                """);

        assertThatCode(this::check).doesNotThrowAnyException();
    }

    @Test
    void aListingThatDiffersIsShownTheSource() throws IOException {
        page("""
                <!-- listing first from Sample.java -->
                ```java
                int a = 2;
                ```
                """);

        assertProblem("""
                page.md:2 differs from first in Sample.java, which is:
                int a = 1;
                if (b) {
                    c();
                }
                """);
    }

    @Test
    void everyProblemIsNamed() throws IOException {
        page("""
                ```java
                int x;
                ```

                <!-- listing first from Missing.java -->
                ```java
                int x;
                ```

                <!-- listing open from Sample.java -->
                ```java
                int x;
                ```
                """);

        assertProblem("""
                page.md:1 names no source; put <!-- listing NAME from PATH --> above it
                page.md:6: there is no file Missing.java
                page.md:11: Sample.java has no lines between tag::open[] and end::open[]""");
    }

    @Test
    void aPageWithoutListingsFails() throws IOException {
        page("# Nothing\n");

        assertProblem("page.md has no Java listing");
    }

    @Test
    void aMissingPageFails() {
        assertThatExceptionOfType(AssertionError.class)
                .isThrownBy(() -> Listings.of("no/such/page.md"))
                .withMessageStartingWith("there is no no/such/page.md in ");
    }

    private void page(String text) throws IOException {
        Files.writeString(root.resolve("page.md"), text);
    }

    private void check() {
        new Listings(root, "page.md").assertEqualToSources();
    }

    private void assertProblem(String message) {
        assertThatExceptionOfType(AssertionError.class).isThrownBy(this::check).withMessage(message);
    }
}
