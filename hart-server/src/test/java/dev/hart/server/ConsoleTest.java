package dev.hart.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
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
