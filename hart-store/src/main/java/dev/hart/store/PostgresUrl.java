package dev.hart.store;

import dev.hart.error.InvalidConfigurationException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * A PostgreSQL driver's URL, with its parameters apart.
 *
 * @param address the URL up to its parameters; no secret
 * @param parameters name and value, decoded; secrets among them
 */
record PostgresUrl(String address, Map<String, String> parameters) {
    private static final String SCHEME = "jdbc:postgresql:";

    /** Where the URL says nothing. */
    private static final Map<String, String> DEFAULTS = Map.of(
            "ApplicationName", "hart",
            "tcpKeepAlive", "true",
            // from its third use on, a connection sends a statement by name
            "prepareThreshold", "3",
            "preparedStatementCacheQueries", "256",
            // the server's details quote values from the tables
            "logServerErrorDetail", "false");

    static PostgresUrl parse(String url) {
        int question = url.indexOf('?');
        String address = question < 0 ? url : url.substring(0, question);
        if (!address.startsWith(SCHEME)) {
            throw new InvalidConfigurationException(
                    "the URL of a PostgreSQL database begins with jdbc:postgresql://, as in"
                            + " jdbc:postgresql://localhost:5432/hart; the one given does not");
        }
        if (address.contains("@")) {
            throw new InvalidConfigurationException(
                    "the URL of a PostgreSQL database has no user and password before the host: write"
                            + " jdbc:postgresql://host:5432/database?user=…&password=…, or keep the password in ~/.pgpass");
        }
        Map<String, String> parameters = new LinkedHashMap<>(DEFAULTS);
        if (question >= 0) {
            for (String parameter : url.substring(question + 1).split("&")) {
                int equals = parameter.indexOf('=');
                if (equals > 0) {
                    parameters.put(decode(parameter.substring(0, equals)), decode(parameter.substring(equals + 1)));
                } else if (!parameter.isEmpty()) {
                    throw new InvalidConfigurationException("the URL of " + address
                            + " has a parameter without a value: write name=value, joined by &");
                }
            }
        }
        return new PostgresUrl(address, parameters);
    }

    private static String decode(String text) {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) { // its message quotes the text
            throw new InvalidConfigurationException(
                    "a parameter of the PostgreSQL URL has a % that is not followed by two hexadecimal digits: write %25");
        }
    }

    /** Opens a new connection each time it is asked. */
    PGSimpleDataSource dataSource() {
        PGSimpleDataSource source = new PGSimpleDataSource();
        try {
            source.setURL(address);
            source.setReWriteBatchedInserts(true); // several rows in one statement cost the server far less
            for (Map.Entry<String, String> parameter : parameters.entrySet()) {
                setParameter(source, parameter.getKey(), parameter.getValue());
            }
        } catch (IllegalArgumentException e) {
            throw new InvalidConfigurationException(
                    address + " is no URL that the PostgreSQL driver takes: write jdbc:postgresql://host:5432/database",
                    e);
        }
        return source;
    }

    private void setParameter(PGSimpleDataSource source, String name, String value) {
        try {
            source.setProperty(name, value);
        } catch (SQLException e) {
            throw new InvalidConfigurationException(
                    "the PostgreSQL driver does not take the parameter " + name + " of " + address, e);
        }
    }

    /** Without the parameters. */
    @Override
    public String toString() {
        return address;
    }
}
