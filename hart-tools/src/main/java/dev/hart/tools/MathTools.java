package dev.hart.tools;

import dev.hart.tool.Effect;
import dev.hart.tool.Param;
import dev.hart.tool.Tool;
import java.math.BigDecimal;

/** Tools for arithmetic. Thread-safe. */
public final class MathTools {

    @Tool(
            name = "math.evaluate",
            description = "Calculate the value of an arithmetic expression exactly.",
            effect = Effect.READ,
            reach = {})
    public BigDecimal evaluate(
            @Param("The expression, such as (12.50 + 3) * 4; with + - * / % ^, sqrt, abs, min, max, round, floor, ceil")
                    String expression) {
        return Expression.evaluate(expression);
    }
}
