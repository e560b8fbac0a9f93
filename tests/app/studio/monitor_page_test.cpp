// The Monitor page on a fleet.db of simulated cameras: what it shows, by mouse and keyboard, and what it says where there is nothing.
#include "app/studio/monitor/alert_list.h"
#include "app/studio/monitor/drift_matrix.h"
#include "app/studio/monitor/field_series.h"
#include "core/base/time.h"
#include "core/dataset/project_store.h"
#include "tests/app/studio/demo_field.h"
#include "tests/app/studio/studio_fixture.h"
#include "tests/support/field_fleet.h"
#include "widgets/plots/curve_plot.h"
#include "widgets/style/widgets.h"

#include <QComboBox>
#include <QLineEdit>
#include <QPushButton>

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

// What is to be done is a button, and what will be seen then is said: nobody has to know a call.
TEST_F(MonitorPageTest, WithoutAFleetAButtonBeginsOne)
{
    ASSERT_NO_FATAL_FAILURE(openMonitor());
    EXPECT_TRUE(eventually([&] { return shows("No device has told anything yet"); }));
    EXPECT_FALSE(shows("percept fleet"));
    EXPECT_TRUE(find<QPushButton>("fieldStartStep")->isVisible());
    EXPECT_EQ(find<QPushButton>("fieldStartStep")->text(), QStringLiteral("This computer as test device"));
    EXPECT_FALSE(std::filesystem::exists(m_folder / "fleet")) << "looking makes nothing";
    click(find<QAbstractButton>("fieldStartLink"));
    EXPECT_EQ(m_window->currentPage(), QStringLiteral("deploy"));
}

TEST_F(MonitorPageTest, ADeviceThatHasToldNothingLeadsToARollOut)
{
    m_fleet = std::make_unique<percept::test::FieldFleet>(m_folder / "fleet", "Parts");
    m_fleet->enrol("cam-1", base::nowMs());
    ASSERT_NO_FATAL_FAILURE(openMonitor());
    EXPECT_TRUE(eventually([&] { return shows("1 device is in the fleet, and none runs this project's models yet"); }));
    EXPECT_FALSE(shows("percept fleet"));
    ASSERT_EQ(find<QPushButton>("fieldStartStep")->text(), QStringLiteral("Roll out a model…"));
    click(find<QPushButton>("fieldStartStep"));
    EXPECT_EQ(m_window->currentPage(), QStringLiteral("deploy"));
    EXPECT_TRUE(eventually([&] { return shows("What shall the devices run?"); }));
}

TEST_F(MonitorPageTest, ADeviceThatRunsTheModelIsWaitedFor)
{
    m_fleet = std::make_unique<percept::test::FieldFleet>(m_folder / "fleet", "Parts");
    m_fleet->enrol("cam-1", base::nowMs());
    m_fleet->report("cam-1", "1.0", base::nowMs());
    ASSERT_NO_FATAL_FAILURE(openMonitor());
    EXPECT_TRUE(eventually([&] { return shows("one runs this project's model"); }));
    EXPECT_EQ(find<QPushButton>("fieldStartStep")->text(), QStringLiteral("Show the devices"));
}

