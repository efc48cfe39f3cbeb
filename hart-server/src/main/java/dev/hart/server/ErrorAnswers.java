package dev.hart.server;

import dev.hart.error.CannotPlanException;
import dev.hart.error.GpuException;
import dev.hart.error.GuardrailRefusedException;
import dev.hart.error.HaltedException;
import dev.hart.error.HartException;
import dev.hart.error.IllegalTransitionException;
import dev.hart.error.InputInvalidException;
import dev.hart.error.LedgerException;
import dev.hart.error.MediaException;
import dev.hart.error.ModelFileException;
import dev.hart.error.OutputMismatchException;
import dev.hart.error.RecipeInvalidException;
import dev.hart.error.RecipeNotFoundException;
import dev.hart.error.RerunInvalidException;
import dev.hart.error.RunBusyException;
import dev.hart.error.RunCancelledException;
import dev.hart.error.RunFailedException;
import dev.hart.error.RunNotFoundException;
import dev.hart.error.RunPausedException;
import dev.hart.error.StoreUnavailableException;
import dev.hart.model.ModelException;
import io.javalin.http.Context;
import io.javalin.http.HttpResponseException;
import io.javalin.http.MethodNotAllowedResponse;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Every failure as the one error document. What HART throws on purpose is shown with its code; the text of anything else
 * goes to the log only, with the request's id.
 */
final class ErrorAnswers {
    private static final Logger LOG = LoggerFactory.getLogger(ErrorAnswers.class);
    /** Seconds after which a halted node may be asked again. */
    private static final String RETRY_AFTER = "60";

    static final String REQUEST_ID = "hart.request-id";

    private static final Map<String, Integer> LEDGER = Map.ofEntries(
            Map.entry("INVALID_ARGUMENT", 400),
            Map.entry("NOT_OWNER", 403),
            Map.entry("LEDGER_NOT_FOUND", 404),
            Map.entry("TASK_NOT_FOUND", 404),
            Map.entry("SNAPSHOT_NOT_FOUND", 404),
            Map.entry("ALREADY_VOTED", 409),
            Map.entry("BUDGET_EXHAUSTED", 409),
            Map.entry("LEDGER_CORRUPT", 409),
            Map.entry("LEDGER_EXISTS", 409),
            Map.entry("LEDGER_OPEN", 409),
            Map.entry("LEDGER_ID_CLASH", 409),
            Map.entry("NOT_DELEGATED", 409),
            Map.entry("NOT_READY", 409),
            Map.entry("NO_CHANGE", 409),
            Map.entry("NO_SIGNER", 409),
            Map.entry("OPEN_CHILDREN", 409),
            Map.entry("STALE_LEASE", 409),
            Map.entry("TASK_ENDED", 409),
            Map.entry("TASK_EXISTS", 409),
            Map.entry("VERSION_CONFLICT", 409),
            Map.entry("PAYLOAD_TOO_LARGE", 413),
            Map.entry("CYCLE", 422),
            Map.entry("IDEMPOTENCY_CONFLICT", 422),
            Map.entry("UNKNOWN_DEPENDENCY", 422));

    private static final Map<String, Integer> GPU = Map.of(
            "UNKNOWN_REQUIREMENT", 404,
            "RUNTIME_UNAVAILABLE", 404,
            "GPU_LEASE_STALE", 409,
            "MODEL_FAILED", 409,
            "MODEL_LOAD", 502,
            "MODEL_UNREADABLE", 502,
            "SIDECAR_START", 502,
            "CAN_NEVER_FIT", 507,
            "NOT_NOW", 507,
            "LEASE_TIMEOUT", 507);

    private static final Map<String, Integer> MODEL_FILES = Map.of(
            "MODEL_NOT_FOUND", 404,
            "NOT_DOWNLOADABLE", 409,
            "DOWNLOAD_CANCELLED", 409,
            "MODEL_BUSY", 409,
            "DOWNLOAD_REFUSED", 502,
            "DOWNLOAD_FAILED", 502,
            "FILE_REFUSED", 502,
            "MODELS_NOT_KEPT", 501,
            "DISK_FULL", 507);

