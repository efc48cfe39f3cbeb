package dev.hart.server.cli;

import dev.hart.Hart;
import dev.hart.gpu.DetectionReport;
import dev.hart.gpu.Device;
import dev.hart.gpu.DeviceMemory;
import dev.hart.gpu.DeviceStatus;
import dev.hart.gpu.GpuStatus;
import dev.hart.gpu.Gpus;
import dev.hart.gpu.GraphicsCard;
import dev.hart.gpu.VramLease;
import dev.hart.server.GpuDocuments;
import dev.hart.server.GpuDocuments.VramDocument;
import dev.hart.server.JsonText;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code hart gpu}. */
@Command(
        name = "gpu",
        description = "Shows this machine's compute devices, and how much of their memory a model could get now.",
        mixinStandardHelpOptions = true)
final class GpuCommand implements Callable<Integer> {
    private static final String UNKNOWN = "?";

    private final Terminal terminal;

    @Mixin
    private RuntimeOptions options = new RuntimeOptions();

    @ArgGroup
    private Form form = new Form();

    /** At most one of both. */
    private static final class Form {
        @Option(names = "--json", description = "print one JSON document instead")
        private boolean json;

        @Option(
                names = "--report",
                description = "print all that the drivers say, as JSON, for the report of a problem")
        private boolean report;
    }

    GpuCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws InterruptedException {
        if (form.report) {
            terminal.line(JsonText.writeIndented(DetectionReport.read()));
            return HartCommand.OK;
        }
        try (Hart hart = options.open()) {
            Gpus gpus = hart.unwrap(Gpus.class);
            GpuStatus status = gpus.status();
            if (form.json) {
                terminal.line(JsonText.writeIndented(VramDocument.of(status)));
            } else {
                print(status, gpus.graphicsCards());
            }
        }
        return HartCommand.OK;
    }

    private void print(GpuStatus status, List<GraphicsCard> cards) {
        List<List<String>> rows = new ArrayList<>();
        for (DeviceStatus each : status.devices()) {
            Device device = each.device();
            rows.add(List.of(
                    device.id(),
                    gib(device.memory().map(DeviceMemory::totalBytes).orElse(-1L)),
                    gib(device.memory().map(DeviceMemory::freeBytes).orElse(-1L)),
                    gib(each.plannableBytes()),
                    gib(each.activeBytes() + each.reservedBytes()),
                    gib(each.untrackedBytes()),
                    device.utilisationPct().isPresent()
                            ? device.utilisationPct().getAsInt() + " %"
                            : UNKNOWN,
                    device.health().name(),
                    Terminal.shorten(device.name(), 40)));
        }
        terminal.table(
                List.of("DEVICE", "TOTAL", "FREE", "PLANNABLE", "LEASED", "OTHERS", "USE", "HEALTH", "NAME"), rows);
        terminal.line("sizes in GiB; PLANNABLE is what a lease could get now");
        for (VramLease lease : status.leases()) {
            terminal.line("lease " + lease.id() + "  " + lease.tool() + "  " + lease.state() + "  "
                    + lease.grants().entrySet().stream()
                            .map(grant -> gib(grant.getValue()) + " of " + grant.getKey())
                            .collect(Collectors.joining(", ")));
        }
        for (GraphicsCard card : cards) {
            terminal.line("card: " + Terminal.shorten(card.name() + ", " + card.vendor(), 80)
                    + (status.devices().size() == 1 ? "; no driver that can compute was found for it" : ""));
        }
    }

    private static String gib(long bytes) {
        return bytes < 0 ? UNKNOWN : GpuDocuments.gib(bytes).toPlainString();
    }
}
