package dev.hart.guard;

/** The hazard classes of the MLCommons AI safety taxonomy, in its order: {@code VIOLENT_CRIMES} is its S1. */
public enum Hazard {
    VIOLENT_CRIMES,
    NON_VIOLENT_CRIMES,
    SEX_RELATED_CRIMES,
    CHILD_SEXUAL_EXPLOITATION,
    DEFAMATION,
    SPECIALIZED_ADVICE,
    PRIVACY,
    INTELLECTUAL_PROPERTY,
    INDISCRIMINATE_WEAPONS,
    HATE,
    SUICIDE_AND_SELF_HARM,
    SEXUAL_CONTENT,
    ELECTIONS,
    CODE_INTERPRETER_ABUSE;

    /** {@code S1} to {@code S14}. */
    public String code() {
        return "S" + (ordinal() + 1);
    }
}
