package dev.hart.gpu.sidecar;

import dev.hart.gpu.LeaseMode;
import dev.hart.gpu.VramLease;
import dev.hart.gpu.process.NeededVariables;
import dev.hart.gpu.process.OutputRing;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The variables that a sidecar's process gets. */
final class ChildEnvironment {
    private ChildEnvironment() {}

    static Map<String, String> of(
            SidecarSpec spec, LeaseMode mode, @Nullable VramLease lease, String token, Map<String, String> ours) {
        Map<String, String> environment = new HashMap<>();
        ours.forEach((name, value) -> {
            if (NeededVariables.contain(name) || spec.inherited().contains(name)) {
                environment.put(name, value);
            }
        });
        environment.putAll(spec.environment());
        environment.put(
                spec.variablePrefix() + "_OFFLOAD",
                switch (mode) {
                    case GPU -> "gpu";
                    case CPU_OFFLOAD -> "cpu_offload";
                    case CPU -> "cpu_only";
                });
        spec.modelDirectory()
                .ifPresent(folder -> environment.put(spec.variablePrefix() + "_MODEL_DIR", folder.toString()));
        environment.put("HART_SIDECAR_HOST", "127.0.0.1");
        environment.put("HART_SIDECAR_PORT", Integer.toString(spec.port()));
        environment.put(spec.tokenVariable(), token);
        environment.put("CUDA_VISIBLE_DEVICES", "");
        if (lease != null) {
            environment.put("HART_FENCING_TOKEN", Long.toString(lease.fencingToken()));
            environment.putAll(lease.environment());
        }
        return environment;
    }

    /** What it writes, without its secrets. */
    static OutputRing output(SidecarSpec spec, String token) {
        List<String> secrets = new ArrayList<>(spec.secrets());
        secrets.add(token);
        return new OutputRing(secrets);
    }
}
