#include "core/device/updater.h"

#include "core/base/files.h"
#include "core/base/hash.h"
#include "core/media/picture.h"
#include "tests/support/bad_package.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/test_device.h"

#include <gtest/gtest.h>

namespace percept::device {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using test::eventually;

// Version 2.0 on trial in slot b, 1.0 before it in slot a, as a restart finds them.
class TrialOfUpdater : public ::testing::Test {
protected:
    TrialOfUpdater()
        : m_slots(Slots::open(m_folder / "state").value())
        , m_supervisor(options(), m_metrics)
    {
        EXPECT_TRUE(m_slots->giveByHand(stage("1.0", 1)).hasValue());
        EXPECT_TRUE(m_slots->switchToStaged(stage("2.0", 2)).hasValue());
        m_updater.emplace(Updater::Options { options().program, options().arguments, {}, 600 }, *m_slots, m_supervisor);
    }
    ~TrialOfUpdater() override { m_updater->interrupt(); }
    static Supervisor::Options options()
    {
        Supervisor::Options options;
        options.program = fs::path(PERCEPT_BIN_DIR) / "percept-edge";
        options.arguments = { "--serve", "--threads", "1" };
        return options;
    }
    SlotPackage stage(const std::string& version, std::int64_t counter)
    {
        test::makeVersion(m_folder / "package", version, counter);
        const auto bytes = base::readFile(m_folder / "package").value();
        EXPECT_TRUE(m_slots->stage(bytes).hasValue());
        return { base::sha256Hex(bytes), "x", version, counter, false };
    }
    void start()
    {
        const auto record = m_slots->record();
        const auto started = m_supervisor.start({ m_slots->pathOf(record.active), record.running()->sha256 });
        ASSERT_TRUE(started.hasValue()) << started.error().message;
        m_updater->start();
        ASSERT_TRUE(eventually([this] { return m_updater->phase() == "trial"; }));
    }

    test::TemporaryFolder m_folder;
    Metrics m_metrics;
    std::unique_ptr<Slots> m_slots;
    std::optional<Updater> m_updater; // its thread outlives what it has started
    Supervisor m_supervisor;
};

TEST_F(TrialOfUpdater, canBeEndedByHand)
{
    start();
    const auto model = m_updater->rollBack();
    ASSERT_TRUE(model.hasValue()) << model.error().message;
    EXPECT_EQ(model->value("version", ""), "1.0");
    EXPECT_EQ(m_slots->record().lastRefusal->kind, RefusalKind::ByHand);
}

// Somebody asks for the version before, and until it is their turn the trial has failed by itself.
TEST_F(TrialOfUpdater, thatFailsWhileItIsEndedByHandLeavesNothingToGoBackTo)
{
    start();
    std::promise<void> begun, released;
    const auto release = released.get_future().share();
    m_supervisor.setObserver([&begun, release](const Supervisor::Frame&) {
        begun.set_value();
        release.wait();
    });
    const auto png = media::encodePng(test::testPicture(96, 64, { })).value();
    std::thread asking([&] { EXPECT_TRUE(m_supervisor.ask({ { "type", "predict" }, { "file", "a" } }, png).hasValue()); });
    begun.get_future().wait();
    std::optional<base::Result<json>> rolledBack;
    std::thread rolling([&] { rolledBack = m_updater->rollBack(); });
    std::this_thread::sleep_for(std::chrono::milliseconds(300)); // it waits for the supervisor's thread by now
    m_updater->trialFailed(RefusalKind::Unhealthy, "It died again and again.");
    EXPECT_TRUE(eventually([this] { return m_updater->phase() == "idle"; }));
    EXPECT_FALSE(m_slots->record().other().has_value());
    released.set_value();
    rolling.join();
    asking.join();
    ASSERT_TRUE(rolledBack->hasError());
    EXPECT_EQ(rolledBack->error().message, "There is no version before this one to go back to.");
    EXPECT_EQ(m_slots->record().running()->version, "1.0");
    EXPECT_EQ(m_slots->record().lastRefusal->kind, RefusalKind::Unhealthy);
    EXPECT_EQ(m_updater->phase(), "idle");
}

// Likewise while the version before is being loaded: the version that runs by then must not be blamed.
TEST_F(TrialOfUpdater, thatFailsWhileTheVersionBeforeIsLoadedBlamesNobodyElse)
{
    start();
    std::thread rolling([&] { (void)m_updater->rollBack().hasValue(); });
    EXPECT_TRUE(eventually([this] { return m_updater->phase() == "idle"; }));
    if (m_slots->record().running()->version == "2.0") // it takes a tenth of a second and more
        m_updater->trialFailed(RefusalKind::Unhealthy, "It died again and again.");
    rolling.join();
    EXPECT_EQ(m_slots->record().running()->version, "1.0");
    EXPECT_TRUE(m_slots->record().running()->isHealthy);
    EXPECT_EQ(m_slots->record().lastRefusal->version, "2.0");
}

}
}
