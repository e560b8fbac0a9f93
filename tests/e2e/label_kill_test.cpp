// kill -9 of the studio while somebody labels. A second main of the studio's library draws, moves, deletes and takes back
// with mouse and keys on the real Label page, and writes to a pipe what the store has acknowledged. Killed at random moments;
// nothing acknowledged may be missing, nothing half written, the store must be sound.
// 20 kills; 200 with PERCEPT_NIGHTLY=1.
#include "app/studio/label/label_page.h"
#include "core/dataset/project_store.h"
#include "tests/app/studio/label_support.h"
#include "widgets/style/tokens.h"

#include <QApplication>
#include <QMouseEvent>
#include <QTimer>
#include <csignal>
#include <cstdio>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <map>
#include <random>
#include <set>
#include <sstream>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace percept;
using namespace percept::studio;

namespace {

std::string g_self;
constexpr int kPictures = 6;

// ---- the program that is killed

class Annotator {
public:
    Annotator(StudioContext& context, LabelPage& page, int out, unsigned seed)
        : m_context(context)
        , m_page(page)
        , m_out(out)
        , m_engine(seed)
    {
        QObject::connect(&page.document(), &LabelDocument::idChanged, [this](AnnotationId, AnnotationId to) {
            const domain::Annotation* a = m_page.document().find(to);
            char line[200];
            std::snprintf(line, sizeof line, "box %lld %lld %.17g %.17g %.17g %.17g\n", static_cast<long long>(to.value), static_cast<long long>(a->item.value), a->box.x,
                a->box.y, a->box.w, a->box.h);
            tell(line);
        });
        QObject::connect(&context, &StudioContext::committed, [this](const services::ProjectSession::Notice& notice) {
            tell("change " + std::to_string(notice.revision) + "\n");
        });
    }

    void step()
    {
        switch (whole(0, 11)) {
        case 0: key(Qt::Key_D); break;
        case 1: key(Qt::Key_A); break;
        case 2: key(whole(0, 1) ? Qt::Key_1 : Qt::Key_2); break;
        case 3:
            if (touchSelection())
                key(Qt::Key_Right);
            break;
        case 4:
            if (touchSelection())
                key(Qt::Key_Delete);
            break;
        case 5:
            // Undo takes back whatever came last, also what is acknowledged only after it was asked for: wait for quiet.
            // Nor may it reach the import, without which there is nothing to draw on.
            if (m_page.document().hasPending() || m_page.document().annotations().empty())
                break;
            tell("touch all\n");
            m_context.undo();
            break;
        default: draw();
        }
    }

private:
    int whole(int low, int high) { return std::uniform_int_distribution<int>(low, high)(m_engine); }
    void tell(const std::string& line)
    {
        // Only whole lines count; a pipe takes short ones at once.
        if (write(m_out, line.data(), line.size()) < 0)
            std::exit(0);
    }
    // Says that the selected boxes are about to change. False when one has no stored id yet: its acknowledgement would come
    // after what is said here.
    bool touchSelection()
    {
        const auto& ids = m_page.boxCanvas().scene().selection();
        if (std::any_of(ids.begin(), ids.end(), [](AnnotationId id) { return id.value < 0; }))
            return false;
        for (AnnotationId id : ids)
            tell("touch " + std::to_string(id.value) + "\n");
        return true;
    }
    void key(Qt::Key k) { QTest::keyClick(&m_page.boxCanvas(), k); }
    void mouse(QEvent::Type type, QPointF p)
    {
        auto& canvas = m_page.boxCanvas();
        QMouseEvent event(type, p, canvas.mapToGlobal(p), type == QEvent::MouseMove ? Qt::NoButton : Qt::LeftButton,
            type == QEvent::MouseButtonRelease ? Qt::NoButton : Qt::LeftButton, Qt::NoModifier);
        QApplication::sendEvent(&canvas, &event);
    }
    void draw()
    {
        const QPointF a(whole(120, 700), whole(40, 450)), b = a + QPointF(whole(10, 100), whole(10, 100));
        mouse(QEvent::MouseButtonPress, a);
        mouse(QEvent::MouseMove, b);
        mouse(QEvent::MouseButtonRelease, b);
    }

    StudioContext& m_context;
    LabelPage& m_page;
    int m_out;
    std::mt19937 m_engine;
};

int annotate(int argc, char** argv, const std::string& folder, int out, unsigned seed)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    QApplication app(argc, argv);
    style::install(app, style::Theme::Dark);
    StudioContext context;
    if (const auto opened = context.openProject(std::filesystem::path(folder) / "p.percept"); opened.hasError()) {
        std::fprintf(stderr, "%s\n", opened.error().message.c_str());
        return 1;
    }
    LabelPage page(context);
    page.resize(1208, 736);
    page.show();
    page.activated();
    page.showItem({ 1 + int(seed) % kPictures }, {});
    Annotator annotator(context, page, out, seed);
    QTimer timer;
    QObject::connect(&timer, &QTimer::timeout, [&] { annotator.step(); });
    timer.start(1);
    return app.exec();
}

// ---- the one who kills

struct Heard {
    std::int64_t lastChange = 0;
    std::map<std::int64_t, std::pair<std::int64_t, domain::Box>> boxes; // id -> item, box: acknowledged and not touched since
    int acknowledged = 0;

