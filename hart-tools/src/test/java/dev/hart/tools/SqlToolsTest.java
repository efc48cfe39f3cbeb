package dev.hart.tools;

import static dev.hart.tools.Failures.assertFails;
import static dev.hart.tools.Failures.assertFailsForNow;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.hart.tool.ToolContext;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SqlToolsTest {
    private static final Path SHOP = Path.of("shop.db");

    @TempDir
    Path root;

    SqlTools sql;
    byte[] before;

    @BeforeEach
    void aShopWithThreeItems() throws Exception {
        root = root.toRealPath();
        execute(
                "CREATE TABLE item (name TEXT, price REAL, stock INTEGER, picture BLOB)",
                "INSERT INTO item VALUES ('Anvil', 119.9, 3, NULL), ('Bolt; M8', 0.35, 4000, NULL), ('Drill', 249, NULL, x'00ff')");
        before = Files.readAllBytes(root.resolve(SHOP));
        sql = new SqlTools(new Workspace(root, root.resolve("hart-data")), InstantSource.system());
    }

    private void execute(String... statements) throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + root.resolve(SHOP));
                Statement statement = connection.createStatement()) {
            for (String each : statements) {
                statement.execute(each);
            }
        }
    }

    private List<Map<String, Object>> query(String text, Object... params) {
        return sql.query(
                SHOP, text, Arrays.asList(params), context(Instant.now().plusSeconds(30)));
    }

    private static ToolContext context(Instant deadline) {
        return new ToolContext("run", "action", "key", deadline, 1);
    }

    @Test
    void rowsAreAnsweredWithTheirTypes() {
        assertThat(query("SELECT name, price, stock FROM item ORDER BY name LIMIT 1"))
                .containsExactly(Map.of("name", "Anvil", "price", new BigDecimal("119.9"), "stock", 3L));
        assertThat(query("SELECT stock FROM item WHERE name = 'Drill'"))
                .containsExactly(Collections.singletonMap("stock", null));
        assertThat(query("SELECT name FROM item WHERE 1 = 0")).isEmpty();
    }

    @Test
    void paramsFillTheMarksAndAreNeverPartOfTheSql() {
        assertThat(query("SELECT count(*) AS n FROM item WHERE name = ?", "x' OR '1'='1"))
                .containsExactly(Map.of("n", 0L));
        assertThat(query("SELECT name FROM item WHERE stock > ? AND price < ?", 10L, new BigDecimal("0.5")))
                .containsExactly(Map.of("name", "Bolt; M8"));
        assertFails("PARAMS_MISMATCH", () -> query("SELECT ?"))
                .isEqualTo("the query has 1 ? marks, and params has 0 values; give one value for each");
        assertFails("PARAMS_MISMATCH", () -> query("SELECT 1", "x"));
        assertFails("PARAMS_MISMATCH", () -> query("SELECT ?", List.of(1)))
                .isEqualTo("value 1 of params is a list or an object; give texts, numbers, true, false or null");
    }

    @Test
    void theParamsMayBeLeftOut() {
        assertThat(sql.query(
                        SHOP, "SELECT 1 AS one", null, context(Instant.now().plusSeconds(30))))
                .containsExactly(Map.of("one", 1L));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT 1;", " \n SELECT 1 ; ; -- the end", "/* a; b */ SELECT 1", "-- first;\nselect 1",
                "SELECT ';' AS a, \";\" AS b", "SELECT 1 AS [a;b]", "SELECT 1 AS `a;b`", "SELECT 'it''s;'",
                "WITH x AS (SELECT 1) SELECT * FROM x", "VALUES (1)", "EXPLAIN SELECT 1", "SELECT 1 /* ; never closed"
            })
    void oneQueryIsRun(String text) {
        assertThat(query(text)).isNotEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT 1; SELECT 2", "SELECT 1; DROP TABLE item", "SELECT 1;/**/DELETE FROM item",
                "SELECT '--'; DELETE FROM item", "SELECT 1 --;\n; DELETE FROM item", "SELECT \"';\"; DELETE FROM item"
            })
    void aSecondStatementIsRefused(String text) {
        assertFails("SQL_NOT_ALLOWED", () -> query(text))
                .isEqualTo("only one statement can be run at a time; remove what follows the first ';'");
        assertNothingChanged();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "-- nothing",
                "DELETE FROM item",
                "PRAGMA query_only = OFF",
                "ATTACH 'new.db' AS new",
                "VACUUM INTO 'copy.db'",
                "selectx 1",
                "BEGIN",
                ";SELECT 1"
            })
    void whatDoesNotStartLikeAQueryIsRefused(String text) {
        assertFails("SQL_NOT_ALLOWED", () -> query(text))
                .isEqualTo("only queries can be run; start the statement with SELECT, WITH, VALUES or EXPLAIN");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "WITH x AS (SELECT 1) DELETE FROM item",
                "WITH x AS (SELECT 'new') INSERT INTO item (name) SELECT * FROM x RETURNING name",
                "WITH x AS (SELECT 1) UPDATE item SET stock = 0 RETURNING *"
            })
    void sqliteItselfRefusesToWrite(String text) {
        assertFails("SQL_NOT_ALLOWED", () -> query(text))
                .isEqualTo("'shop.db' is opened for reading only; write a query");
        assertNothingChanged();
    }

    @Test
    void theConnectionAloneWouldKeepEverythingAsItIs() throws SQLException {
        try (Connection connection =
                        sql.open(root.resolve(SHOP), context(Instant.now().plusSeconds(30)));
                Statement statement = connection.createStatement()) {
            for (String text : List.of(
                    "DELETE FROM item",
                    "CREATE TABLE more (x)",
                    "ATTACH '" + root.resolve("new.db") + "' AS new",
                    "VACUUM INTO '" + root.resolve("copy.db") + "'",
                    "SELECT load_extension('libm.so.6')")) {
                assertThat(catchThrowable(() -> statement.execute(text)))
                        .as(text)
                        .isInstanceOf(SQLException.class);
            }
        }
        assertNothingChanged();
    }

    private void assertNothingChanged() {
        assertThat(root.resolve(SHOP)).hasBinaryContent(before);
        try (var files = Files.list(root)) {
            assertThat(files).containsExactly(root.resolve(SHOP));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void aDatabaseInWriteAheadModeIsReadWhileItIsWritten() throws SQLException {
        execute("PRAGMA journal_mode = WAL");
        try (Connection writer = DriverManager.getConnection("jdbc:sqlite:" + root.resolve(SHOP));
                Statement statement = writer.createStatement()) {
            statement.execute("BEGIN IMMEDIATE");
            statement.execute("DELETE FROM item");

            assertThat(query("SELECT count(*) AS n FROM item")).containsExactly(Map.of("n", 3L));
        }
    }

    @Test
    void atMost1000RowsAreAnswered() {
        String numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) SELECT i FROM n";

        assertThat(query(numbers, 1000L)).hasSize(1000);
        assertFails("TOO_MANY_ROWS", () -> query(numbers, 1001L))
                .isEqualTo("the query answers more than 1000 rows or 1048576 characters; add LIMIT, or select less");
    }

    @Test
    void atMostAMebiOfCharactersIsAnswered() {
        String two = "SELECT 'a' AS c UNION ALL SELECT substr(hex(zeroblob(?)), 2)";

        assertThat(query(two, 262_144L)).hasSize(2);
        assertFails(
                "TOO_MANY_ROWS",
                () -> query("SELECT hex(zeroblob(262144)) AS c UNION ALL SELECT hex(zeroblob(262143))||'a'"));
        assertFails("SQL_INVALID", () -> query("SELECT length(zeroblob(1048577))"))
                .contains("too big");
    }

    @Test
    void aQueryWithoutEndIsStoppedAtItsDeadline() {
        Instant start = Instant.parse("2026-01-01T00:00:00Z");
        long[] looks = {0};
        InstantSource clock = () -> start.plusSeconds(looks[0]++);
        SqlTools timed = new SqlTools(new Workspace(root, root.resolve("hart-data")), clock);

        assertFailsForNow(
                        "TIMEOUT",
                        () -> timed.query(
                                SHOP,
                                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n",
                                null,
                                context(start.plusSeconds(20))))
                .isEqualTo("the query of 'shop.db' took too long; select less");
        assertThat(looks[0]).isEqualTo(22);
    }

    @Test
    void anInterruptStopsAQuery() {
        Thread.currentThread().interrupt();
        try {
            assertFailsForNow(
                    "TIMEOUT",
                    () -> query(
                            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"));
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
    }

    @Test
    void valuesWithoutJsonFormAreRefused() {
        assertFails("VALUE_UNSUPPORTED", () -> query("SELECT picture FROM item WHERE name = 'Drill'"))
                .isEqualTo("column 'picture' holds binary data; select hex(…) of it, or leave it out");
        assertFails("VALUE_UNSUPPORTED", () -> query("SELECT 9e999 AS big"))
                .isEqualTo("column 'big' holds an infinite number; leave it out");
        assertFails("COLUMN_AMBIGUOUS", () -> query("SELECT 1 AS a, 2 AS a"))
                .isEqualTo("the query answers two columns named 'a'; give each an own name with AS");
    }

    @Test
    void aMistakeIsAnsweredWithWhatSqliteSays() {
        assertFails("SQL_INVALID", () -> query("SELECT prize FROM item")).contains("no such column: prize");
    }

    @Test
    void aFileThatIsNoDatabaseIsRefused() throws IOException {
        Files.writeString(root.resolve("a.csv"), "name,amount\n".repeat(100));

        assertFails(
                        "NOT_A_DATABASE",
                        () -> sql.query(
                                Path.of("a.csv"),
                                "SELECT * FROM item",
                                null,
                                context(Instant.now().plusSeconds(30))))
                .isEqualTo("'a.csv' is not a sound SQLite database; give another file");
    }

    @Test
    void aMissingFileIsNotCreatedAndOnesOutsideAreRefused() {
        ToolContext context = context(Instant.now().plusSeconds(30));

        assertFails("FILE_NOT_FOUND", () -> sql.query(Path.of("no.db"), "SELECT 1", null, context));
        assertThat(root.resolve("no.db")).doesNotExist();
        assertFails("PATH_OUTSIDE_WORKSPACE", () -> sql.query(Path.of("../x.db"), "SELECT 1", null, context));
    }

    @Test
    void aNameThatTheDriverWouldReadAsSettingsIsRefused() throws IOException {
        Files.copy(root.resolve(SHOP), root.resolve("a.db?mode=rwc"));

        assertFails(
                        "PATH_INVALID",
                        () -> sql.query(
                                Path.of("a.db?mode=rwc"),
                                "SELECT 1",
                                null,
                                context(Instant.now().plusSeconds(30))))
                .isEqualTo("the path of a database cannot hold '?', was 'a.db?mode=rwc'; rename it");
    }

    @Test
    void aQueryHasAtMost10000CharactersAnd100Params() {
        String longest = "SELECT 1 AS one" + " ".repeat(10_000 - 15);
        Object[] hundred = Collections.nCopies(100, 1L).toArray();
        String marks = "SELECT count(*) AS n FROM (VALUES (?)" + ", (?)".repeat(99) + ")";

        assertThat(query(longest)).hasSize(1);
        assertFails("SQL_NOT_ALLOWED", () -> query(longest + " "))
                .isEqualTo("a query has at most 10000 characters and 100 params; shorten it");
        assertThat(query(marks, hundred)).containsExactly(Map.of("n", 100L));
        assertFails(
                "SQL_NOT_ALLOWED",
                () -> query(marks, Collections.nCopies(101, 1L).toArray()));
    }
}
