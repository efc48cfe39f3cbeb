package dev.hart.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hart.Spark;
import dev.hart.store.Store;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a ledger is written as, with golden texts and small readers of DOT and Mermaid. */
class LedgerExportTest {
    private static final String NASTY =
            "He said \"[x]\" {y} <b>&amp;</b> | a\\b; `c` #1\n%%{init}%% end\u202e\u0007 é😀";

    private Instant now = Instant.parse("2026-01-01T00:00:00Z");
    private final Store store = Store.inMemory();
    private final Ledgers ledgers =
            Ledgers.in(store).clock(() -> now).withoutBackgroundThread().open();
    private final Ledger ledger = ledgers.ledger(new LedgerId("agent", "s1"));

    @AfterEach
    void close() {
        store.close();
    }

    private void oneOfEach() {
        ledger.write(tx -> {
            tx.add(NewTask.of("root", "Root").asAutoCompleting());
            tx.add(NewTask.of("a", "Fetch").childOf("root"));
            tx.add(NewTask.of("b", NASTY).childOf("root").after("a"));
            tx.add(NewTask.of("c", "Clean up").childOf("root").after("a", Outcome.FAILURE));
            tx.add(NewTask.of("d", "Deliver").childOf("root").blockedBy("b").afterCompletionOf("a"));
            tx.start("a");
            tx.complete("a", Map.of("n", 1L));
            tx.pause("b", "x");
            tx.add(NewTask.of("e", "Else"));
            tx.start("e");
            tx.fail("e", "boom", FailureReason.ERROR);
            tx.add(NewTask.of("f", "Forget"));
            return tx.cancel("f", "x");
        });
    }

    @Test
    void theTreeHasTwoSpacesToALevelAndAnIconForEachStatus() {
        oneOfEach();
        ledger.write(tx -> tx.addChild("c", "Deeper"));
        assertThat(ledger.export(ExportFormat.TREE)).isEqualTo("""
                        [RUN] root Root
                          [DONE] a Fetch
                          [PAUS] b He said "[x]" {y} <b>&amp;</b> | a\\b; `c` #1 %%{init}%% end é😀
                          [PEND] c Clean up
                            [PEND] c_child_1 Deeper
                          [BLOK] d Deliver
                        [FAIL] e Else
                        [CANC] f Forget
                        """);
    }

    @Test
    void dotIsDrawnAndEscaped() {
        oneOfEach();
        String dot = ledger.export(ExportFormat.DOT);
        assertThat(dot).startsWith("""
                        digraph "ledger_agent_s1" {
                          rankdir=LR;
                          node [shape=box, style="rounded,filled", fontname="Helvetica"];
                          "root" [label="root\\nRoot\\nin_progress", fillcolor="#bbdefb"];
                          "a" [label="a\\nFetch\\ncompleted", fillcolor="#c8e6c9"];
                        """).endsWith("""
                          "a" -> "b" [style=solid];
                          "a" -> "c" [style=solid, label="failure"];
                          "a" -> "d" [style=solid, label="completed"];
                          "b" -> "d" [style=bold];
                          "root" -> "a" [style=dotted, dir=none];
                          "root" -> "b" [style=dotted, dir=none];
                          "root" -> "c" [style=dotted, dir=none];
                          "root" -> "d" [style=dotted, dir=none];
                        }
                        """);
        List<String> strings = dotStrings(dot);
        assertThat(strings).contains("b\nHe said \"[x]\" {y} <b>&amp;</b> | a\\b; `c` #1 %%{init}%% end é😀\npaused");
    }

