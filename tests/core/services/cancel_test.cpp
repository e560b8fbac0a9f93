// Every long job of the studio and the command line, cancelled at several moments: it ends at once and leaves nothing half done.
#include "core/base/hash.h"
#include "core/base/time.h"
#include "tests/core/services/loop_fixture.h"

#include <functional>
#include <map>

namespace percept::services {
namespace {

constexpr double kPromptSeconds = 2;

// Counts the reports of progress and cancels at one of them.
struct Canceller {
    explicit Canceller(int atReport) : left(atReport) { }
    base::ProgressFn progress()
    {
        return [this](const base::Progress&) {
            if (token.isCancelled())
                ++later;
            if (--left == 0) {
                token.cancel();
                cancelledAt = base::monotonicSeconds();
            }
        };
    }
    int left;
    int later = 0; // reports after that
    base::CancelToken token;
    double cancelledAt = 0;
};

struct Cancel : Loop {
    using Job = std::function<base::Result<void>(const base::ProgressFn&, const base::CancelToken&)>;
    using Picture = std::map<std::string, std::string>; // file -> what is in it

    // All files of the test but those of the database, and what the database says.
    Picture look(const fs::path& of)
    {
        Picture picture;
        for (const auto& entry : fs::recursive_directory_iterator(folder.path())) {
            const auto name = fs::relative(entry.path(), folder.path()).string();
            if (entry.is_directory())
                picture[name] = "folder";
            else if (entry.is_regular_file() && entry.path().filename().string().find("project.db") == std::string::npos)
                picture[name] = base::sha256OfFile(entry.path()).valueOr("unreadable");
        }
        if (const auto reader = dataset::ProjectReader::open(of); reader.hasValue()) {
            const auto counts = reader.value()->readCounts().value();
            picture["counts"] = std::to_string(counts.items) + " " + std::to_string(counts.boxes) + " " + std::to_string(counts.trashed);
            picture["versions"] = std::to_string(reader.value()->readModelVersions()->size());
            picture["undo"] = reader.value()->undoTitle()->value_or("");
        }
        return picture;
    }

    void expectCleanCancel(const char* name, const std::vector<int>& reports, const Job& job, const fs::path& of = {})
    {
        for (const int report : reports) {
            const auto before = look(of.empty() ? project : of);
            Canceller canceller(report);
            const auto result = job(canceller.progress(), canceller.token);
            const double took = base::monotonicSeconds() - canceller.cancelledAt;
            ASSERT_TRUE(canceller.token.isCancelled()) << name << " was over before report " << report;
            ASSERT_TRUE(result.hasError()) << name << " at report " << report;
            EXPECT_EQ(result.error().code, base::ErrorCode::Cancelled) << name << ": " << result.error().message;
            EXPECT_LT(took, kPromptSeconds) << name;
            EXPECT_LE(canceller.later, 1) << name << " goes on working after report " << report;
            EXPECT_EQ(look(of.empty() ? project : of), before) << name << " at report " << report;
        }
    }

    template <typename T>
    static base::Result<void> plain(const base::Result<T>& result)
    {
        return result.hasError() ? base::Result<void>(result.error()) : base::Result<void>();
    }
};

TEST_F(Cancel, export_)
{
    for (const char* format : { "voc", "coco" })
        expectCleanCancel(format, { 1, 31, 45, 60 }, [&](const auto& progress, const auto& cancel) {
            return plain(exportData(session->reader(), folder / "out", format, progress, cancel));
        });
}

TEST_F(Cancel, import_)
{
    ASSERT_TRUE(exportData(session->reader(), folder / "voc", "voc", {}, {}).hasValue());
    ASSERT_TRUE(exportData(session->reader(), folder / "coco", "coco", {}, {}).hasValue());
    const auto empty = folder / "empty.percept";
    ASSERT_TRUE(dataset::ProjectStore::create(empty, "empty", domain::Task::Detection, {}).hasValue());
    const auto into = ProjectSession::open(empty, "test").value();
    for (const char* name : { "voc", "coco", "pictures" })
        expectCleanCancel(name, { 1, 2 }, [&](const auto& progress, const auto& cancel) {
            return plain(importData(*into, { folder / name, "auto", {}, std::nullopt }, progress, cancel));
        }, empty);
}

TEST_F(Cancel, sample)
{
    expectCleanCancel("sample", { 1, 4 }, [&](const auto& progress, const auto& cancel) {
        return makeSample(folder / "sample.percept", domain::Task::Detection, 8, 0, progress, cancel);
    });
}

TEST_F(Cancel, check)
{
    expectCleanCancel("check", { 1, 5, 9, 10 }, [&](const auto& progress, const auto& cancel) {
        return plain(checkProject(project, progress, cancel));
    });
}

TEST_F(Cancel, freezing_for_a_training)
{
    expectCleanCancel("prepare", { 1, 20 }, [&](const auto& progress, const auto& cancel) {
        return plain(prepareRun(*session, {}, progress, cancel));
    });
    EXPECT_EQ(listRuns(session->reader())->size(), 1u);
}

TEST_F(Cancel, evaluate)
{
    ASSERT_TRUE(finish().hasValue());
    // Ten pictures, then the intervals.
    expectCleanCancel("evaluate", { 1, 6, 11 }, [&](const auto& progress, const auto& cancel) {
        return plain(evaluateRun(project, run, SplitSet::Test, progress, cancel));
    });
}

TEST_F(Cancel, package)
{
    ASSERT_TRUE(finish().hasValue());
    fs::create_directories(project / "packages");
    // Validation, then test.
    expectCleanCancel("package", { 1, 8, 15 }, [&](const auto& progress, const auto& cancel) {
        return plain(packageRun(*session, run, folder / "m.ppkg", progress, cancel));
    });
}

TEST_F(Cancel, report)
{
    ASSERT_TRUE(finish().hasValue());
    ASSERT_TRUE(packageRun(*session, run, folder / "m.ppkg", {}, {}).hasValue());
    fs::remove(runFolder() / "evaluation-test.json");
    fs::remove(runFolder() / "predictions-test.jsonl");
    expectCleanCancel("report", { 1, 7 }, [&](const auto& progress, const auto& cancel) {
        return plain(answerTodaysTest(project, progress, cancel));
    });
}

TEST_F(Cancel, checking_what_was_trained)
{
    for (const int report : { 1, 5 }) {
        Canceller canceller(report);
        const auto result = finishRun(project, run, canceller.progress(), canceller.token);
        ASSERT_TRUE(result.hasError());
        EXPECT_EQ(result.error().code, base::ErrorCode::Cancelled);
        EXPECT_LE(canceller.later, 1);
        EXPECT_TRUE(readThresholds(project, run).hasError()) << "half checked is not checked";
    }
    EXPECT_TRUE(finish().hasValue()) << "and can be done again";
}

}
}
