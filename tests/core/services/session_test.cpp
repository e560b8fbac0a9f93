#include "core/services/notice_hub.h"
#include "core/services/project_session.h"
#include "tests/support/full_disk.h"

#include <atomic>
#include <deque>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <latch>
#include <mutex>
#include <thread>
#include <unistd.h>

namespace percept::services {
namespace {

namespace fs = std::filesystem;
using dataset::AddAnnotation;
using dataset::AddLabel;
using dataset::Committed;
using dataset::Edit;
using dataset::ProjectStore;
using Priority = ProjectSession::Priority;

dataset::ImportItem importItem(int number)
{
    dataset::ImportItem item;
    item.name = "p" + std::to_string(number) + ".png";
    item.file = "/pictures/" + item.name;
    item.contentHash = std::string(60, '0') + std::to_string(1000 + number);
    item.sizeBytes = 10;
    item.width = item.height = 100;
    return item;
}

// What an owner with an event loop does: callbacks wait until they are asked for.
class Loop {
public:
    ProjectSession::Deliver deliver()
    {
        return [this](std::function<void()> call) {
            const std::scoped_lock lock(m_mutex);
            m_calls.push_back(std::move(call));
        };
    }
    int run()
    {
        std::deque<std::function<void()>> calls;
        {
            const std::scoped_lock lock(m_mutex);
            calls.swap(m_calls);
        }
        for (auto& call : calls)
            call();
        return static_cast<int>(calls.size());
    }

private:
    std::mutex m_mutex;
    std::deque<std::function<void()>> m_calls;
};

struct SessionTest : testing::Test {
    SessionTest()
    {
        fs::remove_all(project);
        auto store = ProjectStore::create(project, "test", domain::Task::Detection, { "cell" });
        EXPECT_TRUE(store.hasValue()) << (store.hasError() ? store.error().message : "");
        auto batch = store.value()->beginImport("import");
        const std::vector items { importItem(1) };
        EXPECT_TRUE(store.value()->addToImport(batch.value(), items).hasValue());
        EXPECT_TRUE(store.value()->finishImport(batch.value()).hasValue());
        item = store.value()->readItemIds({}).value().at(0);
        label = store.value()->readLabels().value().at(0).id;
    }
    ~SessionTest() override { fs::remove_all(project); }

    std::unique_ptr<ProjectSession> open(ProjectSession::Deliver deliver = {})
    {
        auto session = ProjectSession::open(project, "test", std::move(deliver));
        EXPECT_TRUE(session.hasValue()) << (session.hasError() ? session.error().message : "");
        return std::move(session).value();
    }
    std::vector<Edit> oneBox(double x = 1) const
    {
        domain::Annotation annotation;
        annotation.item = item;
        annotation.label = label;
        annotation.box = { x, 2, 3, 4 };
        return { AddAnnotation { annotation } };
    }
    std::size_t boxesOnDisk() const
    {
        return dataset::ProjectReader::open(project).value()->readAnnotations(item).value().size();
    }