    /** Reads every line as a statement of DOT, and gives its quoted strings without their escapes. */
    private static List<String> dotStrings(String dot) {
        String quoted = "\"(?:[^\"\\\\\\n]|\\\\[\\\\\"n])*\"";
        String value = "(?:" + quoted + "|[a-zA-Z]+)";
        String attributes = " \\[\\w+=" + value + "(?:, \\w+=" + value + ")*\\]";
        Pattern line = Pattern.compile("digraph " + quoted + " \\{|  rankdir=LR;|  node" + attributes + ";|  " + quoted
                + "(?: -> " + quoted + ")?" + attributes + ";|\\}");
        List<String> strings = new ArrayList<>();
        for (String text : dot.split("\n")) {
            assertThat(text).matches(line);
            Matcher found = Pattern.compile(quoted).matcher(text);
            while (found.find()) {
                String inside = found.group().substring(1, found.group().length() - 1);
                Matcher escape = Pattern.compile("\\\\(.)").matcher(inside);
                strings.add(escape.replaceAll(
                        match -> Matcher.quoteReplacement(match.group(1).equals("n") ? "\n" : match.group(1))));
            }
        }
        return strings;
    }

    @Test
    void mermaidIsDrawnAndEscaped() {
        oneOfEach();
        String mermaid = ledger.export(ExportFormat.MERMAID);
        assertThat(mermaid).startsWith("""
                        flowchart TD
                          n1["root<br/>Root"]:::RUN
                          n2["a<br/>Fetch"]:::DONE
                        """).contains("""
                          n2 --> n3
                          n2 -->|failure| n4
                          n2 -->|completed| n5
                          n3 ==> n5
                          n1 -.- n2
                        """);
        Set<String> nodes = new HashSet<>();
        Set<String> classes = new HashSet<>(Set.of());
        Set<String> used = new HashSet<>();
        List<String> labels = new ArrayList<>();
        Pattern node = Pattern.compile(
                "  (n\\d+)\\[\"([^\"\\[\\]{}()`<>|\\\\;&#]*|(?:#\\d+;|<br/>|[^\"<>#&;\\[\\]{}|`\\\\])*)\"\\]:::(\\w+)");
        Pattern edge = Pattern.compile("  (n\\d+) (?:-->|==>|-\\.-)(?:\\|\\w+\\|)? (n\\d+)");
        Pattern style = Pattern.compile("  classDef (\\w+) fill:#[0-9a-f]{6}");
        String[] lines = mermaid.split("\n");
        assertThat(lines[0]).isEqualTo("flowchart TD");
        for (String line : List.of(lines).subList(1, lines.length)) {
            Matcher match = node.matcher(line);
            if (match.matches()) {
                assertThat(nodes.add(match.group(1))).isTrue();
                labels.add(match.group(2));
                used.add(match.group(3));
            } else if ((match = edge.matcher(line)).matches()) {
                assertThat(nodes).contains(match.group(1), match.group(2));
            } else {
                match = style.matcher(line);
                assertThat(match.matches()).as(line).isTrue();
                classes.add(match.group(1));
            }
        }
        assertThat(nodes).hasSize(7);
        assertThat(classes).containsAll(used);
        String label = labels.get(2);
        Matcher code = Pattern.compile("#(\\d+);").matcher(label);
        assertThat(code.replaceAll(
                        match -> Matcher.quoteReplacement(Character.toString(Integer.parseInt(match.group(1))))))
                .isEqualTo("b<br/>He said \"[x]\" {y} <b>&amp;</b> | a\\b; `c` #1 %%{init}%% end é😀");
    }

    @Test
    void aLongDescriptionIsCutBetweenCharacters() {
        ledger.add(NewTask.of("t", "x".repeat(78) + "😀😀"));
        assertThat(ledger.export(ExportFormat.TREE)).isEqualTo("[PEND] t " + "x".repeat(78) + "…\n");
    }

    @SuppressWarnings("unchecked")
    private static List<Map<String, Object>> list(Map<String, Object> document, String field) {
        return (List<Map<String, Object>>) document.get(field);
    }

