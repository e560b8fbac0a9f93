// A package of a real training, asked in every way that people have: the same boxes everywhere, the same scores as
// pycocotools gives, and no changed byte that goes unseen. Trains on a few sample pictures, or takes what real_package.sh
// names.
#include "app/studio/label/proposal_source.h"
#include "app/studio/main_window.h"
#include "app/studio/validate/try_view.h"
#include "core/base/files.h"
#include "core/services/loop.h"
#include "tests/e2e/ways_to_ask.h"
#include "tests/support/run_program.h"
#include "tests/support/studio_main.h"
#include "tests/support/temporary_folder.h"

#include <QApplication>
#include <QDropEvent>
#include <QLabel>
#include <QMimeData>
#include <QTest>
#include <cmath>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <random>
#include <set>

namespace percept {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using test::Answers;
using testing::HasSubstr;

constexpr double kMostDx = 0.5, kMostDp = 1e-4; // pixels; of the score

std::string given(const char* name) { return qEnvironmentVariable(name).toStdString(); }

class RealPackage : public testing::Test {
protected:
    void SetUp() override
    {
        for (const char* program : { "percept", "percept-trainer", "percept-edge" })
            if (!test::hasProgram(program))
                GTEST_SKIP() << program << " is not built (configure with PERCEPT_WITH_TORCH=ON and PERCEPT_WITH_EDGE=ON)";
        if (given("PERCEPT_REAL_PROJECT").empty())
            trainOne();
        else
            takeGiven();
    }
    json percept(std::vector<std::string> arguments)
    {
        arguments.push_back("--json");
        const auto ran = test::runProgram("percept", arguments);
        EXPECT_EQ(ran.status, 0) << arguments[0] << ran.out << ran.err;
        return ran.status == 0 ? ran.json() : json::object();
    }
    void trainOne()
    {
        project = folder / "s.percept";
        package = folder / "m.ppkg";
        percept({ "sample", project.string(), "--task", "detection", "--items", "24", "--seed", "5" });
        run = percept({ "train", project.string(), "--epochs", "3", "--size", "160", "--seed", "1" }).value("run", "");
        ASSERT_FALSE(run.empty());
        // So short a training finds nothing at the thresholds that it would ship with.
        const auto thresholds = services::readThresholds(project, run);
        ASSERT_TRUE(thresholds.hasValue());
        ASSERT_TRUE(services::writeThresholds(project, run, std::vector<double>(thresholds->size(), 0.06)).hasValue());
        percept({ "package", project.string(), "--run", run, "--out", package.string() });
        takePictures(project, 6);
    }
    void takeGiven()
    {
        project = given("PERCEPT_REAL_PROJECT");
        run = given("PERCEPT_REAL_RUN");
        package = given("PERCEPT_REAL_PACKAGE");
        takePictures(given("PERCEPT_REAL_PICTURES"), static_cast<std::size_t>(qEnvironmentVariableIntValue("PERCEPT_REAL_COUNT")));
    }
    void takePictures(const fs::path& from, std::size_t most)
    {
        std::set<fs::path> found;
        for (const auto& entry : fs::recursive_directory_iterator(from))
            if (const auto type = entry.path().extension(); (type == ".jpg" || type == ".png") && entry.path().string().find("/cache/") == std::string::npos
                && entry.path().string().find("/runs/") == std::string::npos)
                found.insert(fs::absolute(entry.path()));
        pictures.assign(found.begin(), found.end());
        pictures.resize(std::min(most, pictures.size()));
        ASSERT_FALSE(pictures.empty()) << from;
    }

