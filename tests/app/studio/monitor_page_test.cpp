// The Monitor page on a fleet.db of simulated cameras: what it shows, by mouse and keyboard, and what it says where there is nothing.
#include "app/studio/monitor/alert_list.h"
#include "app/studio/monitor/drift_matrix.h"
#include "app/studio/monitor/field_series.h"
#include "core/base/time.h"
#include "core/dataset/project_store.h"
#include "tests/app/studio/studio_fixture.h"
#include "tests/support/field_fleet.h"
#include "widgets/plots/curve_plot.h"
#include "widgets/style/widgets.h"

#include <QComboBox>

namespace percept::studio {
namespace {

using monitoring::Measure;

class MonitorPageTest : public StudioTest {
protected:
    void SetUp() override
    {
        qputenv("PERCEPT_FLEET_DIR", QByteArray::fromStdString((m_folder / "fleet").string()));
        StudioTest::SetUp();
        ASSERT_TRUE(dataset::ProjectStore::create(m_folder / "parts.percept", "Parts", domain::Task::Detection, { "bolt", "nut", "washer" }).hasValue());
    }
    void openMonitor()
    {
        ASSERT_TRUE(m_window->openProject(m_folder / "parts.percept"));
        key(Qt::Key_6, Qt::ControlModifier);
        ASSERT_EQ(m_window->currentPage(), QStringLiteral("monitor"));
    }
    void openThreeCameras()
    {
        m_fleet = std::make_unique<percept::test::FieldFleet>(m_folder / "fleet", "Parts");
        percept::test::fillThreeCameras(*m_fleet, base::nowMs());
        ASSERT_NO_FATAL_FAILURE(openMonitor());
        ASSERT_TRUE(eventually([&] { return !cards().isEmpty(); }));
    }
    QList<AlertCard*> cards()
    {
        QList<AlertCard*> all;
        for (auto* card : m_window->findChildren<AlertCard*>())
            if (card->isVisible())
                all << card;
        return all;
    }
    plots::CurvePlot* plot(const QString& title)
    {
        return visible<plots::CurvePlot>([&](const plots::CurvePlot& p) { return p.accessibleName().startsWith(title); });
    }

