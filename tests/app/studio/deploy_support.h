#pragma once

#include "app/studio/deploy/device_model.h"
#include "app/studio/deploy/fact_card.h"
#include "app/studio/deploy/step_strip.h"
#include "core/services/local_fleet.h"
#include "core/services/loop.h"
#include "tests/app/studio/studio_fixture.h"
#include "tests/support/run_program.h"
#include "tests/support/test_device.h"
#include "tests/support/test_package.h"

#include <QScrollBar>
#include <QTableView>

namespace percept::studio {

// The Deploy page on a real hub process of its own folder.
class DeployPageTest : public StudioTest {
protected:
    void SetUp() override
    {
        for (const char* program : { "percept", "percept-edge" })
            if (!percept::test::hasProgram(program))
                GTEST_SKIP() << program << " is not built (configure with PERCEPT_WITH_EDGE=ON)";
        qputenv("PERCEPT_FLEET_DIR", QByteArray::fromStdString(fleetFolder().string()));
        StudioTest::SetUp();
        m_window->context().choosers().confirm = [this](QWidget*, const QString& title, const QString& text, const QString& verb) {
            m_asked = title + QStringLiteral(" | ") + text + QStringLiteral(" | ") + verb;
            return m_agrees;
        };
    }
    void TearDown() override
    {
        m_window.reset();
        m_joined.clear();
        (void)services::stopHub(fleetFolder()).hasValue();
    }
    std::filesystem::path fleetFolder() const { return m_folder / "fleet"; }
    std::filesystem::path project() const { return m_folder / "squares.percept"; }
    fleet::HubClient hub()
    {
        auto found = services::ensureHub(fleetFolder());
        EXPECT_TRUE(found.hasValue()) << found.error().message;
        return std::move(found).value();
    }
    void openPage()
    {
        ASSERT_TRUE(m_window->openProject(project()));
        key(Qt::Key_5, Qt::ControlModifier);
        ASSERT_EQ(m_window->currentPage(), QStringLiteral("deploy"));
    }
    // A project with one trained and checked run, not packaged.
    void makeScored()
    {
        percept::test::makeSquaresProject(project(), m_folder / "pictures", 30);
        auto session = services::ProjectSession::open(project(), "test").value();
        const std::string run = services::prepareRun(*session, {}).value();
        ASSERT_TRUE(percept::test::putTestModel(runs::runFolder(project(), run)).hasValue());
        const auto finished = services::finishRun(project(), run, {}, {});
        ASSERT_TRUE(finished.hasValue()) << finished.error().message;
    }
    percept::test::TestDevice& join(const std::string& name, const std::string& ring)
    {
        const auto grant = hub().enroll(name, ring, 1).value();
        m_joined[name] = std::make_unique<percept::test::TestDevice>(percept::test::TestDevice::optionsFor(percept::test::TestDevice::enrol(grant.hub, grant.token, name).value()));
        EXPECT_TRUE(percept::test::eventually([&] { return m_joined[name]->desired().has_value(); }));
        return *m_joined[name];
    }
    // The device says that it runs what it was told to.
    static void runWanted(percept::test::TestDevice& device)
    {
        ASSERT_TRUE(percept::test::eventually([&] { return device.desired()->package.has_value(); }));
        const auto wanted = *device.desired()->package;
        protocol::ReportedState state;
        state.running = protocol::RunningModel { wanted.sha256, wanted.name, wanted.version, "a", wanted.releaseCounter };
        state.framesPerSecond = 9.5;
        state.latencyMs = 12;
        device.report(state);
    }
    std::filesystem::path package(std::int64_t counter)
    {
        const auto file = m_folder / ("p" + std::to_string(counter) + ".ppkg");
        auto manifest = percept::test::testManifest(percept::test::testSpec(), "1." + std::to_string(counter));
        manifest.releaseCounter = counter;
        EXPECT_TRUE(packaging::writePackage(file, manifest, percept::test::testPackageFiles(percept::test::testSpec()), packaging::loadOrMakeUserKey().value()).hasValue());
        return file;
    }
    QTableView* table() { return find<QTableView>("devices"); }
    QString cell(int row, DeviceModel::Column column) { return table()->model()->index(row, column).data().toString(); }
    int rows() { return table()->model()->rowCount(); }
    // Steps, cards and the column that says what a device does are whole in every window that is common.
    void expectNothingCut()
    {
        for (const QSize& size : { QSize(1920, 1080), QSize(1280, 800), QSize(1024, 680) }) {
            m_window->resize(size);
            QTest::qWait(50);
            for (const auto* card : m_window->findChildren<FactCard*>()) {
                if (card->isVisible()) {
                    EXPECT_EQ(card->cutTexts(), QStringList()) << card->accessibleName().toStdString() << " at " << size.width();
                }
            }
            EXPECT_EQ(steps()->cutTexts(), QStringList()) << size.width();
            EXPECT_GE(table()->columnWidth(DeviceModel::State), 150) << size.width();
            EXPECT_EQ(table()->horizontalScrollBar()->maximum(), 0) << size.width();
        }
    }
    StepStrip* steps() { return find<StepStrip>("deploySteps"); }
    StepStrip::State step(std::size_t i) { return steps()->steps().at(i).state; }

    QString m_asked;
    bool m_agrees = true;
    std::map<std::string, std::unique_ptr<percept::test::TestDevice>> m_joined;
};

}
