package dev.hart.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hart.error.InvalidConfigurationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.ds.PGSimpleDataSource;

class PostgresUrlTest {
    @Test
    void parametersAreDecodedAndWinOverTheDefaults() throws Exception {
        PGSimpleDataSource source = PostgresUrl.parse(
                        "jdbc:postgresql://db.example:5433/hart?user=ann&password=a%26b&prepareThreshold=1&ssl=true")
                .dataSource();
        assertThat(source.getServerNames()).containsExactly("db.example");
        assertThat(source.getPortNumbers()).containsExactly(5433);
        assertThat(source.getDatabaseName()).isEqualTo("hart");
        assertThat(source.getUser()).isEqualTo("ann");
        assertThat(source.getPassword()).isEqualTo("a&b");
        assertThat(source.getPrepareThreshold()).isEqualTo(1);
        assertThat(source.getProperty("ssl")).isEqualTo("true");
        assertThat(source.getApplicationName()).isEqualTo("hart");
        assertThat(source.getTcpKeepAlive()).isTrue();
    }

    @Test
    void itsTextHasNoSecret() {
        assertThat(PostgresUrl.parse("jdbc:postgresql://db.example/hart?password=hush"))
                .hasToString("jdbc:postgresql://db.example/hart");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "jdbc:sqlite:hush.db",
                "postgresql://ann:hush@db.example/hart",
                "jdbc:postgresql://ann:hush@db.example/hart",
                "jdbc:postgresql://db.example/hart?password=hush&ssl",
                "jdbc:postgresql://db.example/hart?password=hush%",
                "jdbc:postgresql://db.example/hart?password=hush&noSuchThing=1",
                "jdbc:postgresql://db.example:port/hart?password=hush"
            })
    void whatTheDriverDoesNotTakeIsRefusedWithoutItsSecret(String url) {
        assertThatThrownBy(() -> PostgresUrl.parse(url).dataSource())
                .isInstanceOf(InvalidConfigurationException.class)
                .hasMessageNotContaining("hush");
    }
}
