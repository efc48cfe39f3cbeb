package dev.hart.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.hart.Inputs;
import dev.hart.gpu.Gpus;
import dev.hart.gpu.LeaseMode;
import dev.hart.gpu.ModelRequirement;
import dev.hart.gpu.VramLease;
import dev.hart.gpu.model.Model;
import dev.hart.gpu.model.ModelSettings;
import dev.hart.gpu.model.ModelUse;
import dev.hart.gpu.model.Models;
import dev.hart.ledger.Ledger;
import dev.hart.ledger.LedgerId;
import dev.hart.ledger.Ledgers;
import dev.hart.ledger.NewTask;
import dev.hart.ledger.TaskCommand;
import dev.hart.recipe.DriftRule;
import dev.hart.recipe.Recipe;
import dev.hart.recipe.RecipeGuard;
import dev.hart.recipe.ResultCheck;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.logging.Level;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.support.ui.ExpectedConditions;
import org.openqa.selenium.support.ui.WebDriverWait;

/** The web console in a real browser. */
@Timeout(120)
class ConsoleTest {
    private static final File CHROMIUM = new File("/usr/bin/chromium");
    private static final File DRIVER = new File("/usr/bin/chromedriver");
    private static ChromeDriver browser;

    @TempDir
    private Path directory;

    private ServedHart served;
    private WebDriverWait wait;

    @BeforeAll
    static void startBrowser() {
        assumeTrue(
                CHROMIUM.canExecute() && DRIVER.canExecute(),
                "skipped: the console is tested with Debian's chromium and chromium-driver, which are not installed");
        ChromeOptions options = new ChromeOptions();
        options.setBinary(CHROMIUM);
        options.addArguments(
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--disable-dev-shm-usage",
                "--window-size=1200,900");
        options.setCapability("goog:loggingPrefs", Map.of("browser", "ALL"));
        browser = new ChromeDriver(
                new ChromeDriverService.Builder().usingDriverExecutable(DRIVER).build(), options);
    }

    @AfterAll
    static void stopBrowser() {
        if (browser != null) {
            browser.quit();
        }
    }

    @BeforeEach
    void open() throws IOException {
        served = new ServedHart(directory, settings -> settings);
        browser.manage().logs().get("browser");
        wait = new WebDriverWait(browser, Duration.ofSeconds(20));
    }

    @AfterEach
    void close() {
        served.close();
    }

    @Test
    void aRequestIsStartedFollowedAndSeenToItsEnd() {
        browser.get(served.server.baseUri().toString());

        ask(ServedHart.SALES);

        see("[data-state=SUCCEEDED]");
        see("[data-mode=CREATE]");
        wait.until(ExpectedConditions.textToBe(By.id("output"), "12.5"));
        assertThat(texts("#timeline .tool")).containsExactly("csv.sum", "file.write");
        assertThat(texts("#timeline .state")).containsExactly("done", "done");
        assertNothingWentWrong();
    }

    @Test
    void theSecondRequestOfAKindIsSeenToBeReplayed() {
        served.hart.run(ServedHart.SALES);
        browser.get(served.server.baseUri().toString());
        see("#recipes a");
        assertThat(texts("#recipes .intent"))
                .singleElement()
                .satisfies(text -> assertThat(text).startsWith("Add up column"));

        ask(ServedHart.MARCH);

        see("[data-mode=REUSE]");
        wait.until(ExpectedConditions.textToBe(By.id("output"), "15"));
        browser.findElement(By.linkText("← All runs")).click();
        wait.until(ExpectedConditions.numberOfElementsToBe(By.cssSelector("#runs tbody tr"), 2));
        assertNothingWentWrong();
    }

    @Test
    void devicesAndTheirLeasesAreSeenAsTheyComeAndGo() throws InterruptedException {
        browser.get(served.server.baseUri().resolve("/#/devices").toString());
        see("#devices .device");
        assertThat(texts("#devices .device h2")).containsExactly("Card", "Card");
        assertThat(texts("#devices .amounts dd")).startsWith("0.00 GiB", "0.00 GiB", "1.00 GiB", "23.00 GiB");
        see("#leases .empty");

        try (VramLease lease = served.hart.unwrap(Gpus.class).request("whisper").acquire()) {
            lease.activate();
            wait.until(ExpectedConditions.textToBe(By.cssSelector("#leases tbody td:nth-child(2)"), "active"));
            assertThat(texts("#devices .amounts dd")).startsWith("2.00 GiB");
            assertThat(browser.findElement(By.cssSelector(".memory")).getAttribute("aria-label"))
                    .isEqualTo("2.00 GiB leased, 0.00 GiB used by others, 21.00 GiB free for models, of 24.00 GiB");
        }

        see("#leases .empty");
        assertNothingWentWrong();
    }

