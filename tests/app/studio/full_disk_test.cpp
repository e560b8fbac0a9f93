// Labeling while the disk is full: nothing is called saved that is not, nothing is lost, and after room is made all goes on.
// Once with a limit on the size of files, which everybody can have, once on a file system that really is full.
#include "app/studio/label/label_page.h"
#include "app/studio/main_window.h"
#include "app/studio/status_line.h"
#include "tests/app/studio/label_support.h"
#include "tests/support/full_disk.h"
#include "tests/support/studio_main.h"
#include "widgets/style/widgets.h"

#include <QCloseEvent>
#include <QLineEdit>
#include <gtest/gtest.h>
#include <optional>

namespace percept::studio {
namespace {

enum class Kind { FileSizes, FileSystem };

class FullDiskTest : public testing::TestWithParam<Kind> {
protected:
    void SetUp() override
    {
        const auto folder = std::filesystem::path(temporary.path().toStdString()) / "disk";
        if (GetParam() == Kind::FileSystem) {
            small.emplace(folder, 4096);
            if (!small->isMounted())
                GTEST_SKIP() << "a small tmpfs cannot be mounted here; run the test as root";
        }
        std::filesystem::create_directories(folder);
        test::makeProject(folder, 3, { "RBC" });
        project = folder / "p.percept";
        window = std::make_unique<MainWindow>();
        window->show();
        ASSERT_TRUE(window->openProject(project));
        window->showPage(QStringLiteral("label"));
        page = static_cast<LabelPage*>(window->page(QStringLiteral("label")));
        ASSERT_TRUE(test::waitFor([&] { return page->document().isOpen() && !page->boxCanvas().scene().pictureSize().isEmpty(); }));
    }
    void TearDown() override
    {
        makeRoom();
        window.reset();
    }
    void fill()
    {
        if (small)
            small->fill();
        else
            limit.emplace(4096);
    }
    void makeRoom()
    {
        limit.reset();
        if (small && small->isMounted())
            small->makeRoom();
    }
    void drawAt(double x) { test::drag(page->boxCanvas(), { x, 50 }, { x + 40, 90 }); }
    QString saved() const { return window->findChild<StatusLine*>(QStringLiteral("status-line"))->savedText(); }
    style::Note& banner() const { return *window->findChild<style::Note*>(QStringLiteral("banner")); }
    bool waitForFailure(int changes)
    {
        return test::waitFor([&] { return !window->context().saveState().failure.empty() && window->context().saveState().pending == changes; });
    }
    bool waitUntilSaved()
    {
        return test::waitFor([&] { return !page->document().hasPending() && window->context().saveState().pending == 0; });
    }
    std::size_t stored() const
    {
        const auto reader = dataset::ProjectReader::open(project);
        return reader.hasValue() ? (*reader)->readAnnotations({ 1 }).valueOr({}).size() : 999;
    }

