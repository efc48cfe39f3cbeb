/** One door to the database: connections, durable writes, migrations. */
module dev.hart.store {
    requires transitive dev.hart.api;
    requires transitive java.sql;
    requires static transitive org.jspecify;
    requires org.slf4j;
    requires org.xerial.sqlitejdbc;

    exports dev.hart.store;
}
