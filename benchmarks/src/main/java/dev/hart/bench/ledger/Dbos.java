package dev.hart.bench.ledger;

import dev.dbos.transact.config.DBOSConfig;
import javax.sql.DataSource;

/** How DBOS is set up. */
final class Dbos {
    /** For 16 threads of work, and what DBOS does beside. */
    static final int CONNECTIONS = 20;

    private Dbos() {}

    /** Its defaults; the version is given, so that it need not be worked out from the classes. */
    static DBOSConfig config(DataSource pool) {
        return DBOSConfig.defaults("bench").withDataSource(pool).withAppVersion("1");
    }
}
