package dev.hart.core.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hart.error.CannotPlanException;
import dev.hart.tool.Effect;
import dev.hart.tool.ToolSpec;
import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** How the embedded planner finds typed arguments in the words of a request. */
class ArgumentsTest {
    private final Planner planner = new EmbeddedPlanner();

    @Test
    void numbersGoToTheArgumentsThatTheWordsAroundThemName() {
        ToolSpec tool = Specs.tool(
                "cone.volume",
                "Calculate the volume of a cone.",
                Effect.READ,
                Specs.arguments("radius", "number", "Radius of the base", "height", "number", "Height of the cone"));

        assertThat(plan("Calculate the volume of a cone with height 7 and a radius of 4", tool))
                .isEqualTo(Map.of("radius", 4L, "height", 7L));
        assertThat(plan("What is the volume of a cone whose radius is 2.5 and whose height is 7?", tool))
                .isEqualTo(Map.of("radius", new BigDecimal("2.5"), "height", 7L));
    }

    @Test
    void unitsTellNumbersApartAndAreConverted() {
        ToolSpec tool = Specs.tool(
                "track.create",
                "Create a music track.",
                Effect.READ,
                Specs.arguments(
                        "length", "integer", "Length of the track in seconds", "tempo", "integer", "Tempo in bpm"));

        assertThat(plan("Create a music track of 3 minutes at 120 bpm", tool))
                .isEqualTo(Map.of("length", 180L, "tempo", 120L));
    }

    @Test
    void aPercentageIsAShareOfOneUnlessTheToolWantsPercent() {
        Map<String, Map<String, Object>> share = Specs.arguments("rate", "number", "The interest rate as a decimal");
        Map<String, Map<String, Object>> percent = Specs.arguments("rate", "number", "The interest rate in percent");
        String request = "Calculate the interest at a rate of 5%";

        assertThat(plan(request, Specs.tool("interest", "Calculate the interest.", Effect.READ, share)))
                .isEqualTo(Map.of("rate", new BigDecimal("0.05")));
        assertThat(plan(request, Specs.tool("interest", "Calculate the interest.", Effect.READ, percent)))
                .isEqualTo(Map.of("rate", 5L));
    }

    @Test
    void numbersMayBeWordsMoneyOrHaveGroups() {
        ToolSpec tool = Specs.tool(
                "loan.payment",
                "Calculate the monthly payment of a loan.",
                Effect.READ,
                Specs.arguments("amount", "integer", "The loan amount", "years", "integer", "The years to pay"));

        assertThat(plan("Calculate the monthly payment of a loan of $250,000 over thirty years", tool))
                .isEqualTo(Map.of("amount", 250_000L, "years", 30L));
        assertThat(plan("Calculate the monthly payment of a loan of 1.5 million dollars for twenty-five years", tool))
                .isEqualTo(Map.of("amount", 1_500_000L, "years", 25L));
    }

    @Test
    void fromAndToTellTwoPlacesApart() {
        ToolSpec tool = Specs.tool(
                "train.search",
                "Search for trains between two cities.",
                Effect.READ,
                Specs.arguments(
                        "origin",
                        "string",
                        "City of departure",
                        "destination",
                        "string",
                        "City of arrival",
                        "date",
                        "string",
                        "Date of travel, YYYY-MM-DD"));

        assertThat(plan("Search for trains to Berlin from San Sebastian on July 4th, 2025", tool))
                .isEqualTo(Map.of("origin", "San Sebastian", "destination", "Berlin", "date", "2025-07-04"));
    }

    @Test
    void datesTakeTheFormThatTheToolNames() {
        ToolSpec tool = Specs.tool(
                "calendar.open",
                "Open the calendar at a date.",
                Effect.READ,
                Specs.arguments("date", "string", "The date in the form MM/DD/YYYY"));

        for (String date : List.of("2024-03-01", "March 1, 2024", "1st of March 2024", "Mar. 1 2024", "3/1/2024")) {
            assertThat(plan("Open the calendar at " + date, tool)).as(date).isEqualTo(Map.of("date", "03/01/2024"));
        }
    }