    private static Map<String, Object> taskOf(Map<String, Object> document, String id) {
        return list(document, "tasks").stream()
                .filter(task -> task.get("task_id").equals(id))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void jsonHoldsTheLedgerItsEdgesAndItsTasks() {
        oneOfEach();
        Map<String, Object> document = CanonicalJson.readObject(ledger.export(ExportFormat.JSON));
        assertThat(document).containsOnlyKeys("ledger", "edges", "tasks");
        assertThat(document.get("ledger"))
                .isEqualTo(Map.of(
                        "ledger_id", "ledger_agent_s1",
                        "agent_id", "agent",
                        "session_id", "s1",
                        "status", "open",
                        "options", Map.of()));
        assertThat(list(document, "edges"))
                .contains(Map.of(
                        "from_task", "a", "to_task", "c", "kind", "prereq", "condition", "failure", "strict", false));
        Map<String, Object> b = taskOf(document, "b");
        assertThat(b.get("description")).isEqualTo(NASTY);
        assertThat(b.get("prerequisites")).isEqualTo(List.of("a"));
        assertThat(b.get("dependent_task_ids")).isEqualTo(List.of("d"));
        assertThat(b.get("received_messages")).asList().hasSize(2);
        assertThat(taskOf(document, "a").get("messages_to_dependents")).asList().hasSize(6);
        assertThat(taskOf(document, "root").get("child_task_ids")).isEqualTo(List.of("a", "b", "c", "d"));
        assertThat(taskOf(document, "d").get("blocked_by")).isEqualTo(List.of("b"));
        assertThat(list(document, "tasks"))
                .extracting(task -> task.get("task_id"))
                .containsExactly("root", "a", "b", "c", "d", "e", "f");
    }

    @Test
    void aLedgerThatIsNotThereIsWrittenEmpty() {
        for (ExportFormat format : List.of(ExportFormat.JSON, ExportFormat.JSON_WITH_EVENTS)) {
            Map<String, Object> document = CanonicalJson.readObject(ledger.export(format));
            assertThat(document.get("tasks")).isEqualTo(List.of());
            assertThat(document.get("edges")).isEqualTo(List.of());
        }
        assertThat(ledger.export(ExportFormat.TREE)).isEmpty();
        assertThat(ledger.exists()).isFalse();
    }

    @Test
    void jsonHoldsTheEventsWhereTheyAreAskedFor() {
        oneOfEach();
        Map<String, Object> document = CanonicalJson.readObject(ledger.export(ExportFormat.JSON_WITH_EVENTS));
        List<LedgerEvent> events = ledger.events(0, 1000);
        assertThat(list(document, "events"))
                .extracting(event -> event.get("hash"))
                .isEqualTo(events.stream().map(LedgerEvent::hash).toList());
        assertThat(list(document, "events").get(0))
                .containsEntry("at", "2026-01-01T00:00:00.000Z")
                .containsEntry("type", "TASK_CREATED")
                .containsEntry("prev_hash", "0".repeat(64))
                .containsEntry("payload", events.get(0).payload());
    }

    @Test
    void morePagesThanOneAreWritten() {
        ledger.write(tx -> {
            for (int i = 0; i < 1201; i++) {
                tx.add(NewTask.of("t" + i, "T"));
            }
            return null;
        });
        Map<String, Object> document = CanonicalJson.readObject(ledger.export(ExportFormat.JSON_WITH_EVENTS));
        assertThat(list(document, "tasks")).hasSize(1201);
        assertThat(list(document, "events")).hasSize(1201);
    }

    @Test
    void aWriterThatFailsIsToldAsItIs() {
        oneOfEach();
        for (ExportFormat format : ExportFormat.values()) {
            Appendable full = new Appendable() {
                @Override
                public Appendable append(CharSequence text) throws IOException {
                    throw new IOException("disk full");
                }

                @Override
                public Appendable append(CharSequence text, int start, int end) throws IOException {
                    throw new IOException("disk full");
                }

                @Override
                public Appendable append(char c) throws IOException {
                    throw new IOException("disk full");
                }
            };
            assertThatThrownBy(() -> ledger.export(format, full))
                    .isInstanceOf(IOException.class)
                    .hasMessage("disk full");
        }
        assertThat(ledger.tasks()).hasSize(7);
    }

    @Test
    void aTaskIsWrittenWithTheUnitsOfTheWire() {
        ledger.add(NewTask.of("t", "T")
                .timeBudget(Duration.ofMillis(1500))
                .timeout(Duration.ofMinutes(5))
                .sparkBudget(new Spark(100_000_000))
                .slaTarget(Duration.ofSeconds(120))
                .deadline(Instant.parse("2026-01-02T00:00:00Z"))
                .requiredCapabilities("gpu", "coding")
                .sealed());
        now = now.plusMillis(1250);
        assertThat(ledger.claim(ClaimRequest.by(WorkerProfile.of("w", "n", "i").capabilities("gpu", "coding"))))
                .isPresent();
        ledger.apply("t", new TaskCommand.RecordSpend(new Spark(600_000)));
        Map<String, Object> document = ledger.document("t");
        assertThat(document)
                .containsEntry("created_at", "2026-01-01T00:00:00.000Z")
                .containsEntry("started_at", "2026-01-01T00:00:01.250Z")
                .containsEntry("deadline", "2026-01-02T00:00:00.000Z")
                .containsEntry("lease_until", "2026-01-01T00:01:31.250Z")
                .containsEntry("spark_budget", "100")
                .containsEntry("spark_spent", "0.6")
                .containsEntry("timeout_s", 300L)
                .containsEntry("sla_target_s", 120L)
                .containsEntry("heartbeat_interval_s", 30L)
                .containsEntry("time_spent_s", 0L)
                .containsEntry("required_capabilities", List.of("coding", "gpu"))
                .containsEntry("locality", "global")
                .containsEntry("lease_token", 1L)
                .containsEntry("attempt", 1L)
                .containsEntry("completed_at", null)
                .containsEntry("owner_node_id", "n")
                .containsEntry("owner_agent_id", "w");
        assertThat(document.get("time_budget_s")).isEqualTo(new java.math.BigDecimal("1.5"));
        assertThat((String) document.get("data_hash")).matches("[0-9a-f]{64}");
        assertThat(CanonicalJson.readObject(CanonicalJson.write(document))).containsKeys("result_hash", "version");
    }

    @Test
    void aTasksHistoriesComeFromItsEvents() {
        ledger.add(NewTask.of("p", "P"));
        ledger.write(tx -> tx.addSiblings("p", "A", "B"));
        Lease lease =
                ledger.claim(ClaimRequest.by(WorkerProfile.of("w", "n", "i"))).orElseThrow();
        now = now.plusSeconds(5);
        ledger.apply(lease, TaskCommand.failAttempt("boom"));
        Map<String, Object> document = ledger.document("p_sibling_1");
        assertThat(document.get("state_history"))
                .isEqualTo(List.of(
                        Map.of("status", "pending", "timestamp", "2026-01-01T00:00:00.000Z", "reason", "Task created"),
                        Map.of(
                                "status", "in_progress",
                                "previous_status", "pending",
                                "timestamp", "2026-01-01T00:00:00.000Z",
                                "reason", ""),
                        Map.of(
                                "status", "pending",
                                "previous_status", "in_progress",
                                "timestamp", "2026-01-01T00:00:05.000Z",
                                "reason", "error: boom")));
        assertThat(document.get("retry_errors")).isEqualTo(List.of("boom"));
        assertThat(document.get("ownership_history"))
                .isEqualTo(List.of(
                        Map.of(
                                "action", "claimed",
                                "node_id", "n",
                                "agent_id", "w",
                                "timestamp", "2026-01-01T00:00:00.000Z"),
                        Map.of("action", "released", "timestamp", "2026-01-01T00:00:05.000Z")));
        assertThat(document.get("sibling_task_ids")).isEqualTo(List.of("p_sibling_2"));
        assertThat(taskOf(CanonicalJson.readObject(ledger.export(ExportFormat.JSON)), "p_sibling_1")
                        .get("state_history"))
                .isEqualTo(document.get("state_history"));
    }
}
