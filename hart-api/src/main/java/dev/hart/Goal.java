package dev.hart;

/**
 * What is to be done, with a say in how it is planned. It is always planned anew: no stored recipe is looked for.
 *
 * @param text plain text, 1 to 10,000 characters
 * @param isInteractive whether a person is asked for values that the plan needs and the text does not give
 */
public record Goal(String text, boolean isInteractive) {

    /** A goal that is planned from its text alone. */
    public static Goal of(String text) {
        return new Goal(text, false);
    }

    /** The same goal; the run asks for what is missing, see {@link Runs#questions(String)}. */
    public Goal interactive() {
        return new Goal(text, true);
    }
}
