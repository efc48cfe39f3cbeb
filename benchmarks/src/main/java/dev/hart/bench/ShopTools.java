package dev.hart.bench;

import dev.hart.tool.Effect;
import dev.hart.tool.Param;
import dev.hart.tool.Tool;

/** Tools that cost nothing, so that what is measured around them is HART. */
public final class ShopTools {
    private static final long BASE_CENTS = 10_000;

    /** What an order costs before anything is added, in cents. */
    @Tool(name = "shop.price", description = "Looks up the price of an order.", effect = Effect.READ)
    public long price(@Param("number of the order") long order) {
        return BASE_CENTS + order % 97;
    }

    @Tool(
            name = "shop.discount",
            description = "Takes the regular customers' discount off an amount.",
            effect = Effect.READ)
    public long discount(@Param("amount in cents") long amount) {
        return amount - amount / 20;
    }

    @Tool(name = "shop.tax", description = "Adds the tax to an amount.", effect = Effect.READ)
    public long tax(@Param("amount in cents") long amount) {
        return amount + amount / 5;
    }

    @Tool(name = "shop.shipping", description = "Adds the shipping to an amount.", effect = Effect.READ)
    public long shipping(@Param("amount in cents") long amount) {
        return amount + 490;
    }

    @Tool(name = "shop.label", description = "Writes an amount as a price tag.", effect = Effect.READ)
    public String label(@Param("amount in cents") long amount) {
        return amount / 100 + "." + (amount % 100 < 10 ? "0" : "") + amount % 100;
    }

    /** The next number: a step of a chain that may be as long as one likes. */
    @Tool(name = "shop.count", description = "Adds one to a number.", effect = Effect.READ)
    public long count(@Param("the number before") long number) {
        return number + 1;
    }
}