    void take(const std::string& line)
    {
        std::istringstream in(line);
        std::string word;
        in >> word;
        if (word == "change") {
            std::int64_t n = 0;
            in >> n;
            lastChange = std::max(lastChange, n);
        } else if (word == "box") {
            std::int64_t id = 0, item = 0;
            domain::Box b;
            in >> id >> item >> b.x >> b.y >> b.w >> b.h;
            boxes[id] = { item, b };
            ++acknowledged;
        } else if (word == "touch") {
            std::string what;
            in >> what;
            if (what == "all")
                boxes.clear();
            else
                boxes.erase(std::stoll(what));
        }
    }
};

// Starts the annotator, kills it `afterMs` after its first acknowledgement and returns what it had said.
Heard labelAndKill(const std::string& folder, unsigned seed, int afterMs)
{
    int ends[2];
    if (pipe(ends) != 0)
        throw std::runtime_error("pipe");
    const pid_t child = fork();
    if (child == 0) {
        close(ends[0]);
        const std::string out = std::to_string(ends[1]), s = std::to_string(seed);
        execl(g_self.c_str(), g_self.c_str(), "--annotate", folder.c_str(), out.c_str(), s.c_str(), nullptr);
        _exit(127);
    }
    close(ends[1]);
    FILE* lines = fdopen(ends[0], "r");
    std::vector<std::string> said;
    char buffer[512];
    bool killed = false;
    QElapsedTimer sinceFirst;
    while (std::fgets(buffer, sizeof buffer, lines)) {
        const std::string line(buffer);
        if (line.back() == '\n')
            said.push_back(line);
        if (!sinceFirst.isValid() && line.rfind("box", 0) == 0) {
            sinceFirst.start();
            if (afterMs == 0) {
                kill(child, SIGKILL);
                killed = true;
            }
        }
        if (sinceFirst.isValid() && !killed && sinceFirst.elapsed() >= afterMs) {
            kill(child, SIGKILL);
            killed = true;
        }
    }
    std::fclose(lines);
    int status = 0;
    waitpid(child, &status, 0);
    EXPECT_TRUE(killed && WIFSIGNALED(status)) << "the annotator ended by itself, status " << status;
    Heard heard;
    for (const std::string& line : said)
        heard.take(line);
    return heard;
}

TEST(LabelKill, NothingAcknowledgedIsLost)
{
    QTemporaryDir temporary;
    const std::string folder = temporary.path().toStdString();
    studio::test::makeProject(folder, kPictures, { "RBC", "WBC" });
    const int kills = qEnvironmentVariableIsSet("PERCEPT_NIGHTLY") ? 200 : 20;
    std::mt19937 engine(std::random_device {}());
    int acknowledged = 0, checked = 0;
    for (int i = 0; i < kills; ++i) {
        const unsigned seed = engine();
        const Heard heard = labelAndKill(folder, seed, int(seed % 5 ? seed % 400 : 0));
        SCOPED_TRACE("kill " + std::to_string(i) + ", seed " + std::to_string(seed));
        acknowledged += heard.acknowledged;
        const auto reader = dataset::ProjectReader::open(std::filesystem::path(folder) / "p.percept");
        ASSERT_TRUE(reader.hasValue()) << reader.error().message;
        ASSERT_GE((*reader)->readRevision().valueOr(-1), heard.lastChange);
        std::map<std::int64_t, std::vector<domain::Annotation>> byItem;
        for (const auto& [id, where] : heard.boxes) {
            if (!byItem.count(where.first))
                byItem[where.first] = (*reader)->readAnnotations({ where.first }).valueOr({});
            const auto& boxes = byItem[where.first];
            const auto it = std::find_if(boxes.begin(), boxes.end(), [id = id](const auto& a) { return a.id.value == id; });
            ASSERT_NE(it, boxes.end()) << "box " << id << " was acknowledged and is gone";
            ASSERT_EQ(it->box, where.second) << "box " << id;
            ++checked;
        }
        const auto findings = dataset::checkStore(std::filesystem::path(folder) / "p.percept", /*readMedia=*/false, {});
        ASSERT_TRUE(findings.hasValue()) << findings.error().message;
        for (const auto& finding : *findings)
            ADD_FAILURE() << finding.what;
    }
    std::printf("%d kills, %d boxes acknowledged, %d looked up, none lost\n", kills, acknowledged, checked);
    EXPECT_GT(acknowledged, kills);
}

}

int main(int argc, char** argv)
{
    qputenv("QT_QPA_PLATFORM", "offscreen");
    QTemporaryDir home;
    for (const char* name : { "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME" })
        qputenv(name, home.path().toUtf8());
    if (argc == 5 && std::string(argv[1]) == "--annotate") {
        home.setAutoRemove(false); // it is killed before it could; the system's temporary folder is where it lies
        home.remove();
        return annotate(argc, argv, argv[2], std::stoi(argv[3]), unsigned(std::stoul(argv[4])));
    }
    char self[4096] = {};
    if (readlink("/proc/self/exe", self, sizeof self - 1) < 0)
        return 1;
    g_self = self;
    QCoreApplication app(argc, argv);
    testing::InitGoogleTest(&argc, argv);
    return RUN_ALL_TESTS();
}
