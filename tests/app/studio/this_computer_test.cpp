// This computer as a test device, with the real percept-edge: from a finished run to live boxes, and stopped again.
#include "app/studio/deploy/live_panel.h"
#include "app/studio/rail.h"
#include "core/services/this_computer.h"
#include "tests/app/studio/deploy_support.h"

#include <QElapsedTimer>
#include <QListWidget>
#include <csignal>

namespace percept::studio {
namespace {

class ThisComputerTest : public DeployPageTest {
protected:
    void TearDown() override
    {
        (void)services::stopThisComputer(fleetFolder()).hasValue();
        DeployPageTest::TearDown();
    }
    services::ThisComputer here() const { return services::readThisComputer(fleetFolder()); }
    LivePanel& live() { return *find<LivePanel>("livePanel"); }
    void clickAndCount(QWidget* widget)
    {
        ++m_clicks;
        click(widget);
    }
    int m_clicks = 0;
};

TEST_F(ThisComputerTest, FromAFinishedRunToLiveBoxesInFiveClicksAndAMinute)
{
    ASSERT_NO_FATAL_FAILURE(makeScored());
    ASSERT_TRUE(m_window->openProject(project()));
    QElapsedTimer clock;
    clock.start();
    clickAndCount(find<RailButton>("rail-deploy"));
    ASSERT_TRUE(eventually([&] { return button("This computer as test device") != nullptr; }));
    clickAndCount(button("This computer as test device"));
    ASSERT_TRUE(eventually([&] { return rows() == 1 && cell(0, DeviceModel::Ring) == QStringLiteral("Test"); }, 40000));
    clickAndCount(find<QPushButton>("newPackage"));
    auto* go = find<QPushButton>("shipmentGo");
    ASSERT_TRUE(eventually([&] { return go->isEnabled(); }));
    clickAndCount(go);
    ASSERT_TRUE(eventually([&] { return go->isEnabled() && go->text() == QStringLiteral("Deploy to 1 test device"); }, 60000)) << go->text().toStdString();
    clickAndCount(go);
    std::size_t boxes = 0;
    ASSERT_TRUE(eventually([&] {
        boxes = live().last().result ? std::max(boxes, live().last().result->predictions.size()) : boxes;
        return live().isVisible() && boxes > 0;
    }, 60000)) << live().last().problem.toStdString();
    std::printf("%d clicks, %lld ms\n", m_clicks, static_cast<long long>(clock.elapsed()));
    EXPECT_LE(m_clicks, 5);
    EXPECT_LT(clock.elapsed(), 60000);
    EXPECT_TRUE(eventually([&] { return cell(0, DeviceModel::State).contains(QStringLiteral("1.0")); }));
}

TEST_F(ThisComputerTest, ItOutlivesTheStudioAndStopsWithOneClick)
{
    ASSERT_NO_FATAL_FAILURE(makeScored());
    ASSERT_NO_FATAL_FAILURE(openPage());
    ASSERT_TRUE(eventually([&] { return button("This computer as test device") != nullptr; }));
    click(button("This computer as test device"));
    ASSERT_TRUE(eventually([&] { return here().isRunning() && button("Stop this computer"); }, 40000));
    const int pid = here().processId;
    m_window->closeProject();
    m_window.reset();
    EXPECT_EQ(::kill(pid, 0), 0) << "it goes on when the studio is closed";
    m_window = std::make_unique<MainWindow>();
    m_window->showStart();
    m_window->show();
    m_window->activateWindow();
    ASSERT_TRUE(QTest::qWaitForWindowActive(m_window.get()));
    ASSERT_NO_FATAL_FAILURE(openPage());
    ASSERT_TRUE(eventually([&] { return button("Stop this computer") != nullptr; }));
    click(button("Stop this computer"));
    ASSERT_TRUE(eventually([&] { return !here().isRunning() && ::kill(pid, 0) != 0; }, 30000));
    ASSERT_TRUE(eventually([&] { return cell(0, DeviceModel::State).startsWith(QStringLiteral("Offline")); })) << cell(0, DeviceModel::State).toStdString();
    ASSERT_TRUE(eventually([&] { return button("Test on this computer") != nullptr; }));
    click(button("Test on this computer"));
    ASSERT_TRUE(eventually([&] { return here().isRunning(); }, 40000));
    EXPECT_EQ(hub().readState()->devices.size(), 1u) << "the same device again";
}

// Thrown out of the fleet while it was away: a new place for it, not an endless wait.
TEST_F(ThisComputerTest, ThrownOutOfTheFleetItIsEnrolledAnew)
{
    auto client = hub();
    const auto first = services::startThisComputer(client, fleetFolder());
    ASSERT_TRUE(first.hasValue()) << first.error().message;
    ASSERT_TRUE(client.remove(first->device).hasValue());
    const auto again = services::startThisComputer(client, fleetFolder());
    ASSERT_TRUE(again.hasValue()) << again.error().message;
    EXPECT_NE(again->processId, first->processId);
    EXPECT_EQ(client.readState()->devices.size(), 1u);
}

}
}

int main(int argc, char** argv) { return percept::test::runStudioTests(argc, argv); }
