package dev.hart.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hart.error.InvalidConfigurationException;
import dev.hart.server.Documents.Started;
import org.junit.jupiter.api.Test;

class RouteTableTest {
    private final RouteTable table = new RouteTable();

    @Test
    void theSameMethodAndPathTwiceIsRefusedWhateverItsParameterIsCalled() {
        table.get("/a/{id}").answers(200, Started.class).handle(Access.USER, call -> Reply.ok(null));

        assertThatThrownBy(() ->
                        table.get("/a/{name}").answers(200, Started.class).handle(Access.USER, call -> Reply.ok(null)))
                .isInstanceOf(InvalidConfigurationException.class)
                .hasMessage("two routes are called GET /a/{name}");
        table.post("/a/{id}").answers(200, Started.class).handle(Access.USER, call -> Reply.ok(null));
        assertThat(table.routes()).extracting(Route::method).containsExactly("GET", "POST");
    }

    @Test
    void parametersOfThePathAreDescribedByThemselves() {
        table.get("/a/{id}").answers(200, Started.class).handle(Access.USER, call -> Reply.ok(null));

        assertThat(table.routes().get(0).parameters())
                .singleElement()
                .satisfies(parameter ->
                        assertThat(parameter.in() + " " + parameter.name()).isEqualTo("path id"));
    }
}
