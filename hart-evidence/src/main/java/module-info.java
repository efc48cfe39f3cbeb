/** Checks the evidence of a run; needs the JDK alone. */
module dev.hart.evidence {
    exports dev.hart.evidence;
}
