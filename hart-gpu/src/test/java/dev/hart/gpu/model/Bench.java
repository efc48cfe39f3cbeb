package dev.hart.gpu.model;

import static dev.hart.gpu.ScriptedProbe.gib;

import dev.hart.gpu.Gpus;
import dev.hart.gpu.KeptJournal;
import dev.hart.gpu.LeaseMode;
import dev.hart.gpu.ModelRequirement;
import dev.hart.gpu.MovedClock;
import dev.hart.gpu.OpenedGpus;
import dev.hart.gpu.ScriptedProbe;
import dev.hart.gpu.ScriptedProcesses;
import dev.hart.gpu.VramLease;
import dev.hart.spi.HaltCause;
import dev.hart.spi.HaltSwitch;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Devices, models and a machine that a test sets up and moves; loads run on the test's thread. */
final class Bench implements AutoCloseable {
    final MovedClock clock = new MovedClock();
    final ScriptedProbe probe = new ScriptedProbe();
    final KeptJournal journal = new KeptJournal();
    final ScriptedProcesses processes = new ScriptedProcesses();
    final List<ModelEvent> events = new ArrayList<>();
    /** The last of each model. */
    final Map<String, Toy> toys = new HashMap<>();

    final List<Toy> allToys = new ArrayList<>();
    final Map<String, Integer> failures = new HashMap<>();
    MachineLoad machine = MachineLoad.of(10, 10, gib(100));
    boolean halted;
    ModelLimits limits = ModelLimits.defaults();
    Gpus gpus;
    Models models;

    Bench open() throws InterruptedException {
        gpus = OpenedGpus.of(probe, clock, journal, processes);
        models = Models.configure(gpus)
                .clock(clock)
                .limits(limits)
                .machine(() -> machine)
                .haltSwitch(new HaltSwitch() {
                    @Override
                    public boolean isHalted() {
                        return halted;
                    }

                    @Override
                    public List<HaltCause> causes() {
                        return List.of();
                    }

                    @Override
                    public Subscription onChange(Runnable listener) {
                        return () -> {};
                    }
                })
                .listener(events::add)
                .executor(Runnable::run)
                .withoutBackgroundThread()
                .open();
        return this;
    }

    /** Of that size on a GPU, nowhere else. */
    Model<Toy> model(String id, double size) {
        return model(id, size, ModelSettings.defaults());
    }

    Model<Toy> model(String id, double size, ModelSettings settings) {
        return models.register(
                id, ModelRequirement.ofBytes(id, gib(size)), settings, (mode, lease) -> load(id, mode, lease));
    }

    /** That can also run on half of the GPU, or on none. */
    Model<Toy> movable(String id, double size, double ram, ModelSettings settings) {
        return models.register(
                id,
                new ModelRequirement(id, gib(size), gib(size), gib(size) / 2, gib(ram)),
                settings,
                (mode, lease) -> load(id, mode, lease));
    }

    private Toy load(String id, LeaseMode mode, VramLease lease) {
        int left = failures.getOrDefault(id, 0);
        if (left > 0) {
            failures.put(id, left - 1);
            throw new IllegalArgumentException("no weights");
        }
        Toy toy = new Toy(mode, lease);
        toys.put(id, toy);
        allToys.add(toy);
        return toy;
    }

    void use(Model<Toy> model) throws InterruptedException {
        model.use().close();
    }

    void pass(double seconds) throws InterruptedException {
        clock.advanceSeconds(seconds);
        gpus.tick();
        models.tick();
    }

    void age(Duration duration) {
        clock.advance(duration);
    }

    List<String> names() {
        return events.stream()
                .map(ModelEvent::name)
                .filter(name -> !name.equals("gpu.drift"))
                .toList();
    }

    List<String> unloaded() {
        return events.stream()
                .filter(event -> event instanceof ModelEvent.Unloaded)
                .map(event -> ((ModelEvent.Unloaded) event).model())
                .toList();
    }

    @Override
    public void close() {
        if (models != null) {
            models.close();
            gpus.close();
        }
    }
}
