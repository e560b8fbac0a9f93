// The loop, closed, through the studio's own widgets by mouse and key, with the real trainer, hub and percept-edge: a model is trained
// and rolled out to this computer; pictures come home from it and are judged by key, one of them is drawn on; more is gathered, the
// program proposes a training, compares the new model in words, and it is rolled out; the report shows the field and both versions.
// Two epochs on small pictures: it shows that the parts fit. What counts is what lies in the store and runs on the device afterwards.
#include "app/studio/label/label_page.h"
#include "app/studio/monitor/field_view.h"
#include "app/studio/report/report_sheet.h"
#include "core/base/files.h"
#include "core/services/this_computer.h"
#include "core/transport/http_client.h"
#include "tests/app/studio/deploy_support.h"
#include "tests/app/studio/label_support.h"
#include "widgets/style/widgets.h"

#include <QSpinBox>
#include <set>

namespace percept::studio {
namespace {

namespace fs = std::filesystem;
constexpr int kLongMs = 90'000;
constexpr int kMore = 40; // by their own split 24 to train, and 20 make a training worth its time

class FieldJourney : public DeployPageTest {
protected:
    void SetUp() override
    {
        if (!percept::test::hasProgram("percept-trainer"))
            GTEST_SKIP() << "percept-trainer is not built (configure with PERCEPT_WITH_TORCH=ON)";
        DeployPageTest::SetUp();
    }
    void TearDown() override
    {
        (void)services::stopThisComputer(fleetFolder()).hasValue();
        DeployPageTest::TearDown();
    }
    fs::path parts() const { return m_folder / "parts.percept"; }
    const dataset::ProjectReader& store() { return m_window->context().session()->reader(); }
    void goTo(Qt::Key digit, const char* page)
    {
        key(digit, Qt::ControlModifier);
        ASSERT_EQ(m_window->currentPage(), QString::fromLatin1(page));
    }
    // Pictures as the project's own look, drawn from another seed.
    std::vector<fs::path> drawPictures(const char* name, int count, std::uint64_t seed)
    {
        EXPECT_TRUE(services::makeSample(m_folder / name, domain::Task::Detection, count, seed, {}).hasValue());
        const auto reader = dataset::ProjectReader::open(m_folder / name).value();
        std::vector<fs::path> files;
        const auto items = reader->readItems({}, {}, count).value();
        for (const auto& item : items)
            files.push_back(reader->mediaPath(item));
        return files;
    }
    void trainInWizard(); // from its first page
    void rollOut(const char* version);
    void promoteToAll();
    std::string said() const;
    void showPictures(const std::vector<fs::path>& pictures);
    void judgePictures();
    void gatherMore();
    void trainAgainAndCompare();
    std::optional<dataset::StoredFieldSample> stored(const std::string& id)
    {
        const auto samples = store().readFieldSamples().value();
        for (const auto& sample : samples)
            if (sample.sample.id == id)
                return sample;
        return std::nullopt;
    }
    FieldView* view() { return visible<FieldView>([](const FieldView&) { return true; }); }
    std::string front() { return view() && view()->current() ? view()->current()->sample.id : std::string(); }
    QPushButton* action()
    {
        return visible<QPushButton>([](const QPushButton& b) { return b.objectName() == QLatin1String("retrainAction"); });
    }
};

void FieldJourney::trainInWizard()
{
    ASSERT_TRUE(eventually([&] { return find<QPushButton>("startTraining")->isVisible(); }));
    if (button("Next")) { // the first time; then all is as it was and one click starts it
        click(button("Next"));
        choose(named<QWidget>("By time, By epochs"), 1, 2);
        fill(find<QSpinBox>("trainEpochs"), QStringLiteral("2"));
        click(button("Next"));
    }
    ASSERT_TRUE(eventually([&] { return find<QPushButton>("startTraining")->isEnabled(); }));
    click(find<QPushButton>("startTraining"));
    ASSERT_TRUE(eventually([&] { return shows("is trained and scored"); }, kLongMs));
}

void FieldJourney::rollOut(const char* version)
{
    auto* go = find<QPushButton>("shipmentGo");
    ASSERT_TRUE(eventually([&] { return go->isVisible() && go->isEnabled(); }));
    click(go);
    ASSERT_TRUE(eventually([&] { return go->isEnabled() && go->text() == QStringLiteral("Deploy to 1 test device"); }, kLongMs)) << go->text().toStdString();
    click(go);
    ASSERT_TRUE(eventually([&] {
        const auto devices = hub().readState()->devices;
        return devices.size() == 1 && devices[0].running && devices[0].running->version == version && devices[0].activity == "idle";
    }, kLongMs)) << cell(0, DeviceModel::State).toStdString();
}

// What the labels on the window say, for the message of a failure.
std::string FieldJourney::said() const
{
    std::string text;
    for (const auto* label : m_window->findChildren<QLabel*>())
        if (label->isVisible() && !label->text().isEmpty())
            text += label->text().toStdString() + "\n";
    return text;
}

void FieldJourney::promoteToAll()
{
    for (int ring = 0; ring < 2; ++ring) {
        const auto promote = [&] { return visible<QPushButton>([](const QPushButton& b) { return b.objectName() == QLatin1String("promote") && b.isEnabled(); }); };
        ASSERT_TRUE(eventually([&] { return promote() != nullptr; }, 30'000));
        // The hub refuses a click on what has not been read since the last promotion: then once more.
        ASSERT_TRUE(eventually([&] {
            const auto rollouts = hub().readState()->rollouts;
            if (!rollouts.empty() && rollouts[0].ring == (ring == 0 ? "part" : "all"))
                return true;
            if (auto* button = promote())
                click(button);
            QTest::qWait(500);
            return false;
        })) << "asked: " << m_asked.toStdString() << ", pages: " << m_window->currentPage().toStdString() << "\n" << said();
    }
}

// What the camera of this device sees; all of it comes home, half by chance.
void FieldJourney::showPictures(const std::vector<fs::path>& pictures)
{
    auto client = hub();
    ASSERT_TRUE(client.post("/api/rules", { { "device", "" }, { "rules", { { "windowSeconds", 1 }, { "sampling", { { "randomShare", 1.0 }, { "perDay", 1'000'000 } } } } } }).hasValue());
    const transport::HttpClient device(services::readThisComputer(fleetFolder()).server, {});
    const auto sent = [&] { return client.get("/api/samples")->value("total", 0); };
    for (const auto& picture : pictures) { // each once: equal bytes are taken once
        const auto answer = device.post("/predict", base::readTextFile(picture).value(), "image/jpeg");
        ASSERT_TRUE(answer.hasValue()) << answer.error().message;
        ASSERT_EQ(answer->status, 200) << answer->body;
        QTest::qWait(200); // the rules reach the device, and what it may send grows with the time
        if (sent() >= 5)
            break;
    }
    ASSERT_TRUE(eventually([&] { return sent() >= 5; }, 30'000));
}

// The first is right, the second wrong: it is drawn on, and finished; the third is ignored.
void FieldJourney::judgePictures()
{
    ASSERT_NO_FATAL_FAILURE(goTo(Qt::Key_6, "monitor"));
    auto* pages = find<style::SegmentedControl>("monitorView");
    ASSERT_TRUE(eventually([&] { return pages->isVisible(); }));
    QTest::mouseClick(pages, Qt::LeftButton, {}, QPoint(pages->width() - 12, pages->height() / 2));
    ASSERT_TRUE(eventually([&] { return !front().empty(); }, 20'000));
    const std::string right = front();
    key(Qt::Key_R);
    ASSERT_TRUE(eventually([&] { return stored(right) && stored(right)->state == domain::ItemState::Done; }));
    EXPECT_EQ(stored(right)->set, domain::SplitSet::Test) << "chosen by chance";
    ASSERT_TRUE(eventually([&] { return !front().empty() && front() != right; }));
    const std::string wrong = front();
    key(Qt::Key_W);
    ASSERT_TRUE(eventually([&] { return m_window->currentPage() == QStringLiteral("label"); }));
    ASSERT_TRUE(eventually([&] { return stored(wrong).has_value(); }));
    const ItemId item = stored(wrong)->item;
    auto& boxCanvas = *static_cast<LabelPage*>(m_window->page(QStringLiteral("label")))->findChild<canvas::BoxCanvas*>();
    // What the device answered; of answers that lie on each other one.
    ASSERT_TRUE(stored(wrong)->sample.answers.empty() || eventually([&] { return !boxCanvas.scene().proposals().empty(); }));
    key(Qt::Key_1);
    test::drag(boxCanvas, { 20, 20 }, { 70, 60 });
    ASSERT_TRUE(eventually([&] { return !store().readAnnotations(item)->empty(); }));
    key(Qt::Key_Space);
    ASSERT_TRUE(eventually([&] { return stored(wrong)->state == domain::ItemState::Done; }));
    ASSERT_NO_FATAL_FAILURE(goTo(Qt::Key_6, "monitor"));
    ASSERT_TRUE(eventually([&] { return !front().empty() && front() != wrong; }));
    const std::string ignored = front();
    key(Qt::Key_I);
    ASSERT_TRUE(eventually([&] { return front() != ignored; }));
    EXPECT_FALSE(stored(ignored).has_value());
}

// More of what the devices see, labeled elsewhere: dropped on the window.
void FieldJourney::gatherMore()
{
    drawPictures("more.percept", kMore, 11);
    const auto reader = dataset::ProjectReader::open(m_folder / "more.percept").value();
    ASSERT_TRUE(services::exportData(*reader, m_folder / "more parts", "voc", {}, {}).hasValue());
    const auto before = store().readCounts()->items;
    ASSERT_NO_FATAL_FAILURE(goTo(Qt::Key_1, "gather"));
    drop(m_folder / "more parts");
    ASSERT_TRUE(eventually([&] { return store().readCounts()->items == before + kMore; }, 30'000));
}

void FieldJourney::trainAgainAndCompare()
{
    ASSERT_NO_FATAL_FAILURE(goTo(Qt::Key_6, "monitor"));
    ASSERT_TRUE(eventually([&] { return action() && action()->text() == QStringLiteral("Train again…"); }, 20'000));
    click(action());
    ASSERT_EQ(m_window->currentPage(), QStringLiteral("train"));
    ASSERT_NO_FATAL_FAILURE(trainInWizard());
    ASSERT_TRUE(eventually([&] { return find<QPushButton>("compareRun")->isVisible() && find<QPushButton>("compareRun")->isEnabled(); }, kLongMs)); // scored
    click(find<QPushButton>("compareRun"));
    ASSERT_TRUE(eventually([&] { return shows("against version 1.0"); }, kLongMs));
    click(find<QPushButton>("shipRun"));
    ASSERT_EQ(m_window->currentPage(), QStringLiteral("deploy"));
}

TEST_F(FieldJourney, FromAPredictionOnADeviceToTheNextVersionOnIt)
{
    ASSERT_TRUE(services::makeSample(parts(), domain::Task::Detection, 30, 5, {}).hasValue());
    ASSERT_TRUE(m_window->openProject(parts()));
    ASSERT_NO_FATAL_FAILURE(goTo(Qt::Key_3, "train"));
    click(button("New run…"));
    ASSERT_NO_FATAL_FAILURE(trainInWizard());
    ASSERT_NO_FATAL_FAILURE(goTo(Qt::Key_5, "deploy"));
    ASSERT_TRUE(eventually([&] { return button("This computer as test device") != nullptr; }));
    click(button("This computer as test device"));
    ASSERT_TRUE(eventually([&] { return rows() == 1; }, 40'000));
    click(find<QPushButton>("newPackage"));
    ASSERT_NO_FATAL_FAILURE(rollOut("1.0"));
    ASSERT_NO_FATAL_FAILURE(promoteToAll());

    ASSERT_NO_FATAL_FAILURE(showPictures(drawPictures("field.percept", 80, 9)));
    ASSERT_NO_FATAL_FAILURE(judgePictures());
    ASSERT_NO_FATAL_FAILURE(gatherMore());
    ASSERT_NO_FATAL_FAILURE(trainAgainAndCompare());
    ASSERT_NO_FATAL_FAILURE(rollOut("1.1"));

    ASSERT_NO_FATAL_FAILURE(goTo(Qt::Key_7, "report"));
    auto* sheet = named<ReportSheet>("Report");
    ASSERT_TRUE(eventually([&] { return sheet->accessibleDescription().contains(QStringLiteral("In the field version 1.0")); }, kLongMs))
        << sheet->accessibleDescription().toStdString();
    EXPECT_EQ(store().readModelVersions()->size(), 2u);
    EXPECT_FALSE(find<style::Note>("banner")->isVisible()) << find<style::Note>("banner")->text().toStdString();
    m_window->close();
    const auto findings = services::checkProject(parts(), {});
    ASSERT_TRUE(findings.hasValue()) << findings.error().message;
    for (const auto& finding : *findings)
        ADD_FAILURE() << finding.what;
}

}
}

int main(int argc, char** argv) { return percept::test::runStudioTests(argc, argv); }
