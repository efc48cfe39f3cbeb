package dev.hart.error;

import dev.hart.model.ModelException;
import org.jspecify.annotations.Nullable;

/**
 * The root of everything HART throws on purpose. The message names the thing, the reason and the way out, and holds no
 * secret.
 */
public abstract sealed class HartException extends RuntimeException
        permits CannotPlanException,
                GpuException,
                GuardrailRefusedException,
                HaltedException,
                IllegalTransitionException,
                InputInvalidException,
                InvalidConfigurationException,
                LedgerException,
                MediaException,
                MissingModuleException,
                ModelException,
                ModelFileException,
                OutputMismatchException,
                RecipeCorruptException,
                RecipeInvalidException,
                RecipeNotFoundException,
                RerunInvalidException,
                RunBusyException,
                RunCancelledException,
                RunFailedException,
                RunNotFoundException,
                RunPausedException,
                RunTimeoutException,
                StoreUnavailableException,
                ToolInvalidException,
                UnsupportedSchemaException {
    private static final long serialVersionUID = 1;
    private final String code;

    protected HartException(String code, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.code = code;
    }

    /** Stable, upper case; programs decide by it. */
    public String code() {
        return code;
    }
}
