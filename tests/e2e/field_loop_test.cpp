// The loop, closed, on real parts: a model of blood cells is trained, rolled out to three devices ring by ring, and watched. Then the
// light fails. That is noticed; pictures come home, are labeled from the truth, a second version learns from them, is better on dark
// pictures beyond chance, and is rolled out. Everything is done through the programs that people run; only time goes faster: the
// clocks of hub and devices do.
#include "core/base/files.h"
#include "core/base/hash.h"
#include "core/dataset/project_reader.h"
#include "core/media/picture.h"
#include "tests/core/device/edge_process.h"
#include "tests/e2e/hub_process.h"
#include "tests/support/real_data.h"
#include "tests/support/run_program.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/test_broker.h"
#include "tests/support/test_device.h"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <ctime>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <httplib.h>
#include <map>
#include <opencv2/core.hpp>
#include <set>
#include <thread>

namespace percept::test {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

// Full: as somebody would train for use. Otherwise small and short, so that it shows only that the loop closes.
struct Effort {
    int size = 256, firstEpochs = 8, secondEpochs = 6;
    int hourSeconds = 18; // what an hour of the field takes here
};
Effort effort() { return std::getenv("PERCEPT_NIGHTLY") ? Effort { 416, 16, 12, 40 } : Effort(); }

// A picture with its true boxes.
struct Truth {
    std::string name;
    std::string bytes; // of the file
    int width = 0, height = 0;
    std::vector<std::pair<std::string, domain::Box>> boxes;
};

// A tenth of the light, and with it the noise of a sensor that gets so little.
std::string darker(const std::string& jpeg)
{
    const auto picture = media::decodePicture({ reinterpret_cast<const std::uint8_t*>(jpeg.data()), jpeg.size() }, "picture").value();
    cv::Mat dark, noise(picture.size(), CV_32FC3);
    picture.convertTo(dark, CV_32FC3, 0.1);
    cv::RNG(jpeg.size()).fill(noise, cv::RNG::NORMAL, 0.0, 4.0);
    cv::Mat(dark + noise).convertTo(dark, CV_8UC3);
    const auto bytes = media::encodeJpeg(dark, 95).value();
    return { bytes.begin(), bytes.end() };
}

// What a camera sees over and over, pushed to a device as its host program would.
class Camera {
public:
    Camera(std::string server, const std::vector<std::string>& pictures)
        : m_thread([this, server = std::move(server), pictures] { run(server, pictures); })
    {
    }
    ~Camera()
    {
        m_stopping = true;
        m_thread.join();
    }
    std::int64_t answered() const { return m_answered; }

private:
    void run(const std::string& server, const std::vector<std::string>& pictures)
    {
        httplib::Client client(server);
        client.set_read_timeout(30);
        for (std::size_t i = 0; !m_stopping; ++i) {
            const auto answer = client.Post("/predict", pictures[i % pictures.size()], "image/jpeg");
            if (answer && answer->status == 200)
                ++m_answered;
            else
                std::this_thread::sleep_for(std::chrono::milliseconds(100));
        }
    }
    std::atomic<bool> m_stopping = false;
    std::atomic<std::int64_t> m_answered = 0;
    std::thread m_thread;
};

class FieldLoop : public ::testing::Test {
protected:
    static constexpr const char* kDevices[] { "cam-test", "cam-part", "cam-all" };

    void SetUp() override
    {
        data = findRealData("bccd");
        if (!data)
            GTEST_SKIP() << "bccd is not here; set PERCEPT_TEST_DATA to the folder that holds it";
        for (const char* program : { "percept", "percept-trainer", "percept-edge" })
            if (!hasProgram(program))
                GTEST_SKIP() << program << " is not built";
        ::setenv("PERCEPT_CONFIG_DIR", (folder / "config").c_str(), 1);
    }
    void TearDown() override
    {
        cameras.clear();
        edges.clear();
        hub.reset();
        for (const char* name : { "LD_PRELOAD", "PERCEPT_CLOCK_RATE", "PERCEPT_CLOCK_START" })
            ::unsetenv(name);
    }

    json percept(std::vector<std::string> arguments)
    {
        const std::string command = arguments[0];
        arguments.push_back("--json");
        RunOptions options;
        options.folder = folder.path();
        const auto ran = runProgram("percept", arguments, options);
        EXPECT_EQ(ran.status, 0) << command << ": " << ran.err << ran.out;
        const json document = ran.json();
        return document.is_object() ? document : json::object();
    }
    // Hub and devices, and `percept monitor`, live in a world where an hour takes seconds.
    void speedUpTime()
    {
        ::setenv("PERCEPT_CLOCK_RATE", std::to_string(3600 / effort().hourSeconds).c_str(), 1);
        ::setenv("PERCEPT_CLOCK_START", std::to_string(std::time(nullptr)).c_str(), 1);
        ::setenv("LD_PRELOAD", PERCEPT_WRONG_CLOCK, 1);
    }

