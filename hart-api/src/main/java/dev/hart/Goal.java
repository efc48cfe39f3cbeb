package dev.hart;

/**
 * What is to be done, with a say in how it is planned. It is always planned anew: no stored recipe is looked for. Immutable.
 *
 * @param text plain text, 1 to 10,000 characters
 * @param inputs values that the plan is to use, by the names of the arguments that take them; the recipe that is learned has inputs
 *     of these names. One that no step takes is refused
 * @param whenMissing what happens when the plan needs a value that neither the text nor the inputs give
 */
public record Goal(String text, Inputs inputs, WhenMissing whenMissing) {

    /** What happens when a plan needs a value that is not given. */
    public enum WhenMissing {
        /** There is no plan. */
        REFUSE,
        /** A person is asked, one question after the other, at most 12. */
        ASK,
        /** The model assumes what a sensible person would, and the report's notes tell it; where a wrong guess would do harm, there is no plan. */
        ASSUME
    }

    /** A goal that is planned from its text alone. */
    public static Goal of(String text) {
        return new Goal(text, Inputs.none(), WhenMissing.REFUSE);
    }

    /** The same goal with these values, in place of any given before. */
    public Goal inputs(Inputs given) {
        return new Goal(text, given, whenMissing);
    }

    /** The same goal; the run asks for what is missing, see {@link Runs#questions(String)}. */
    public Goal interactive() {
        return new Goal(text, inputs, WhenMissing.ASK);
    }

    /** The same goal; the model answers itself what is missing, in at most 15 rounds. */
    public Goal autonomous() {
        return new Goal(text, inputs, WhenMissing.ASSUME);
    }
}
