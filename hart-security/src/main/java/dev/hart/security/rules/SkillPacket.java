package dev.hart.security.rules;

import java.util.Set;

/**
 * A skill on its way to other nodes.
 *
 * @param taskId the task it was learned from
 * @param category of the skill, in any spelling
 * @param witnesses ids of the nodes that saw it work; the exporting node does not count
 */
public record SkillPacket(String taskId, String description, String category, Set<String> witnesses) {
    public SkillPacket {
        witnesses = Set.copyOf(witnesses);
    }
}
