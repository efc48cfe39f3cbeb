/**
 * One door to the database: connections, durable writes, migrations. The libraries for PostgreSQL are needed by a store on
 * PostgreSQL only.
 */
@SuppressWarnings("module")
module dev.hart.store {
    requires transitive dev.hart.api;
    requires transitive java.sql;
    requires static transitive org.jspecify;
    requires org.slf4j;
    requires org.xerial.sqlitejdbc;
    requires static com.zaxxer.hikari;
    requires static flyway.core;
    requires static org.postgresql.jdbc;

    exports dev.hart.store;
}
