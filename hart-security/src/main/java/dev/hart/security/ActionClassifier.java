package dev.hart.security;

import com.google.re2j.Pattern;
import dev.hart.guard.Reach;
import dev.hart.tool.Effect;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Says what an action does. What a tool declares decides; the text of the call is read for tools that declare nothing and
 * for tools that take commands (shell, SQL, program text), where it can only make the answer graver. Pure and thread-safe;
 * time grows with the length of the text alone.
 */
public final class ActionClassifier {
    private static final String DOWNLOAD_TO_INTERPRETER =
            "\\b(?:curl|wget|fetch|iwr|invoke-webrequest)\\b[^\\n]*\\|\\s*(?:sudo\\s+)?(?:ba|z|k|da|c)?sh\\b"
                    + "|\\b(?:curl|wget|fetch|iwr|invoke-webrequest)\\b[^\\n]*\\|\\s*(?:sudo\\s+)?(?:python[0-9.]*|perl|ruby|node|php|iex)\\b"
                    + "|\\b(?:ba|z)?sh\\s+<\\(\\s*(?:curl|wget)\\b"
                    + "|\\beval\\s+[\"'$(`]*(?:curl|wget)\\b";
    private static final List<Pattern> DESTRUCTIVE = patterns(
            "\\b(?:delet(?:e|es|ed|ing)|remov(?:e|es|ed|ing)|drop(?:s|ped|ping)?|truncat(?:e|es|ed|ing)|destroy(?:s|ed|ing)?"
                    + "|overwrit(?:e|es|ten|ing)|eras(?:e|es|ed|ing)|purg(?:e|es|ed|ing)|wip(?:e|es|ed|ing)"
                    + "|shred|get rid of|throw away|cancel all)\\b",
            "\\brm\\s+(?:-[a-z-]+\\s+)*[^\\s-]",
            "\\b(?:rmdir|unlink|del|rd)\\s+[^\\s]",
            "\\b(?:drop|alter)\\s+(?:table|database|index|schema|view|column|user|role)\\b",
            "\\bupdate\\s+[\\w.\"`\\[\\]]+\\s+set\\b",
            "\\b(?:insert|replace)\\s+into\\b",
            "\\bmerge\\s+into\\b",
            "\\b(?:grant|revoke)\\s+\\w+",
            "\\bformat\\s+[a-z]:",
            "\\bmkfs\\b",
            "\\bdd\\s+[^|;]*\\bif=",
            "\\b(?:fdisk|parted|wipefs)\\b",
            ">\\s*/dev/(?:sd|nvme|hd|mem)",
            "\\bgit\\s+push\\s[^|;&]*(?:--force\\b|--force-with-lease\\b|--delete\\b|-[a-z]*f\\b|\\s\\+\\w)",
            "\\bgit\\s+reset\\s[^|;&]*--hard\\b",
            "\\bgit\\s+clean\\s[^|;&]*-[a-z]*[fx]",
            "\\bgit\\s+(?:branch\\s+-d|tag\\s+-d|stash\\s+(?:drop|clear)|checkout\\s+--\\s)",
            "\\bkill\\s+-(?:9|kill|sigkill)\\b",
            "\\b(?:killall|pkill)\\b",
            "\\b(?:shutdown|reboot|poweroff|halt)\\b",
            "\\bch(?:mod|own|grp)\\s+(?:[^|;&]*\\s)?(?:-[a-z]*r[a-z]*|--recursive)\\b",
            "\\bchmod\\s+[^|;&]*\\b0?777\\b",
            "\\bcrontab\\s+-r\\b",
            "\\b(?:docker|podman)\\s+(?:system\\s+)?(?:rm|rmi|prune)\\b",
            "\\bkubectl\\s+(?:delete|drain)\\b",
            "\\bterraform\\s+(?:destroy|apply)\\b",
            "\\bfind\\s[^|;]*-(?:delete|exec)\\b",
            "\\|\\s*(?:sudo\\s+)?(?:xargs\\s+rm)\\b",
            DOWNLOAD_TO_INTERPRETER);
    private static final List<Pattern> PRIVILEGED = patterns(
            "\\b(?:sudo|doas|su)\\s+\\S",
            "(?:^|[\\s/\"'=~])\\.ssh/|\\bid_(?:rsa|dsa|ecdsa|ed25519)\\b",
            "/etc/(?:shadow|sudoers|passwd)\\b",
            "(?:^|[\\s/\"'=])\\.(?:env|netrc|pgpass|npmrc|pypirc|git-credentials)\\b",
            "\\.aws/credentials|\\.kube/config|\\.docker/config\\.json|\\.gnupg",
            "\\b[\\w./-]+\\.(?:pem|key|p12|pfx|jks|keystore|kdbx)\\b",
            "\\b(?:credentials?|secrets?|private[_ -]?keys?|passwords?)\\.(?:json|ya?ml|txt|csv|ini|toml|properties|db)\\b",
            "/proc/(?:self|\\d+)/environ|\\bprintenv\\b");
    private static final List<Pattern> NETWORK = patterns(
            "\\bhttps?://|\\bftp://|\\bs3://|\\bwss?://",
            "\\b(?:curl|wget|ssh|scp|sftp|rsync|nc|netcat|telnet|ftp|nmap)\\b",
            "\\bgit\\s+(?:push|pull|fetch|clone)\\b",
            "\\b(?:e-?mail|upload|download|tweet)(?:s|ed|ing)?\\b");
    private static final List<Pattern> MONEY = patterns(
            "\\b(?:pay|pays|paying|payment|payments|refund|refunds|purchase|purchases|buy|buys|invoice|transfer|wire)\\b[^\\n]{0,60}"
                    + "(?:\\b(?:money|funds|eur|usd|gbp|euros?|dollars?|spark|iban|account)\\b|[$\\x{20ac}\\x{a3}])",
            "(?:[$\\x{20ac}\\x{a3}]\\s?[0-9]|\\b[0-9][0-9.,]*\\s?(?:eur|usd|gbp|euros?|dollars?)\\b)[^\\n]{0,60}\\b(?:to|for)\\b");
    private static final List<Pattern> SAFE = patterns(
            "\\b(?:read|reads|get|gets|list|lists|search|searches|show|shows|describe|describes|explain|explains|query|queries"
                    + "|fetch|fetches|view|views|check|checks|status|count|find|look up)\\b",
            "^\\s*(?:cat|ls|head|tail|wc|pwd|du|df|stat|file)\\b",
            "\\bgit\\s+(?:status|log|diff|show|branch)\\b");
    private static final Pattern SELECT = Pattern.compile("(?is)^\\s*(?:with\\b.*)?select\\b");
    private static final Pattern INTO = Pattern.compile("(?i)\\binto\\b");
    private static final Pattern SECOND_STATEMENT = Pattern.compile("(?s);\\s*\\S");

