package dev.hart.langchain4j;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.io.JsonEOFException;
import dev.hart.model.ModelException;
import dev.hart.model.ModelException.Kind;
import dev.langchain4j.exception.AuthenticationException;
import dev.langchain4j.exception.ContentFilteredException;
import dev.langchain4j.exception.HttpException;
import dev.langchain4j.exception.InternalServerException;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.exception.ModelNotFoundException;
import dev.langchain4j.exception.RateLimitException;
import dev.langchain4j.exception.TimeoutException;
import dev.langchain4j.exception.UnresolvedModelServerException;
import dev.langchain4j.exception.UnsupportedFeatureException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What LangChain4j, its HTTP client and its JSON reader throw, as the one exception that HART knows. */
final class ModelErrors {
    private static final int MAX_REASON = 300;
    private static final int MAX_CAUSES = 20;

    private ModelErrors() {}

    static ModelException timeout(String model, Duration limit) {
        return new ModelException(
                Kind.TIMEOUT, "model " + model + " did not answer in " + limit.toMillis() + " ms; allow more time");
    }

    static ModelException of(String model, Throwable failure) {
        if (failure instanceof ModelException known) {
            return known;
        }
        HttpException http = find(failure, HttpException.class);
        if (http != null) {
            return ofStatus(model, http, failure);
        }
        if (find(failure, HttpTimeoutException.class) != null || find(failure, TimeoutException.class) != null) {
            return failed(Kind.TIMEOUT, "model " + model + " did not answer in time; allow more time", failure);
        }
        if (find(failure, JsonEOFException.class) != null) {
            return failed(Kind.INCOMPLETE, "the answer of model " + model + " broke off; ask again", failure);
        }
        if (find(failure, JsonProcessingException.class) != null) {
            return failed(
                    Kind.UNREADABLE, "model " + model + " answered with something that is not its protocol", failure);
        }
        if (find(failure, ConnectException.class) != null
                || find(failure, UnresolvedAddressException.class) != null
                || find(failure, UnresolvedModelServerException.class) != null) {
            return failed(
                    Kind.UNAVAILABLE, "nobody listens where model " + model + " should be; check its address", failure);
        }
        if (find(failure, IOException.class) != null) {
            return failed(Kind.INCOMPLETE, "the connection to model " + model + " broke; ask again", failure);
        }
        return ofType(model, failure);
    }

    private static ModelException ofStatus(String model, HttpException http, Throwable failure) {
        int status = http.statusCode();
        Duration retryAfter = http instanceof ProviderRefusal refusal ? refusal.retryAfter() : null;
        if (status == 401 || status == 403) {
            // What the provider says here may repeat parts of the key.
            return failed(
                    Kind.UNAUTHORIZED,
                    "model " + model + " refused the key with status " + status + "; check the key and what it may do",
                    null);
        }
        Kind kind = status == 429
                ? Kind.RATE_LIMITED
                : status == 408
                        ? Kind.TIMEOUT
                        : status >= 500 ? Kind.UNAVAILABLE : status >= 400 ? Kind.REFUSED : Kind.UNREADABLE;
        return new ModelException(
                kind,
                "model " + model + " answered with status " + status + reason(http.getMessage()),
                retryAfter,
                failure);
    }

    private static ModelException ofType(String model, Throwable failure) {
        String reason = reason(failure.getMessage());
        if (failure instanceof RateLimitException) {
            return failed(Kind.RATE_LIMITED, "model " + model + " is asked too often" + reason, failure);
        }
        if (failure instanceof AuthenticationException) {
            return failed(Kind.UNAUTHORIZED, "model " + model + " refused the key; check it and what it may do", null);
        }
        if (failure instanceof InvalidRequestException
                || failure instanceof ModelNotFoundException
                || failure instanceof ContentFilteredException
                || failure instanceof UnsupportedFeatureException) {
            return failed(Kind.REFUSED, "model " + model + " refused the request" + reason, failure);
        }
        // Without a cause it is LangChain4j's word for an answer without choices.
        if (failure instanceof InternalServerException && failure.getCause() != null) {
            return failed(Kind.UNAVAILABLE, "model " + model + " is out of order" + reason, failure);
        }
        return failed(Kind.UNREADABLE, "model " + model + " gave no answer that can be read" + reason, failure);
    }

    private static ModelException failed(Kind kind, String message, @Nullable Throwable cause) {
        return new ModelException(kind, message, null, cause);
    }

    /** What the provider says, from its error document where it sent one. */
    private static String reason(@Nullable String text) {
        if (text == null || text.isBlank()) {
            return "";
        }
        String reason = text;
        try {
            Map<String, @Nullable Object> document = JsonTexts.readObject(text);
            if (document.get("error") instanceof Map<?, ?> error && error.get("message") instanceof String message) {
                reason = message;
            }
        } catch (IllegalArgumentException e) {
            // Not a document: what it says is the reason.
            reason = text;
        }
        return ": " + (reason.length() <= MAX_REASON ? reason : reason.substring(0, MAX_REASON) + "…");
    }

    private static <T extends Throwable> @Nullable T find(Throwable failure, Class<T> type) {
        Throwable at = failure;
        for (int i = 0; at != null && i < MAX_CAUSES; i++) {
            if (type.isInstance(at)) {
                return type.cast(at);
            }
            at = at.getCause();
        }
        return null;
    }
}
