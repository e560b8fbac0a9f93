// The pictures of devices on Monitor, by key and mouse: what a verdict makes of each, on the disk and on the screen.
#include "app/studio/frame/field_inbox.h"
#include "app/studio/label/label_page.h"
#include "app/studio/monitor/field_strip.h"
#include "app/studio/monitor/field_view.h"
#include "app/studio/rail.h"
#include "core/base/hash.h"
#include "core/base/time.h"
#include "core/dataset/project_store.h"
#include "core/services/local_fleet.h"
#include "tests/app/studio/studio_fixture.h"
#include "tests/support/field_fleet.h"
#include "tests/support/run_program.h"
#include "widgets/style/widgets.h"

#include <QBuffer>
#include <QComboBox>
#include <algorithm>
#include <fmt/format.h>
#include <fstream>

namespace percept::studio {
namespace {

using protocol::SamplePrediction;

class FieldQueueTest : public StudioTest {
protected:
    void SetUp() override
    {
        qputenv("PERCEPT_FLEET_DIR", QByteArray::fromStdString(fleetFolder().string()));
        StudioTest::SetUp();
        percept::test::makeSquaresProject(project(), m_folder / "pictures", 9);
        m_fleet = std::make_unique<percept::test::FieldFleet>(fleetFolder(), "squares");
        m_fleet->setHubRuns(false);
        for (const char* device : { "cam-1", "cam-2" })
            m_fleet->enrol(device, base::nowMs());
    }
    void TearDown() override
    {
        m_window.reset();
        m_fleet.reset();
        if (m_startedHub)
            (void)services::stopHub(fleetFolder()).hasValue();
    }
    std::filesystem::path fleetFolder() const { return m_folder / "fleet"; }
    std::filesystem::path project() const { return m_folder / "squares.percept"; }

    static std::vector<std::uint8_t> picture(int number)
    {
        QImage image(80, 60, QImage::Format_RGB32);
        image.fill(QColor(100 + number % 100, 90, 130));
        QByteArray bytes;
        QBuffer buffer(&bytes);
        buffer.open(QIODevice::WriteOnly);
        EXPECT_TRUE(image.save(&buffer, "PNG"));
        return { bytes.begin(), bytes.end() };
    }
    std::string send(const std::string& device, const std::string& reason, std::vector<SamplePrediction> answers)
    {
        protocol::FieldSample sample;
        sample.id = fmt::format("{:032x}", ++m_number);
        sample.timeMs = m_timeMs != 0 ? m_timeMs : base::nowMs() - m_number * 60'000; // each a moment of its own
        sample.packageVersion = "1.0";
        sample.reason = reason;
        sample.width = 80;
        sample.height = 60;
        sample.predictions = std::move(answers);
        sample.format = "png";
        sample.picture = picture(m_number);
        m_fleet->send(device, sample, base::nowMs());
        return sample.id;
    }
    std::string unsure(double score = 0.4) { return send("cam-2", "unsure", { { "red", score, { 10, 10, 16, 16 } } }); }
    void openPictures()
    {
        ASSERT_TRUE(m_window->openProject(project()));
        key(Qt::Key_6, Qt::ControlModifier);
        ASSERT_EQ(m_window->currentPage(), QStringLiteral("monitor"));
        auto* view = find<style::SegmentedControl>("monitorView");
        QTest::mouseClick(view, Qt::LeftButton, {}, QPoint(view->width() - 12, view->height() / 2));
        ASSERT_TRUE(eventually([&] { return this->view() && inbox().isRead(); }));
    }
    FieldInbox& inbox() { return *m_window->context().field(); }
    FieldView* view() { return visible<FieldView>([](const FieldView&) { return true; }); }
    std::string front() { return view() && view()->current() ? view()->current()->sample.id : std::string(); }
    bool isInFront(const std::string& id)
    {
        return eventually([&] { return front() == id; });
    }
    // What the store says.
    std::optional<dataset::StoredFieldSample> stored(const std::string& id)
    {
        const auto samples = dataset::ProjectReader::open(project()).value()->readFieldSamples().valueOr({});
        for (const auto& sample : samples)
            if (sample.sample.id == id)
                return sample;
        return std::nullopt;
    }
    bool becomes(const std::string& id, domain::ItemState state, domain::SplitSet set)
    {
        return eventually([&] {
            const auto sample = stored(id);
            return sample && !sample->trashed && sample->state == state && sample->set == set;
        });
    }
    std::vector<domain::Annotation> boxes(const std::string& id)
    {
        return dataset::ProjectReader::open(project()).value()->readAnnotations(stored(id)->item).value();
    }
    LabelPage& label() { return *static_cast<LabelPage*>(m_window->page(QStringLiteral("label"))); }

