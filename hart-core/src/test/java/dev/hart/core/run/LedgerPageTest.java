package dev.hart.core.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hart.ledger.TaskStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The two tables of docs/ledger.md are the tables of the code. */
class LedgerPageTest {
    private static final Pattern NAME = Pattern.compile("`([a-z_]+)`");

    @Test
    void thePageHasTheLifeOfATask() throws IOException {
        Map<String, List<String>> expected = new LinkedHashMap<>();
        for (TaskStatus status : TaskStatus.values()) {
            expected.put(status.wireName(), names(status.next(), TaskStatus::wireName));
        }

        assertThat(table("| task status | may become |")).isEqualTo(expected);
    }

    @Test
    void thePageHasTheLifeOfAnAction() throws IOException {
        Map<String, List<String>> expected = new LinkedHashMap<>();
        Arrays.stream(ActionState.values())
                .forEach(state -> expected.put(state.wireName(), names(state.next(), ActionState::wireName)));

        assertThat(table("| action state | may become |")).isEqualTo(expected);
    }

    private static <T> List<String> names(Collection<T> states, Function<T, String> name) {
        return states.stream().map(name).toList();
    }

    /** The rows of the table with that head: the first cell's name, and the names of the second. */
    private static Map<String, List<String>> table(String head) throws IOException {
        List<String> lines = page();
        assertThat(lines).contains(head);
        Map<String, List<String>> rows = new LinkedHashMap<>();
        for (String line : lines.subList(lines.indexOf(head) + 2, lines.size())) {
            if (!line.startsWith("|")) {
                break;
            }
            List<String> names = NAME.matcher(line)
                    .results()
                    .map((MatchResult m) -> m.group(1))
                    .toList();
            rows.put(names.get(0), names.subList(1, names.size()));
        }
        return rows;
    }

    private static List<String> page() throws IOException {
        Path folder = Path.of("").toAbsolutePath();
        while (folder != null && !Files.exists(folder.resolve("docs/ledger.md"))) {
            folder = folder.getParent();
        }
        assertThat(folder).as("a folder with docs/ledger.md, here or above").isNotNull();
        return Files.readAllLines(folder.resolve("docs/ledger.md"));
    }
}