    std::unique_ptr<percept::test::FieldFleet> m_fleet;
};

TEST_F(MonitorPageTest, WithoutAFleetItSaysHowOneBegins)
{
    ASSERT_NO_FATAL_FAILURE(openMonitor());
    EXPECT_TRUE(eventually([&] { return shows("no hub has run for this user yet"); }));
    EXPECT_TRUE(shows("percept fleet serve"));
}

TEST_F(MonitorPageTest, ADeviceThatHasToldNothingIsCounted)
{
    m_fleet = std::make_unique<percept::test::FieldFleet>(m_folder / "fleet", "Parts");
    m_fleet->enrol("cam-1", base::nowMs());
    ASSERT_NO_FATAL_FAILURE(openMonitor());
    EXPECT_TRUE(eventually([&] { return shows("1 device is enrolled"); }));
}

TEST_F(MonitorPageTest, AFileThatIsNoFleetIsNamed)
{
    std::filesystem::create_directories(m_folder / "fleet");
    QFile file(toQString(m_folder / "fleet" / "fleet.db"));
    ASSERT_TRUE(file.open(QIODevice::WriteOnly));
    file.write(QByteArray(4096, 'x'));
    file.close();
    ASSERT_NO_FATAL_FAILURE(openMonitor());
    EXPECT_TRUE(eventually([&] { return shows("fleet.db is a file of another kind"); }));
}

TEST_F(MonitorPageTest, AlertsSayWhatSinceWhenAndWhatToDo)
{
    ASSERT_NO_FATAL_FAILURE(openThreeCameras());
    const auto all = cards();
    ASSERT_EQ(all.size(), 2);
    EXPECT_TRUE(all[0]->accessibleName().startsWith(QStringLiteral("cam-3: offline for 38 min"))) << all[0]->accessibleName().toStdString();
    EXPECT_TRUE(all[0]->accessibleDescription().contains(QStringLiteral("Since ")));
    EXPECT_EQ(all[1]->accessibleName(), QStringLiteral("cam-2: pictures are darker"));
    EXPECT_TRUE(all[1]->accessibleDescription().contains(QStringLiteral("Check the lamp")));
    EXPECT_EQ(find<QLabel>("monitorOnline")->text(), QStringLiteral("2 of 3 online"));
    // The measure with the alert is drawn before anybody chooses.
    EXPECT_NE(plot(QStringLiteral("Brightness of cam-2 against its first 3 windows with 1.0")), nullptr);
}

TEST_F(MonitorPageTest, AnAlertIsChosenByMouseOrKeyboard)
{
    ASSERT_NO_FATAL_FAILURE(openThreeCameras());
    click(cards()[1]);
    EXPECT_TRUE(cards()[1]->isChecked());
    EXPECT_NE(plot(QStringLiteral("Brightness of cam-2")), nullptr);
    key(Qt::Key_Up);
    EXPECT_TRUE(cards()[0]->isChecked());
    EXPECT_NE(plot(QStringLiteral("Brightness of cam-3")), nullptr) << "the same measure on the device that is offline";
}

TEST_F(MonitorPageTest, TheTableOfDevicesChoosesWhatIsDrawn)
{
    ASSERT_NO_FATAL_FAILURE(openThreeCameras());
    auto* matrix = find<DriftMatrix>("driftMatrix");
    EXPECT_TRUE(matrix->accessibleDescription().contains(QStringLiteral("cam-2, Brightness: ")));
    QTest::mouseClick(matrix, Qt::LeftButton, {}, matrix->cellRect(0, static_cast<int>(Measure::Classes)).center());
    EXPECT_NE(plot(QStringLiteral("Class mix of cam-1")), nullptr);
    key(Qt::Key_Right);
    key(Qt::Key_Up);
    EXPECT_NE(plot(QStringLiteral("Spread of scores of cam-2")), nullptr);
    key(Qt::Key_Left);
    key(Qt::Key_Left); // the first device: there is nothing further left
    EXPECT_NE(plot(QStringLiteral("Spread of scores of cam-1")), nullptr);
}

TEST_F(MonitorPageTest, CurvesByDeviceClassAndModel)
{
    ASSERT_NO_FATAL_FAILURE(openThreeCameras());
    auto* objects = plot(QStringLiteral("Objects found"));
    ASSERT_NE(objects, nullptr);
    EXPECT_TRUE(objects->accessibleDescription().contains(QStringLiteral("cam-1 ends at")));
    auto* grouping = find<style::SegmentedControl>("monitorGrouping");
    choose(grouping, 1, 3);
    EXPECT_TRUE(eventually([&] { return objects->accessibleDescription().contains(QStringLiteral("washer ends at")); }));
    EXPECT_EQ(plot(QStringLiteral("Sharpness"))->accessibleDescription(), plot(QStringLiteral("Pictures a second"))->accessibleDescription()) << "nothing is told by class";
    choose(grouping, 2, 3);
    EXPECT_TRUE(eventually([&] { return objects->accessibleDescription().contains(QStringLiteral("1.1 ends at")); }));
}

TEST_F(MonitorPageTest, OneDeviceAlone)
{
    ASSERT_NO_FATAL_FAILURE(openThreeCameras());
    auto* device = find<QComboBox>("monitorDevice");
    ASSERT_EQ(device->count(), 4);
    device->setFocus();
    key(Qt::Key_Down); // cam-1
    EXPECT_EQ(device->currentText(), QStringLiteral("cam-1"));
    EXPECT_TRUE(cards().isEmpty()) << "the others' alerts";
    EXPECT_NE(plot(QStringLiteral("Mean score of cam-1")), nullptr);
}

// What a hub takes in is there by the next reading, and what is chosen stays.
TEST_F(MonitorPageTest, ReadsOnWhileTheHubWrites)
{
    ASSERT_NO_FATAL_FAILURE(openThreeCameras());
    click(cards()[1]);
    m_fleet->report("cam-3", "1.0", base::nowMs());
    key(Qt::Key_4, Qt::ControlModifier);
    key(Qt::Key_6, Qt::ControlModifier); // back on the page: read again
    EXPECT_TRUE(eventually([&] { return cards().size() == 1; }));
    EXPECT_EQ(cards()[0]->accessibleName(), QStringLiteral("cam-2: pictures are darker"));
    EXPECT_TRUE(cards()[0]->isChecked());
    EXPECT_EQ(find<QLabel>("monitorOnline")->text(), QStringLiteral("3 of 3 online"));
}

TEST_F(MonitorPageTest, AnotherProjectBeginsAnew)
{
    ASSERT_NO_FATAL_FAILURE(openThreeCameras());
    ASSERT_TRUE(m_window->closeProject());
    ASSERT_NO_FATAL_FAILURE(openSquares(3));
    key(Qt::Key_6, Qt::ControlModifier);
    EXPECT_TRUE(eventually([&] { return shows("No device is enrolled"); })) << "the cameras run another project's model";
    EXPECT_TRUE(cards().isEmpty());
}

// ---- what the charts draw

monitoring::Overview overviewOf(std::vector<std::tuple<std::string, std::string, int, std::int64_t>> hours, std::int64_t nowHour)
{
    monitoring::Overview overview;
    overview.nowMs = nowHour * monitoring::kHourMs + 60'000;
    for (const auto& [device, version, hour, objects] : hours) {
        auto at = std::find_if(overview.tracks.begin(), overview.tracks.end(), [&](const auto& t) { return t.device == device && t.version == version; });
        if (at == overview.tracks.end())
            at = overview.tracks.insert(overview.tracks.end(), { device, version, {} });
        protocol::TelemetryWindow window;
        window.frames = 100;
        window.seconds = 50;
        window.classes = { { "bolt", objects, {} } };
        window.classes[0].scores[19] = objects;
        at->add(hour * monitoring::kHourMs, window);
    }
    return overview;
}

TEST(FieldSeries, StepsThatAreOverAndSilenceBetweenThem)
{
    const auto overview = overviewOf({ { "a", "1.0", 100, 10 }, { "a", "1.0", 103, 30 }, { "a", "1.0", 110, 7 }, { "b", "1.1", 103, 5 } }, 110);
    const auto scope = scopeOf(overview, {}, 1);
    const auto objects = seriesOf(overview, scope, FieldFigure::Objects, FieldGrouping::Device);
    ASSERT_EQ(objects.size(), 2);
    // the hour 110 has just begun
    EXPECT_EQ(objects[0].points, (plots::Points { { 100.5 * 3600, 10 }, { 101.5 * 3600, 0 }, { 102.5 * 3600, 0 }, { 103.5 * 3600, 30 } }));
    const auto speed = seriesOf(overview, scope, FieldFigure::Throughput, FieldGrouping::Version);
    ASSERT_EQ(speed.size(), 2);
    EXPECT_EQ(speed[0].points.size(), 2) << "no word is no throughput of 0";
    EXPECT_EQ(speed[1].points, (plots::Points { { 103.5 * 3600, 2 } }));
    EXPECT_EQ(seriesOf(overview, scope, FieldFigure::Objects, FieldGrouping::Class)[0].points.last().y(), 35);
    EXPECT_TRUE(seriesOf(overview, scope, FieldFigure::Latency, FieldGrouping::Class).isEmpty());
    EXPECT_EQ(seriesOf(overview, { "b", 0, monitoring::kHourMs }, FieldFigure::Objects, FieldGrouping::Device).size(), 1);
    EXPECT_EQ(totalOf(overview, scope).predictions, 52);
    EXPECT_EQ(scopeOf(overview, {}, 30).stepMs, 6 * monitoring::kHourMs);
}

}
}

int main(int argc, char** argv) { return percept::test::runStudioTests(argc, argv); }