    std::unique_ptr<percept::test::FieldFleet> m_fleet;
    int m_number = 0;
    std::int64_t m_timeMs = 0; // of what is sent; 0: a minute before the last one
    bool m_startedHub = false;
};

TEST_F(FieldQueueTest, WithoutAPictureItSaysWhereTheyComeFrom)
{
    ASSERT_NO_FATAL_FAILURE(openPictures());
    EXPECT_TRUE(eventually([&] { return shows("No picture waits"); }));
    EXPECT_TRUE(shows("Devices that collect send those"));
    EXPECT_FALSE(shows("percept fleet"));
    key(Qt::Key_R); // nothing to judge, nothing happens
    EXPECT_TRUE(shows("No picture waits"));
    m_fleet.reset();
    m_startedHub = true; // Deploy wakes it
    click(find<QAbstractButton>("fieldDevices"));
    EXPECT_EQ(m_window->currentPage(), QStringLiteral("deploy"));
}

// It would be refused when it is taken: the queue says so before anybody tries, and one key clears it.
TEST_F(FieldQueueTest, APictureThatTheProjectHasIsSaidAndCleared)
{
    if (!percept::test::hasProgram("percept"))
        GTEST_SKIP() << "percept is not built";
    const auto id = unsure();
    {
        auto store = dataset::ProjectStore::open(project(), "test");
        ASSERT_TRUE(store.hasValue()) << store.error().message;
        const auto file = m_folder / "same.png";
        const auto bytes = picture(1);
        std::ofstream(file, std::ios::binary).write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
        dataset::ImportItem known;
        known.file = file;
        known.name = "same.png";
        known.contentHash = base::sha256Hex(std::string(bytes.begin(), bytes.end()));
        known.sizeBytes = static_cast<std::int64_t>(bytes.size());
        known.width = 80;
        known.height = 60;
        const auto batch = (*store)->beginImport("one");
        ASSERT_TRUE(batch.hasValue());
        const std::vector<dataset::ImportItem> items { known };
        ASSERT_TRUE((*store)->addToImport(*batch, items).hasValue());
        ASSERT_TRUE((*store)->finishImport(*batch).hasValue());
    }
    const auto other = unsure();
    m_fleet.reset(); // the hub, which keeps what is cleared, will have the folder
    ASSERT_NO_FATAL_FAILURE(openPictures());
    m_startedHub = true;
    ASSERT_TRUE(eventually([&] { return inbox().waiting().size() == 2; }));
    for (int i = 0; i < 2 && front() != id; ++i)
        key(Qt::Key_Right);
    ASSERT_EQ(front(), id);
    EXPECT_TRUE(shows("The project has this very picture already, as same.png"));
    EXPECT_FALSE(find<QPushButton>("fieldRight")->isEnabled());
    EXPECT_EQ(find<QPushButton>("fieldIgnore")->text(), QStringLiteral("Clear it"));
    key(Qt::Key_R);
    EXPECT_TRUE(isInFront(other));
    EXPECT_TRUE(shows("Cleared: the project has it as same.png"));
    EXPECT_TRUE(find<QPushButton>("fieldRight")->isEnabled());
    EXPECT_FALSE(stored(id).has_value());
    key(Qt::Key_U);
    EXPECT_TRUE(isInFront(id));
}

// What shows the moment of a picture that tests is said to be kept out, and is.
TEST_F(FieldQueueTest, APictureBesideOneThatTestsIsKeptInTheReserve)
{
    m_timeMs = base::nowMs() - 100'000;
    const auto chance = send("cam-2", "random", { { "red", 0.9, { 10, 10, 16, 16 } } });
    m_timeMs += 4000;
    const auto twin = unsure();
    ASSERT_NO_FATAL_FAILURE(openPictures());
    ASSERT_TRUE(isInFront(chance));
    key(Qt::Key_R);
    ASSERT_TRUE(becomes(chance, domain::ItemState::Done, domain::SplitSet::Test));
    ASSERT_TRUE(isInFront(twin));
    EXPECT_TRUE(eventually([&] { return shows("It shows the moment of a picture that tests"); }));
    key(Qt::Key_R);
    EXPECT_TRUE(becomes(twin, domain::ItemState::Done, domain::SplitSet::Reserve));
}

TEST_F(FieldQueueTest, APictureIsShownWithItsAnswersAndWhyItCame)
{
    send("cam-1", "random", { { "red", 0.91, { 10, 10, 16, 16 } }, { "blue", 0.55, { 40, 8, 16, 16 } } });
    unsure();
    ASSERT_NO_FATAL_FAILURE(openPictures());
    EXPECT_TRUE(eventually([&] { return find<RailButton>("rail-monitor")->accessibleDescription() == QStringLiteral("2 waiting"); }));
    EXPECT_TRUE(eventually([&] { return shows("Pictures 2") || find<style::SegmentedControl>("monitorView")->texts().at(1) == QStringLiteral("Pictures 2"); }));
    EXPECT_TRUE(shows("Chosen by chance: it goes to the test set"));
    EXPECT_TRUE(shows("cam-1"));
    EXPECT_TRUE(shows("version 1.0"));
    EXPECT_TRUE(shows("The model answered 2 objects"));
    auto* canvas = find<canvas::BoxCanvas>("fieldCanvas");
    ASSERT_EQ(canvas->scene().proposals().size(), 2u);
    EXPECT_EQ(canvas->scene().proposals()[0].tag, QStringLiteral("red 0.91"));
    EXPECT_EQ(canvas->scene().proposals()[0].color, m_window->context().labelColor(m_window->context().labels()[0].id).rgb());
    key(Qt::Key_Right);
    EXPECT_TRUE(shows("The model was unsure: it will train"));
    EXPECT_EQ(find<QLabel>("fieldPlace")->text(), QStringLiteral("2 of 2"));
    auto* strip = find<FieldStrip>("fieldStrip");
    QTest::mouseClick(strip, Qt::LeftButton, {}, strip->cellRect(0).center());
    EXPECT_EQ(find<QLabel>("fieldPlace")->text(), QStringLiteral("1 of 2"));
}

TEST_F(FieldQueueTest, RightMakesBoxesOfTheAnswersAndShowsTheNext)
{
    const auto random = send("cam-1", "random", { { "red", 0.91, { 10, 10, 16, 16 } } });
    const auto first = unsure(0.3), second = unsure(0.4);
    ASSERT_NO_FATAL_FAILURE(openPictures());
    ASSERT_TRUE(isInFront(random));
    key(Qt::Key_R);
    EXPECT_EQ(front(), first) << "at once, whatever the disk does";
    EXPECT_TRUE(becomes(random, domain::ItemState::Done, domain::SplitSet::Test));
    ASSERT_EQ(boxes(random).size(), 1u);
    EXPECT_EQ(boxes(random)[0].origin, domain::Origin::ProposalAccepted);
    click(find<QPushButton>("fieldRight"));
    EXPECT_EQ(front(), second);
    EXPECT_TRUE(becomes(first, domain::ItemState::Done, domain::SplitSet::Train));
    EXPECT_TRUE(eventually([&] { return find<RailButton>("rail-monitor")->accessibleDescription() == QStringLiteral("1 waiting"); }));
    key(Qt::Key_R);
    EXPECT_TRUE(eventually([&] { return shows("No picture waits"); }));
    EXPECT_TRUE(becomes(second, domain::ItemState::Done, domain::SplitSet::Train));
    key(Qt::Key_U); // the keyboard has stayed here
    EXPECT_TRUE(isInFront(second));
}

TEST_F(FieldQueueTest, RightOnAnEmptyAnswerIsBackground)
{
    const auto empty = send("cam-1", "unsure", {});
    ASSERT_NO_FATAL_FAILURE(openPictures());
    ASSERT_TRUE(isInFront(empty));
    EXPECT_TRUE(shows("The model called it empty"));
    EXPECT_TRUE(shows("Right: nothing is there"));
    key(Qt::Key_R);
    EXPECT_TRUE(becomes(empty, domain::ItemState::Done, domain::SplitSet::Train));
    EXPECT_TRUE(boxes(empty).empty());
}

TEST_F(FieldQueueTest, UndoBringsThePictureBack)
{
    const auto first = unsure(0.3), second = unsure(0.4);
    ASSERT_NO_FATAL_FAILURE(openPictures());
    ASSERT_TRUE(isInFront(first));
    key(Qt::Key_R);
    key(Qt::Key_U); // before it is on the disk, perhaps
    EXPECT_TRUE(isInFront(first));
    EXPECT_TRUE(eventually([&] { return stored(first) && stored(first)->trashed; }));
    key(Qt::Key_R);
    EXPECT_TRUE(becomes(first, domain::ItemState::Done, domain::SplitSet::Train));
    key(Qt::Key_R);
    EXPECT_TRUE(becomes(second, domain::ItemState::Done, domain::SplitSet::Train));
    key(Qt::Key_Z, Qt::ControlModifier);
    EXPECT_TRUE(isInFront(second));
    EXPECT_TRUE(eventually([&] { return stored(second)->trashed; }));
    EXPECT_FALSE(stored(first)->trashed);
    key(Qt::Key_Z, Qt::ControlModifier);
    EXPECT_TRUE(isInFront(first));
    EXPECT_TRUE(eventually([&] { return inbox().waiting().size() == 2; }));
}

// What is undone is not always what was asked for here: an undo may fail, and another step may be under way.
TEST_F(FieldQueueTest, OnlyItsOwnStepBringsAPictureBack)
{
    const auto id = unsure(0.3);
    auto session = services::ProjectSession::open(project(), "test", [](std::function<void()> run) {
        QMetaObject::invokeMethod(qApp, std::move(run), Qt::QueuedConnection);
    }).value();
    FieldInbox inbox(*session, fleetFolder());
    int asked = 0;
    QStringList back;
    QObject::connect(&inbox, &FieldInbox::undoRequested, &inbox, [&] { ++asked; });
    QObject::connect(&inbox, &FieldInbox::cameBack, &inbox, [&](const QString& which) { back << which; });
    ASSERT_TRUE(eventually([&] { return inbox.waiting().size() == 1; }));
    std::optional<ItemId> item;
    const services::FieldPicture picture = inbox.waiting()[0];
    inbox.take(picture, services::FieldVerdict::Right, [&](const base::Result<services::FieldTaken>& taken) { item = taken->item; });
    ASSERT_TRUE(eventually([&] { return item.has_value(); }));
    dataset::Committed own, other;
    own.touchedItems = { *item };
    other.touchedItems = { ItemId { 1 } };
    ASSERT_EQ(inbox.undo(), FieldInbox::Undone::Yes);
    ASSERT_EQ(asked, 1);
    inbox.stepFailed();
    inbox.stepTaken(own, /*undone=*/true); // by the project's own undo: the queue is read anew, that is all
    EXPECT_TRUE(back.isEmpty());
    ASSERT_EQ(inbox.undo(), FieldInbox::Undone::Yes);
    inbox.stepTaken(other, true);
    inbox.stepTaken(own, /*undone=*/false);
    EXPECT_TRUE(back.isEmpty()) << "neither is what was asked for";
    inbox.stepTaken(own, true);
    EXPECT_EQ(back, QStringList { QString::fromStdString(id) });
}

TEST_F(FieldQueueTest, WrongOpensTheCanvasWithTheAnswersAsProposals)
{
    const auto random = send("cam-2", "random", { { "red", 0.31, { 10, 10, 16, 16 } }, { "blue", 0.6, { 40, 8, 16, 16 } } });
    const auto next = unsure();
    ASSERT_NO_FATAL_FAILURE(openPictures());
    ASSERT_TRUE(isInFront(random));
    key(Qt::Key_W);
    ASSERT_TRUE(eventually([&] { return m_window->currentPage() == QStringLiteral("label") && label().document().isOpen() && stored(random) && label().document().item().id == stored(random)->item; }));
    EXPECT_EQ(stored(random)->set, domain::SplitSet::Test);
    EXPECT_EQ(stored(random)->state, domain::ItemState::ToDo);
    ASSERT_EQ(label().proposals().size(), 2u) << "whatever the slider says, and in the test set too";
    const auto widgets = m_window->findChildren<QWidget*>();
    EXPECT_TRUE(std::any_of(widgets.begin(), widgets.end(), [](const QWidget* w) { return w->toolTip().contains(QStringLiteral("Version 1.0 on cam-2 proposes")); })) << "there may be no room for it";
    key(Qt::Key_Return);
    EXPECT_TRUE(eventually([&] { return boxes(random).size() == 1; }));
    EXPECT_EQ(boxes(random)[0].origin, domain::Origin::ProposalAccepted);
    EXPECT_EQ(label().proposals().size(), 1u);
    key(Qt::Key_Delete);
    EXPECT_TRUE(label().proposals().empty());
    // The chip leads to what else the device sent, and Esc back where it came from.
    click(find<style::Chip>("fromDevice"));
    ASSERT_EQ(m_window->currentPage(), QStringLiteral("monitor"));
    EXPECT_TRUE(isInFront(next));
}

TEST_F(FieldQueueTest, AFinishedPictureOfADeviceIsComparedWithTheModel)
{
    const auto random = send("cam-2", "random", { { "red", 0.8, { 10, 10, 16, 16 } } });
    ASSERT_NO_FATAL_FAILURE(openPictures());
    ASSERT_TRUE(isInFront(random));
    key(Qt::Key_R);
    ASSERT_TRUE(becomes(random, domain::ItemState::Done, domain::SplitSet::Test));
    m_window->context().openItem({ stored(random)->item });
    ASSERT_TRUE(eventually([&] { return label().document().isOpen() && label().document().item().id == stored(random)->item; }));
    EXPECT_TRUE(label().proposals().empty());
    EXPECT_TRUE(eventually([&] { return shows("from cam-2, version 1.0"); }));
    m_window->context().openItem({ ItemId { 1 } });
    EXPECT_TRUE(eventually([&] { return !find<style::Chip>("fromDevice")->isVisible(); })) << "it came from no device";
}

// The hub keeps what is ignored; none runs, so one is started.
TEST_F(FieldQueueTest, IgnoredIsToldToTheHubAndCanBeTakenBack)
{
    if (!percept::test::hasProgram("percept"))
        GTEST_SKIP() << "percept is not built";
    const auto id = unsure();
    m_fleet.reset(); // the hub will have the folder
    ASSERT_NO_FATAL_FAILURE(openPictures());
    ASSERT_TRUE(isInFront(id));
    m_startedHub = true;
    key(Qt::Key_I);
    EXPECT_TRUE(eventually([&] { return shows("No picture waits"); }));
    const auto state = [&] {
        const auto queue = services::readFieldQueue(*dataset::ProjectReader::open(project()).value(), fleetFolder());
        return queue.hasValue() ? queue->ignored : -1;
    };
    EXPECT_TRUE(eventually([&] { return state() == 1; }, 30'000));
    EXPECT_FALSE(stored(id));
    key(Qt::Key_Z, Qt::ControlModifier);
    EXPECT_TRUE(isInFront(id));
    EXPECT_TRUE(eventually([&] { return state() == 0; }, 30'000));
    EXPECT_EQ(front(), id);
}

TEST_F(FieldQueueTest, ABrokenPictureSaysSoAndStays)
{
    const auto id = unsure();
    QFile file(toQString(fleetFolder() / "samples" / (id + ".png")));
    ASSERT_TRUE(file.open(QIODevice::WriteOnly));
    file.write("no picture");
    file.close();
    ASSERT_NO_FATAL_FAILURE(openPictures());
    ASSERT_TRUE(isInFront(id));
    key(Qt::Key_R);
    EXPECT_TRUE(eventually([&] { return shows("The picture of cam-2 still waits: "); }));
    EXPECT_TRUE(isInFront(id));
    EXPECT_FALSE(stored(id));
}

TEST_F(FieldQueueTest, OneDeviceAlone)
{
    const auto one = send("cam-1", "unsure", { { "red", 0.2, { 10, 10, 16, 16 } } }), other = unsure();
    ASSERT_NO_FATAL_FAILURE(openPictures());
    ASSERT_TRUE(isInFront(one));
    m_window->context().openField(QStringLiteral("cam-2"));
    EXPECT_TRUE(isInFront(other));
    EXPECT_EQ(view()->count(), 1);
}

TEST_F(FieldQueueTest, TheAccuracyInTheFieldIsThatOfChance)
{
    m_fleet->setHubRuns(true);
    percept::test::FieldFleet& fleet = *m_fleet;
    fleet.report("cam-2", "1.0", base::nowMs());
    fleet.live("cam-2", percept::test::usualField(), base::nowMs() - 3 * 3'600'000, base::nowMs() - 3'600'000, 50, "1.0");
    const auto random = send("cam-2", "random", { { "red", 0.8, { 10, 10, 16, 16 } } }), wrong = send("cam-2", "random", { { "red", 0.8, { 40, 10, 16, 16 } } });
    ASSERT_NO_FATAL_FAILURE(openPictures());
    ASSERT_TRUE(isInFront(random));
    key(Qt::Key_R);
    ASSERT_TRUE(becomes(random, domain::ItemState::Done, domain::SplitSet::Test));
    key(Qt::Key_W);
    ASSERT_TRUE(eventually([&] { return m_window->currentPage() == QStringLiteral("label"); }));
    key(Qt::Key_6, Qt::ControlModifier);
    choose(find<style::SegmentedControl>("monitorView"), 0, 2);
    auto* tile = find<QWidget>("fieldFound");
    EXPECT_TRUE(eventually([&] { return tile->accessibleDescription().startsWith(QStringLiteral("1 of 1, ")); })) << tile->accessibleDescription().toStdString();
    EXPECT_TRUE(tile->accessibleDescription().contains(QStringLiteral("29 more objects needed")));
    EXPECT_TRUE(eventually([&] { return shows("A picture chosen by chance is not labeled yet"); }));
    click(button("Finish them"));
    ASSERT_EQ(m_window->currentPage(), QStringLiteral("label"));
    EXPECT_TRUE(eventually([&] { return label().document().item().id == stored(wrong)->item; }));
}

}
}

int main(int argc, char** argv) { return percept::test::runStudioTests(argc, argv); }