    QTemporaryDir temporary;
    std::optional<percept::test::SmallDisk> small;
    std::optional<percept::test::FullDisk> limit;
    std::filesystem::path project;
    std::unique_ptr<MainWindow> window;
    LabelPage* page = nullptr;
};

TEST_P(FullDiskTest, EditsAreKeptAndSaidUntilThereIsRoom)
{
    drawAt(50);
    ASSERT_TRUE(waitUntilSaved());
    EXPECT_EQ(saved(), QStringLiteral("All changes saved"));
    fill();
    drawAt(150);
    ASSERT_TRUE(waitForFailure(1));
    EXPECT_TRUE(saved().startsWith(QStringLiteral("1 change kept in memory: "))) << saved().toStdString();
    EXPECT_TRUE(banner().isVisible());
    EXPECT_TRUE(banner().text().startsWith(QStringLiteral("1 change is kept in memory, not saved yet. "))) << banner().text().toStdString();
    const QString cause = small ? QStringLiteral("The disk is full") : QStringLiteral("Check the disk");
    EXPECT_TRUE(banner().text().contains(cause)) << banner().text().toStdString();
    EXPECT_TRUE(banner().text().contains(toQString(project))) << banner().text().toStdString();
    EXPECT_EQ(stored(), 1u);

    QElapsedTimer clock;
    clock.start();
    // Work goes on, also over to the next picture and back.
    drawAt(250);
    ASSERT_TRUE(waitForFailure(2));
    EXPECT_LT(clock.elapsed(), 3000) << "what is kept is counted at once";
    EXPECT_EQ(page->boxCanvas().scene().size(), 3u);
    QTest::keyClick(&page->boxCanvas(), Qt::Key_D);
    EXPECT_EQ(page->currentIndex(), 1);
    EXPECT_EQ(page->boxCanvas().scene().size(), 0u);
    QTest::keyClick(&page->boxCanvas(), Qt::Key_A);
    EXPECT_EQ(page->boxCanvas().scene().size(), 3u) << "what is not on disk yet is still there";
    page->boxCanvas().setSelection({ page->document().annotations().back().id });
    QTest::keyClick(&page->boxCanvas(), Qt::Key_Right); // waits for the id of its box
    EXPECT_EQ(window->context().saveState().pending, 3);
    EXPECT_TRUE(saved().startsWith(QStringLiteral("3 changes kept in memory: "))) << saved().toStdString();

    makeRoom();
    clock.restart();
    Q_EMIT banner().actionTriggered(); // "Try again"
    ASSERT_TRUE(waitUntilSaved());
    EXPECT_LT(clock.elapsed(), 3000);
    EXPECT_TRUE(test::waitFor([&] { return saved() == QStringLiteral("All changes saved") && !banner().isVisible(); }));
    EXPECT_EQ(stored(), 3u);
    EXPECT_EQ(page->boxCanvas().scene().size(), 3u);
    drawAt(350);
    ASSERT_TRUE(waitUntilSaved());
    EXPECT_EQ(stored(), 4u);
    const auto findings = dataset::checkStore(project, /*readMedia=*/false, {});
    ASSERT_TRUE(findings.hasValue());
    EXPECT_TRUE(findings->empty()) << findings->front().what;
}

TEST_P(FullDiskTest, ANewClassThatIsNamedTwiceMeanwhileLosesNoBox)
{
    auto* edit = page->findChild<QLineEdit*>(QStringLiteral("classFieldEdit"));
    const auto nameIt = [&] {
        QTest::keyClick(&page->boxCanvas(), Qt::Key_Slash);
        QTest::keyClicks(edit, QStringLiteral("Bolt"));
        QTest::keyClick(edit, Qt::Key_Return);
    };
    fill();
    for (double x : { 50, 150, 250 }) {
        drawAt(x);
        page->boxCanvas().setSelection({});
        page->boxCanvas().setSelection({ page->document().annotations().back().id });
        nameIt();
    }
    ASSERT_TRUE(test::waitFor([&] { return !window->context().saveState().failure.empty(); }));
    makeRoom();
    Q_EMIT banner().actionTriggered();
    ASSERT_TRUE(waitUntilSaved());
    const auto boxes = window->context().session()->reader().readAnnotations({ 1 }).valueOr({});
    ASSERT_EQ(boxes.size(), 3u);
    ASSERT_EQ(window->context().labels().size(), 2u);
    for (const auto& box : boxes)
        EXPECT_EQ(box.label, window->context().labels()[1].id);
}

TEST_P(FullDiskTest, LeavingAsksBeforeEditsAreLost)
{
    int asked = 0;
    bool leave = false;
    QString said;
    window->context().choosers().confirm = [&](QWidget*, const QString& title, const QString& text, const QString&) {
        ++asked;
        said = title + QLatin1Char(' ') + text;
        return leave;
    };
    fill();
    drawAt(150);
    EXPECT_FALSE(window->close());
    EXPECT_EQ(asked, 1);
    EXPECT_TRUE(said.startsWith(QStringLiteral("Leave without saving 1 change? "))) << said.toStdString();
    EXPECT_TRUE(window->isVisible());
    ASSERT_NE(window->context().session(), nullptr);
    EXPECT_EQ(page->boxCanvas().scene().size(), 1u);
    EXPECT_FALSE(window->closeProject());
    EXPECT_FALSE(window->openProject(project));
    EXPECT_EQ(asked, 3);

    makeRoom();
    EXPECT_TRUE(window->close()) << "it is saved on the way out, without a question; " << said.toStdString();
    EXPECT_EQ(asked, 3);
    EXPECT_EQ(stored(), 1u);
}

void PrintTo(Kind kind, std::ostream* out) { *out << (kind == Kind::FileSizes ? "file sizes" : "file system"); }

INSTANTIATE_TEST_SUITE_P(Disks, FullDiskTest, testing::Values(Kind::FileSizes, Kind::FileSystem),
    [](const auto& info) { return info.param == Kind::FileSizes ? "FileSizes" : "FileSystem"; });

}
}

int main(int argc, char** argv) { return percept::test::runStudioTests(argc, argv); }
