package dev.hart.signing;

/** What was asked for cannot be signed. The message says why and what to do; it never holds a key or a passphrase. */
final class SigningException extends RuntimeException {
    private static final long serialVersionUID = 1;

    SigningException(String message) {
        super(message);
    }

    SigningException(String message, Throwable cause) {
        super(message, cause);
    }
}
