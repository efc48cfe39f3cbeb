package dev.hart.security.trust;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hart.security.trust.JvmPosture.Finding;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JvmPostureTest {
    @ParameterizedTest
    @CsvSource({
        "-javaagent:x.jar, AGENT",
        "-agentpath:/x.so, AGENT",
        "-agentlib:x, AGENT",
        "'-agentlib:jdwp=transport=dt_socket,server=y,address=5005', DEBUG",
        "-Xrunjdwp:transport=dt_socket, DEBUG",
        "-Xverify:none, NO_VERIFICATION",
        "-noverify, NO_VERIFICATION",
        "-XX:-BytecodeVerificationRemote, NO_VERIFICATION",
        "--add-opens=java.base/java.lang=ALL-UNNAMED, OPENED",
        "--add-exports=dev.hart.security/dev.hart.security=x, OPENED",
        "--patch-module=dev.hart.security=x.jar, PATCHED",
        "-Xbootclasspath/a:x.jar, BOOT_CLASS_PATH",
        "-Dcom.sun.management.jmxremote.port=1, REMOTE_MANAGEMENT"
    })
    void anOptionThatOpensTheJvmIsFoundAndSerious(String option, Finding finding) {
        JvmPosture posture = JvmPosture.of(List.of("-Xmx1g", option, "-XX:+DisableAttachMechanism"), true);
        assertThat(posture.findings()).containsOnlyKeys(finding);
        assertThat(posture.isSound()).isFalse();
        assertThat(posture).hasToString(finding + " (" + option + ")");
    }

    @Test
    void anAttachDoorAndTheClassPathAreNamedButNotSerious() {
        JvmPosture posture = JvmPosture.of(List.of("-Xmx1g", "-Dx=--add-opens"), false);
        assertThat(posture.findings()).containsOnlyKeys(Finding.ATTACH_ENABLED, Finding.CLASS_PATH);
        assertThat(posture.isSound()).isTrue();
        assertThat(JvmPosture.of(List.of("-XX:+DisableAttachMechanism"), true)).hasToString("nothing found");
    }

    @Test
    void thisJvmCanBeLookedAt() {
        assertThat(JvmPosture.scan().findings()).containsKey(Finding.ATTACH_ENABLED);
    }
}
