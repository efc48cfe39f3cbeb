package dev.hart.gpu;

/** Which of the devices that fit is taken; the one with the lower number when they are equal. */
public enum PlacementRule {
    /** The one with the least memory left, so that large pieces stay free. */
    BEST_FIT,
    /** The one with the most memory left. */
    SPREAD
}
