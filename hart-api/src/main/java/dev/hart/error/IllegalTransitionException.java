package dev.hart.error;

import java.util.List;

/** A change of state that the life cycle does not know; nothing was changed. */
public final class IllegalTransitionException extends HartException {
    private static final long serialVersionUID = 1;
    private final String entity;
    private final String id;
    private final String from;
    private final String to;
    private final transient List<String> allowed;

    /**
     * @param entity what kind of thing, such as {@code task} or {@code action}
     * @param allowed what it could become, in the life cycle's order
     */
    public IllegalTransitionException(String entity, String id, String from, String to, List<String> allowed) {
        super(
                "ILLEGAL_TRANSITION",
                "%s %s is %s; it can become %s, not %s"
                        .formatted(
                                entity, id, from, allowed.isEmpty() ? "nothing else" : String.join(", ", allowed), to),
                null);
        this.entity = entity;
        this.id = id;
        this.from = from;
        this.to = to;
        this.allowed = List.copyOf(allowed);
    }

    public String entity() {
        return entity;
    }

    public String id() {
        return id;
    }

    public String from() {
        return from;
    }

    public String to() {
        return to;
    }

    public List<String> allowed() {
        return allowed;
    }
}
