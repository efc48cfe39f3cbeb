package dev.hart.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hart.error.HartException;
import java.io.File;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.sqlite.SQLiteConnection;

/** In JVMs of its own, which have no library for PostgreSQL. */
@Timeout(60)
class WithoutPostgresTest {
    @TempDir
    Path folder;

    /** What such a JVM runs. */
    static final class Program {
        private Program() {}

        public static void main(String[] args) {
            try (Store store = Store.sqlite(Path.of(args[0]))) {
                int one = store.write(tx -> {
                    tx.prepare("CREATE TABLE note (text TEXT)").executeUpdate();
                    return tx.prepare("INSERT INTO note VALUES ('a')").executeUpdate();
                });
                System.out.println("wrote " + one);
            }
            try {
                Store.postgres("jdbc:postgresql://localhost/hart").close();
            } catch (HartException e) {
                System.out.println(e.code() + " " + e.getMessage());
            }
        }
    }

    private static String where(Class<?> type) {
        try {
            return Path.of(type.getProtectionDomain()
                            .getCodeSource()
                            .getLocation()
                            .toURI())
                    .toString();
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private String run(List<String> options) throws Exception {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(options);
        command.add(folder.resolve("notes.db").toString());
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        return output;
    }

    private static void assertThatSqliteWorksAndPostgresIsMissed(String output) {
        assertThat(output)
                .contains("wrote 1")
                .contains(
                        "MISSING_MODULE a store on PostgreSQL needs com.zaxxer.hikari.HikariDataSource, which is missing:"
                                + " add to your build")
                .contains("org.flywaydb:flyway-database-postgresql:");
    }

    @Test
    void theVersionsToAddAreThoseOfTheBuild() throws Exception {
        String build = Files.readString(Path.of("../pom.xml"));
        assertThat(Store.POSTGRES_DEPENDENCIES)
                .contains(
                        "com.zaxxer:HikariCP:" + version(build, "hikaricp"),
                        "org.postgresql:postgresql:" + version(build, "postgresql"),
                        "org.flywaydb:flyway-core:" + version(build, "flyway"),
                        "org.flywaydb:flyway-database-postgresql:" + version(build, "flyway"));
    }

    private static String version(String build, String name) {
        return build.replaceFirst("(?s).*<" + name + "\\.version>([^<]+)<.*", "$1");
    }

    private static String path(Stream<Class<?>> types) {
        return types.map(WithoutPostgresTest::where).distinct().collect(Collectors.joining(File.pathSeparator));
    }

    @Test
    void onTheClassPathSqliteNeedsNoneOfThemAndTheMessageSaysWhatToAdd() throws Exception {
        String classes =
                path(Stream.of(Store.class, Program.class, HartException.class, Logger.class, SQLiteConnection.class));
        assertThatSqliteWorksAndPostgresIsMissed(run(List.of("-cp", classes, Program.class.getName())));
    }

    @Test
    void onTheModulePathToo() throws Exception {
        String modules = path(Stream.of(Store.class, HartException.class, Logger.class, SQLiteConnection.class));
        assertThatSqliteWorksAndPostgresIsMissed(run(List.of(
                "-p",
                modules,
                "--patch-module",
                "dev.hart.store=" + where(Program.class),
                "-m",
                "dev.hart.store/" + Program.class.getName())));
    }
}
