package dev.hart.spi;

/**
 * The node's signature under its audit log as it was when it had so many entries. Whoever holds a copy can tell later whether
 * entries are missing or were written anew.
 *
 * @param sequence of the entry that was the last
 * @param envelope the signed text
 */
public record AuditHead(long sequence, String envelope) {}
