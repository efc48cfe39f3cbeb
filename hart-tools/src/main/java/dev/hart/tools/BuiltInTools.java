package dev.hart.tools;

import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;

/** The tools that every {@code Hart} has unless told otherwise. */
public final class BuiltInTools {
    private BuiltInTools() {}

    /**
     * One object per family of tools, each with methods annotated {@link dev.hart.tool.Tool}. All are thread-safe. Nothing
     * is opened, created or looked up before the first call of a tool.
     *
     * @param workspace the only folder whose files the tools touch; its {@code hart-data} is closed to them
     * @param allowedHosts {@code host} (ports 80 and 443) or {@code host:port}, lower case, that {@code http.get} may call
     * @param clock what the date tools call now, and what deadlines are measured against
     */
    public static List<Object> create(Path workspace, Set<String> allowedHosts, InstantSource clock) {
        return create(workspace, workspace.resolve(Workspace.DATA_DIRECTORY), allowedHosts, clock);
    }

    /**
     * The same when everything durable is kept elsewhere.
     *
     * @param dataDirectory closed to the tools too, in case it lies in the workspace
     */
    public static List<Object> create(
            Path workspace, Path dataDirectory, Set<String> allowedHosts, InstantSource clock) {
        Workspace files = new Workspace(workspace, dataDirectory);
        return List.of(
                new FileTools(files),
                new CsvTools(files),
                new JsonTools(files),
                new TextTools(),
                new MathTools(),
                new DateTools(clock),
                new HttpTools(new AllowedHosts(allowedHosts), clock),
                new SqlTools(files, clock));
    }
}