    private static final Map<String, Integer> MEDIA = Map.of(
            "TOOL_NOT_SET_UP", 409,
            "CANCELLED", 409,
            "BUSY", 429,
            "NOT_STORED", 500,
            "TOOL_FAILED", 502,
            "DEADLINE", 504,
            "NO_TOOL_FITS", 507,
            "OUT_OF_MEMORY", 507,
            "DISK_FULL", 507);

    private ErrorAnswers() {}

    /** Never throws: Javalin would call it again for what it throws, and again, for a caller who has gone. */
    static void answer(Throwable failure, Context ctx) {
        try {
            say(failure, ctx);
        } catch (RuntimeException gone) {
            LOG.debug("nobody is left to answer", gone);
        }
    }

    private static void say(Throwable failure, Context ctx) {
        Throwable cause = failure;
        while ((cause instanceof CompletionException || cause instanceof ExecutionException)
                && cause.getCause() != null) {
            cause = cause.getCause();
        }
        if (cause instanceof Refused refused) {
            refused.headers().forEach(ctx::header);
            write(ctx, refused.status(), refused.code(), String.valueOf(refused.getMessage()));
        } else if (cause instanceof MethodNotAllowedResponse other) {
            ctx.header("Allow", other.getDetails().getOrDefault("availableMethods", ""));
            write(ctx, 405, "method_not_allowed", ctx.path() + " does not take " + ctx.method());
        } else if (cause instanceof HttpResponseException other) {
            int status = other.getStatus();
            String code = status == 404 ? "not_found" : status == 413 ? "too_large" : "http_" + status;
            write(ctx, status, code, status == 404 ? "there is no " + ctx.path() : String.valueOf(other.getMessage()));
        } else if (cause instanceof HaltedException halted) {
            ctx.header("Retry-After", RETRY_AFTER);
            write(ctx, 503, halted.code(), String.valueOf(halted.getMessage()));
        } else if (cause instanceof HartException known
                && (status(known) < 500 || status(known) == 501 || status(known) == 507)) {
            write(ctx, status(known), known.code(), String.valueOf(known.getMessage()));
        } else if (cause instanceof HartException known) {
            LOG.error("request {} failed", requestId(ctx), known);
            write(ctx, status(known), known.code(), String.valueOf(known.getMessage()));
        } else {
            LOG.error("request {} failed", requestId(ctx), cause);
            write(ctx, 500, "internal", "something went wrong; the log has it under " + requestId(ctx));
        }
    }

    static int status(HartException e) {
        if (e instanceof LedgerException) {
            return LEDGER.getOrDefault(e.code(), 500);
        }
        if (e instanceof GpuException) {
            return GPU.getOrDefault(e.code(), 500);
        }
        if (e instanceof MediaException) {
            return MEDIA.getOrDefault(e.code(), 500);
        }
        if (e instanceof ModelFileException) {
            return MODEL_FILES.getOrDefault(e.code(), 500);
        }
        if (e instanceof GuardrailRefusedException) {
            return 403;
        }
        if (e instanceof RunNotFoundException || e instanceof RecipeNotFoundException) {
            return 404;
        }
        if (e instanceof InputInvalidException
                || e instanceof RecipeInvalidException
                || e instanceof RerunInvalidException) {
            return 400;
        }
        if (e instanceof IllegalTransitionException
                || e instanceof RunBusyException
                || e instanceof RunCancelledException
                || e instanceof RunPausedException) {
            return 409;
        }
        if (e instanceof CannotPlanException
                || e instanceof RunFailedException
                || e instanceof OutputMismatchException) {
            return 422;
        }
        if (e instanceof ModelException) {
            return 502;
        }
        return e instanceof StoreUnavailableException || e instanceof HaltedException ? 503 : 500;
    }

    private static String requestId(Context ctx) {
        return String.valueOf(ctx.<String>attribute(REQUEST_ID));
    }

    private static void write(Context ctx, int status, String code, String message) {
        Map<String, Object> error = new LinkedHashMap<>();
        error.put("success", false);
        error.put("error", message);
        error.put("code", code);
        error.put("request_id", requestId(ctx));
        ctx.status(status).contentType(RouteTable.JSON).result(JsonText.write(error));
    }
}
