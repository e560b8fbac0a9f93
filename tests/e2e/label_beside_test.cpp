// The studio at work beside other programs: while a box is being drawn, the command line reads the project; what is drawn
// while an import runs survives a kill. The studio is a second main of its library, with the real window, driven by mouse.
#include "app/studio/label/label_page.h"
#include "app/studio/main_window.h"
#include "tests/app/studio/label_support.h"
#include "tests/core/device/edge_process.h"
#include "tests/support/run_program.h"
#include "widgets/style/tokens.h"

#include <QApplication>
#include <QSocketNotifier>
#include <QTimer>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <gtest/gtest.h>
#include <sstream>
#include <sys/prctl.h>
#include <unistd.h>

using namespace percept;
using namespace percept::studio;

namespace {

namespace fs = std::filesystem;
using nlohmann::json;

std::string g_self;
constexpr int kPictures = 3, kImported = 8000, kBoxesEach = 20;

// ---- the studio

class Hand {
public:
    explicit Hand(MainWindow& window)
        : m_window(window)
    {
        window.context().openItem({ 1 });
        m_page = static_cast<LabelPage*>(window.page(QStringLiteral("label")));
        QObject::connect(&m_page->document(), &LabelDocument::idChanged, [this](AnnotationId, AnnotationId to) { boxIsStored(to); });
    }
    void tell(const std::string& line)
    {
        std::printf("%s\n", line.c_str());
        std::fflush(stdout);
    }
    // Presses once and moves ever after; the button stays down.
    void keepDrawing()
    {
        if (!m_page->document().isOpen() || m_finished)
            return;
        if (!m_began)
            studio::test::sendMouse(canvas(), QEvent::MouseButtonPress, { 100, 100 });
        m_began = true;
        studio::test::sendMouse(canvas(), QEvent::MouseMove, { 200.0 + m_moves % 200, 200.0 + m_moves % 150 });
        if (++m_moves == 5)
            tell(canvas().isDrawing() ? "drawing" : "idle");
    }
    void hear(const std::string& line)
    {
        if (line == "drawing?")
            tell(canvas().isDrawing() ? "drawing" : "idle");
        if (line == "finish") {
            m_finished = true;
            studio::test::sendMouse(canvas(), QEvent::MouseButtonRelease, { 300, 250 });
        }
    }
    // One box, as soon as the import has something to count.
    void drawDuringImport()
    {
        const Job* job = m_window.context().jobs().running();
        if (m_began || !m_page->document().isOpen() || !job || job->fraction() <= 0)
            return;
        m_began = true;
        studio::test::drag(canvas(), { 40, 40 }, { 140, 120 });
    }

private:
    canvas::BoxCanvas& canvas() { return m_page->boxCanvas(); }
    void boxIsStored(AnnotationId id)
    {
        const domain::Box box = m_page->document().find(id)->box;
        std::ostringstream out;
        out.precision(17);
        out << "box " << id.value << ' ' << box.x << ' ' << box.y << ' ' << box.w << ' ' << box.h << ' ' << (m_window.context().jobs().running() ? "importing" : "idle");
        tell(out.str());
    }
    MainWindow& m_window;
    LabelPage* m_page;
    bool m_began = false, m_finished = false;
    int m_moves = 0;
};

int beStudio(int argc, char** argv)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    const fs::path project(argv[2]);
    const bool imports = argc > 3;
    QApplication app(argc, argv);
    style::install(app, style::Theme::Dark);
    MainWindow window;
    window.show();
    if (!window.openProject(project))
        return 1;
    if (imports)
        window.context().requestImport({ argv[3] });
    Hand hand(window);
    QTimer timer;
    QObject::connect(&timer, &QTimer::timeout, [&] { imports ? hand.drawDuringImport() : hand.keepDrawing(); });
    timer.start(2);
    QSocketNotifier input(STDIN_FILENO, QSocketNotifier::Read);
    QObject::connect(&input, &QSocketNotifier::activated, [&] {
        char text[200];
        const ssize_t n = ::read(STDIN_FILENO, text, sizeof text);
        if (n <= 0)
            return app.quit();
        std::istringstream lines(std::string(text, static_cast<std::size_t>(n)));
        for (std::string line; std::getline(lines, line);)
            hand.hear(line);
    });
    return app.exec();
}

// ---- who looks on

struct LabelBeside : testing::Test {
    LabelBeside() { studio::test::makeProject(folder(), kPictures, { "RBC", "WBC" }); }
    fs::path folder() const { return temporary.path().toStdString(); }
    fs::path project() const { return folder() / "p.percept"; }
    percept::test::Ran percept(std::vector<std::string> arguments)
    {
        return percept::test::runProgram("percept", arguments);
    }
    json document(std::vector<std::string> arguments)
    {
        arguments.push_back("--json");
        const auto ran = percept(arguments);
        EXPECT_EQ(ran.status, 0) << arguments[0] << ran.out << ran.err;
        return ran.status == 0 ? ran.json() : json::object();
    }
    QTemporaryDir temporary;
};