    @Test
    void aModelIsSeenWhileItIsUsed() throws InterruptedException {
        Model<AutoCloseable> greeter = served.hart
                .unwrap(Models.class)
                .register(
                        "greeter",
                        ModelRequirement.ofBytes("greeter", 1L << 30),
                        ModelSettings.defaults(),
                        (mode, lease) -> () -> {});
        browser.get(served.server.baseUri().resolve("/#/devices").toString());
        wait.until(ExpectedConditions.textToBe(By.cssSelector("#models tbody td:nth-child(2)"), "not loaded"));

        try (ModelUse<AutoCloseable> use = greeter.use()) {
            wait.until(ExpectedConditions.textToBe(By.cssSelector("#models tbody td:nth-child(2)"), "GPU"));
            assertThat(texts("#models tbody td")).startsWith("greeter", "GPU", "active", "1");
            assertThat(use.mode()).isEqualTo(LeaseMode.GPU);
        }

        wait.until(ExpectedConditions.textToBe(By.cssSelector("#models tbody td:nth-child(4)"), "0"));
        assertNothingWentWrong();
    }

    @Test
    void aRunIsWatchedWhileItGoesOn() {
        String id = served.post("/recipes/hold/runs", "{\"inputs\":{}}")
                .json()
                .get("id")
                .toString();
        browser.get(served.uri("/#/runs/" + id).toString());

        see("#timeline [data-state=in_progress]");
        see("[data-state=RUNNING]");
        served.gate.countDown();

        see("#timeline [data-state=terminated]");
        see("[data-state=SUCCEEDED]");
        wait.until(ExpectedConditions.textToBe(By.id("output"), "passed"));
        assertNothingWentWrong();
    }

    @Test
    void whatDeletesIsAskedAboutAndApprovedWithTheKeyboard() {
        browser.get(served.server.baseUri().toString());
        ask("Delete the file sales.csv");

        see(".waiting");
        assertThat(texts(".waiting .mono")).containsExactly("file.delete path=\"sales.csv\"");
        assertThat(served.workspace.resolve("sales.csv")).exists();
        browser.findElement(By.cssSelector(".waiting button.primary")).sendKeys(Keys.ENTER);

        see("[data-state=SUCCEEDED]");
        assertThat(served.workspace.resolve("sales.csv")).doesNotExist();
        assertNothingWentWrong();
    }

    @Test
    void whyARequestCouldNotBePlannedIsShown() {
        browser.get(served.server.baseUri().toString());
        ask("Sing a song about the sea");

        see("[data-state=FAILED]");
        assertThat(texts("#failure"))
                .singleElement()
                .satisfies(text -> assertThat(text).contains("CANNOT_PLAN"));
    }

    @Test
    void whatAToolAnsweredIsNeverTakenForMarkup() throws IOException {
        java.nio.file.Files.writeString(
                served.workspace.resolve("page.txt"), "<img src=x onerror=\"document.title='taken over'\">");
        browser.get(served.server.baseUri().toString());
        ask("Read the file page.txt");

        see("[data-state=SUCCEEDED]");
        assertThat(browser.findElement(By.id("output")).getText()).contains("<img src=x");
        assertThat(browser.getTitle()).doesNotContain("taken over");
        assertNothingWentWrong();
    }

    @Test
    void aLedgerIsSeenAsATreeWhichGrowsWhileItIsWatched() {
        team();
        browser.get(served.uri("/#/ledgers").toString());
        see("#ledgers a");
        assertThat(texts("#ledgers tbody tr td:first-child")).containsExactly("team / work");
        browser.findElement(By.cssSelector("#ledgers a")).click();

        see("[data-task=goal]");
        assertThat(texts("#tree .task-line a")).containsExactly("goal", "first", "second", "third");
        assertThat(texts("[data-task=second] .took")).first().asString().startsWith("40 % · by w1 · until ");
        ledger().apply("second", TaskCommand.complete(12L));
        see("[data-task=second] [data-status=completed]");
        served.post("/api/ledgers/team/work/tasks", "{\"task_id\":\"late\",\"description\":\"<b>Late</b>\"}");
        see("[data-task=late]");
        assertThat(texts("[data-task=late] .what")).containsExactly("<b>Late</b>");
        assertNothingWentWrong();
    }

