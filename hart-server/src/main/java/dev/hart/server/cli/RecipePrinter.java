package dev.hart.server.cli;

import dev.hart.recipe.RecipeDiff;
import dev.hart.server.JsonText;
import org.jspecify.annotations.Nullable;

/** Shows what is known about stored recipes to people. */
final class RecipePrinter {
    private static final int LONGEST_VALUE = 200;
    private final Terminal terminal;

    RecipePrinter(Terminal terminal) {
        this.terminal = terminal;
    }

    void diff(RecipeDiff diff) {
        String versions = diff.from().label() + " -> " + diff.to().label();
        if (diff.isEmpty()) {
            terminal.line(versions + ": no difference");
            return;
        }
        terminal.line(
                versions + ": " + RunPrinter.counted(diff.changes().size(), "change"));
        for (RecipeDiff.Change change : diff.changes()) {
            switch (change.kind()) {
                case ADDED -> terminal.line("+ " + change.path() + "  " + value(change.after()));
                case REMOVED -> terminal.line("- " + change.path() + "  " + value(change.before()));
                case CHANGED ->
                    terminal.line("~ " + change.path() + "  " + value(change.before()) + " -> "
                            + value(change.after()));
            }
        }
    }

    private static String value(@Nullable Object value) {
        return Terminal.shorten(JsonText.write(value), LONGEST_VALUE);
    }
}
