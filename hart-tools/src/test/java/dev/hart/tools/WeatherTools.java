package dev.hart.tools;

// tag::own[]
import dev.hart.tool.Effect;
import dev.hart.tool.Param;
import dev.hart.tool.Tool;
import dev.hart.tool.ToolFailure;
import java.math.BigDecimal;
import java.time.LocalDate;

public class WeatherTools {
    public enum Sky {
        SUNNY,
        CLOUDY
    }

    public record Forecast(Sky sky, BigDecimal celsius) {}

    @Tool(
            name = "weather.forecast",
            description = "Forecast the weather of a city on a day.",
            effect = Effect.READ,
            reach = {})
    public Forecast forecast(@Param("The city") String city, @Param("The day") LocalDate day) {
        if (city.isBlank()) {
            throw new ToolFailure("CITY_MISSING", "the city is empty; name one");
        }
        return new Forecast(day.getDayOfMonth() % 2 == 0 ? Sky.SUNNY : Sky.CLOUDY, new BigDecimal("21.5"));
    }
}
// end::own[]
