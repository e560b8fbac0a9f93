// What people say about runs: in the one history, beside the folders of the runs.
#include "tests/core/dataset/store_support.h"

#include <gmock/gmock.h>

namespace percept::dataset {
namespace {

class RunRecordTest : public testing::StoreTest
{
protected:
    void SetUp() override { create(); }
    RunRecord record(const std::string& run = "r0001")
    {
        auto records = m_store->readRunRecords();
        EXPECT_TRUE(records.hasValue()) << records.error().message;
        return records.hasValue() ? (*records)[run] : RunRecord();
    }
    std::vector<double> thresholds() { return record().thresholds.value_or(RunThresholds()).values; }
    SetRunThresholds choose(const std::string& network, std::vector<double> values, std::vector<double> before)
    {
        return { "r0001", { network, std::move(values) }, std::move(before) };
    }
    base::Error refused(const Edit& edit)
    {
        const std::vector<Edit> edits { edit };
        auto done = m_store->apply(edits, "Edit");
        EXPECT_TRUE(done.hasError());
        return done.hasError() ? done.error() : base::Error();
    }
};

TEST_F(RunRecordTest, NameNoteAndTrashAreStepsOfTheHistory)
{
    EXPECT_EQ(apply({ EditRun { .run = "r0001", .name = "Night shift" } }, "Named").touchedRuns, std::vector<std::string> { "r0001" });
    apply({ EditRun { .run = "r0001", .note = "more blur" } }, "Noted");
    apply({ EditRun { .run = "r0001", .trashed = true } }, "Deleted");
    EXPECT_EQ(record(), (RunRecord { "Night shift", "more blur", true }));
    EXPECT_EQ(m_store->undoTitle()->value(), "Deleted");
    const auto undone = m_store->undo();
    ASSERT_TRUE(undone.hasValue() && undone->has_value());
    EXPECT_EQ((*undone)->touchedRuns, std::vector<std::string> { "r0001" });
    EXPECT_EQ(record(), (RunRecord { "Night shift", "more blur", false }));
    reopen(); // and survive a restart
    ASSERT_TRUE(m_store->undo()->has_value());
    ASSERT_TRUE(m_store->undo()->has_value());
    EXPECT_EQ(record(), RunRecord());
    ASSERT_TRUE(m_store->redo()->has_value());
    EXPECT_EQ(record().name, "Night shift");
    expectSound();
}

TEST_F(RunRecordTest, ThresholdsGoBackToWhatTheCheckChose)
{
    apply({ choose("n1", { 0.5, 0.6 }, { 0.41, 0.42 }) }, "First");
    apply({ EditRun { .run = "r0001", .name = "A" } }, "Named");
    apply({ choose("n1", { 0.7, 0.7 }, { 0.5, 0.6 }) }, "Second");
    EXPECT_EQ(thresholds(), (std::vector { 0.7, 0.7 }));
    ASSERT_TRUE(m_store->undo()->has_value());
    EXPECT_EQ(thresholds(), (std::vector { 0.5, 0.6 }));
    ASSERT_TRUE(m_store->undo()->has_value()); // the name
    ASSERT_TRUE(m_store->undo()->has_value());
    EXPECT_EQ(thresholds(), (std::vector { 0.41, 0.42 }));
    expectSound();
    ASSERT_TRUE(m_store->redo()->has_value());
    EXPECT_EQ(thresholds(), (std::vector { 0.5, 0.6 }));
}

// A run that was trained on has another network: thresholds of the old one are not brought back to it.
TEST_F(RunRecordTest, UndoPassesOverThresholdsOfANetworkThatIsGone)
{
    apply({ EditRun { .run = "r0001", .name = "A" } }, "Named");
    apply({ choose("n1", { 0.5, 0.5 }, { 0.4, 0.4 }) }, "Old network");
    apply({ choose("n2", { 0.8, 0.8 }, { 0.3, 0.3 }) }, "New network");
    ASSERT_TRUE(m_store->undo()->has_value());
    EXPECT_EQ(thresholds(), (std::vector { 0.3, 0.3 }));
    ASSERT_TRUE(m_store->undo()->has_value());
    EXPECT_EQ(thresholds(), (std::vector { 0.3, 0.3 }));
    EXPECT_EQ(record().name, "") << "the step before it";
    expectSound();
}

TEST_F(RunRecordTest, ARunThatAVersionStandsOnIsNotDeleted)
{
    ASSERT_TRUE(m_store->addModelVersion("r0001", "packages/a.ppkg").hasValue());
    EXPECT_THAT(refused(EditRun { .run = "r0001", .trashed = true }).message, ::testing::HasSubstr("Model 1.0 was made of this run"));
    EXPECT_FALSE(record().trashed);
    apply({ EditRun { .run = "r0001", .name = "may be named" } });
}

TEST_F(RunRecordTest, WhatWasRemovedForGoodStaysAway)
{
    apply({ EditRun { .run = "r0001", .name = "A" } }, "Named");
    apply({ EditRun { .run = "r0001", .trashed = true } }, "Deleted");
    apply({ EditRun { .run = "r0002", .name = "B" } }, "Named the other");
    EXPECT_EQ(m_store->removeTrashedRuns().value(), std::vector<std::string> { "r0001" });
    EXPECT_TRUE(record().removed);
    ASSERT_TRUE(m_store->undo()->has_value());
    EXPECT_FALSE(m_store->undo()->has_value()) << "the other steps have nothing left";
    EXPECT_TRUE(record().removed && record().trashed);
    EXPECT_EQ(refused(EditRun { .run = "r0001", .trashed = false }).code, base::ErrorCode::NotFound);
    expectSound();
}

TEST_F(RunRecordTest, HostileValuesAreRefused)
{
    for (const char* run : { "", "r1", "x0001", "r0000", "../r0001", "r99999999999999999999" })
        EXPECT_EQ(refused(EditRun { .run = run, .name = "A" }).code, base::ErrorCode::NotFound) << run;
    for (const std::string& name : { std::string(" a"), std::string("a\nb"), std::string("\xff"), std::string(201, 'a') })
        EXPECT_EQ(refused(EditRun { .run = "r0001", .name = name }).code, base::ErrorCode::Refused) << name;
    EXPECT_EQ(refused(EditRun { .run = "r0001", .note = "\xff" }).code, base::ErrorCode::Refused);
    EXPECT_EQ(refused(EditRun { .run = "r0001", .note = std::string(10'001, 'a') }).code, base::ErrorCode::Refused);
    EXPECT_EQ(refused(choose("n", { 0.5 }, { 0.5, 0.5 })).code, base::ErrorCode::Usage);
    EXPECT_EQ(refused(choose("n", { 1.5 }, { 0.5 })).code, base::ErrorCode::Usage);
    EXPECT_EQ(refused(choose("n", { std::nan("") }, { 0.5 })).code, base::ErrorCode::Usage);
    EXPECT_TRUE(m_store->readRunRecords()->empty());
}

}
}
