package dev.hart.error;

/** An input is missing, unknown or of the wrong type; nothing was run. */
public final class InputInvalidException extends HartException {
    private static final long serialVersionUID = 1;
    private final String field;
    private final String problem;

    public InputInvalidException(String field, String problem) {
        super("INPUT_INVALID", "input '" + field + "' " + problem, null);
        this.field = field;
        this.problem = problem;
    }

    public String field() {
        return field;
    }

    public String problem() {
        return problem;
    }
}
