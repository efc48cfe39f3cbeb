package dev.hart.tools;

import dev.hart.tool.ToolFailure;
import java.util.Locale;
import java.util.Set;

/** What can be told of an SQL text before SQLite reads it: its first word, and whether a second statement follows. */
final class SqlText {
    private static final Set<String> READING = Set.of("select", "with", "values", "explain");

    private SqlText() {}

    /**
     * SQLite would run the first statement and pass over the rest, and would carry out settings that write nothing; both are
     * refused here, so that a query does what it says or fails. That nothing is written is left to SQLite.
     *
     * @throws ToolFailure {@code SQL_NOT_ALLOWED}
     */
    static void requireOneQuery(String sql) {
        int start = skipBlanks(sql, 0);
        int end = start;
        while (end < sql.length() && Character.isLetter(sql.charAt(end))) {
            end++;
        }
        if (!READING.contains(sql.substring(start, end).toLowerCase(Locale.ROOT))) {
            throw new ToolFailure(
                    "SQL_NOT_ALLOWED",
                    "only queries can be run; start the statement with SELECT, WITH, VALUES or EXPLAIN");
        }
        int at = end;
        while (at < sql.length() && sql.charAt(at) != ';') {
            at = next(sql, at);
        }
        while (at < sql.length() && sql.charAt(at) == ';') {
            at = skipBlanks(sql, at + 1);
        }
        if (at < sql.length()) {
            throw new ToolFailure(
                    "SQL_NOT_ALLOWED", "only one statement can be run at a time; remove what follows the first ';'");
        }
    }

    /** Behind the token that starts here: a quoted text or name, a comment, or one character. */
    private static int next(String sql, int at) {
        switch (sql.charAt(at)) {
            case '\'':
            case '"':
            case '`':
                return behind(sql, sql.substring(at, at + 1), at + 1);
            case '[':
                return behind(sql, "]", at + 1);
            default:
                int comment = skipComment(sql, at);
                return comment > at ? comment : at + 1;
        }
    }

    private static int skipBlanks(String sql, int from) {
        int at = from;
        while (at < sql.length()) {
            int behind = Character.isWhitespace(sql.charAt(at)) ? at + 1 : skipComment(sql, at);
            if (behind == at) {
                return at;
            }
            at = behind;
        }
        return at;
    }

    private static int skipComment(String sql, int at) {
        if (sql.startsWith("--", at)) {
            return behind(sql, "\n", at + 2);
        }
        if (sql.startsWith("/*", at)) {
            return behind(sql, "*/", at + 2);
        }
        return at;
    }

    private static int behind(String sql, String end, int from) {
        int found = sql.indexOf(end, from);
        return found < 0 ? sql.length() : found + end.length();
    }
}