    void readTruth();
    void importAs(const std::vector<Truth>& pictures, const std::string& set, const fs::path& media);
    std::string trainAndPackage(std::vector<std::string> how, const std::string& out);
    void startFleet();
    void rollOut(const std::string& package);
    void show(const std::vector<std::string>& forRings, const std::vector<std::string>& forAll);
    json monitor() { return percept({ "monitor", "p.percept", "--state", "fleet", "--period", "1", "--at-least", "150" }); }
    int numWindows();
    bool waitForWindows(int windows);
    void makeProject();
    void watchInDaylight();
    void letTheLightFail();
    void takeAndLabel();
    void expectBetter(const std::string& second, const std::string& first); // runs
    void expectReported();

    TemporaryFolder folder;
    std::optional<fs::path> data;
    std::vector<Truth> train, validation, test, field; // field: never seen by the project
    std::vector<std::string> bright[2], dark[2];       // what cameras see of it, as files
    std::map<std::string, const Truth*> byHash;        // of the dark ones
    std::optional<HubProcess> hub;
    std::vector<std::unique_ptr<EdgeProcess>> edges;
    std::vector<std::unique_ptr<Camera>> cameras;
};

// The set's own split: training and validation as they are, of the test pictures some stay the test set and the rest is the field.
void FieldLoop::readTruth()
{
    percept({ "new", "truth.percept", "--task", "detection" });
    percept({ "import", "truth.percept", data->string() });
    const auto reader = dataset::ProjectReader::open(folder / "truth.percept").value();
    std::map<LabelId, std::string> names;
    const auto labels = reader->readLabels().value();
    for (const auto& label : labels)
        names[label.id] = label.name;
    const auto items = reader->readItems({}, {}, 10'000).value();
    for (const auto& item : items) {
        Truth truth { item.name, base::readTextFile(reader->mediaPath(item)).value(), item.width, item.height, {} };
        const auto boxes = reader->readAnnotations(item.id).value();
        for (const auto& box : boxes)
            if (box.box.hasArea())
                truth.boxes.push_back({ names[box.label], box.box });
        auto& set = item.set == domain::SplitSet::Train ? train : item.set == domain::SplitSet::Validation ? validation : field;
        set.push_back(std::move(truth));
    }
    constexpr std::size_t kTestPictures = 12;
    test.assign(field.begin(), field.begin() + kTestPictures);
    field.erase(field.begin(), field.begin() + kTestPictures);
}

// As a COCO set whose pictures lie in `media`.
void FieldLoop::importAs(const std::vector<Truth>& pictures, const std::string& set, const fs::path& media)
{
    json coco { { "images", json::array() }, { "annotations", json::array() }, { "categories", json::array() } };
    std::map<std::string, int> classes;
    for (const Truth& picture : pictures) {
        const auto image = coco["images"].size() + 1;
        coco["images"].push_back({ { "id", image }, { "file_name", picture.name }, { "width", picture.width }, { "height", picture.height } });
        for (const auto& [label, box] : picture.boxes) {
            const int category = classes.try_emplace(label, static_cast<int>(classes.size()) + 1).first->second;
            coco["annotations"].push_back({ { "id", coco["annotations"].size() + 1 }, { "image_id", image }, { "category_id", category },
                { "bbox", { box.x, box.y, box.w, box.h } }, { "area", box.area() }, { "iscrowd", 0 } });
        }
    }
    for (const auto& [label, id] : classes)
        coco["categories"].push_back({ { "id", id }, { "name", label } });
    const fs::path file = folder / (set + std::to_string(pictures.size()) + ".json");
    ASSERT_TRUE(base::atomicWrite(file, coco.dump()).hasValue());
    std::vector<std::string> arguments { "import", "p.percept", file.string(), "--format", "coco", "--media", media.string() };
    if (!set.empty())
        arguments.insert(arguments.end(), { "--set", set });
    const json report = percept(arguments);
    EXPECT_TRUE(report.value("problems", json::array()).empty()) << report;
}

std::string FieldLoop::trainAndPackage(std::vector<std::string> how, const std::string& out)
{
    how.insert(how.begin(), { "train", "p.percept", "--recipe", "full", "--size", std::to_string(effort().size), "--seed", "1" });
    const json trained = percept(how);
    const std::string run = trained.value("run", "");
    EXPECT_EQ(trained.value("status", ""), "ok");
    percept({ "evaluate", "p.percept", "--run", run, "--set", "test" });
    percept({ "package", "p.percept", "--run", run, "--out", out });
    return run;
}

void FieldLoop::startFleet()
{
    hub.emplace(folder / "fleet", std::vector<std::string> { "--host", "127.0.0.1", "--broker-port", std::to_string(freePort()), "--package-port",
                                      std::to_string(freePort()) });
    const char* rings[] { "test", "part", "all" };
    for (int i = 0; i < 3; ++i) {
        const std::string state = (folder / kDevices[i]).string();
        const json granted = hub->tell("/api/enroll", { { "device", kDevices[i] }, { "ring", rings[i] } });
        const auto enrolled = runProgram("percept-edge", { "enroll", "--state", state, granted.at("line"), "--json" });
        ASSERT_EQ(enrolled.status, 0) << enrolled.err;
        edges.push_back(std::make_unique<EdgeProcess>(std::vector<std::string> { "run", "--state", state, "--threads", "1", "--http", "127.0.0.1:0",
            "--grace", "0.3", "--live-wait", "1", "--collect" }));
        waitForState(state);
    }
    // Windows of telemetry a sixth of an hour long. No pictures come home yet.
    hub->tell("/api/rules", { { "device", "" }, { "rules", { { "windowSeconds", std::max(1, effort().hourSeconds / 6) },
                                                                { "sampling", { { "randomShare", 0.0 }, { "belowScore", 0.0 }, { "eventEdges", false } } } } } });
}

// To the test ring, then to all, each time until the devices say that they run it.
void FieldLoop::rollOut(const std::string& package)
{
    percept({ "fleet", "deploy", package, "--state", "fleet" });
    for (int ring = 0; ring < 3; ++ring) {
        if (ring > 0)
            percept({ "fleet", "promote", "--state", "fleet" });
        const std::string wanted = hub->device(kDevices[ring]).at("desired").value("sha256", "?");
        ASSERT_TRUE(eventually([&] {
            const json device = hub->device(kDevices[ring]);
            return device["running"].is_object() && device["running"].value("sha256", "") == wanted;
        }, 90)) << hub->device(kDevices[ring]);
    }
}

// cam-test and cam-part look at the first half of the field, cam-all at the second.
void FieldLoop::show(const std::vector<std::string>& forRings, const std::vector<std::string>& forAll)
{
    cameras.clear();
    for (const char* device : kDevices) {
        const std::string server = waitForState(folder / device).at("url");
        cameras.push_back(std::make_unique<Camera>(server, device == kDevices[2] ? forAll : forRings));
    }
}

// Windows of a device that are long enough to be compared, those of the reference included; the least of all devices.
int FieldLoop::numWindows()
{
    int least = 1000;
    const json overview = monitor();
    for (const char* device : kDevices) {
        int windows = 0;
        for (const auto& row : overview.value("rows", json::array()))
            if (row.value("device", "") == device)
                windows = std::max(windows, row.value("field_windows", 0));
        least = std::min(least, windows);
    }
    return least;
}

bool FieldLoop::waitForWindows(int windows)
{
    return eventually([&] {
        std::this_thread::sleep_for(std::chrono::seconds(2));
        return numWindows() >= windows;
    }, 20 * effort().hourSeconds);
}

// Every picture that waits joins the project and gets its true boxes.
void FieldLoop::takeAndLabel()
{
    const json taken = percept({ "fleet", "take", "p.percept", "--all", "--state", "fleet" });
    std::vector<Truth> labeled;
    for (const auto& one : taken.at("taken")) {
        const fs::path file = one.at("file").get<std::string>();
        const auto truth = byHash.find(base::sha256OfFile(file).value());
        ASSERT_NE(truth, byHash.end()) << file << " is no picture that a camera saw";
        labeled.push_back(*truth->second);
        labeled.back().name = file.filename().string();
    }
    ASSERT_FALSE(labeled.empty());
    importAs(labeled, "", folder / "p.percept/media/field");
}

void FieldLoop::makeProject()
{
    readTruth();
    percept({ "new", "p.percept", "--task", "detection" });
    const fs::path pictures = *data / "JPEGImages";
    importAs(train, "train", pictures);
    importAs(validation, "validation", pictures);
    importAs(test, "test", pictures);
    for (std::size_t i = 0; i < field.size(); ++i) {
        bright[i % 2].push_back(field[i].bytes);
        dark[i % 2].push_back(darker(field[i].bytes));
        byHash[base::sha256Hex(dark[i % 2].back())] = &field[i];
    }
}

// As long as it takes to know what is usual. Silence is counted by the hub's fast clock, so a device that takes a breath is late.
void FieldLoop::watchInDaylight()
{
    show(bright[0], bright[1]);
    ASSERT_TRUE(waitForWindows(3)) << monitor().dump(1); // they make the reference
    const json calm = monitor();
    for (const auto& alert : calm.at("alerts"))
        EXPECT_TRUE(alert.value("level", "") != "act" || alert.value("kind", "") == "offline") << "nothing has changed yet: " << alert;
}

// It is noticed on all devices, and pictures come home: what chance chooses of the first two devices will test, what the third finds
// hard will teach.
void FieldLoop::letTheLightFail()
{
    const int before = numWindows();
    show(dark[0], dark[1]);
    hub->tell("/api/rules", { { "device", "" }, { "rules", { { "sampling", { { "randomShare", 1.0 }, { "eventEdges", false }, { "perDay", 1'000'000 } } } } } });
    hub->tell("/api/rules", { { "device", kDevices[2] },
                                { "rules", { { "sampling", { { "randomShare", 0.0 }, { "belowScore", 1.0 }, { "eventEdges", true }, { "perDay", 1'000'000 } } } } } });
    ASSERT_TRUE(waitForWindows(before + 3)); // the one in which it happened, and two more
    std::set<std::string> noticed;
    const json overview = monitor();
    for (const auto& alert : overview.at("alerts"))
        if (alert.value("kind", "") == "brightness" && alert.value("level", "") == "act" && alert["ended_ms"].is_null())
            noticed.insert(alert.value("device", ""));
    EXPECT_EQ(noticed.size(), 3u) << overview.at("alerts").dump(1);
    ASSERT_TRUE(eventually([&] { return hub->ask("/api/samples?waiting=1").value("total", 0) >= 20; }, 60));
    cameras.clear();
}

// Beyond chance, in the words of the programs that compare.
void FieldLoop::expectBetter(const std::string& second, const std::string& first)
{
    const json compared = percept({ "compare", "p.percept", second, "--with", first });
    EXPECT_GT(compared.at("field").at("points").value("low", 0.0), 0) << compared.dump(1);
    EXPECT_FALSE(compared.value("worse", true)) << compared.dump(1);
    EXPECT_TRUE(compared.at("field").at("at_thresholds").at("found").at("low").is_number()) << compared.dump(1);
    EXPECT_TRUE(compared.at("ships_worse").is_boolean());
    fmt::print("compare: {}\n", compared.dump());
}

void FieldLoop::expectReported()
{
    const json report = percept({ "report", "p.percept", "--out", "report.html" });
    ASSERT_EQ(report.at("versions").size(), 2u) << report.dump(1);
    EXPECT_GT(report["versions"][1]["found"].value("value", 0.0), report["versions"][0]["found"].value("value", 1.0));
    const auto told = hub->ask("/api/status").at("totals");
    for (const auto& device : told)
        EXPECT_GT(device.value("frames", 0), 0) << device;
    fmt::print("report: {}\n", report["versions"].dump());
}

TEST_F(FieldLoop, theLightFailsAndTheNextVersionIsBetterForIt)
{
    makeProject();
    const auto first = trainAndPackage({ "--epochs", std::to_string(effort().firstEpochs) }, "first.ppkg");
    speedUpTime();
    ASSERT_NO_FATAL_FAILURE(startFleet());
    ASSERT_NO_FATAL_FAILURE(rollOut("first.ppkg"));
    ASSERT_NO_FATAL_FAILURE(watchInDaylight());
    ASSERT_NO_FATAL_FAILURE(letTheLightFail());

    ASSERT_NO_FATAL_FAILURE(takeAndLabel());
    const json stats = percept({ "stats", "p.percept" });
    EXPECT_GE(stats.at("since_version").value("labeled", 0), 5) << stats; // what there is to learn from
    const auto second = trainAndPackage({ "--from", first, "--epochs", std::to_string(effort().secondEpochs) }, "second.ppkg");
    expectBetter(second, first);
    ASSERT_NO_FATAL_FAILURE(rollOut("second.ppkg"));
    show(dark[0], dark[1]);
    EXPECT_TRUE(eventually([&] { return std::all_of(cameras.begin(), cameras.end(), [](const auto& camera) { return camera->answered() > 5; }); }, 60));
    expectReported();
    EXPECT_EQ(percept({ "check", "p.percept" }).value("ok", false), true);
}

}
}
