// The Deploy page on a real hub process and simulated devices, by mouse and keys.
#include "app/studio/deploy/package_view.h"
#include "core/base/files.h"
#include "core/base/time.h"
#include "core/evaluation/evaluation_document.h"
#include "core/fleet/serve_settings.h"
#include "core/protocol/fleet_topics.h"
#include "core/services/check_package.h"
#include "tests/app/studio/deploy_support.h"
#include "tests/support/test_broker.h"
#include "widgets/style/widgets.h"

#include <QCheckBox>
#include <QComboBox>
#include <QElapsedTimer>
#include <QListWidget>
#include <QMenu>
#include <QScrollBar>
#include <QStackedWidget>
#include <csignal>
#include <fstream>

namespace percept::studio {
namespace {

using percept::test::TestDevice;

TEST_F(DeployPageTest, WithoutAFleetThePageSaysWhatToDoAndStartsNothing)
{
    ASSERT_NO_FATAL_FAILURE(openSquares(3));
    key(Qt::Key_5, Qt::ControlModifier);
    EXPECT_TRUE(eventually([&] { return shows("No device yet") && shows("Another machine…") && button("This computer as test device"); }));
    QTest::qWait(300);
    EXPECT_FALSE(std::filesystem::exists(fleetFolder())) << "looking makes nothing";
    EXPECT_FALSE(find<QPushButton>("rollBack")->isEnabled());
}

TEST_F(DeployPageTest, FromARunToTheTestRing)
{
    ASSERT_NO_FATAL_FAILURE(makeScored());
    TestDevice& dock = join("dock-1", "test");
    ASSERT_NO_FATAL_FAILURE(openPage());
    ASSERT_TRUE(eventually([&] { return rows() == 1; }));
    click(find<QPushButton>("newPackage"));
    auto* list = find<QListWidget>("candidates");
    ASSERT_TRUE(eventually([&] { return list->count() == 1; }));
    auto* go = find<QPushButton>("shipmentGo");
    EXPECT_EQ(go->text(), QStringLiteral("Package and check"));
    click(go);
    ASSERT_TRUE(eventually([&] { return go->text() == QStringLiteral("Deploy to 1 test device"); }, 60000)) << go->text().toStdString();
    for (std::size_t i : { 0, 1, 2 })
        EXPECT_EQ(step(i), StepStrip::State::Done) << i;
    EXPECT_TRUE(hub().readState()->rollouts.empty()) << "nothing has reached a device before Deploy";
    key(Qt::Key_Return, Qt::ControlModifier);
    ASSERT_TRUE(eventually([&] { return shows("Model 1.0 is on its way: 1 device was told"); }, 20000));
    ASSERT_NO_FATAL_FAILURE(runWanted(dock));
    ASSERT_TRUE(eventually([&] { return cell(0, DeviceModel::State) == QStringLiteral("Runs 1.0"); })) << cell(0, DeviceModel::State).toStdString();
    EXPECT_EQ(cell(0, DeviceModel::Frames), QStringLiteral("9.5"));
    EXPECT_EQ(cell(0, DeviceModel::Latency), QStringLiteral("12 ms"));
    EXPECT_EQ(cell(0, DeviceModel::Seen), QStringLiteral("now"));
    EXPECT_EQ(step(3), StepStrip::State::Now);
    EXPECT_TRUE(eventually([&] { return find<FactCard>("packageCard")->accessibleDescription().contains(QStringLiteral("AP50")); })) << find<FactCard>("packageCard")->accessibleDescription().toStdString();
}

TEST_F(DeployPageTest, PromoteStopAndRollBackSayHowManyDevices)
{
    ASSERT_NO_FATAL_FAILURE(makeScored());
    TestDevice& a = join("a", "test");
    for (const char* name : { "b", "c" })
        join(name, "part");
    ASSERT_TRUE(hub().deploy(package(1)).hasValue());
    for (int i = 0; i < 2; ++i)
        ASSERT_TRUE(hub().promote().hasValue());
    ASSERT_TRUE(hub().deploy(package(2)).hasValue());
    ASSERT_NO_FATAL_FAILURE(runWanted(a));
    ASSERT_NO_FATAL_FAILURE(openPage());
    ASSERT_TRUE(eventually([&] { return find<QPushButton>("promote") && find<QPushButton>("promote")->isVisible(); }));

    m_agrees = false;
    click(find<QPushButton>("promote"));
    EXPECT_TRUE(m_asked.contains(QStringLiteral("2 devices in ring Part"))) << m_asked.toStdString();
    EXPECT_EQ(hub().readState()->rollouts.front().ring, "test");
    m_agrees = true;
    click(find<QPushButton>("promote"));
    ASSERT_TRUE(eventually([&] { return shows("has reached ring Part: 2 devices were told"); }));
    ASSERT_TRUE(eventually([&] { return step(4) == StepStrip::State::Now; }));
    EXPECT_EQ(step(3), StepStrip::State::Done);

    ASSERT_TRUE(eventually([&] { return find<QPushButton>("stopRollout")->isEnabled(); }));
    click(find<QPushButton>("stopRollout"));
    EXPECT_TRUE(m_asked.contains(QStringLiteral("3 devices"))) << m_asked.toStdString();
    ASSERT_TRUE(eventually([&] { return step(4) == StepStrip::State::Failed && shows("was stopped: stopped by hand."); }));

    auto* back = find<QPushButton>("rollBack");
    ASSERT_TRUE(eventually([&] { return back->isEnabled(); }));
    EXPECT_EQ(back->text(), QStringLiteral("Roll back to 1.1…"));
    click(back);
    EXPECT_TRUE(m_asked.contains(QStringLiteral("Roll back 3 devices"))) << m_asked.toStdString();
    ASSERT_TRUE(percept::test::eventually([&] { return a.desired()->package->version == "1.1"; }));
}

// What a roll-back brings is signed as another release: it is the same model all the same, and watched no more.
TEST_F(DeployPageTest, AfterARollBackEveryReleaseOfTheModelCounts)
{
    ASSERT_NO_FATAL_FAILURE(makeScored());
    TestDevice &a = join("a", "test"), &b = join("b", "part");
    ASSERT_TRUE(hub().deploy(package(1)).hasValue());
    for (int i = 0; i < 2; ++i)
        ASSERT_TRUE(hub().promote().hasValue());
    ASSERT_NO_FATAL_FAILURE(runWanted(b));
    ASSERT_TRUE(hub().deploy(package(2)).hasValue());
    ASSERT_TRUE(percept::test::eventually([&] { return a.desired()->package && a.desired()->package->version == "1.2"; }));
    ASSERT_TRUE(hub().rollBack("worse").hasValue());
    ASSERT_TRUE(percept::test::eventually([&] { return a.desired()->package->version == "1.1"; }));
    ASSERT_NO_FATAL_FAILURE(runWanted(a));
    ASSERT_NO_FATAL_FAILURE(openPage());
    EXPECT_TRUE(eventually([&] { return m_window->page(QStringLiteral("deploy"))->statusRight().contains(QStringLiteral("2 run 1.1")); }));
    EXPECT_NE(a.desired()->package->sha256, b.desired()->package->sha256);
    for (const auto* card : m_window->findChildren<FactCard*>())
        EXPECT_FALSE(card->accessibleDescription().contains(QStringLiteral("Watched"))) << card->accessibleDescription().toStdString();
}

// The hub goes on by itself while the question is on the screen: the answer was about one ring, and reaches no further one.
TEST_F(DeployPageTest, APromotionThatTheHubWasFasterWithIsNotDoneTwice)
{
    ASSERT_NO_FATAL_FAILURE(makeScored());
    TestDevice& a = join("a", "test");
    ASSERT_TRUE(hub().deploy(package(1)).hasValue());
    ASSERT_NO_FATAL_FAILURE(runWanted(a));
    ASSERT_NO_FATAL_FAILURE(openPage());
    ASSERT_TRUE(eventually([&] { return find<QPushButton>("promote") && find<QPushButton>("promote")->isVisible(); }));
    m_window->context().choosers().confirm = [this](QWidget*, const QString&, const QString&, const QString&) { return hub().promote().hasValue(); };
    click(find<QPushButton>("promote"));
    ASSERT_TRUE(eventually([&] { return shows("was not promoted. The roll-out of version 1.1 has gone on from ring test to ring part meanwhile."); }));
    EXPECT_EQ(hub().readState()->rollouts.front().ring, "part");
}

// What the hub does by itself is said, with the moment, and can be taken back into people's hands.
TEST_F(DeployPageTest, ARollOutThatGoesOnByItselfSaysSoAndCanBeStoppedFromIt)
{
    ASSERT_NO_FATAL_FAILURE(makeScored());
    TestDevice& a = join("a", "test");
    join("b", "part");
    ASSERT_TRUE(hub().deploy(package(1), 24 * 60).hasValue());
    ASSERT_NO_FATAL_FAILURE(runWanted(a));
    ASSERT_NO_FATAL_FAILURE(openPage());
    auto* note = find<style::Note>("deployNote");
    ASSERT_TRUE(eventually([&] { return note->isVisible() && note->text().startsWith(QStringLiteral("1.1 goes to ring Part by itself on ")); })) << note->text().toStdString();
    EXPECT_TRUE(find<FactCard>("ring-test")->accessibleDescription().contains(QStringLiteral("Goes on: "))) << find<FactCard>("ring-test")->accessibleDescription().toStdString();
    click(button("Promote by hand"));
    ASSERT_TRUE(eventually([&] { return shows("Model 1.1 goes to the next ring only when you promote it"); }));
    EXPECT_EQ(hub().readState()->promoteAfterMinutes, 0);
    EXPECT_EQ(hub().readState()->rollouts.front().ring, "test") << "it was not promoted";
    EXPECT_TRUE(eventually([&] { return !note->isVisible(); }));
    EXPECT_FALSE(find<FactCard>("ring-test")->accessibleDescription().contains(QStringLiteral("Goes on")));
}

// The scores of both on the same pictures, in words, before anything is rolled out; and it can be rolled out all the same.
TEST_F(DeployPageTest, AWorseModelIsSaidToBeBeforeItIsRolledOut)
{
    ASSERT_NO_FATAL_FAILURE(makeScored());
    const auto answer = [&](const std::string& run, bool findsAll) {
        const auto file = runs::runFolder(project(), run) / "predictions-test.jsonl";
        std::ifstream in(file);
        std::string lines;
        for (std::string line; std::getline(in, line);) {
            auto image = evaluation::decodeImageLine(line).value();
            image.detections.clear();
            for (const auto& truth : image.truths)
                if (findsAll)
                    image.detections.push_back({ truth.label, 0.9, truth.box });
            lines += evaluation::encodeImageLine(image) + "\n";
        }
        std::ofstream(file, std::ios::trunc) << lines;
    };
    {
        auto session = services::ProjectSession::open(project(), "test").value();
        ASSERT_TRUE(services::packageRun(*session, "r0001", {}, {}, {}).hasValue());
        const std::string second = services::prepareRun(*session, {}).value();
        ASSERT_TRUE(percept::test::putTestModel(runs::runFolder(project(), second)).hasValue());
        ASSERT_TRUE(services::finishRun(project(), second, {}, {}).hasValue());
        ASSERT_TRUE(services::packageRun(*session, second, {}, {}, {}).hasValue());
        answer("r0001", true);
        answer(second, false);
    }
    TestDevice& dock = join("dock-1", "test");
    const auto versions = dataset::ProjectReader::open(project()).value()->readModelVersions().value();
    ASSERT_EQ(versions.size(), 2u);
    ASSERT_TRUE(hub().deploy(project() / versions[0].file).hasValue());
    for (int i = 0; i < 2; ++i)
        ASSERT_TRUE(hub().promote().hasValue());
    ASSERT_NO_FATAL_FAILURE(runWanted(dock));
    ASSERT_NO_FATAL_FAILURE(openPage());
    ASSERT_TRUE(eventually([&] { return rows() == 1 && cell(0, DeviceModel::State) == QStringLiteral("Runs 1.0"); }));
    click(find<QPushButton>("newPackage"));
    auto* list = find<QListWidget>("candidates");
    ASSERT_TRUE(eventually([&] { return list->count() == 2; }));
    EXPECT_EQ(list->currentRow(), 0) << "the newest is chosen";
    // One figure for one model: that of the package, which its card shows, with its set.
    const auto score = services::readPackageScore(project() / versions[1].file);
    ASSERT_TRUE(score.has_value());
    EXPECT_EQ(score->set, "test");
    EXPECT_TRUE(list->item(0)->data(PackageView::kFactsRole).toString().contains(QStringLiteral("AP50 %1 on test").arg(score->map50, 0, 'f', 3))) << list->item(0)->data(PackageView::kFactsRole).toString().toStdString();
    click(find<QCheckBox>("promoteByItself"));
    click(button("Cancel"));
    click(find<QPushButton>("newPackage"));
    EXPECT_FALSE(find<QCheckBox>("promoteByItself")->isChecked()) << "Cancel takes it back";
    click(find<QCheckBox>("promoteByItself"));
    auto* go = find<QPushButton>("shipmentGo");
    ASSERT_TRUE(eventually([&] { return go->text() == QStringLiteral("Check") && go->isEnabled(); })) << go->text().toStdString();
    click(go);
    ASSERT_TRUE(eventually([&] { return go->text() == QStringLiteral("Deploy to 1 test device"); }, 60000)) << find<QLabel>("shipmentStage")->text().toStdString();
    auto* caution = find<style::Note>("shipmentCaution");
    EXPECT_TRUE(caution->isVisible());
    EXPECT_TRUE(caution->text().startsWith(QStringLiteral("Version 1.1 scores lower than version 1.0, which runs: AP50 −"))) << caution->text().toStdString();
    EXPECT_TRUE(go->isEnabled()) << "people decide";
    EXPECT_FALSE(find<QCheckBox>("promoteByItself")->isChecked()) << "what was wanted before the caution is asked again";
    click(find<QCheckBox>("promoteByItself"));
    EXPECT_TRUE(find<QLabel>("shipmentNext")->text().startsWith(QStringLiteral("The next ring gets it a day after the one before"))) << find<QLabel>("shipmentNext")->text().toStdString();
    for (const auto* card : m_window->findChildren<FactCard*>()) {
        if (card->isVisible())
            EXPECT_EQ(card->cutTexts(), QStringList()) << card->accessibleName().toStdString();
    }
    click(go);
    ASSERT_TRUE(eventually([&] { return hub().readState()->promoteAfterMinutes == 24 * 60; }));
    EXPECT_EQ(hub().readState()->rollouts.front().package.version, "1.1");
    // Steps, cards and the column that says what a device does are whole in every window that is common.
    ASSERT_TRUE(eventually([&] { return find<FactCard>("packageCard")->accessibleDescription().contains(QStringLiteral("AP50")); }));
    expectNothingCut();
}

// Whoever packages a run on another page finds it here, also when a model was ready to go.
TEST_F(DeployPageTest, WhatWasPackagedElsewhereIsInTheList)
{
    ASSERT_NO_FATAL_FAILURE(makeScored());
    ASSERT_NO_FATAL_FAILURE(openPage());
    auto* list = find<QListWidget>("candidates");
    ASSERT_TRUE(eventually([&] { return list->count() == 1; }));
    click(find<QPushButton>("newPackage"));
    auto* go = find<QPushButton>("shipmentGo");
    click(go);
    ASSERT_TRUE(eventually([&] { return go->text().startsWith(QStringLiteral("Deploy to")); }, 60000)) << go->text().toStdString();
    const std::string second = services::prepareRun(*m_window->context().session(), {}).value();
    ASSERT_TRUE(percept::test::putTestModel(runs::runFolder(project(), second)).hasValue());
    ASSERT_TRUE(services::finishRun(project(), second, {}, {}).hasValue());
    key(Qt::Key_4, Qt::ControlModifier);
    key(Qt::Key_5, Qt::ControlModifier);
    EXPECT_TRUE(eventually([&] { return list->count() == 2; }));
    EXPECT_EQ(list->currentItem()->text(), QStringLiteral("Model 1.0")) << "what is ready stays chosen";
}

// What a larger picture size costs on the devices is said before they find out, and is no obstacle.
TEST_F(DeployPageTest, ASlowerModelIsSaidToBeBeforeItIsRolledOut)
{
    ASSERT_NO_FATAL_FAILURE(makeScored()); // looks at 96 x 64 pixels
    const auto spec = percept::test::testSpec({ "red", "blue" }, 64, 32);
    auto manifest = percept::test::testManifest(spec, "0.9");
    manifest.name = dataset::ProjectReader::open(project()).value()->readInfo()->name;
    const auto file = m_folder / "small.ppkg";
    ASSERT_TRUE(packaging::writePackage(file, manifest, percept::test::testPackageFiles(spec), packaging::loadOrMakeUserKey().value()).hasValue());
    TestDevice& dock = join("dock-1", "test");
    ASSERT_TRUE(hub().deploy(file).hasValue());
    ASSERT_NO_FATAL_FAILURE(runWanted(dock));
    ASSERT_NO_FATAL_FAILURE(openPage());
    ASSERT_TRUE(eventually([&] { return rows() == 1 && cell(0, DeviceModel::State) == QStringLiteral("Runs 0.9"); }));
    click(find<QPushButton>("newPackage"));
    ASSERT_TRUE(eventually([&] { return find<QListWidget>("candidates")->count() == 1; }));
    auto* go = find<QPushButton>("shipmentGo");
    EXPECT_FALSE(find<style::Note>("shipmentSlower")->isVisible());
    click(go);
    ASSERT_TRUE(eventually([&] { return go->text() == QStringLiteral("Deploy to 1 test device"); }, 60000)) << find<QLabel>("shipmentStage")->text().toStdString();
    auto* slower = find<style::Note>("shipmentSlower");
    EXPECT_TRUE(slower->isVisible());
    EXPECT_TRUE(slower->text().startsWith(QStringLiteral("Answers take about 3 times as long as those of version 0.9, which runs"))) << slower->text().toStdString();
    EXPECT_TRUE(slower->text().contains(QStringLiteral("dock-1 needs 12 ms for an answer now and would need about 36 ms"))) << slower->text().toStdString();
    EXPECT_TRUE(go->isEnabled()) << "people decide";
}

TEST_F(DeployPageTest, ARefusalIsToldInTheTableAndStopsTheRollOut)
{
    ASSERT_NO_FATAL_FAILURE(makeScored());
    TestDevice& dock = join("dock-1", "test");
    const auto told = hub().deploy(package(1)).value();
    protocol::ReportedState state;
    state.refusal = protocol::Refusal { 2, told.rollout.package.sha256, "golden", "The golden outputs differ.", 0 };
    dock.report(state);
    ASSERT_NO_FATAL_FAILURE(openPage());
    ASSERT_TRUE(eventually([&] { return rows() == 1 && cell(0, DeviceModel::State) == QStringLiteral("Refused 1.1: The golden outputs differ."); }));
    EXPECT_TRUE(eventually([&] { return step(3) == StepStrip::State::Failed; }));
    EXPECT_TRUE(shows("1 of 1 devices refused it"));
}

// Two projects of one name have a version 1.0 each: what runs is the other one's, and is called that.
TEST_F(DeployPageTest, AnotherProjectsModelIsNotTakenForOnesOwn)
{
    ASSERT_NO_FATAL_FAILURE(makeScored());
    TestDevice& a = join("a", "test");
    const auto other = m_folder / "other.ppkg";
    auto manifest = percept::test::testManifest(percept::test::testSpec(), "1.0");
    manifest.name = "squares";
    manifest.createdMs = 1'790'000'000'000;
    ASSERT_TRUE(packaging::writePackage(other, manifest, percept::test::testPackageFiles(percept::test::testSpec()), packaging::loadOrMakeUserKey().value()).hasValue());
    {
        auto session = services::ProjectSession::open(project(), "test").value();
        ASSERT_TRUE(services::packageRun(*session, "r0001", {}, {}, {}).hasValue());
    }
    ASSERT_TRUE(hub().deploy(other).hasValue());
    ASSERT_NO_FATAL_FAILURE(runWanted(a));
    ASSERT_NO_FATAL_FAILURE(openPage());
    auto* card = find<FactCard>("packageCard");
    EXPECT_TRUE(eventually([&] { return card->accessibleDescription().contains(QStringLiteral("Another project's model")); })) << card->accessibleDescription().toStdString();
    EXPECT_TRUE(eventually([&] { return card->accessibleDescription().contains(QStringLiteral("0.500")); })) << "its own score, not that of the project's version 1.0: " << card->accessibleDescription().toStdString();
    click(find<QPushButton>("newPackage"));
    auto* note = find<style::Note>("shipmentOther");
    EXPECT_TRUE(eventually([&] { return note->isVisible(); }));
    EXPECT_TRUE(note->text().startsWith(QStringLiteral("Another project's model runs there (squares, version 1.0, signed on "))) << note->text().toStdString();
    EXPECT_FALSE(note->text().contains(QLatin1Char('`')));
}

TEST_F(DeployPageTest, DevicesAreFilteredMovedAndRemoved)
{
    ASSERT_NO_FATAL_FAILURE(makeScored());
    for (const auto& [name, ring] : { std::pair("dock-1", "test"), std::pair("dock-2", "part"), std::pair("lab-1", "all") })
        join(name, ring);
    (void)m_joined["lab-1"]->client().publish(protocol::fleetTopic("lab-1", protocol::FleetTopic::Presence), protocol::encode(protocol::Presence { false })).hasValue();
    ASSERT_NO_FATAL_FAILURE(openPage());
    ASSERT_TRUE(eventually([&] { return rows() == 3; }));
    choose(find<QWidget>("ringFilter"), 2, 4);
    ASSERT_EQ(rows(), 1);
    EXPECT_EQ(cell(0, DeviceModel::Name), QStringLiteral("dock-2"));
    choose(find<QWidget>("ringFilter"), 0, 4);
    auto* states = find<QComboBox>("stateFilter");
    states->setFocus();
    key(Qt::Key_Down);
    key(Qt::Key_Down);
    ASSERT_TRUE(eventually([&] { return rows() == 1; }));
    EXPECT_EQ(cell(0, DeviceModel::Name), QStringLiteral("lab-1"));
    key(Qt::Key_Home);
    fill(find<QLineEdit>("deviceSearch"), QStringLiteral("nothing like it"));
    EXPECT_EQ(rows(), 0);
    click(button("Show all devices"));
    ASSERT_EQ(rows(), 3);

    table()->setFocus();
    key(Qt::Key_Home, Qt::ControlModifier);
    key(Qt::Key_Down, Qt::ShiftModifier);
    ASSERT_TRUE(find<QPushButton>("removeDevices")->isEnabled());
    QMenu* rings = find<QPushButton>("moveDevices")->menu();
    rings->actions().at(2)->trigger();
    EXPECT_TRUE(m_asked.contains(QStringLiteral("2 devices"))) << m_asked.toStdString();
    ASSERT_TRUE(eventually([&] { return cell(0, DeviceModel::Ring) == QStringLiteral("All") && cell(1, DeviceModel::Ring) == QStringLiteral("All"); }));
    EXPECT_EQ(table()->selectionModel()->selectedRows().size(), 2) << "what was selected stays selected";
    table()->setFocus();
    ASSERT_TRUE(eventually([&] { return find<QPushButton>("removeDevices")->isEnabled(); }));
    key(Qt::Key_Delete);
    EXPECT_TRUE(m_asked.contains(QStringLiteral("Remove 2 devices"))) << m_asked.toStdString();
    ASSERT_TRUE(eventually([&] { return rows() == 1; }));
    EXPECT_EQ(hub().readState()->devices.size(), 1u);
}

TEST_F(DeployPageTest, AHubThatEndsIsSaidAndStartedAgain)
{
    ASSERT_NO_FATAL_FAILURE(makeScored());
    TestDevice& dock = join("dock-1", "test");
    ASSERT_TRUE(hub().deploy(package(1)).hasValue());
    for (int i = 0; i < 2; ++i)
        ASSERT_TRUE(hub().promote().hasValue());
    ASSERT_TRUE(hub().deploy(package(2)).hasValue());
    ASSERT_NO_FATAL_FAILURE(runWanted(dock));
    ASSERT_NO_FATAL_FAILURE(openPage());
    ASSERT_TRUE(eventually([&] { return rows() == 1; }));
    auto* back = find<QPushButton>("rollBack");
    ASSERT_TRUE(eventually([&] { return back->isEnabled() && find<QPushButton>("promote") && find<QPushButton>("promote")->isEnabled(); }));
    ::kill(fleet::readHubAddress(fleetFolder())->processId, SIGKILL);
    ASSERT_TRUE(eventually([&] { return shows("does not answer"); }));
    EXPECT_EQ(rows(), 1) << "what was known last stays";
    EXPECT_FALSE(back->isEnabled()) << "it may have been taken back since";
    EXPECT_FALSE(find<QPushButton>("promote")->isEnabled());
    EXPECT_FALSE(find<QPushButton>("stopRollout")->isEnabled());
    EXPECT_TRUE(shows(", as of "));
    click(button("Start it"));
    ASSERT_TRUE(eventually([&] { return !find<style::Note>("deployNote")->isVisible(); }, 30000));
}

// The hub that the studio starts uses the broker that it ran with last, and the page says which that is, why it is away, and what is left
// to do there for a new machine.
TEST_F(DeployPageTest, ABrokerThatIsNotTheHubsOwnIsNamed)
{
    percept::test::TestBroker broker;
    std::filesystem::create_directories(fleetFolder());
    ASSERT_TRUE(base::atomicWrite(m_folder / "password", std::string_view("word\n")).hasValue());
    fleet::ServeSettings settings;
    settings.hosts = { "127.0.0.1" };
    settings.packagePort = percept::test::freePort();
    settings.broker.url = "mqtt://127.0.0.1:" + std::to_string(broker.port());
    settings.broker.user = "hub";
    settings.broker.passwordFile = m_folder / "password";
    ASSERT_TRUE(fleet::writeServeSettings(fleetFolder(), settings).hasValue());
    ASSERT_NO_FATAL_FAILURE(makeScored());
    join("dock-1", "test");
    ASSERT_NO_FATAL_FAILURE(openPage());
    const auto status = [&] { return m_window->page(QStringLiteral("deploy"))->statusLeft(); };
    EXPECT_TRUE(eventually([&] { return status().contains(QString::fromStdString("Broker " + settings.broker.url + " connected")); }, 20000));
    click(find<QPushButton>("addDevice"));
    type(QStringLiteral("dock-2"));
    click(find<QPushButton>("makeLine"));
    EXPECT_TRUE(eventually([&] { return shows("percept fleet acl --passwords"); }, 20000));
    broker.kill();
    EXPECT_TRUE(eventually([&] { return shows("cannot be reached") && status().contains(QString::fromStdString("Broker " + settings.broker.url + " not connected")); }, 60000));
    broker.start();
    EXPECT_TRUE(eventually([&] { return !find<style::Note>("deployNote")->isVisible(); }, 60000));
}

// Words on the card, the figures behind them in the tooltip of their line.
TEST(FactCard, SaysInWordsWhatEngineersFindInTheTooltip)
{
    services::PackageFacts package;
    package.goldenPictures = 8;
    package.maxScoreDifference = 3e-6;
    package.signer = "abcdefghij=";
    package.isOurs = true;
    package.score = services::PackageFacts::Score { "test", 0.885, 0.86, 0.91, 0.9 };
    FactCard card(QStringLiteral("Parts 1.1"));
    card.resize(card.sizeHint());
    card.setFacts(factsOf(package, /*isChecked=*/true));
    EXPECT_TRUE(card.accessibleDescription().contains(QStringLiteral("Answers as in training: 8 of 8 pictures"))) << card.accessibleDescription().toStdString();
    for (const char* jargon : { "Δ", "Golden", "IoU" })
        EXPECT_FALSE(card.accessibleDescription().contains(QString::fromUtf8(jargon))) << jargon;
    constexpr int kFirst = 45, kLine = 22; // inside of the first line, and from one to the next
    EXPECT_EQ(card.tipAt(10), QString()) << "the title";
    EXPECT_EQ(card.tipAt(kFirst), QString());
    EXPECT_TRUE(card.tipAt(kFirst + kLine).contains(QStringLiteral("off by 3e-06 at most"))) << card.tipAt(kFirst + kLine).toStdString();
    EXPECT_TRUE(card.tipAt(kFirst + 2 * kLine).contains(QStringLiteral("0.5 on the test set"))) << card.tipAt(kFirst + 2 * kLine).toStdString();
    EXPECT_EQ(card.tipAt(1000), QString());
}

// 1,000 devices that change all the time: scrolling never waits for them.
TEST_F(DeployPageTest, AThousandDevicesScrollWithoutAGap)
{
    ASSERT_NO_FATAL_FAILURE(openSquares(3));
    key(Qt::Key_5, Qt::ControlModifier);
    auto* page = m_window->page(QStringLiteral("deploy"));
    ASSERT_TRUE(eventually([&] { return shows("No device yet"); }));
    page->deactivated(); // no poll that would find none of them
    QTest::qWait(100);
    auto* model = qobject_cast<DeviceModel*>(table()->model());
    std::vector<fleet::DeviceState> devices(1000);
    for (std::size_t i = 0; i < devices.size(); ++i) {
        devices[i].name = "device-" + QString::number(i).rightJustified(4, QLatin1Char('0')).toStdString();
        devices[i].ring = i % 50 == 0 ? "test" : i % 5 == 0 ? "part" : "all";
        devices[i].online = i % 7 != 0;
        devices[i].seenMs = base::nowMs() - static_cast<std::int64_t>(i) * 1000;
        devices[i].running = fleet::NamedModel { "parts", "1.3", std::string(64, 'a') };
        devices[i].wanted = fleet::NamedModel { "parts", "1.4", std::string(64, 'b') };
    }
    for (QStackedWidget* stack : page->findChildren<QStackedWidget*>())
        if (stack->count() == 3)
            stack->setCurrentIndex(0); // the fleet, which no hub has told of here
    model->setDevices(devices, base::nowMs());
    ASSERT_EQ(rows(), 1000);
    ASSERT_TRUE(table()->isVisible());
    QTest::qWait(50);
    QElapsedTimer frame;
    qint64 longest = 0;
    const auto step = [&](auto work) {
        frame.start();
        work();
        QCoreApplication::processEvents(); // the repaint
        longest = std::max(longest, frame.elapsed());
    };
    QScrollBar* bar = table()->verticalScrollBar();
    ASSERT_GT(bar->maximum(), 10000);
    for (int i = 0; i < 300; ++i)
        step([&] {
            bar->setValue(i * bar->maximum() / 300);
            if (i % 10 == 0) { // news of every device, as from a poll
                for (auto& device : devices)
                    device.framesPerSecond += 0.5;
                model->setDevices(devices, base::nowMs());
            }
        });
    step([&] { table()->sortByColumn(DeviceModel::Seen, Qt::DescendingOrder); });
    step([&] { model->setFilter({ QStringLiteral("part"), {}, DeviceFilter::State::Online }); });
    RecordProperty("longest_ms", static_cast<int>(longest));
    std::printf("longest frame: %lld ms\n", static_cast<long long>(longest));
    EXPECT_LT(longest, 50);
}

}
}

int main(int argc, char** argv) { return percept::test::runStudioTests(argc, argv); }