    @Test
    void branchesAreClosedAndViewsChosenWithTheKeyboard() {
        team();
        browser.get(served.uri("/#/ledgers/team/work").toString());
        see("[data-task=first]");

        browser.findElement(By.cssSelector("summary[data-key=goal]")).sendKeys(Keys.ENTER);
        wait.until(ExpectedConditions.invisibilityOfElementLocated(By.cssSelector("[data-task=first]")));
        ledger().apply("second", new TaskCommand.Progress(50, null));
        wait.until(ExpectedConditions.attributeContains(By.id("tree"), "data-shown", "\"progress_pct\":50"));
        assertThat(browser.findElement(By.cssSelector("[data-task=first]")).isDisplayed())
                .isFalse();
        assertThat(browser.switchTo().activeElement().getDomAttribute("data-key"))
                .isEqualTo("goal");

        browser.findElement(By.id("tab-tasks")).sendKeys(Keys.ARROW_RIGHT);
        see("[data-node=third]");
        assertThat(browser.findElements(By.cssSelector("#graph .edge.prereq"))).hasSize(1);
        assertThat(browser.findElements(By.cssSelector("#graph .edge.child"))).hasSize(3);
        browser.switchTo().activeElement().sendKeys(Keys.ARROW_RIGHT);
        see("#history [data-type=TASK_CREATED]");
        browser.switchTo().activeElement().sendKeys(Keys.ARROW_RIGHT);
        see("#tree");

        browser.findElement(By.id("tab-graph")).click();
        see("[data-node=first]");
        browser.findElement(By.cssSelector("[data-node=first]")).sendKeys(Keys.ENTER);
        see("#task [data-status=completed]");
        assertThat(texts("#history tbody tr")).hasSize(3);
        assertNothingWentWrong();
    }

    @Test
    void aTasksPageShowsWhatIsKnownOfItAndItsHistoryLive() {
        team();
        browser.get(served.uri("/#/ledgers/team/work/second").toString());
        see("#task [data-status=in_progress]");
        assertThat(texts("#task th")).contains("owner agent id", "lease until", "parent task id", "dependent task ids");

        ledger().apply("second", TaskCommand.fail("the disk is full"));

        see("#task [data-status=failed]");
        assertThat(texts("#task .failure")).containsExactly("the disk is full");
        wait.until(ExpectedConditions.textToBePresentInElementLocated(
                By.cssSelector("#history tbody tr:first-child"), "failed"));
        browser.findElement(By.linkText("third")).click();
        wait.until(ExpectedConditions.textToBePresentInElementLocated(By.cssSelector("#task h1"), "Write"));
        assertNothingWentWrong();
    }

    @Test
    void aLedgerIsVerifiedOnThePageAndAChangedOneIsTold() throws SQLException {
        team();
        browser.get(served.uri("/#/ledgers/team/work").toString());
        see("[data-task=goal]");

        browser.findElement(By.id("verify")).click();
        see("#verdict[data-ok=true]");
        assertThat(texts("#verdict").get(0)).startsWith("Whole: ").endsWith("Nothing is signed yet.");
        String signedBy = ledger().checkpoint().orElseThrow().keyId();
        browser.findElement(By.id("verify")).click();
        wait.until(ExpectedConditions.textToBePresentInElementLocated(By.id("verdict"), "by key " + signedBy));
        assertThat(texts("#verdict").get(0)).contains("Signed checkpoints that agree: 1.");
        try (Connection database = DriverManager.getConnection("jdbc:sqlite:" + directory.resolve("data/hart.db"));
                Statement change = database.createStatement()) {
            change.execute("DROP TRIGGER IF EXISTS task_event_no_update");
            change.executeUpdate("UPDATE task_event SET actor = 'someone' WHERE seq = 2");
        }
        browser.findElement(By.id("verify")).click();
        see("#verdict[data-ok=false]");
        assertThat(texts("#verdict").get(0)).startsWith("Not what was written: event 2");
        assertNothingWentWrong();
    }

