package dev.hart.security.trust;

/** Bytes from outside are not what they claim to be. The message says what is wrong, without quoting what may be secret. */
public final class MalformedException extends Exception {
    private static final long serialVersionUID = 1;

    MalformedException(String message) {
        super(message);
    }

    MalformedException(String message, Throwable cause) {
        super(message, cause);
    }
}
