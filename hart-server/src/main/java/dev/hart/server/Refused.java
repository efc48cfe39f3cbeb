package dev.hart.server;

import java.util.Map;

/** Ends a request with an error answer. Its message is shown to the caller. */
final class Refused extends RuntimeException {
    private static final long serialVersionUID = 1;
    private final int status;
    private final String code;
    private final transient Map<String, String> headers;

    Refused(int status, String code, String message) {
        this(status, code, message, Map.of());
    }

    Refused(int status, String code, String message, Map<String, String> headers) {
        super(message, null, false, false);
        this.status = status;
        this.code = code;
        this.headers = Map.copyOf(headers);
    }

    int status() {
        return status;
    }

    String code() {
        return code;
    }

    Map<String, String> headers() {
        return headers;
    }
}