    @Test
    void aLedgerIsExportedAsAFile() throws IOException {
        team();
        browser.get(served.uri("/#/ledgers/team/work").toString());
        see("[data-task=goal]");
        browser.executeCdpCommand(
                "Browser.setDownloadBehavior", Map.of("behavior", "allow", "downloadPath", directory.toString()));

        browser.findElement(By.cssSelector(".export[data-format=dot]")).click();

        Path file = directory.resolve("team_work.dot");
        wait.until(page -> java.nio.file.Files.isRegularFile(file));
        assertThat(file).content().startsWith("digraph \"ledger_team_work\" {");
        browser.findElement(By.cssSelector(".export[data-format=json]")).click();
        Path json = directory.resolve("team_work.json");
        wait.until(page -> java.nio.file.Files.isRegularFile(json));
        assertThat(json).content().contains("\"ledger_id\":\"ledger_team_work\"", "\"complete\":true", "\"edges\":[");
        assertNothingWentWrong();
    }

    private Ledger ledger() {
        return served.hart.unwrap(Ledgers.class).ledger(new LedgerId("team", "work"));
    }

    private void team() {
        Ledger ledger = ledger();
        ledger.addAll(
                NewTask.of("goal", "All of it").asAutoCompleting(),
                NewTask.of("first", "Count").childOf("goal").priority(90),
                NewTask.of("second", "Add").childOf("goal"),
                NewTask.of("third", "Write").childOf("goal").after("second"));
        ledger.apply("first", TaskCommand.start());
        ledger.apply("first", TaskCommand.complete(3L));
        served.post("/api/ledgers/team/work/claim", "{\"worker_id\":\"w1\",\"lease_s\":3600}");
        ledger.apply("second", new TaskCommand.Progress(40, null));
    }

    @Test
    void aRecipeIsTriedOutAndRunFromItsPage() {
        served.hart.run(ServedHart.SALES);
        String name = served.hart.recipes().list().get(0).recipe().name();
        browser.get(served.uri("/#/recipes/" + name).toString());
        see("#run-form");
        assertThat(texts("#graph .node .name")).containsExactly("total", "write");
        assertThat(texts("#actions .experience")).containsExactly("Ran once, always well.", "Ran once, always well.");

        type("input-column", "amount");
        type("input-sum_path", "march.csv");
        type("input-write_path", "march.txt");
        browser.findElement(By.id("try")).click();

        see("#plan ol");
        assertThat(texts("#plan .args"))
                .containsExactly("column=\"amount\" path=\"march.csv\"", "path=\"march.txt\" text=\"{{total}}\"");
        assertThat(served.workspace.resolve("march.txt")).doesNotExist();

        browser.findElement(By.id("run-it")).click();
        see("[data-mode=REUSE]");
        wait.until(ExpectedConditions.textToBe(By.id("output"), "15"));
        assertThat(served.workspace.resolve("march.txt")).hasContent("15");
        assertNothingWentWrong();
    }

    @Test
    void aFieldOfARecipeThatHoldsNoValueOfItsTypeIsRefusedBeforeAnythingRuns() {
        served.hart.recipes().save(echo("{{inputs.number}}"));
        browser.get(served.uri("/#/recipes/echo").toString());
        see("#run-form");

        type("input-number", "seven");
        browser.findElement(By.id("run-it")).click();

        wait.until(ExpectedConditions.textToBe(By.id("notice"), "number must be integer, in JSON"));
        assertThat(served.hart.runs().list(10)).isEmpty();
    }

    @Test
    void twoVersionsOfARecipeAreCompared() {
        served.hart.recipes().save(echo("{{inputs.number}}"));
        served.hart.recipes().save(echo("{{inputs.number}}!"));
        browser.get(served.uri("/#/recipes/echo").toString());
        see("#versions button");
        assertThat(browser.findElement(By.id("version")).getText()).isEqualTo("version 2");

        browser.findElement(By.xpath("//button[.='Compare with version 1']")).click();
        see(".changes li");
        assertThat(texts(".changes .old")).containsExactly("{{inputs.number}}");
        assertThat(texts(".changes .new")).containsExactly("{{inputs.number}}!");

        browser.findElement(By.xpath("//*[@id='versions']//button[.='1']")).click();
        wait.until(ExpectedConditions.textToBe(By.id("version"), "version 1"));
        assertThat(texts("#actions .args")).containsExactly("value=\"{{inputs.number}}\"");
        assertNothingWentWrong();
    }