    test::TemporaryFolder folder;
    fs::path project, package;
    std::string run;
    test::Pictures pictures;
};

// The two ways of the studio, each through what its page uses.

// 'Try it': pictures dropped on Validate in the real window.
Answers dropOnValidate(const fs::path& project, const std::string& run, const test::Pictures& pictures)
{
    studio::MainWindow window;
    window.show();
    Answers answers;
    if (!window.openProject(project))
        throw std::runtime_error("the studio does not open " + project.string());
    window.context().openValidate(QString::fromStdString(run));
    const auto* figure = window.findChild<QLabel*>(QStringLiteral("map50"));
    if (!QTest::qWaitFor([&] { return figure != nullptr && !figure->text().isEmpty(); }, 30000))
        throw std::runtime_error("Validate shows no score of run " + run);
    QMimeData data;
    QList<QUrl> urls;
    for (const auto& picture : pictures)
        urls << QUrl::fromLocalFile(QString::fromStdString(picture.string()));
    data.setUrls(urls);
    QDragEnterEvent enter(QPoint(600, 400), Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
    QApplication::sendEvent(&window, &enter);
    QDropEvent drop(QPointF(600, 400), Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
    QApplication::sendEvent(&window, &drop);
    const auto* view = window.findChild<studio::TryView*>();
    if (!QTest::qWaitFor([&] { return view->answers().size() == pictures.size(); }, 120000))
        throw std::runtime_error("'Try it' gives no answers");
    for (const auto& answer : view->answers()) {
        if (!answer.error.isEmpty())
            throw std::runtime_error(answer.error.toStdString());
        answers[answer.file] = view->shownOf(answer);
    }
    return answers;
}

// Proposals: the class behind the Label page.
Answers askForProposals(const fs::path& project, const test::Pictures& pictures)
{
    studio::ProposalSource source;
    source.setProject(project);
    Answers answers;
    std::int64_t number = 0;
    for (const auto& picture : pictures) {
        const ItemId item { ++number };
        source.want(item, picture);
        if (!QTest::qWaitFor([&] { return source.cached(item) != nullptr || !source.problem(item).isEmpty(); }, 120000) || source.cached(item) == nullptr)
            throw std::runtime_error("no proposals for " + picture.string() + ": " + source.problem(item).toStdString());
        answers[picture] = *source.cached(item);
    }
    return answers;
}

void expectSame(const char* way, const Answers& truth, const Answers& answers, double unsureBelow = 0)
{
    const auto d = test::compareAnswers(truth, answers, unsureBelow);
    std::printf("%-34s %zu pictures, %zu boxes, largest |dx| %.3g px, |dp| %.2g, %zu only in one\n", way, truth.size(), d.boxes, d.dx, d.dp, d.others);
    EXPECT_GT(d.boxes, 0u) << way;
    EXPECT_EQ(d.others, 0u) << way;
    EXPECT_LE(d.dx, kMostDx) << way;
    EXPECT_LE(d.dp, kMostDp) << way;
}

TEST_F(RealPackage, GivesTheSameBoxesWhereverItIsAsked)
{
    const auto truth = test::askCommandLine(package, pictures, std::nullopt);
    expectSame("percept-edge --stdio", truth, test::askStdio(package, pictures, std::nullopt));
    expectSame("percept-edge, POST /predict", truth, test::askHttp(package, pictures, std::nullopt));
    expectSame("studio, dropped on Validate", truth, dropOnValidate(project, run, pictures));
    constexpr double kLeast = studio::ProposalSource::kLeastScore;
    const auto low = test::askCommandLine(package, pictures, kLeast);
    expectSame("percept-edge --stdio, low", low, test::askStdio(package, pictures, kLeast));
    expectSame("percept-edge, POST /predict, low", low, test::askHttp(package, pictures, kLeast));
    expectSame("studio, proposals", low, askForProposals(project, pictures));
    const auto witness = test::askOnnxRuntime(package, pictures, kLeast);
    if (!witness)
        GTEST_SKIP() << "all but ONNX Runtime was compared: ./installer/test.sh fetches it";
    expectSame("ONNX Runtime", low, *witness, kLeast + kMostDp); // another engine: at the very limit it may round otherwise
}

TEST_F(RealPackage, ScoresAsPycocotoolsDoes)
{
    if (test::runProgram("/usr/bin/env", { "python3", "-c", "import numpy, pycocotools" }).status != 0)
        GTEST_SKIP() << "no pycocotools: ./installer/test.sh fetches it";
    static const std::vector<std::string> names { "map", "map50", "map75", "map_small", "map_medium", "map_large", "ar1", "ar10", "ar100", "ar_small", "ar_medium", "ar_large" };
    for (const std::string set : { "validation", "test" }) {
        const json score = percept({ "evaluate", project.string(), "--run", run, "--set", set });
        const auto peer = folder / "peer.json";
        const auto ran = test::runProgram("/usr/bin/env", { "python3", PERCEPT_SOURCE_DIR "/tests/core/evaluation/make_fixture.py", peer.string(), "--score",
                                                              (project / "runs" / run / ("predictions-" + set + ".jsonl")).string(), std::to_string(score.at("per_class").size()) });
        ASSERT_EQ(ran.status, 0) << ran.err;
        const json stats = json::parse(base::readTextFile(peer).value()).at("stats");
        double largest = 0;
        for (std::size_t i = 0; i < names.size(); ++i) {
            const double ours = score.at("metrics").at(names[i]).at("value");
            EXPECT_NEAR(ours, stats.at(i).get<double>(), 1e-6) << set << " " << names[i];
            largest = std::max(largest, std::abs(ours - stats.at(i).get<double>()));
        }
        std::printf("%s: AP50 %.4f, largest difference to pycocotools among 12 numbers %.2g\n", set.c_str(), score.at("metrics").at("map50").at("value").get<double>(), largest);
        EXPECT_GT(score.at("metrics").at("ar100").at("value").get<double>(), 0) << "a model that finds nothing shows nothing";
    }
}

std::set<fs::path> filesIn(const fs::path& folder)
{
    std::set<fs::path> files;
    for (const auto& entry : fs::recursive_directory_iterator(folder))
        if (entry.is_regular_file())
            files.insert(entry.path());
    return files;
}

TEST_F(RealPackage, AnyChangedByteIsRefusedByEveryProgram)
{
    const int flips = qEnvironmentVariableIsSet("PERCEPT_NIGHTLY") || !given("PERCEPT_REAL_PROJECT").empty() ? 60 : 6;
    const auto bytes = base::readFile(package).value();
    const auto here = folder / "flips", flipped = here / "flipped.ppkg";
    fs::create_directories(here / "config");
    test::RunOptions options;
    options.folder = here;
    options.environment["PERCEPT_CONFIG_DIR"] = (here / "config").string();
    const unsigned seed = std::random_device {}();
    std::mt19937_64 engine(seed);
    for (int i = 0; i < flips; ++i) {
        const auto at = std::uniform_int_distribution<std::size_t>(0, bytes.size() - 1)(engine);
        SCOPED_TRACE("byte " + std::to_string(at) + ", seed " + std::to_string(seed));
        auto changed = bytes;
        changed[at] ^= static_cast<std::uint8_t>(std::uniform_int_distribution<int>(1, 255)(engine));
        ASSERT_TRUE(base::atomicWrite(flipped, changed).hasValue());
        const auto before = filesIn(here);
        for (const auto& line : std::vector<std::vector<std::string>> { { "verify", "flipped.ppkg" }, { "predict", "flipped.ppkg", pictures.front().string() } }) {
            const auto ran = test::runProgram("percept", line, options);
            EXPECT_EQ(ran.status, 3) << line[0] << ran.err;
            EXPECT_EQ(ran.out, "") << line[0];
            EXPECT_THAT(ran.err, HasSubstr("flipped.ppkg")) << line[0];
            EXPECT_EQ(filesIn(here), before) << line[0];
        }
        const auto installed = test::runProgram("percept-edge", { "run", "--state", "state", "--package", "flipped.ppkg", "--source", pictures.front().string() }, options);
        EXPECT_EQ(installed.status, 3) << installed.err;
        EXPECT_FALSE(fs::exists(here / "state/slots/a.ppkg"));
        EXPECT_FALSE(fs::exists(here / "state" / "results.jsonl"));
        fs::remove_all(here / "state");
    }
    std::printf("%d bytes of %zu changed, one at a time: all refused by verify, predict and percept-edge run\n", flips, bytes.size());
    ASSERT_TRUE(base::atomicWrite(flipped, bytes).hasValue());
    EXPECT_EQ(test::runProgram("percept", { "verify", "flipped.ppkg" }, options).status, 0) << "unchanged it is sound";
}

}
}

int main(int argc, char** argv) { return percept::test::runStudioTests(argc, argv); }
