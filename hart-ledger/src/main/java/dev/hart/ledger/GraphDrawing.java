package dev.hart.ledger;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/** Draws a graph of tasks: as DOT, as a Mermaid flowchart, and as a tree of plain text. */
final class GraphDrawing {
    private static final int MAX_LABEL = 80;

    /** What a reader wants to tell apart at first sight. */
    private enum Look {
        PEND("#eceff1"),
        RUN("#bbdefb"),
        DONE("#c8e6c9"),
        FAIL("#ffcdd2"),
        BLOK("#ffe0b2"),
        PAUS("#fff9c4"),
        CANC("#cfd8dc");

        final String colour;

        Look(String colour) {
            this.colour = colour;
        }

        static Look of(TaskStatus status) {
            return switch (status) {
                case PENDING, DEFERRED -> PEND;
                case IN_PROGRESS, DELEGATED, RESUMING -> RUN;
                case COMPLETED -> DONE;
                case FAILED -> FAIL;
                case BLOCKED -> BLOK;
                case PAUSED, USER_STOPPED -> PAUS;
                case CANCELLED, TERMINATED, SKIPPED, NOT_APPLICABLE, ROLLED_BACK -> CANC;
            };
        }
    }

    private final TaskGraph graph;
    private final Appendable out;

    GraphDrawing(TaskGraph graph, Appendable out) {
        this.graph = graph;
        this.out = out;
    }

    void tree() throws IOException {
        for (TaskGraph.Node node : graph.tree()) {
            Task task = node.task();
            out.append("  ".repeat(node.depth()))
                    .append('[')
                    .append(Look.of(task.status()).name())
                    .append("] ")
                    .append(task.taskId())
                    .append(' ')
                    .append(TextCut.line(printable(task.description()), MAX_LABEL))
                    .append('\n');
        }
    }

    void dot() throws IOException {
        out.append("digraph ").append(dotText(graph.ledger().key())).append(" {\n");
        out.append("  rankdir=LR;\n  node [shape=box, style=\"rounded,filled\", fontname=\"Helvetica\"];\n");
        for (Task task : graph.tasks()) {
            out.append("  ")
                    .append(dotText(task.taskId()))
                    .append(" [label=")
                    .append(dotText(task.taskId() + "\n" + TextCut.line(printable(task.description()), MAX_LABEL) + "\n"
                            + task.status().wireName()))
                    .append(", fillcolor=\"")
                    .append(Look.of(task.status()).colour)
                    .append("\"];\n");
        }
        for (Edge edge : graph.edges()) {
            if (isDrawn(edge.from()) && isDrawn(edge.to())) {
                String label = label(edge);
                out.append("  ")
                        .append(dotText(edge.from()))
                        .append(" -> ")
                        .append(dotText(edge.to()))
                        .append(edge.kind() == Edge.Kind.BLOCKER ? " [style=bold" : " [style=solid")
                        .append(label.isEmpty() ? "" : ", label=" + dotText(label))
                        .append("];\n");
            }
        }
        for (Task task : graph.tasks()) {
            if (task.parentTaskId() != null && isDrawn(task.parentTaskId())) {
                out.append("  ")
                        .append(dotText(task.parentTaskId()))
                        .append(" -> ")
                        .append(dotText(task.taskId()))
                        .append(" [style=dotted, dir=none];\n");
            }
        }
        out.append("}\n");
    }

    private boolean isDrawn(String taskId) {
        return graph.task(taskId).filter(task -> !task.archived()).isPresent();
    }

    private static String label(Edge edge) {
        return edge.condition() != Outcome.SUCCESS ? edge.condition().wireName() : edge.strict() ? "completed" : "";
    }

    /** Characters that no reader sees, or that turn the text around, are left out. */
    private static String printable(String text) {
        StringBuilder printable = new StringBuilder(text.length());
        text.codePoints().forEach(c -> {
            int type = Character.getType(c);
            if (Character.isWhitespace(c)) {
                printable.append(' ');
            } else if (type != Character.CONTROL && type != Character.FORMAT && type != Character.SURROGATE) {
                printable.appendCodePoint(c);
            }
        });
        return printable.toString();
    }

    /** A quoted string; in a label a backslash would begin an escape. */
    private static String dotText(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + '"';
    }

    void mermaid() throws IOException {
        Map<String, String> names = new HashMap<>();
        out.append("flowchart TD\n");
        for (Task task : graph.tasks()) {
            String name = "n" + (names.size() + 1);
            names.put(task.taskId(), name);
            out.append("  ")
                    .append(name)
                    .append("[\"")
                    .append(mermaidText(task.taskId()))
                    .append("<br/>")
                    .append(mermaidText(TextCut.line(printable(task.description()), MAX_LABEL)))
                    .append("\"]:::")
                    .append(Look.of(task.status()).name())
                    .append('\n');
        }
        for (Edge edge : graph.edges()) {
            if (names.containsKey(edge.from()) && names.containsKey(edge.to())) {
                String label = label(edge);
                out.append("  ")
                        .append(Objects.requireNonNull(names.get(edge.from())))
                        .append(edge.kind() == Edge.Kind.BLOCKER ? " ==>" : " -->")
                        .append(label.isEmpty() ? " " : "|" + label + "| ")
                        .append(Objects.requireNonNull(names.get(edge.to())))
                        .append('\n');
            }
        }
        for (Task task : graph.tasks()) {
            String parent = task.parentTaskId() == null ? null : names.get(task.parentTaskId());
            if (parent != null) {
                out.append("  ")
                        .append(parent)
                        .append(" -.- ")
                        .append(Objects.requireNonNull(names.get(task.taskId())))
                        .append('\n');
            }
        }
        for (Look look : Look.values()) {
            out.append("  classDef ")
                    .append(look.name())
                    .append(" fill:")
                    .append(look.colour)
                    .append('\n');
        }
    }

    /** Everything that Mermaid or HTML could read as syntax becomes an entity code. */
    private static String mermaidText(String text) {
        StringBuilder escaped = new StringBuilder(text.length());
        text.codePoints().forEach(c -> {
            boolean plain = Character.isLetterOrDigit(c) || c == ' ' || c > 0x7f || "_-.,:~!?'+/%=*$@".indexOf(c) >= 0;
            if (plain) {
                escaped.appendCodePoint(c);
            } else {
                escaped.append('#').append(c).append(';');
            }
        });
        return escaped.toString();
    }
}