    /** What the text alone says: {@link Effect#DESTRUCTIVE}, {@link Effect#READ}, or null when it is unknown. */
    public @Nullable Effect effectOf(@Nullable String text) {
        if (text == null || text.isBlank()) {
            return null;
        }
        String plain = spaced(text);
        if (any(DESTRUCTIVE, plain)) {
            return Effect.DESTRUCTIVE;
        }
        if (any(PRIVILEGED, plain)) {
            return null;
        }
        boolean select = SELECT.matcher(plain).find()
                && !INTO.matcher(plain).find()
                && !SECOND_STATEMENT.matcher(plain).find();
        return select || any(SAFE, plain) ? Effect.READ : null;
    }

    /** What the text alone says of its reach. */
    public Set<Reach> reachOf(@Nullable String text) {
        Set<Reach> reach = EnumSet.noneOf(Reach.class);
        if (text != null) {
            String plain = spaced(text);
            addIf(reach, Reach.NETWORK, any(NETWORK, plain));
            addIf(reach, Reach.MONEY, any(MONEY, plain));
            addIf(reach, Reach.PRIVILEGED, any(PRIVILEGED, plain));
        }
        return reach;
    }

    /**
     * The class of a call.
     *
     * @param declared what the tool declares; null when it declares nothing
     * @param reach what the tool declares; may be empty
     * @param takesCommands whether the tool runs the text that it is given (shell, SQL, program text)
     * @param text the texts among the arguments
     * @param tainted whether one of them comes from a source that was flagged, or is not trusted
     */
    public ActionClass classify(
            @Nullable Effect declared,
            Set<Reach> reach,
            boolean takesCommands,
            @Nullable String text,
            boolean tainted) {
        Effect effect = declared;
        Set<Reach> reached = EnumSet.noneOf(Reach.class);
        reached.addAll(reach);
        if (declared == null || takesCommands) {
            Effect read = effectOf(text);
            effect = declared == null ? read : read == null ? null : declared.max(read);
            reached.addAll(reachOf(text));
        }
        boolean approval = effect == null || effect == Effect.DESTRUCTIVE || (tainted && !reached.isEmpty());
        return new ActionClass(effect, reached, approval);
    }

    private static void addIf(Set<Reach> reach, Reach one, boolean found) {
        if (found) {
            reach.add(one);
        }
    }

    /** Without what a shell ignores inside a word: quotes, backslashes and {@code ${IFS}}. */
    private static String spaced(String text) {
        return Folding.fold(text)
                .replace("${ifs}", " ")
                .replace("$ifs", " ")
                .replace("\\\n", " ")
                .replace("''", "")
                .replace("\"\"", "");
    }

    private static boolean any(List<Pattern> patterns, String text) {
        return patterns.stream().anyMatch(pattern -> pattern.matcher(text).find());
    }

    private static List<Pattern> patterns(String... expressions) {
        return java.util.Arrays.stream(expressions)
                .map(expression -> Pattern.compile(expression, Pattern.CASE_INSENSITIVE | Pattern.MULTILINE))
                .toList();
    }
}
