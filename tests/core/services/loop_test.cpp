// From a trained model to a package, with the real percept-edge; the model is one that needs no training (test_model.h).
#include "core/runs/run_status.h"
#include "core/services/check_package.h"
#include "core/services/draft_model.h"
#include "tests/core/services/loop_fixture.h"
#include "tests/support/disk_log.h"
#include "tests/support/bad_package.h"

#include <future>
#include <gmock/gmock.h>

namespace percept::services {
namespace {

using testing::HasSubstr;

TEST_F(Loop, a_run_that_was_not_finished_cannot_be_used)
{
    EXPECT_TRUE(evaluate(SplitSet::Validation).hasError());
    EXPECT_TRUE(readThresholds(project, run).hasError());
    EXPECT_TRUE(packageRun(*session, run, folder / "m.ppkg", {}, {}).hasError());
}

TEST_F(Loop, a_run_that_was_prepared_is_on_disk)
{
    test::clearDiskLog();
    const std::string id = prepareRun(*session, {}).value();
    const fs::path runs = project / "runs";
    const auto log = test::diskLog();
    const auto named = std::find(log.begin(), log.end(), "rename " + (runs / (".new-" + id)).string() + " " + (runs / id).string());
    ASSERT_NE(named, log.end());
    EXPECT_NE(std::find(named, log.end(), "sync " + runs.string()), log.end());
}

TEST_F(Loop, finish_scores_and_signs)
{
    const auto done = finish();
    ASSERT_TRUE(done.hasValue()) << done.error().message << done.error().detail;
    EXPECT_EQ(readThresholds(project, run)->size(), 2u);
    const auto images = readPredictions(project, run, SplitSet::Validation);
    ASSERT_TRUE(images.hasValue());
    EXPECT_EQ(images->size(), 10u);
    EXPECT_EQ(readPredictions(project, run, SplitSet::Test).error().code, base::ErrorCode::NotFound);
    const auto draft = packaging::Package::open(runFolder() / "model");
    ASSERT_TRUE(draft.hasValue()) << draft.error().message;
    EXPECT_EQ(draft->manifest().version, "draft");
    EXPECT_TRUE(draft->manifest().metrics.contains("validation"));
}

TEST_F(Loop, evaluate_writes_its_document_and_predictions)
{
    ASSERT_TRUE(finish().hasValue());
    const auto document = evaluate(SplitSet::Test);
    ASSERT_TRUE(document.hasValue()) << document.error().message;
    EXPECT_EQ(document->at("run"), run);
    EXPECT_EQ(document->at("set"), "test");
    EXPECT_EQ(document->at("items"), 10);
    EXPECT_EQ(document->at("model"), "draft");
    for (const char* name : { "map", "map50", "map75", "map_small", "map_medium", "map_large", "ar1", "ar10", "ar100", "ar_small", "ar_medium", "ar_large" })
        EXPECT_TRUE(document->at("metrics").at(name).contains("value")) << name;
    for (const char* name : { "map", "map50", "map75" })
        EXPECT_TRUE(document->at("metrics").at(name).contains("low")) << name;
    EXPECT_GT(document->at("metrics").at("map50").at("value").get<double>(), 0.3) << "the test model finds squares";
    const auto stored = json::parse(base::readTextFile(runFolder() / "evaluation-test.json").value());
    EXPECT_EQ(stored, document.value());
}

TEST_F(Loop, a_changed_or_missing_picture_is_skipped_and_named)
{
    ASSERT_TRUE(finish().hasValue());
    fs::remove(folder / "pictures" / "p2.png"); // 2, 5, 8, ... are the test set
    fs::copy_file(folder / "pictures" / "p0.png", folder / "pictures" / "p5.png", fs::copy_options::overwrite_existing);
    const auto document = evaluate(SplitSet::Test);
    ASSERT_TRUE(document.hasValue());
    EXPECT_EQ(document->at("items"), 8);
    ASSERT_EQ(document->at("skipped").size(), 2u);
    EXPECT_THAT(document->at("skipped").dump(), AllOf(HasSubstr("p2.png"), HasSubstr("p5.png")));
}

TEST_F(Loop, truth_is_that_of_the_runs_version)
{
    ASSERT_TRUE(finish().hasValue());
    const auto before = evaluate(SplitSet::Test).value();
    const auto item = session->reader().readItemIds({})->at(2);
    std::vector<dataset::Edit> edits;
    const auto annotations = session->reader().readAnnotations(item).value();
    for (const auto& annotation : annotations)
        edits.push_back(dataset::DeleteAnnotation { annotation.id });
    ASSERT_TRUE(session->call([&](dataset::ProjectStore& store) { return store.apply(edits, "test"); }).hasValue());
    EXPECT_EQ(evaluate(SplitSet::Test)->at("objects"), before.at("objects"));
}

// What the training answered for the first golden picture, changed by a little in one place.
void changeGolden(const fs::path& model, const char* outputs, float change)
{
    const auto file = model / "golden" / outputs;
    auto bytes = base::readFile(file).value();
    float first;
    std::memcpy(&first, bytes.data(), sizeof first);
    first += change;
    std::memcpy(bytes.data(), &first, sizeof first);
    ASSERT_TRUE(base::atomicWrite(file, bytes).hasValue());
}

TEST_F(Loop, a_model_that_answers_otherwise_than_in_training_is_refused)
{
    for (const auto& [outputs, change] : { std::pair("0.scores.f32", 3e-4f), std::pair("0.boxes.f32", 1.0f) }) {
        changeGolden(runFolder() / "model", outputs, change);
        const auto done = finish();
        ASSERT_TRUE(done.hasError()) << outputs;
        EXPECT_EQ(done.error().code, base::ErrorCode::Refused);
        EXPECT_FALSE(fs::exists(runFolder() / "model" / "manifest.json")) << "no draft may be left that somebody could use";
        EXPECT_TRUE(evaluate(SplitSet::Validation).hasError());
        changeGolden(runFolder() / "model", outputs, -change);
    }
    EXPECT_TRUE(finish().hasValue()) << "as it was";
}

// Its draft was sound when it was checked: what ships is asked once more, as it ships, and again before it goes to devices.
TEST_F(Loop, what_ships_is_asked_for_its_golden_answers_again)
{
    ASSERT_TRUE(finish().hasValue());
    const auto model = runFolder() / "model";
    ASSERT_TRUE(packageRun(*session, run, folder / "sound.ppkg", {}, {}).hasValue());
    EXPECT_TRUE(checkPackage(folder / "sound.ppkg").hasValue());
    ASSERT_TRUE(writeThresholds(project, run, { 0.9, 0.9 }).hasValue()); // so that it is packaged anew
    auto changed = packaging::Package::open(model)->manifest();
    changeGolden(model, "0.scores.f32", 3e-4f);
    ASSERT_TRUE(packaging::signDraft(model, changed, packaging::loadOrMakeUserKey().value()).hasValue());
    const auto report = packageRun(*session, run, folder / "bad.ppkg", {}, {});
    ASSERT_TRUE(report.hasError());
    EXPECT_EQ(report.error().code, base::ErrorCode::Refused);
    EXPECT_FALSE(fs::exists(folder / "bad.ppkg"));
    EXPECT_EQ(session->reader().readModelVersions()->size(), 1u) << "it gets no number";
    for (const auto fault : { test::Fault::WrongGolden, test::Fault::NanWeights }) {
        test::makeBadPackage(folder / "other.ppkg", fault, 0);
        const auto checked = checkPackage(folder / "other.ppkg");
        ASSERT_TRUE(checked.hasError()) << test::nameOf(fault);
        EXPECT_EQ(checked.error().code, base::ErrorCode::Refused) << checked.error().message;
    }
}

TEST_F(Loop, thresholds_are_kept_and_signed)
{
    ASSERT_TRUE(finish().hasValue());
    ASSERT_TRUE(writeThresholds(project, run, { 0.25, 0.75 }).hasValue());
    EXPECT_EQ(readThresholds(project, run).value(), (std::vector { 0.25, 0.75 }));
    EXPECT_TRUE(packaging::Package::open(runFolder() / "model").hasValue());
    EXPECT_TRUE(writeThresholds(project, run, { 0.25 }).hasError());
    EXPECT_TRUE(writeThresholds(project, run, { 0.25, std::nan("") }).hasError());
}

TEST_F(Loop, cancelling_leaves_no_draft)
{
    base::CancelToken cancel;
    cancel.cancel();
    const auto done = finishRun(project, run, {}, cancel);
    ASSERT_TRUE(done.hasError());
    EXPECT_EQ(done.error().code, base::ErrorCode::Cancelled);
    EXPECT_TRUE(readThresholds(project, run).hasError());
    EXPECT_TRUE(finish().hasValue());
}

TEST_F(Loop, a_package_is_numbered_scored_and_verified)
{
    ASSERT_TRUE(finish().hasValue());
    const auto report = packageRun(*session, run, folder / "m.ppkg", {}, {});
    ASSERT_TRUE(report.hasValue()) << report.error().message;
    EXPECT_EQ(report->version, "1.0");
    EXPECT_TRUE(report->metrics.contains("validation"));
    EXPECT_TRUE(report->metrics.contains("test"));
    const auto package = packaging::Package::open(folder / "m.ppkg");
    ASSERT_TRUE(package.hasValue()) << package.error().message;
    EXPECT_EQ(package->manifest().releaseCounter, 1);
    EXPECT_EQ(package->manifest().run, run);
    EXPECT_EQ(package->manifest().datasetManifestSha256, session->reader().readVersions()->at(0).manifestSha256);
    const auto card = package->file("model-card.md");
    ASSERT_TRUE(card.hasValue());
    EXPECT_THAT(std::string(card->begin(), card->end()), AllOf(HasSubstr("AP50"), HasSubstr("red")));
    EXPECT_TRUE(package->file("spec.json").hasError());
    const auto versions = session->reader().readModelVersions().value();
    ASSERT_EQ(versions.size(), 1u);
    EXPECT_TRUE(packaging::Package::open(project / versions[0].file).hasValue());
    EXPECT_EQ(listRuns(session->reader())->at(0).modelVersion, "1.0");
    EXPECT_EQ(std::distance(fs::directory_iterator(project / "packages"), {}), 1) << "nothing is left of the candidate";
}

// Both would write version 1.0, and the later one's scores would stand in the earlier one's file.
TEST_F(Loop, one_model_is_packaged_at_a_time)
{
    ASSERT_TRUE(finish().hasValue());
    fs::create_directories(project / "packages" / ".candidate-left");
    std::optional<base::Error> second;
    const auto first = packageRun(*session, run, folder / "a.ppkg", [&](const base::Progress&) {
        if (second)
            return;
        const auto other = std::async(std::launch::async, [&] { return packageRun(*session, run, folder / "b.ppkg", {}, {}); }).get();
        second = other.hasError() ? other.error() : base::failed("It was packaged as well.");
    }, {});
    ASSERT_TRUE(first.hasValue()) << first.error().message;
    ASSERT_TRUE(second.has_value());
    EXPECT_EQ(second->code, base::ErrorCode::Refused);
    EXPECT_THAT(second->message, HasSubstr("is being packaged already"));
    EXPECT_FALSE(fs::exists(folder / "b.ppkg"));
    EXPECT_EQ(session->reader().readModelVersions()->size(), 1u);
    EXPECT_EQ(std::distance(fs::directory_iterator(project / "packages"), {}), 1) << "what a crash has left is gone";
    EXPECT_TRUE(packageRun(*session, run, folder / "b.ppkg", {}, {}).hasValue()) << "as soon as that is done";
}

TEST_F(Loop, the_same_model_keeps_its_number_and_a_changed_one_gets_the_next)
{
    ASSERT_TRUE(finish().hasValue());
    ASSERT_TRUE(packageRun(*session, run, folder / "a.ppkg", {}, {}).hasValue());
    EXPECT_EQ(packageRun(*session, run, folder / "b.ppkg", {}, {})->version, "1.0");
    const auto own = packageRun(*session, run, {}, {}, {});
    EXPECT_EQ(own->file, project / session->reader().readModelVersions()->at(0).file) << "no second file";
    EXPECT_EQ(base::readFile(folder / "a.ppkg").value(), base::readFile(folder / "b.ppkg").value());
    ASSERT_TRUE(writeThresholds(project, run, { 0.9, 0.9 }).hasValue());
    const auto next = packageRun(*session, run, folder / "c.ppkg", {}, {});
    ASSERT_TRUE(next.hasValue());
    EXPECT_EQ(next->version, "1.1");
    EXPECT_EQ(packaging::Package::open(folder / "c.ppkg")->manifest().releaseCounter, 2);
}

TEST_F(Loop, a_version_gives_its_name_to_no_score_at_other_thresholds)
{
    ASSERT_TRUE(finish().hasValue());
    ASSERT_TRUE(packageRun(*session, run, folder / "a.ppkg", {}, {}).hasValue());
    EXPECT_EQ(evaluateRun(project, run, SplitSet::Test, {}, {})->at("model"), "1.0");
    const auto shipped = readThresholds(project, run).value();
    ASSERT_TRUE(writeThresholds(project, run, { 0.99, 0.99 }).hasValue());
    EXPECT_EQ(evaluateRun(project, run, SplitSet::Test, {}, {})->at("model"), "draft");
    ASSERT_TRUE(writeThresholds(project, run, shipped).hasValue());
    EXPECT_EQ(evaluateRun(project, run, SplitSet::Test, {}, {})->at("model"), "1.0");
}

TEST_F(Loop, only_what_was_scored_on_the_test_set_is_asked_about_it)
{
    ASSERT_TRUE(finish().hasValue());
    runs::RunStatus status;
    status.status = "ok";
    ASSERT_TRUE(runs::writeStatus(runFolder(), status).hasValue());
    ASSERT_TRUE(answerTodaysTest(project, {}, {}).hasValue());
    EXPECT_FALSE(fs::exists(runFolder() / "evaluation-test.json")) << "asking for a page scores nothing";
}

TEST_F(Loop, a_package_that_cannot_be_handed_over_gets_no_number)
{
    ASSERT_TRUE(finish().hasValue());
    EXPECT_TRUE(packageRun(*session, run, folder / "no" / "such" / "m.ppkg", {}, {}).hasError());
    EXPECT_TRUE(session->reader().readModelVersions()->empty());
    EXPECT_EQ(packageRun(*session, run, folder / "m.ppkg", {}, {})->version, "1.0");
}

TEST_F(Loop, a_version_is_asked_about_todays_test_set_without_changing_its_score)
{
    ASSERT_TRUE(finish().hasValue());
    ASSERT_TRUE(packageRun(*session, run, folder / "m.ppkg", {}, {}).hasValue());
    const auto moved = session->reader().readItemIds({})->at(0); // was in the training set
    const std::vector<dataset::Edit> edits { dataset::SetItemSet { moved, SplitSet::Test } };
    ASSERT_TRUE(session->call([&](dataset::ProjectStore& store) { return store.apply(edits, "test"); }).hasValue());
    const auto lines = [&] {
        const auto text = base::readTextFile(runFolder() / "predictions-test.jsonl").value();
        return std::count(text.begin(), text.end(), '\n');
    };
    EXPECT_EQ(lines(), 10);
    const auto problems = answerTodaysTest(project, {}, {});
    ASSERT_TRUE(problems.hasValue());
    EXPECT_TRUE(problems->empty()) << problems->front().what;
    EXPECT_EQ(lines(), 11);
    EXPECT_EQ(readPredictions(project, run, SplitSet::Test)->size(), 10u);
    ASSERT_TRUE(answerTodaysTest(project, {}, {}).hasValue());
    EXPECT_EQ(lines(), 11) << "asked once";
}

// Test pictures often come from devices, after the first version is out.
TEST_F(Loop, a_version_from_before_there_was_a_test_set_is_asked_about_the_one_of_today)
{
    const auto setOf = [&](const std::vector<ItemId>& items, SplitSet set) {
        std::vector<dataset::Edit> edits;
        for (const ItemId item : items)
            edits.push_back(dataset::SetItemSet { item, set });
        ASSERT_TRUE(session->call([&](dataset::ProjectStore& store) { return store.apply(edits, "test"); }).hasValue());
    };
    dataset::ItemFilter filter;
    filter.sets = { SplitSet::Test };
    const auto items = session->reader().readItemIds(filter).value();
    setOf(items, SplitSet::Train);
    run = prepareRun(*session, {}).value();
    ASSERT_TRUE(test::putTestModel(runFolder()).hasValue());
    ASSERT_TRUE(finish().hasValue());
    ASSERT_EQ(packageRun(*session, run, {}, {}, {})->version, "1.0");
    setOf(items, SplitSet::Test);
    for (int i = 0; i < 2; ++i) {
        const auto problems = answerTodaysTestOf(project, { "1.0" }, {}, {});
        ASSERT_TRUE(problems.hasValue());
        EXPECT_TRUE(problems->empty()) << problems->front().what;
        const auto lines = base::readTextFile(runFolder() / "predictions-test.jsonl").value();
        EXPECT_EQ(std::count(lines.begin(), lines.end(), '\n'), 10);
    }
    const auto document = json::parse(base::readTextFile(runFolder() / "evaluation-test.json").value());
    EXPECT_EQ(document["model"], "1.0");
    EXPECT_EQ(document["items"], 0);
    EXPECT_EQ(document["per_class"].size(), spec.labels.size());
    EXPECT_EQ(readPredictions(project, run, SplitSet::Test).error().code, base::ErrorCode::NotFound) << "it has no score of its own";
}

TEST_F(Loop, a_damaged_model_is_told_from_one_that_was_not_checked_yet)
{
    const auto isDamaged = [&] { return isModelDamaged(readRunModel(project, run).value()); };
    EXPECT_FALSE(isDamaged()) << "it was not checked yet";
    ASSERT_TRUE(finish().hasValue());
    EXPECT_FALSE(isDamaged());
    for (const char* name : { "spec.json", "model.onnx" }) {
        const auto sound = base::readFile(runFolder() / "model" / name).value();
        ASSERT_TRUE(base::atomicWrite(runFolder() / "model" / name, std::string_view()).hasValue());
        EXPECT_TRUE(isDamaged()) << name;
        ASSERT_TRUE(base::atomicWrite(runFolder() / "model" / name, sound).hasValue());
        EXPECT_FALSE(isDamaged()) << name;
    }
    EXPECT_FALSE(hasCheckpoint(readRunModel(project, run).value()));
}

TEST(WarningAboutAModel, is_given_where_it_finds_next_to_nothing)
{
    using Score = PackageFacts::Score;
    EXPECT_EQ(warningAbout(std::nullopt), "");
    EXPECT_EQ(warningAbout(Score { "test", 0.5, 0.4, 0.6, 0.8 }), "");
    EXPECT_EQ(warningAbout(Score { "test", 0.5, 0.4, 0.6 }), "") << "it does not say what it finds";
    EXPECT_THAT(warningAbout(Score { "validation", 0.04, 0, 0.1, 0.02 }), HasSubstr("validation set: AP50 0.040, 2 % of the objects found"));
    EXPECT_THAT(warningAbout(Score { "test", 0.3, 0.1, 0.4, 0 }), HasSubstr("0 % of the objects found"));
}

TEST_F(Loop, check_finds_a_damaged_model)
{
    ASSERT_TRUE(finish().hasValue());
    ASSERT_TRUE(packageRun(*session, run, folder / "m.ppkg", {}, {}).hasValue());
    const auto errors = [&] {
        int count = 0;
        const auto findings = checkProject(project, {});
        for (const auto& finding : findings.value())
            count += finding.isError;
        return count;
    };
    EXPECT_EQ(errors(), 0);
    const auto file = project / session->reader().readModelVersions()->at(0).file;
    auto bytes = base::readFile(file).value();
    bytes[bytes.size() / 2] ^= 1;
    ASSERT_TRUE(base::atomicWrite(file, bytes).hasValue());
    EXPECT_EQ(errors(), 1);
    fs::remove(file);
    EXPECT_EQ(errors(), 1);
    fs::remove(runFolder() / "model" / "golden" / "0.png");
    EXPECT_EQ(errors(), 2);
}

// What `percept check` calls damaged, a line each.
std::string errorsOf(const fs::path& project)
{
    std::string text;
    const auto findings = checkProject(project, {});
    for (const auto& finding : findings.value())
        text += finding.isError ? finding.what + "\n" : "";
    return text;
}

TEST_F(Loop, check_finds_an_end_that_cannot_be_read_and_a_version_whose_run_is_gone)
{
    ASSERT_TRUE(finish().hasValue());
    ASSERT_TRUE(packageRun(*session, run, folder / "m.ppkg", {}, {}).hasValue());
    EXPECT_EQ(errorsOf(project), "");
    ASSERT_TRUE(base::atomicWrite(runFolder() / "finished.json", "{\"type\":\"fini").hasValue());
    EXPECT_THAT(errorsOf(project), HasSubstr("finished.json is damaged"));
    fs::remove(runFolder() / "finished.json");
    ASSERT_TRUE(base::atomicWrite(runFolder() / "status.json", "{").hasValue());
    EXPECT_THAT(errorsOf(project), HasSubstr("status.json is damaged"));
    fs::remove_all(runFolder());
    const auto findings = checkProject(project, {});
    ASSERT_EQ(findings->size(), 1u);
    EXPECT_THAT(findings->at(0).what, testing::AllOf(HasSubstr("Version 1.0"), HasSubstr("folder of run " + run)));
    EXPECT_FALSE(findings->at(0).isError) << "the package itself is sound";
}

// As after a power cut that took the write-ahead log: the database is sound, and older than what stands on it.
TEST_F(Loop, check_finds_that_the_database_has_lost_what_runs_and_packages_stand_on)
{
    ASSERT_TRUE(finish().hasValue());
    ASSERT_TRUE(session->call([](dataset::ProjectStore& store) { return store.backup("before"); }).hasValue());
    ASSERT_TRUE(packageRun(*session, run, folder / "m.ppkg", {}, {}).hasValue());
    const auto package = session->reader().readModelVersions()->at(0).file;
    EXPECT_EQ(errorsOf(project), "");
    session.reset();
    const auto backups = dataset::listBackups(project);
    for (const auto& backup : *backups)
        if (backup.reason == "before") {
            ASSERT_TRUE(dataset::restoreBackup(project, backup.file).hasValue());
        }
    EXPECT_THAT(errorsOf(project), testing::AllOf(HasSubstr(package + " is of no version"), HasSubstr("percept backups"), HasSubstr("percept restore")));
    fs::remove(project / package);
    EXPECT_EQ(errorsOf(project), "");
    auto config = json::parse(base::readTextFile(runFolder() / "config.json").value());
    config["datasetVersion"] = 7;
    ASSERT_TRUE(base::atomicWrite(runFolder() / "config.json", config.dump()).hasValue());
    EXPECT_THAT(errorsOf(project), testing::AllOf(HasSubstr("dataset version 7, which the project does not know"), HasSubstr("percept restore")));
}

// A project that came from a colleague: his version is signed with his key, which no device here trusts.
TEST_F(Loop, a_version_that_another_key_signed_is_packaged_anew)
{
    ASSERT_TRUE(finish().hasValue());
    ASSERT_EQ(packageRun(*session, run, folder / "his.ppkg", {}, {})->version, "1.0");
    ::setenv("PERCEPT_CONFIG_DIR", (folder / "mine").c_str(), 1);
    const auto mine = packageRun(*session, run, folder / "mine.ppkg", {}, {});
    ASSERT_TRUE(mine.hasValue()) << mine.error().message;
    EXPECT_EQ(mine->version, "1.1");
    ASSERT_EQ(mine->notes.size(), 1u);
    EXPECT_THAT(mine->notes[0], HasSubstr("Version 1.0 is signed with another key"));
    const auto key = packaging::publicKeyText(packaging::loadOrMakeUserKey()->publicKey);
    EXPECT_TRUE(packaging::Package::open(folder / "mine.ppkg", key).hasValue());
    EXPECT_TRUE(packaging::Package::open(folder / "his.ppkg", key).hasError());
    EXPECT_EQ(packageRun(*session, run, folder / "again.ppkg", {}, {})->version, "1.1") << "once";
}

TEST_F(Loop, a_damaged_version_is_said_and_replaced_by_the_next)
{
    ASSERT_TRUE(finish().hasValue());
    ASSERT_TRUE(packageRun(*session, run, folder / "a.ppkg", {}, {})->notes.empty());
    const auto file = project / session->reader().readModelVersions()->at(0).file;
    auto bytes = base::readFile(file).value();
    bytes[bytes.size() / 2] ^= 1;
    ASSERT_TRUE(base::atomicWrite(file, bytes).hasValue());
    const auto next = packageRun(*session, run, folder / "b.ppkg", {}, {});
    ASSERT_TRUE(next.hasValue()) << next.error().message;
    EXPECT_EQ(next->version, "1.1");
    ASSERT_EQ(next->notes.size(), 1u);
    EXPECT_THAT(next->notes[0], HasSubstr("version 1.0 cannot be used"));
    EXPECT_EQ(packaging::Package::open(folder / "b.ppkg")->manifest().releaseCounter, 2);
    EXPECT_TRUE(packageRun(*session, run, folder / "c.ppkg", {}, {})->notes.empty()) << "the new one stands";
}

}
}