TEST_F(LabelBeside, TheCommandLineAnswersWhileABoxIsBeingDrawn)
{
    percept::test::LineProgram studio(g_self, { "--studio", project().string() });
    ASSERT_EQ(studio.readLine().value_or("nothing"), "drawing") << studio.errors();
    QElapsedTimer clock;
    clock.start();
    const json before = document({ "stats", project().string() });
    const auto statsMs = clock.restart();
    const json report = document({ "report", project().string(), "--out", (folder() / "r.html").string() });
    const auto reportMs = clock.restart();
    EXPECT_EQ(before["items"], kPictures);
    EXPECT_EQ(before["annotations"], 0);
    EXPECT_EQ(report["pictures"], kPictures);
    EXPECT_EQ(report["boxes"], 0);
    EXPECT_GT(fs::file_size(folder() / "r.html"), 1000u);
    EXPECT_EQ(percept({ "check", project().string() }).status, 0);
    const auto split = percept({ "split", project().string() });
    EXPECT_EQ(split.status, 1);
    EXPECT_NE(split.err.find("percept-studio"), std::string::npos) << split.err;
    studio.writeLine("drawing?");
    EXPECT_EQ(studio.readLine().value_or("nothing"), "drawing") << "all the while";
    studio.writeLine("finish");
    const std::string stored = studio.readLine().value_or("nothing");
    EXPECT_EQ(stored.rfind("box ", 0), 0u) << stored;
    EXPECT_EQ(document({ "stats", project().string() })["annotations"], 1);
    EXPECT_EQ(document({ "report", project().string(), "--out", (folder() / "r.html").string() })["boxes"], 1);
    std::printf("stats answered after %lld ms, report after %lld ms, while the mouse button was down\n", static_cast<long long>(statsMs), static_cast<long long>(reportMs));
    studio.closeInput();
    EXPECT_EQ(studio.wait(), 0) << studio.errors();
}

// A set that takes seconds to come in: hard links of one picture, many boxes each.
void makeLargeSet(const fs::path& set, const fs::path& picture)
{
    fs::create_directories(set / "images");
    std::ofstream out(set / "set.json");
    out << R"({"categories": [{"id": 1, "name": "RBC"}], "images": [)";
    for (int i = 1; i <= kImported; ++i) {
        const std::string name = std::to_string(i) + ".png";
        fs::create_hard_link(picture, set / "images" / name);
        out << (i > 1 ? "," : "") << R"({"id": )" << i << R"(, "file_name": "images/)" << name << R"("})";
    }
    out << R"(], "annotations": [)";
    for (int i = 0; i < kImported * kBoxesEach; ++i)
        out << (i > 0 ? "," : "") << R"({"id": )" << i + 1 << R"(, "image_id": )" << i / kBoxesEach + 1 << R"(, "category_id": 1, "bbox": [)" << i % 500 << ", " << i % 400 << ", 20, 20]}";
    out << "]}";
}

TEST_F(LabelBeside, AnEditMadeDuringAnImportSurvivesAKill)
{
    makeLargeSet(folder() / "set", folder() / "picture0.png");
    const json before = document({ "stats", project().string() });
    percept::test::LineProgram studio(g_self, { "--studio", project().string(), (folder() / "set").string() });
    const std::string line = studio.readLine(60).value_or("nothing");
    studio.signal(SIGKILL);
    ASSERT_EQ(studio.wait(), 128 + SIGKILL) << studio.errors();
    std::istringstream words(line);
    std::string box, state;
    std::int64_t id = 0;
    domain::Box drawn;
    words >> box >> id >> drawn.x >> drawn.y >> drawn.w >> drawn.h >> state;
    ASSERT_EQ(box, "box") << line;
    ASSERT_EQ(state, "importing") << "the import was over too soon to show anything";

    const auto reader = dataset::ProjectReader::open(project());
    ASSERT_TRUE(reader.hasValue()) << reader.error().message;
    const auto boxes = (*reader)->readAnnotations({ 1 }).valueOr({});
    ASSERT_EQ(boxes.size(), 1u) << "acknowledged during the import, and gone";
    EXPECT_EQ(boxes[0].id.value, id);
    EXPECT_EQ(boxes[0].box, drawn);
    EXPECT_EQ(document({ "check", project().string() })["ok"], true);
    const json after = document({ "stats", project().string() });
    EXPECT_EQ(after["items"], before["items"]) << "nothing of the broken import is to be seen";
    EXPECT_EQ(after["annotations"], 1);
    EXPECT_EQ(document({ "undo", project().string() })["undone"], "Drew RBC") << "one step of the history, as if nothing had happened";
    EXPECT_EQ(document({ "stats", project().string() })["annotations"], 0);
    EXPECT_EQ(document({ "import", project().string(), (folder() / "set").string() })["new_items"], kImported) << "and the import works again";
}

}

int main(int argc, char** argv)
{
    qputenv("QT_QPA_PLATFORM", "offscreen");
    QTemporaryDir home;
    for (const char* name : { "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME" })
        qputenv(name, home.path().toUtf8());
    if (argc >= 3 && std::string(argv[1]) == "--studio") {
        home.remove(); // one of the two is killed before it could; the settings it makes anew lie in the temporary folder
        return beStudio(argc, argv);
    }
    char self[4096] = {};
    if (readlink("/proc/self/exe", self, sizeof self - 1) < 0)
        return 1;
    g_self = self;
    QApplication app(argc, argv);
    testing::InitGoogleTest(&argc, argv);
    return RUN_ALL_TESTS();
}