    fs::path project = fs::temp_directory_path() / ("percept-session-" + std::to_string(::getpid()) + ".percept");
    ItemId item;
    LabelId label;
};

// Holds the database thread until it is let go.
struct Gate {
    std::latch latch { 1 };
    void close(ProjectSession& session)
    {
        session.post([this](ProjectStore&) { latch.wait(); });
    }
    void open() { latch.count_down(); }
};

TEST_F(SessionTest, an_edit_is_on_disk_when_it_is_done)
{
    auto session = open();
    std::promise<std::size_t> seen;
    session->apply(oneBox(), "Drew a box", [&](const base::Result<Committed>& done) {
        EXPECT_TRUE(done.hasValue());
        seen.set_value(boxesOnDisk());
    });
    EXPECT_EQ(seen.get_future().get(), 1u);
}

TEST_F(SessionTest, closing_waits_for_every_edit)
{
    {
        auto session = open();
        for (int i = 0; i < 200; ++i)
            session->apply(oneBox(i), "Drew a box");
    }
    EXPECT_EQ(boxesOnDisk(), 200u);
}

TEST_F(SessionTest, edits_keep_their_order_and_go_ahead_of_background_work)
{
    auto session = open();
    Gate gate;
    gate.close(*session);
    std::vector<std::string> order; // database thread only, until the session is gone
    for (int i = 0; i < 3; ++i)
        session->post([&, i](ProjectStore&) { order.push_back("chunk" + std::to_string(i)); }, Priority::Background);
    for (int i = 0; i < 3; ++i)
        session->apply(oneBox(i), "Drew a box", [&, i](const auto&) { order.push_back("edit" + std::to_string(i)); });
    gate.open();
    session.reset();
    EXPECT_EQ(order, (std::vector<std::string> { "edit0", "edit1", "edit2", "chunk0", "chunk1", "chunk2" }));
}

TEST_F(SessionTest, an_edit_made_during_an_import_does_not_wait_for_it)
{
    auto session = open();
    const auto batch = session->call([](ProjectStore& store) { return store.beginImport("big"); }, Priority::Background);
    ASSERT_TRUE(batch.hasValue());
    std::atomic<int> chunks = 0;
    std::atomic<int> chunksAtEdit = -1;
    std::thread importer([&] {
        for (int c = 0; c < 40; ++c) {
            std::vector<dataset::ImportItem> items;
            for (int i = 0; i < 20; ++i)
                items.push_back(importItem(100 + c * 20 + i));
            EXPECT_TRUE(session->call([&](ProjectStore& store) { return store.addToImport(batch.value(), items); }, Priority::Background).hasValue());
            if (++chunks == 3)
                session->apply(oneBox(), "Drew a box", [&](const auto& done) {
                    EXPECT_TRUE(done.hasValue());
                    chunksAtEdit = chunks.load();
                });
        }
        EXPECT_TRUE(session->call([&](ProjectStore& store) { return store.finishImport(batch.value()); }, Priority::Background).hasValue());
    });
    importer.join();
    EXPECT_GE(chunksAtEdit, 3);
    EXPECT_LE(chunksAtEdit, 5);
    EXPECT_EQ(session->reader().readCounts()->items, 801);
    EXPECT_EQ(boxesOnDisk(), 1u);
}

TEST_F(SessionTest, undo_and_redo_are_told)
{
    auto session = open();
    std::vector<ProjectSession::Notice> notices;
    const auto subscription = session->subscribe([&](const auto& notice) { notices.push_back(notice); });
    session->apply(oneBox(), "Drew a box");
    session->undo([](const auto& done) { EXPECT_TRUE(done.value().has_value()); });
    session->redo();
    session->undo();
    session->undo([](const auto& done) { EXPECT_TRUE(done.hasValue()); }); // takes back the import
    session->call([](ProjectStore&) { return 0; });
    ASSERT_EQ(notices.size(), 5u);
    for (int i = 0; i < 4; ++i)
        EXPECT_THAT(notices[static_cast<std::size_t>(i)].items, testing::ElementsAre(item));
    EXPECT_GT(notices[3].revision, notices[0].revision);
    EXPECT_TRUE(notices[4].everything) << "an import names no pictures one by one";
    EXPECT_EQ(boxesOnDisk(), 0u);
}

TEST_F(SessionTest, what_others_change_on_the_thread_is_told_as_everything)
{
    auto session = open();
    std::vector<ProjectSession::Notice> notices;
    const auto subscription = session->subscribe([&](const auto& notice) { notices.push_back(notice); });
    ASSERT_TRUE(session->call([](ProjectStore& store) { return store.split({}); }).hasValue());
    session->call([](ProjectStore&) { return 0; });
    ASSERT_EQ(notices.size(), 1u);
    EXPECT_TRUE(notices[0].everything);
}

TEST_F(SessionTest, callbacks_come_where_the_owner_wants_them_and_notices_are_batched)
{
    Loop loop;
    auto session = open(loop.deliver());
    const auto owner = std::this_thread::get_id();
    int notices = 0, dones = 0;
    std::size_t items = 0;
    const auto subscription = session->subscribe([&](const auto& notice) {
        EXPECT_EQ(std::this_thread::get_id(), owner);
        items = notice.items.size();
        ++notices;
    });
    for (int i = 0; i < 50; ++i)
        session->apply(oneBox(i), "Drew a box", [&](const auto&) { ++dones; });
    session->call([](ProjectStore&) { return 0; });
    EXPECT_EQ(notices + dones, 0);
    while (loop.run() > 0)
        continue;
    EXPECT_EQ(dones, 50);
    EXPECT_EQ(notices, 1);
    EXPECT_EQ(items, 1u) << "an item that was touched 50 times is named once";
}

TEST_F(SessionTest, an_edit_that_waits_behind_other_work_is_told_at_once)
{
    auto session = open();
    Gate gate;
    std::atomic<int> pending = 0;
    const auto subscription = session->subscribeSaveState([&](const ProjectSession::SaveState& state) { pending = state.pending; });
    gate.close(*session);
    session->apply(oneBox(), "Drew a box");
    EXPECT_EQ(pending, 1) << "or it would be called saved";
    gate.open();
    session.reset(); // waits for the edit
    EXPECT_EQ(pending, 0);
}

// Two threads tell how much is not saved yet: each reads it under a lock and hands it on after that.
TEST(NoticeHub, a_save_state_that_was_overtaken_is_dropped)
{
    const auto saved = ProjectSession::SaveState { .pending = 0, .failure = {}, .last = {}, .number = 2 };
    const auto saving = ProjectSession::SaveState { .pending = 1, .failure = {}, .last = {}, .number = 1 };
    Loop loop;
    for (const bool isLater : { false, true }) { // handed out between the two, or together
        const auto hub = std::make_shared<NoticeHub>(loop.deliver());
        std::vector<int> pending;
        const auto subscription = hub->subscribeSaveState([&](const auto& state) { pending.push_back(state.pending); });
        hub->publishSaveState(saved);
        if (isLater)
            loop.run();
        hub->publishSaveState(saving);
        loop.run();
        EXPECT_EQ(pending, std::vector { 0 }) << "or it would be called unsaved until the next edit";
    }
}

TEST_F(SessionTest, a_dropped_subscription_is_silent)
{
    Loop loop;
    auto session = open(loop.deliver());
    int notices = 0;
    auto subscription = session->subscribe([&](const auto&) { ++notices; });
    session->apply(oneBox(), "Drew a box");
    session->call([](ProjectStore&) { return 0; });
    subscription.reset();
    loop.run();
    EXPECT_EQ(notices, 0);
    session.reset();
    loop.run(); // what was still to be delivered finds nobody, and harms nobody
}

TEST_F(SessionTest, a_wrong_edit_is_reported_and_forgotten)
{
    auto session = open();
    std::vector<Edit> wrong { dataset::DeleteAnnotation { AnnotationId { 999 } } };
    std::promise<base::ErrorCode> code;
    session->apply(wrong, "Deleted", [&](const auto& done) { code.set_value(done.hasError() ? done.error().code : base::ErrorCode::Cancelled); });
    EXPECT_NE(code.get_future().get(), base::ErrorCode::Cancelled);
    session->apply(oneBox(), "Drew a box");
    session->call([](ProjectStore&) { return 0; });
    EXPECT_EQ(session->saveState().pending, 0);
    EXPECT_EQ(session->saveState().failure, "");
    EXPECT_EQ(boxesOnDisk(), 1u);
}

TEST_F(SessionTest, edits_survive_a_full_disk_in_order)
{
    auto session = open();
    std::vector<ProjectSession::SaveState> states;
    std::mutex mutex;
    const auto subscription = session->subscribeSaveState([&](const auto& state) {
        const std::scoped_lock lock(mutex);
        states.push_back(state);
    });
    session->apply(oneBox(), "Drew a box");
    session->call([](ProjectStore&) { return 0; });
    std::vector<int> done;
    {
        test::FullDisk disk(4096);
        for (int i = 0; i < 5; ++i)
            session->apply(oneBox(i), "Drew a box", [&, i](const auto& result) {
                EXPECT_TRUE(result.hasValue());
                done.push_back(i);
            });
        for (int i = 0; i < 300 && session->saveState().failure.empty(); ++i)
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        EXPECT_NE(session->saveState().failure, "");
        EXPECT_EQ(session->saveState().pending, 5);
        EXPECT_EQ(session->call([](ProjectStore&) { return 7; }), 7) << "other work is not held up";
        session->retry();
        session->call([](ProjectStore&) { return 0; });
        EXPECT_EQ(session->saveState().pending, 5);
    }
    session->retry();
    for (int i = 0; i < 300 && session->saveState().pending > 0; ++i)
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    EXPECT_EQ(session->saveState().pending, 0);
    EXPECT_EQ(session->saveState().failure, "");
    EXPECT_EQ(done, (std::vector { 0, 1, 2, 3, 4 }));
    session.reset();
    EXPECT_EQ(boxesOnDisk(), 6u);
    const std::scoped_lock lock(mutex);
    EXPECT_TRUE(std::any_of(states.begin(), states.end(), [](const auto& s) { return !s.failure.empty(); }));
    EXPECT_EQ(states.back().pending, 0);
}

TEST_F(SessionTest, edits_that_still_fail_when_closing_are_reported)
{
    auto session = open();
    int failed = 0, done = 0;
    {
        test::FullDisk disk(4096);
        for (int i = 0; i < 3; ++i)
            session->apply(oneBox(i), "Drew a box", [&](const auto& result) { ++(result.hasError() ? failed : done); });
        session.reset();
    }
    EXPECT_EQ(failed, 3);
    EXPECT_EQ(done, 0);
    EXPECT_EQ(boxesOnDisk(), 0u);
}

TEST_F(SessionTest, a_second_writer_is_told_who_has_it)
{
    auto session = open();
    const auto second = ProjectSession::open(project, "other");
    ASSERT_TRUE(second.hasError());
    EXPECT_EQ(second.error().code, base::ErrorCode::Conflict);
    EXPECT_THAT(second.error().message, testing::HasSubstr("test"));
}

TEST_F(SessionTest, work_that_throws_ends_nothing)
{
    auto session = open();
    session->post([](ProjectStore&) { throw std::runtime_error("oops"); });
    EXPECT_EQ(session->call([](ProjectStore&) { return 1; }), 1);
}

TEST_F(SessionTest, who_waits_for_work_that_throws_is_told)
{
    auto session = open();
    const auto told = session->call([](ProjectStore&) -> base::Result<int> { throw std::runtime_error("oops"); });
    ASSERT_TRUE(told.hasError());
    EXPECT_EQ(told.error().message, "The project could not be changed.");
    EXPECT_EQ(told.error().detail, "oops");
    EXPECT_THROW(session->call([](ProjectStore&) -> int { throw std::out_of_range("oops"); }), std::out_of_range);
}

}
}
