package dev.hart.store;

import java.sql.SQLException;
import org.sqlite.SQLiteErrorCode;

/** What SQLite's errors mean for the file. */
final class SqliteFailures extends StoreFailures {
    SqliteFailures(String database) {
        super(database, Dialect.SQLITE);
    }

    static boolean isBusy(SQLException e) {
        return primaryCode(e) == SQLiteErrorCode.SQLITE_BUSY.code
                || primaryCode(e) == SQLiteErrorCode.SQLITE_LOCKED.code;
    }

    private static int primaryCode(SQLException e) {
        return e.getErrorCode() & 0xff;
    }

    @Override
    String explain(SQLException cause) {
        SQLiteErrorCode code = SQLiteErrorCode.getErrorCode(primaryCode(cause));
        return switch (code) {
            case SQLITE_BUSY, SQLITE_LOCKED -> "is locked by another process: end it, or try again later";
            case SQLITE_FULL -> "could not be written because the disk is full: free some space and try again";
            case SQLITE_NOTADB -> "is not a database: choose another file, or restore it from a backup";
            case SQLITE_CORRUPT -> "is damaged: restore it from a backup";
            case SQLITE_CANTOPEN -> "cannot be opened: check that it is a file and that its folder may be written to";
            case SQLITE_READONLY -> "may only be read: check the file's permissions";
            case SQLITE_PERM, SQLITE_AUTH -> "may not be accessed: check the file's permissions";
            case SQLITE_IOERR -> "could not be read or written: check the disk";
            default -> "refused a statement: " + cause.getMessage();
        };
    }
}