// A device that began minutes ago is seen, as what it is: not over yet.
TEST_F(MonitorPageTest, ADeviceThatBeganMinutesAgoIsDrawn)
{
    m_fleet = std::make_unique<percept::test::FieldFleet>(m_folder / "fleet", "Parts");
    const auto now = base::nowMs();
    m_fleet->enrol("cam-1", now - 300'000);
    protocol::TelemetryWindow window;
    window.toMs = now - 1000;
    window.fromMs = window.toMs - 120'000;
    window.seconds = 120;
    window.packageSha256 = m_fleet->packageOf("1.0");
    window.packageVersion = "1.0";
    window.frames = 47;
    window.classes = { { "bolt", 60, {} } };
    window.classes[0].scores[19] = 60;
    m_fleet->tell("cam-1", window, now);
    ASSERT_NO_FATAL_FAILURE(openMonitor());
    ASSERT_TRUE(eventually([&] { return plot(QStringLiteral("Objects found")) != nullptr; }));
    EXPECT_TRUE(eventually([&] { return plot(QStringLiteral("Objects found"))->accessibleDescription().contains(QStringLiteral("cam-1 so far at 1800")); }))
        << plot(QStringLiteral("Objects found"))->accessibleDescription().toStdString();
    EXPECT_TRUE(find<QLabel>("openHelp")->text().startsWith(QStringLiteral("Hollow and dashed: the hour that is not over")));
    const auto* pictures = visible<QWidget>([](const QWidget& w) { return w.accessibleName() == QStringLiteral("Pictures"); });
    ASSERT_NE(pictures, nullptr);
    EXPECT_TRUE(pictures->accessibleDescription().contains(QStringLiteral("47, in 2 min"))) << pictures->accessibleDescription().toStdString();
}

TEST_F(MonitorPageTest, AHubThatDoesNotRunIsSaidWithAButton)
{
    m_fleet = std::make_unique<percept::test::FieldFleet>(m_folder / "fleet", "Parts");
    percept::test::fillThreeCameras(*m_fleet, base::nowMs());
    m_fleet->setHubRuns(false);
    ASSERT_NO_FATAL_FAILURE(openMonitor());
    ASSERT_TRUE(eventually([&] { return find<style::Note>("hubNote") && find<style::Note>("hubNote")->isVisible(); }));
    EXPECT_NE(button("Start it"), nullptr);
    EXPECT_FALSE(shows("percept fleet serve"));
    m_fleet->setHubRuns(true);
    key(Qt::Key_4, Qt::ControlModifier);
    key(Qt::Key_6, Qt::ControlModifier);
    EXPECT_TRUE(eventually([&] { return !find<style::Note>("hubNote")->isVisible(); }));
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
    EXPECT_NE(plot(QStringLiteral("Brightness of cam-2: how different from its first 3 days with 1.0")), nullptr);
}

// What an engineer wants to know stands behind the words, not in them.
TEST_F(MonitorPageTest, PlainWordsFirstTheStatisticInTheTooltip)
{
    ASSERT_NO_FATAL_FAILURE(openThreeCameras());
    for (const char* jargon : { "PSI", "p <", "window", "p95", "significant", "Laplacian" })
        EXPECT_FALSE(shows(jargon)) << jargon;
    for (const AlertCard* card : cards())
        EXPECT_FALSE(card->accessibleDescription().contains(QStringLiteral("PSI"))) << card->accessibleDescription().toStdString();
    EXPECT_TRUE(cards()[1]->accessibleDescription().contains(QStringLiteral("compared with its first 3 days")));
    EXPECT_TRUE(cards()[1]->toolTip().contains(QStringLiteral("PSI")));
    EXPECT_TRUE(plot(QStringLiteral("Brightness of cam-2"))->toolTip().contains(QStringLiteral("population stability index")));
    EXPECT_TRUE(find<DriftMatrix>("driftMatrix")->accessibleDescription().contains(QStringLiteral("very different")));
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
    EXPECT_EQ(matrix->shown(), QStringList({ "cam-2", "cam-1", "cam-3" })) << "what has changed stands first";
    QTest::mouseClick(matrix->viewport(), Qt::LeftButton, {}, matrix->cellRect(1, static_cast<int>(Measure::Classes)).center());
    EXPECT_NE(plot(QStringLiteral("Class mix of cam-1")), nullptr);
    key(Qt::Key_Up);
    key(Qt::Key_Left);
    EXPECT_NE(plot(QStringLiteral("Spread of scores of cam-2")), nullptr);
    key(Qt::Key_Up); // the first device: there is nothing above
    EXPECT_NE(plot(QStringLiteral("Spread of scores of cam-2")), nullptr);
    key(Qt::Key_End);
    EXPECT_NE(plot(QStringLiteral("Spread of scores of cam-3")), nullptr);
}

// Heads of their whole words, whatever the number of devices; what has changed is found among them.
TEST_F(MonitorPageTest, ThreeHundredDevicesReadAsThreeDo)
{
    m_fleet = std::make_unique<percept::test::FieldFleet>(m_folder / "fleet", "Parts");
    const auto now = base::nowMs();
    percept::test::fillThreeCameras(*m_fleet, now);
    percept::test::fillManyCameras(*m_fleet, now, 300, percept::test::usualField());
    ASSERT_NO_FATAL_FAILURE(openMonitor());
    ASSERT_TRUE(eventually([&] { return find<DriftMatrix>("driftMatrix")->devices() == 300; }, 30000));
    auto* matrix = find<DriftMatrix>("driftMatrix");
    for (const QSize& size : { QSize(1024, 680), QSize(1280, 800), QSize(1920, 1080) }) {
        m_window->resize(size);
        QCoreApplication::processEvents();
        EXPECT_EQ(matrix->cutHeads(), QStringList()) << size.width();
        EXPECT_LE(matrix->cellRect(0, 5).right(), matrix->viewport()->width()) << size.width();
        EXPECT_LT(matrix->height(), 320) << "it scrolls by itself";
    }
    EXPECT_EQ(matrix->shown().constFirst(), QStringLiteral("cam-2"));
    EXPECT_EQ(matrix->shown().size(), 300);
    EXPECT_GT(matrix->shown().indexOf(QStringLiteral("cam-10")), matrix->shown().indexOf(QStringLiteral("cam-9")));
    choose(find<QWidget>("matrixFilter"), 1, 2);
    EXPECT_EQ(matrix->shown(), QStringList({ "cam-2" }));
    choose(find<QWidget>("matrixFilter"), 0, 2);
    fill(find<QLineEdit>("matrixSearch"), QStringLiteral("-29"));
    EXPECT_EQ(matrix->shown().size(), 11) << "cam-29 and cam-290 to cam-299";
    matrix->setFocus();
    key(Qt::Key_End);
    EXPECT_NE(plot(QStringLiteral("Brightness of cam-299")), nullptr);
    const QString drawn = plot(QStringLiteral("Objects found"))->accessibleDescription();
    EXPECT_TRUE(drawn.contains(QStringLiteral("292 others"))) << drawn.toStdString();
    EXPECT_EQ(drawn.count(QStringLiteral("cam-")), 8) << drawn.toStdString();
    EXPECT_TRUE(drawn.contains(QStringLiteral("cam-2 "))) << "what has changed is drawn for itself";
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
    EXPECT_TRUE(eventually([&] { return shows("No device has told anything yet"); })) << "the cameras run another project's model";
    EXPECT_TRUE(cards().isEmpty());
}

// ---- what the charts draw

// Windows of half an hour that end half past an hour; now is 40 minutes past one.
monitoring::Overview overviewOf(std::vector<std::tuple<std::string, std::string, int, std::int64_t>> hours, std::int64_t nowHour)
{
    constexpr std::int64_t kHalfHourMs = monitoring::kHourMs / 2;
    monitoring::Overview overview;
    overview.nowMs = nowHour * monitoring::kHourMs + 40 * 60'000;
    for (const auto& [device, version, hour, objects] : hours) {
        auto at = std::find_if(overview.tracks.begin(), overview.tracks.end(), [&](const auto& t) { return t.device == device && t.version == version; });
        if (at == overview.tracks.end())
            at = overview.tracks.insert(overview.tracks.end(), { device, version, {} });
        protocol::TelemetryWindow window;
        window.frames = 3600;
        window.seconds = 1800;
        window.classes = { { "bolt", objects, {} } };
        window.classes[0].scores[19] = objects;
        at->add(hour * monitoring::kHourMs + kHalfHourMs, window);
    }
    return overview;
}

TEST(FieldSeries, StepsAndSilenceBetweenThem)
{
    const auto overview = overviewOf({ { "a", "1.0", 100, 10 }, { "a", "1.0", 103, 30 }, { "a", "1.0", 110, 7 }, { "b", "1.1", 103, 5 } }, 110);
    const auto scope = scopeOf(overview, {}, 1);
    const auto objects = seriesOf(overview, scope, FieldFigure::Objects, FieldGrouping::Device);
    ASSERT_EQ(objects.size(), 2);
    EXPECT_EQ(objects[0].points.mid(0, 4), (plots::Points { { 100.5 * 3600, 10 }, { 101.5 * 3600, 0 }, { 102.5 * 3600, 0 }, { 103.5 * 3600, 30 } }));
    const auto speed = seriesOf(overview, scope, FieldFigure::Throughput, FieldGrouping::Version);
    ASSERT_EQ(speed.size(), 2);
    EXPECT_EQ(speed[0].points.size(), 2) << "no word is no throughput of 0";
    EXPECT_EQ(speed[1].points, (plots::Points { { 103.5 * 3600, 2 } }));
    EXPECT_EQ(seriesOf(overview, scope, FieldFigure::Objects, FieldGrouping::Class)[0].points[3].y(), 40) << "both cameras: 30 in the hour, and 5 in the half that b told of";
    EXPECT_TRUE(seriesOf(overview, scope, FieldFigure::Latency, FieldGrouping::Class).isEmpty());
    EXPECT_EQ(seriesOf(overview, { "b", 0, monitoring::kHourMs }, FieldFigure::Objects, FieldGrouping::Device).size(), 1);
    EXPECT_EQ(totalOf(overview, scope).predictions, 52);
    EXPECT_EQ(scopeOf(overview, {}, 30).stepMs, 6 * monitoring::kHourMs);
}

TEST(FieldSeries, OfManyDevicesThoseWithAlertsAreDrawnAndTheOthersAreOne)
{
    auto overview = overviewOf({ { "a", "1.0", 103, 10 }, { "b", "1.0", 103, 20 }, { "c", "1.0", 103, 30 }, { "d", "1.0", 103, 40 } }, 110);
    monitoring::Alert alert;
    alert.device = "c";
    overview.alerts = { alert };
    auto series = seriesOf(overview, scopeOf(overview, {}, 1), FieldFigure::Objects, FieldGrouping::Device);
    EXPECT_EQ(takeOthers(overview, series, 4).devices, 0);
    ASSERT_EQ(series.size(), 4);
    const double first = series[0].points.first().y();
    const FieldBand others = takeOthers(overview, series, 2);
    ASSERT_EQ(series.size(), 2);
    EXPECT_EQ(series[0].name, QStringLiteral("c"));
    EXPECT_EQ(series[1].name, QStringLiteral("a")) << "of equals the first by name";
    EXPECT_EQ(others.devices, 2);
    ASSERT_EQ(others.points.size(), 1);
    EXPECT_EQ(others.low.first().y(), 2 * first);
    EXPECT_EQ(others.high.first().y(), 4 * first);
    // Without a word about it what has changed most comes first, after what there is an alert about.
    overview.judged.resize(4);
    overview.judged[3].windows.resize(1);
    overview.judged[3].windows[0].readings = { { .measure = Measure::Brightness, .effect = 0.1 } };
    overview.judged[3].windows[0].ofPictures = true;
    series = seriesOf(overview, scopeOf(overview, {}, 1), FieldFigure::Objects, FieldGrouping::Device);
    takeOthers(overview, series, 2);
    EXPECT_EQ(series[0].name, QStringLiteral("c"));
    EXPECT_EQ(series[1].name, QStringLiteral("d"));
    // Eight are told apart; a ninth is one of the others.
    monitoring::Overview nine = overviewOf({ { "a", "1.0", 103, 1 }, { "b", "1.0", 103, 1 }, { "c", "1.0", 103, 1 }, { "d", "1.0", 103, 1 }, { "e", "1.0", 103, 1 }, { "f", "1.0", 103, 1 },
                                              { "g", "1.0", 103, 1 }, { "h", "1.0", 103, 1 }, { "i", "1.0", 103, 1 } }, 110);
    series = seriesOf(nine, scopeOf(nine, {}, 1), FieldFigure::Objects, FieldGrouping::Device);
    EXPECT_EQ(takeOthers(nine, series).devices, 1);
    EXPECT_EQ(series.size(), 8);
}

// A step that is not over stands apart from those that are, and counts what it was told of as per hour.
TEST(FieldSeries, TheHourThatIsNotOver)
{
    const auto overview = overviewOf({ { "a", "1.0", 109, 30 }, { "a", "1.0", 110, 7 }, { "b", "1.0", 110, 9 } }, 110);
    const auto objects = seriesOf(overview, scopeOf(overview, {}, 1), FieldFigure::Objects, FieldGrouping::Device);
    ASSERT_EQ(objects.size(), 2);
    EXPECT_EQ(objects[0].points, (plots::Points { { 109.5 * 3600, 30 } }));
    const QPointF middle(110 * 3600 + 20 * 60, 14); // of the 40 minutes; 7 in half an hour
    EXPECT_EQ(objects[0].open, std::optional(middle));
    EXPECT_TRUE(objects[1].points.isEmpty()) << "it began in this hour";
    ASSERT_TRUE(objects[1].open.has_value());
    EXPECT_EQ(objects[1].open->y(), 18);
    const auto score = seriesOf(overview, scopeOf(overview, {}, 1), FieldFigure::Confidence, FieldGrouping::Class);
    ASSERT_EQ(score.size(), 1);
    EXPECT_TRUE(score[0].open.has_value());
    EXPECT_FALSE(seriesOf(overviewOf({ { "a", "1.0", 109, 30 } }, 110), scopeOf(overview, {}, 1), FieldFigure::Objects, FieldGrouping::Device)[0].open.has_value());
}

// Not over the week that is looked at, of which a new device has seen little.
TEST(FieldSeries, RatesAreOfTheTimeThatWasTold)
{
    const auto young = overviewOf({ { "a", "1.0", 110, 7 } }, 110);
    const auto told = toldOf(young, scopeOf(young, {}, 7));
    ASSERT_TRUE(told.has_value());
    EXPECT_EQ(told->lengthMs(), monitoring::kHourMs / 2);
    EXPECT_EQ(rateText(47, told), QStringLiteral("in 30 min"));
    const auto older = overviewOf({ { "a", "1.0", 106, 7 }, { "a", "1.1", 110, 7 } }, 110);
    EXPECT_EQ(rateText(90, toldOf(older, scopeOf(older, {}, 7))), QStringLiteral("20 an hour")) << "four hours and a half";
    EXPECT_EQ(rateText(90, toldOf(older, scopeOf(older, QStringLiteral("b"), 7))), QStringLiteral("nothing told"));
    const auto days = overviewOf({ { "a", "1.0", 60, 7 }, { "a", "1.0", 108, 7 } }, 110);
    const auto scope = scopeOf(days, {}, 1); // from hour 86 on
    EXPECT_EQ(toldOf(days, scope)->fromMs, scope.fromMs) << "what was told before is not counted either";
    EXPECT_EQ(rateText(97, toldOf(days, scopeOf(days, {}, 7))), QStringLiteral("48 a day")) << "97 in 48.5 hours";
}

}
}

int main(int argc, char** argv) { return percept::test::runStudioTests(argc, argv); }
