package dev.hart.gpu.machine;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;

/** What would relieve a machine that runs short of something. */
public enum Optimization {
    /** Begin less work at a time, or give work in the background a lower priority. */
    BEGIN_LESS_WORK(Resource.CPU, Duration.ofMinutes(2), false),
    /** Unload models that nobody has used for half of their idle timeout. */
    UNLOAD_IDLE_MODELS(Resource.RAM, Duration.ofMinutes(5), true),
    /** End what holds memory without need, or add memory: swap space empties when there is room. */
    FREE_SWAP(Resource.SWAP, Duration.ofMinutes(10), false),
    /** Delete models and other files that nobody needs. */
    FREE_DISK(Resource.DISK, Duration.ofMinutes(10), false);

    private final Resource relieves;
    private final Duration coolDown;
    private final boolean appliable;

    Optimization(Resource relieves, Duration coolDown, boolean appliable) {
        this.relieves = relieves;
        this.coolDown = coolDown;
        this.appliable = appliable;
    }

    /** What there is more of afterwards. */
    public Resource relieves() {
        return relieves;
    }

    /** How long it is not advised or applied again. */
    public Duration coolDown() {
        return coolDown;
    }

    /** Whether HART can do it itself. It touches nothing outside of itself, so most it can only advise. */
    public boolean isAppliable() {
        return appliable;
    }

    static List<Optimization> appliable() {
        return Arrays.stream(values()).filter(Optimization::isAppliable).toList();
    }
}
