package dev.hart.tools;

import static dev.hart.tools.Failures.assertFails;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WorkspaceTest {
    @TempDir
    Path folder;

    Path root;
    Path elsewhere;
    Workspace workspace;

    @BeforeEach
    void aWorkspaceBesideAFolderWithASecret() throws IOException {
        folder = folder.toRealPath();
        root = Files.createDirectory(folder.resolve("workspace"));
        elsewhere = Files.createDirectory(folder.resolve("elsewhere"));
        Files.writeString(elsewhere.resolve("secret.txt"), "secret");
        workspace = new Workspace(root, root.resolve("state"));
    }

    @Test
    void aRelativePathIsTakenFromTheRoot() {
        assertThat(workspace.resolve("a/b.txt")).isEqualTo(root.resolve("a/b.txt"));
        assertThat(workspace.resolve("./a//b.txt")).isEqualTo(root.resolve("a/b.txt"));
        assertThat(workspace.resolve("")).isEqualTo(root);
    }

    @Test
    void twoDotsMayGoBackInsideTheWorkspaceOnly() {
        assertThat(workspace.resolve("a/../b.txt")).isEqualTo(root.resolve("b.txt"));
        assertFails("PATH_OUTSIDE_WORKSPACE", () -> workspace.resolve("a/../../elsewhere/secret.txt"))
                .isEqualTo(
                        "'a/../../elsewhere/secret.txt' is outside the workspace %s; move the file there, or choose"
                                + " another folder with HartBuilder.workspace",
                        root);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "..",
                "../",
                "../workspace-2/x",
                "a/../../x",
                "/",
                "/etc/passwd",
                "C:\\x",
                "C:x",
                "c:/x",
                "\\\\server\\share\\x"
            })
    void otherPlacesAreRefused(String path) {
        assertFails("PATH_OUTSIDE_WORKSPACE", () -> workspace.resolve(path));
    }

    @Test
    void anAbsolutePathInsideTheRootIsTaken() {
        assertThat(workspace.resolve(root.resolve("a.txt").toString())).isEqualTo(root.resolve("a.txt"));
    }

    @Test
    void aFolderWhoseNameBeginsLikeTheRootIsOutside() {
        assertFails("PATH_OUTSIDE_WORKSPACE", () -> workspace.resolve(root + "-2/a.txt"));
    }

    @Test
    void aRootReachedThroughALinkWorksByBothNames() throws IOException {
        Path link = Files.createSymbolicLink(folder.resolve("link"), root);
        Workspace linked = new Workspace(link, root.resolve("state"));

        assertThat(linked.resolve(link.resolve("a.txt").toString())).isEqualTo(root.resolve("a.txt"));
        assertThat(linked.resolve(root.resolve("a.txt").toString())).isEqualTo(root.resolve("a.txt"));
        assertThat(linked.resolve("a.txt")).isEqualTo(root.resolve("a.txt"));
    }

    @Test
    void aLinkToAFileOutsideIsRefused() throws IOException {
        Files.createSymbolicLink(root.resolve("link.txt"), elsewhere.resolve("secret.txt"));

        assertFails("PATH_OUTSIDE_WORKSPACE", () -> workspace.resolve("link.txt"));
    }

    @Test
    void aNewFileUnderALinkedFolderOutsideIsRefused() throws IOException {
        Files.createSymbolicLink(root.resolve("sub"), elsewhere);

        assertFails("PATH_OUTSIDE_WORKSPACE", () -> workspace.resolve("sub/new/deeper.txt"));
    }

    @Test
    void aChainOfLinksIsFollowedToItsEnd() throws IOException {
        Files.createSymbolicLink(root.resolve("one"), Path.of("two"));
        Files.createSymbolicLink(root.resolve("two"), Path.of("../elsewhere"));

        assertFails("PATH_OUTSIDE_WORKSPACE", () -> workspace.resolve("one/secret.txt"));
    }

    @Test
    void aLinkWhoseTargetIsMissingIsRefusedAsWritingWouldCreateTheTarget() throws IOException {
        Files.createSymbolicLink(root.resolve("link.txt"), elsewhere.resolve("not-yet.txt"));

        assertFails("PATH_INVALID", () -> workspace.resolve("link.txt"))
                .isEqualTo(
                        "'link.txt' goes through a link whose target is missing; remove the link or restore its target");
    }

    @Test
    void aLinkWithinTheWorkspaceIsResolvedToItsTarget() throws IOException {
        Files.createDirectory(root.resolve("real"));
        Files.createSymbolicLink(root.resolve("alias"), Path.of("real"));

        assertThat(workspace.resolve("alias/a.txt")).isEqualTo(root.resolve("real/a.txt"));
    }

    @Test
    void aZeroCharacterIsRefused() {
        assertFails("PATH_INVALID", () -> workspace.resolve("a.txt\0.csv"))
                .isEqualTo("a path cannot hold a zero character; remove it");
    }

    @Test
    void aPathHasAtMost4096Characters() {
        String longest = "a/".repeat(2047) + "bc";

        assertThat(workspace.resolve(longest).toString())
                .startsWith(root.toString())
                .endsWith("/a/bc");
        assertFails("PATH_INVALID", () -> workspace.resolve(longest + "d"))
                .isEqualTo("a path has at most 4096 characters");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "hart-data",
                "hart-data/hart.db",
                "a/../hart-data/hart.db",
                "HART-DATA/x",
                "sub/hart-data/x",
                "state",
                "state/hart.db"
            })
    void hartsOwnDataIsClosed(String path) {
        assertFails("PATH_OUTSIDE_WORKSPACE", () -> workspace.resolve(path))
                .isEqualTo("'%s' belongs to HART's own data, which tools may not touch; choose another path", path);
    }

    @Test
    void aLinkToHartsOwnDataIsClosedToo() throws IOException {
        Files.createDirectory(root.resolve("state"));
        Files.createSymbolicLink(root.resolve("alias"), Path.of("state"));

        assertFails("PATH_OUTSIDE_WORKSPACE", () -> workspace.resolve("alias/hart.db"));
    }

    @Test
    void aNameThatOnlyBeginsLikeTheDataIsOpen() {
        assertThat(workspace.resolve("hart-data.csv")).isEqualTo(root.resolve("hart-data.csv"));
        assertThat(workspace.resolve("state-of-things.txt")).isEqualTo(root.resolve("state-of-things.txt"));
    }

    @Test
    void aMissingWorkspaceSaysHowToSetAnother() {
        Workspace missing = new Workspace(folder.resolve("missing"), folder.resolve("state"));

        assertFails("WORKSPACE_MISSING", () -> missing.resolve("a.txt"))
                .isEqualTo(
                        "the workspace %s does not exist; create it, or set another with HartBuilder.workspace",
                        folder.resolve("missing"));
    }
}
