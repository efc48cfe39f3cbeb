/** Tools that come with HART: files, CSV, JSON, text, arithmetic, dates, HTTP, SQL. */
module dev.hart.tools {
    requires transitive dev.hart.api;
    requires com.fasterxml.jackson.databind;
    requires de.siegmar.fastcsv;
    requires java.net.http;
    requires java.sql;
    requires org.xerial.sqlitejdbc;

    exports dev.hart.tools;
}
