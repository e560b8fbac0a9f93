#include "core/base/files.h"
#include "core/base/random.h"
#include "core/base/time.h"
#include "core/device/control_socket.h"
#include "core/device/slots.h"
#include "tests/core/device/answer_watch.h"
#include "tests/core/device/edge_process.h"
#include "tests/core/device/slots_on_disk.h"
#include "tests/support/bad_package.h"
#include "tests/support/temporary_folder.h"

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <gtest/gtest.h>
#include <map>
#include <set>

// kill -9 of percept-edge while updates come in: copied, checked, switched to, on trial, kept, refused.
namespace percept::test {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

class UpdateKill : public ::testing::Test {
protected:
    void SetUp() override
    {
        for (int i = 1; i <= 4; ++i)
            makeVersion(good(i), std::to_string(i) + ".0", i);
        makeBadPackage(m_folder / "bad.ppkg", Fault::WrongGolden, 0);
    }
    fs::path good(int number) const { return m_folder / ("v" + std::to_string(number) + ".ppkg"); }
    std::string state() const { return (m_folder / "state").string(); }
    std::vector<std::string> arguments() const
    {
        return { "run", "--threads", "1", "--state", state(), "--package", good(1).string(), "--http", "127.0.0.1:0",
            "--live-pictures", "2", "--live-wait", "0.1", "--grace", "0.15" };
    }
    // Good packages and now and then a bad one, one after the other, until the edge is gone.
    void updateUntilItIsGone(int first)
    {
        for (int number = first;; ++number) {
            const auto package = number % 5 == 4 ? m_folder / "bad.ppkg" : good(1 + number % 4);
            if (device::askEdge(state(), { { "type", "update" }, { "package", package.string() } }).hasError())
                return;
        }
    }
    // What was under way when it died, as the state folder shows it.
    std::string momentOfDeath() const
    {
        const auto text = base::readTextFile(m_folder / "state/slots/record.json");
        const auto record = device::slotRecordFromText(text.valueOr(""));
        if (record.hasError())
            return "no record";
        if (record.value().isTrial())
            return "on trial";
        if (fs::exists(m_folder / "state/slots/incoming.ppkg"))
            return "copied or checked";
        for (int slot = 0; slot < 2; ++slot)
            if (!record.value().slots[static_cast<std::size_t>(slot)].has_value()
                && fs::exists(m_folder / "state/slots" / (std::string(device::slotName(slot)) + ".ppkg")))
                return "between the steps of a switch";
        return "between updates";
    }

    TemporaryFolder m_folder;
};

// 50 kills; 1,000 with PERCEPT_NIGHTLY=1.
TEST_F(UpdateKill, oneGoodModelAnswersWithinFiveSecondsWhateverWasUnderWay)
{
    const int kills = std::getenv("PERCEPT_NIGHTLY") != nullptr ? 1000 : 50;
    const std::set<std::string> goodVersions { "1.0", "2.0", "3.0", "4.0" };
    std::map<std::string, int> moments, versions;
    double slowest = 0;
    for (int kill = 0; kill < kills; ++kill) {
        fs::remove(m_folder / "state/edge.json");
        const double start = base::monotonicSeconds();
        EdgeProcess edge(arguments());
        AnswerWatch watch(waitForState(state()));
        ASSERT_GE(watch.firstAnswerSeconds(), 0) << "no answer after kill " << kill;
        slowest = std::max(slowest, base::monotonicSeconds() - start);
        const auto status = device::askEdge(state(), { { "type", "status" } });
        ASSERT_TRUE(status.hasValue()) << kill;
        const std::string version = status.value()["running"].value("version", "");
        EXPECT_TRUE(goodVersions.contains(version)) << version;
        ++versions[version];
        std::thread updates([&] { updateUntilItIsGone(kill); });
        const double delay = base::Random(4, 0, static_cast<std::uint64_t>(kill)).uniform(0, 0.6);
        std::this_thread::sleep_for(std::chrono::duration<double>(delay));
        edge.signal(SIGKILL);
        edge.wait();
        updates.join();
        ++moments[momentOfDeath()];
        ASSERT_EQ(faultOfSlots(m_folder / "state"), "") << kill;
    }
    for (const auto& [moment, count] : moments)
        std::printf("killed %s: %d\n", moment.c_str(), count);
    for (const auto& [version, count] : versions)
        std::printf("version %s answered: %d\n", version.c_str(), count);
    std::printf("slowest first answer %.2f s\n", slowest);
    EXPECT_LT(slowest, 5);
    EXPECT_GT(moments["copied or checked"], 0);
    EXPECT_GT(moments["on trial"], 0);
    EXPECT_GT(versions.size(), 1u) << "no update ever came through";
}

}
}