    @Test
    void anEnumerationIsMatchedByInflectionAndSynonym() {
        ToolSpec tool = Specs.tool(
                "law.lookup",
                "Look up the law on a crime.",
                Effect.READ,
                Map.of(
                        "crime", Map.of("type", "string", "description", "The crime"),
                        "detail", Map.of("type", "string", "enum", List.of("basic", "detailed"))));

        assertThat(plan("Look up the law on theft in detail", tool))
                .isEqualTo(Map.of("crime", "theft", "detail", "detailed"));
    }

    @Test
    void anOptionalArgumentIsLeftOutUnlessTheWordsSayIt() {
        Map<String, Map<String, Object>> arguments = new LinkedHashMap<>(Specs.arguments("city", "string", "The city"));
        arguments.put("days", Map.of("type", "integer", "description", "Number of days"));
        arguments.put("humidity", Map.of("type", "boolean", "description", "Whether to include the humidity"));
        ToolSpec tool = Specs.tool(
                "weather.forecast", "Forecast the weather in a city.", Effect.READ, arguments, List.of("city"));

        assertThat(plan("Forecast the weather in Oslo", tool)).isEqualTo(Map.of("city", "Oslo"));
        assertThat(plan("Forecast the weather in Oslo for the next 5 days with humidity", tool))
                .isEqualTo(Map.of("city", "Oslo", "days", 5L, "humidity", true));
    }

    @Test
    void listsAreListsOfTheirItems() {
        ToolSpec mean = Specs.tool(
                "math.mean",
                "Calculate the mean of numbers.",
                Effect.READ,
                Map.of("numbers", Map.of("type", "array", "items", Map.of("type", "integer"))));
        ToolSpec prices = Specs.tool(
                "stock.prices",
                "Get the stock prices of companies.",
                Effect.READ,
                Map.of("companies", Map.of("type", "array", "items", Map.of("type", "string"))));

        assertThat(plan("Calculate the mean of 3, 5, 8 and 12", mean))
                .isEqualTo(Map.of("numbers", List.of(3L, 5L, 8L, 12L)));
        assertThat(plan("Calculate the mean of [3, 5]", mean)).isEqualTo(Map.of("numbers", List.of(3L, 5L)));
        assertThat(plan("Get the stock prices of Siemens, Bosch and Miele", prices))
                .isEqualTo(Map.of("companies", List.of("Siemens", "Bosch", "Miele")));
    }

    @Test
    void partsOfAnObjectAreArgumentsToo() {
        ToolSpec tool = Specs.tool(
                "room.paint",
                "Calculate the paint for a room.",
                Effect.READ,
                Map.of(
                        "room",
                        Map.of(
                                "type",
                                "object",
                                "required",
                                List.of("width", "height"),
                                "properties",
                                Map.of("width", Map.of("type", "number"), "height", Map.of("type", "number")))));

        assertThat(plan("Calculate the paint for a room with a width of 4 and a height of 2.5", tool))
                .isEqualTo(Map.of("room", Map.of("width", 4L, "height", new BigDecimal("2.5"))));
    }

    @Test
    void aMissingRequiredArgumentIsNeverInvented() {
        ToolSpec tool = Specs.tool(
                "weather.forecast",
                "Forecast the weather in a city.",
                Effect.READ,
                Specs.arguments("city", "string", "The city", "days", "integer", "Number of days"));

        assertThatThrownBy(() -> plan("Forecast the weather in Oslo", tool))
                .isInstanceOf(CannotPlanException.class)
                .hasMessageContaining("weather.forecast, needs days");
    }

    @Test
    void aDefaultOfTheSchemaFillsARequiredArgument() {
        ToolSpec tool = Specs.tool(
                "weather.forecast",
                "Forecast the weather in a city.",
                Effect.READ,
                Map.of(
                        "city", Map.of("type", "string", "description", "The city"),
                        "units", Map.of("type", "string", "default", "metric")));

        assertThat(plan("Forecast the weather in Oslo", tool)).isEqualTo(Map.of("city", "Oslo", "units", "metric"));
    }

    private Map<String, @Nullable Object> plan(String request, ToolSpec tool) {
        Draft draft = planner.plan(request, List.of(tool));
        assertThat(draft.actions()).hasSize(1);
        return draft.actions().get(0).args();
    }
}