    @Test
    void aVersionIsTriedAndDecidedWithTheKeyboard() {
        served.hart.recipes().save(echo("{{inputs.number}}"));
        served.hart.recipes().propose(echo("{{inputs.number}}!"));
        browser.get(served.uri("/#/recipes/echo").toString());
        see("#versions button");
        assertThat(browser.findElement(By.id("version")).getText()).isEqualTo("version 1");
        assertThat(texts("#versions .badge")).containsExactly("candidate", "current");
        assertThat(browser.findElement(By.tagName("main")).getText()).doesNotContain("null");

        browser.findElement(By.xpath("//*[@id='versions']//button[.='Try in shadow']"))
                .sendKeys(Keys.ENTER);
        see("#rollouts .badge");
        assertThat(texts("#rollouts .badge")).containsExactly("being tried");
        assertThat(browser.switchTo().activeElement().getAttribute("id")).isEqualTo("versions");

        browser.findElement(By.xpath("//*[@id='rollouts']//button[.='Promote']"))
                .sendKeys(Keys.SPACE);
        wait.until(ExpectedConditions.textToBe(By.id("version"), "version 2"));
        assertThat(texts("#rollouts .badge")).containsExactly("promoted");
        assertThat(texts("#versions .badge")).containsExactly("current");
        assertThat(served.hart.recipes().current("echo").version()).isEqualTo(2);

        browser.findElement(By.xpath("//*[@id='versions']//button[.='Roll back']"))
                .sendKeys(Keys.ENTER);
        wait.until(ExpectedConditions.textToBe(By.id("version"), "version 1"));
        assertThat(texts("#versions .badge")).containsExactly("rolled back", "current");
        assertNothingWentWrong();
    }

    @Test
    void aRecipeThatDriftsSaysSo() {
        served.hart.recipes().save(echo("{{inputs.number}}"));
        served.hart
                .recipes()
                .guard(
                        "echo",
                        RecipeGuard.check(ResultCheck.none().expect(Map.of("say", 1)))
                                .drift(DriftRule.of(1, 1)));
        served.hart.run("echo", Inputs.of("number", 2));
        browser.get(served.uri("/#/recipes/echo").toString());
        see("#drift");
        assertThat(texts("#drift").get(0)).contains("1 of its last 1 replays failed. /say is 2, not 1");
        assertNothingWentWrong();
    }

    private static Recipe echo(String value) {
        return Recipe.named("echo")
                .input("number", Long.class)
                .action("say", action -> action.transform(value))
                .output("say", Object.class)
                .build();
    }

    private static void type(String field, String text) {
        browser.findElement(By.id(field)).sendKeys(text);
    }

    @Test
    void aServerWithAKeyIsAskedForIt() {
        try (HartServer locked =
                HartServer.of(served.hart).port(0).apiKey(ServedHart.KEY).start()) {
            browser.get(locked.baseUri().toString());
            wait.until(ExpectedConditions.visibilityOfElementLocated(By.id("key")))
                    .sendKeys(ServedHart.KEY, Keys.ENTER);

            see("#recipes a");
            wait.until(ExpectedConditions.invisibilityOfElementLocated(By.id("key-dialog")));
            browser.get("about:blank");
        }
    }

    private void ask(String request) {
        browser.findElement(By.id("request")).sendKeys(request, Keys.chord(Keys.CONTROL, Keys.ENTER));
    }

    private void see(String selector) {
        wait.until(ExpectedConditions.visibilityOfElementLocated(By.cssSelector(selector)));
    }

    private static List<String> texts(String selector) {
        return browser.findElements(By.cssSelector(selector)).stream()
                .map(element -> element.getText())
                .toList();
    }

    private static void assertNothingWentWrong() {
        assertThat(browser.manage().logs().get("browser").getAll())
                .filteredOn(entry -> entry.getLevel().intValue() >= Level.WARNING.intValue())
                .isEmpty();
        assertThat(browser.findElement(By.id("notice")).isDisplayed()).isFalse();
    }
}
