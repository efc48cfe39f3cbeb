package dev.hart.tools;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.hart.tool.ToolFailure;
import org.assertj.core.api.AbstractStringAssert;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** Asserts how a tool fails, and hands on its message. */
final class Failures {
    private Failures() {}

    /** Fails for good: the same call would fail again. */
    static AbstractStringAssert<?> assertFails(String code, ThrowingCallable call) {
        return assertFailure(code, false, call);
    }

    /** Fails, but the same call may work later. */
    static AbstractStringAssert<?> assertFailsForNow(String code, ThrowingCallable call) {
        return assertFailure(code, true, call);
    }

    private static AbstractStringAssert<?> assertFailure(String code, boolean retryable, ThrowingCallable call) {
        ToolFailure failure = catchThrowableOfType(ToolFailure.class, call);
        assertThat(failure).as("the call should have failed with " + code).isNotNull();
        assertThat(failure.code()).as(failure.getMessage()).isEqualTo(code);
        assertThat(failure.retryable()).as("retryable").isEqualTo(retryable);
        return assertThat(failure.getMessage());
    }
}
