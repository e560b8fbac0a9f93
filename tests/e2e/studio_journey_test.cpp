// The main job once through the studio's own widgets, by mouse, key and drop events, with the real trainer and percept-edge:
// new project, drop the set, draw and correct boxes, train from the wizard, watch it finish, validate, package, save the PDF.
// What counts is what lies on disk and in the store afterwards. One epoch on small pictures: it shows that the parts fit.
#include "app/studio/label/label_page.h"
#include "app/studio/report/report_sheet.h"
#include "app/studio/status_line.h"
#include "core/base/files.h"
#include "core/domain/geometry.h"
#include "core/packaging/package.h"
#include "core/services/loop.h"
#include "tests/app/studio/label_support.h"
#include "tests/app/studio/studio_fixture.h"
#include "tests/support/run_program.h"
#include "widgets/plots/interval_tile.h"
#include "widgets/style/widgets.h"

#include <QListView>
#include <QSlider>
#include <QSpinBox>

namespace percept::studio {
namespace {

namespace fs = std::filesystem;
constexpr int kPictures = 24, kTrainingMs = 60000;

class Journey : public StudioTest {
protected:
    void SetUp() override
    {
        for (const char* program : { "percept-trainer", "percept-edge" })
            if (!percept::test::hasProgram(program))
                GTEST_SKIP() << program << " is not built (configure with PERCEPT_WITH_TORCH=ON and PERCEPT_WITH_EDGE=ON)";
        StudioTest::SetUp();
    }
    // An annotated set as it comes from elsewhere: drawn pictures, Pascal VOC boxes, a split of its own.
    void makeSet()
    {
        ASSERT_TRUE(services::makeSample(m_folder / "source.percept", domain::Task::Detection, kPictures, 5, {}).hasValue());
        const auto reader = dataset::ProjectReader::open(m_folder / "source.percept");
        ASSERT_TRUE(reader.hasValue());
        const auto written = services::exportData(**reader, m_folder / "small parts", "voc", {}, {});
        ASSERT_TRUE(written.hasValue()) << written.error().message;
        m_boxes = written->annotations;
    }
    fs::path project() const { return m_folder / "projects" / "trays-of-parts.percept"; }
    const dataset::ProjectReader& store() { return m_window->context().session()->reader(); }
    LabelPage& label() { return *static_cast<LabelPage*>(m_window->page(QStringLiteral("label"))); }
    canvas::BoxCanvas& boxCanvas() { return *m_window->findChild<canvas::BoxCanvas*>(); }
    void clickCanvas(QPointF image)
    {
        test::sendMouse(boxCanvas(), QEvent::MouseButtonPress, image);
        test::sendMouse(boxCanvas(), QEvent::MouseButtonRelease, image);
    }
    // Boxes of the picture on the canvas, once everything is on disk.
    std::vector<domain::Annotation> stored(ItemId item)
    {
        auto& context = m_window->context();
        EXPECT_TRUE(eventually([&] { return context.heldEdits() == 0 && context.session()->saveState().pending == 0; }));
        EXPECT_TRUE(eventually([&] { return find<StatusLine>("status-line")->savedText() == QStringLiteral("All changes saved"); }));
        const auto boxes = store().readAnnotations(item);
        EXPECT_TRUE(boxes.hasValue()) << boxes.error().message;
        return boxes.valueOr({});
    }
    // Whether a box of that class and place is in the store, to about a pixel of the screen.
    bool isStored(ItemId item, std::size_t classIndex, const domain::Box& box)
    {
        const auto boxes = stored(item);
        return std::any_of(boxes.begin(), boxes.end(), [&](const auto& a) {
            return a.label == m_window->context().labels().at(classIndex).id && std::abs(a.box.x - box.x) < 1.5 && std::abs(a.box.y - box.y) < 1.5
                && std::abs(a.box.w - box.w) < 1.5 && std::abs(a.box.h - box.h) < 1.5;
        });
    }
    // One that no other lies on and that has room around it.
    static const domain::Annotation* standingAlone(const std::vector<domain::Annotation>& boxes)
    {
        for (const auto& a : boxes) {
            const auto touches = [&a](const auto& b) { return b.id != a.id && domain::iou(a.box, b.box) > 0; };
            if (a.box.x > 12 && a.box.y > 12 && std::min(a.box.w, a.box.h) > 20 && std::none_of(boxes.begin(), boxes.end(), touches))
                return &a;
        }
        return nullptr;
    }
    void goTo(Qt::Key digit, const char* page)
    {
        key(digit, Qt::ControlModifier);
        ASSERT_EQ(m_window->currentPage(), QString::fromLatin1(page));
    }

    void createProjectFromDrop();
    void drawAndCorrect();
    void train();
    void validate();
    void package();
    void savePdf();

    std::int64_t m_boxes = 0;
};

void Journey::createProjectFromDrop()
{
    ASSERT_NO_FATAL_FAILURE(makeSet());
    drop(m_folder / "small parts");
    EXPECT_EQ(find<QLineEdit>("project-name")->text(), QStringLiteral("small parts")) << "the folder's name is offered";
    fill(find<QLineEdit>("project-name"), QStringLiteral("Trays of parts"));
    fill(find<QLineEdit>("project-folder"), toQString(m_folder / "projects"));
    click(find<QPushButton>("create-project"));
    ASSERT_NE(m_window->context().session(), nullptr);
    EXPECT_EQ(m_window->context().session()->folder(), project());
    ASSERT_TRUE(eventually([&] { return shows("24 pictures came in"); }));
    const auto counts = store().readCounts().value();
    EXPECT_EQ(counts.items, kPictures);
    EXPECT_EQ(counts.boxes, m_boxes);
    EXPECT_EQ(m_window->context().labels().size(), 4u);
}

void Journey::drawAndCorrect()
{
    ASSERT_NO_FATAL_FAILURE(goTo(Qt::Key_2, "label"));
    const ItemId item = store().readItemIds({}).value().front();
    const auto before = stored(item);
    ASSERT_FALSE(before.empty());
    ASSERT_TRUE(eventually([&] { return boxCanvas().scene().size() == before.size(); })) << "the picture is read on another thread";
    key(Qt::Key_2);
    test::drag(boxCanvas(), { 12, 14 }, { 60, 54 });
    key(Qt::Key_3);
    clickCanvas({ 400, 300 });
    clickCanvas({ 460, 350 });
    const auto drawn = stored(item);
    ASSERT_EQ(drawn.size(), before.size() + 2);
    EXPECT_TRUE(isStored(item, 1, { 12, 14, 48, 40 })) << "by a drag";
    EXPECT_TRUE(isStored(item, 2, { 400, 300, 60, 50 })) << "by two clicks";

    // A box of the set is too small and of the wrong class: a corner is pulled out, the class changed.
    const domain::Annotation* alone = standingAlone(drawn);
    ASSERT_NE(alone, nullptr);
    const domain::Annotation wrong = *alone;
    key(Qt::Key_V);
    key(Qt::Key_Escape);
    const QPointF middle(wrong.box.x + wrong.box.w / 2, wrong.box.y + wrong.box.h / 2);
    clickCanvas(middle);
    ASSERT_EQ(boxCanvas().scene().selection(), std::vector { wrong.id });
    test::drag(boxCanvas(), { wrong.box.x, wrong.box.y }, { wrong.box.x - 6, wrong.box.y - 4 });
    const auto& labels = m_window->context().labels();
    const int other = labels[0].id == wrong.label ? 1 : 0;
    key(static_cast<Qt::Key>(Qt::Key_1 + other));
    const domain::Box corrected { wrong.box.x - 6, wrong.box.y - 4, wrong.box.w + 6, wrong.box.h + 4 };
    EXPECT_TRUE(isStored(item, std::size_t(other), corrected));
    EXPECT_FALSE(isStored(item, std::size_t(1 - other), wrong.box)) << "in place of what was there";

    key(Qt::Key_Delete);
    EXPECT_EQ(stored(item).size(), before.size() + 1);
    EXPECT_FALSE(isStored(item, std::size_t(other), corrected));
    key(Qt::Key_Z, Qt::ControlModifier);
    EXPECT_TRUE(eventually([&] { return stored(item).size() == before.size() + 2; })) << "a slip is taken back";
    EXPECT_TRUE(isStored(item, std::size_t(other), corrected));
    key(Qt::Key_D);
    EXPECT_NE(label().currentIndex(), 0) << "on to the next picture";
    EXPECT_EQ(store().readCounts().value().boxes, m_boxes + 2);
}

void Journey::train()
{
    ASSERT_NO_FATAL_FAILURE(goTo(Qt::Key_3, "train"));
    click(button("New run…"));
    ASSERT_TRUE(eventually([&] { return find<QPushButton>("startTraining")->isEnabled(); }));
    click(button("Next"));
    choose(named<QWidget>("By time, By epochs"), 1, 2);
    fill(find<QSpinBox>("trainEpochs"), QStringLiteral("1"));
    click(button("Next"));
    click(find<QPushButton>("startTraining"));
    ASSERT_TRUE(eventually([&] { return shows("Epoch 1 of 1"); }, kTrainingMs)) << "the dashboard follows";
    ASSERT_TRUE(eventually([&] { return find<QPushButton>("validateRun")->isVisible(); }, kTrainingMs));
    EXPECT_TRUE(shows("Run 1 is trained and scored"));
    const auto run = runs::readRun(runs::runFolder(project(), "r0001"));
    ASSERT_TRUE(run.hasValue()) << run.error().message;
    EXPECT_EQ(run->status, "ok");
    EXPECT_EQ(run->config.epochs, 1);
    EXPECT_TRUE(run->hasModel);
    const auto versions = store().readVersions().value();
    ASSERT_EQ(versions.size(), 1u);
    EXPECT_EQ(versions[0].boxes, m_boxes + 2) << "it learned from the boxes that were drawn";
}

void Journey::validate()
{
    click(find<QPushButton>("validateRun"));
    ASSERT_EQ(m_window->currentPage(), QStringLiteral("validate"));
    auto* slider = find<QSlider>("thresholdSlider");
    ASSERT_TRUE(eventually([&] { return slider->isVisible() && !find<QLabel>("map50")->text().isEmpty(); }));
    auto* gallery = find<QListView>("mistakes");
    ASSERT_TRUE(tabTo(slider));
    key(Qt::Key_Home);
    const QString cost = named<plots::IntervalTile>("Cost")->accessibleDescription();
    const int mistakes = gallery->model()->rowCount();
    key(Qt::Key_End);
    EXPECT_NE(named<plots::IntervalTile>("Cost")->accessibleDescription(), cost);
    EXPECT_NE(gallery->model()->rowCount(), mistakes);
    ASSERT_GT(gallery->model()->rowCount(), 0) << "at this threshold most is missed";

    const auto first = [&] { return gallery->visualRect(gallery->model()->index(0, 0)); };
    ASSERT_TRUE(eventually([&] { return !first().isEmpty(); })) << "the gallery is laid out a moment later";
    QTest::mouseClick(gallery->viewport(), Qt::LeftButton, {}, first().center());
    ASSERT_TRUE(gallery->currentIndex().isValid());
    const QString name = gallery->currentIndex().data(Qt::DisplayRole).toString().section(QStringLiteral(", "), -1);
    key(Qt::Key_Return);
    EXPECT_EQ(m_window->currentPage(), QStringLiteral("label"));
    EXPECT_TRUE(shows(name.toUtf8().constData())) << "the mistake's picture is on the canvas";
}

void Journey::package()
{
    ASSERT_NO_FATAL_FAILURE(goTo(Qt::Key_4, "validate"));
    click(find<QPushButton>("packageModel"));
    ASSERT_TRUE(eventually([&] { return shows("Model 1.0 is packaged"); }, kTrainingMs));
    const auto versions = store().readModelVersions().value();
    ASSERT_EQ(versions.size(), 1u);
    const auto opened = packaging::Package::open(project() / versions[0].file);
    ASSERT_TRUE(opened.hasValue()) << opened.error().message;
    EXPECT_EQ(opened->manifest().run, "r0001");
    EXPECT_TRUE(opened->manifest().metrics.contains("test")) << "what ships is scored";
}

void Journey::savePdf()
{
    ASSERT_NO_FATAL_FAILURE(goTo(Qt::Key_7, "report"));
    auto* sheet = named<ReportSheet>("Report");
    ASSERT_TRUE(eventually([&] { return sheet->accessibleDescription().contains(QStringLiteral("of all objects are found")); }));
    const fs::path file = m_folder / "for the boss.pdf";
    clickAndAnswer(find<QPushButton>("savePdf"), toQString(file));
    const auto pdf = base::readTextFile(file, 64 << 20);
    ASSERT_TRUE(pdf.hasValue()) << pdf.error().message;
    EXPECT_EQ(pdf->substr(0, 5), "%PDF-");
    EXPECT_NE(pdf->find("/Count 1"), std::string::npos) << "one page";
    EXPECT_GT(pdf->size(), 5000u);
}

TEST_F(Journey, FromAFolderOfPicturesToAPackageAndAReport)
{
    ASSERT_NO_FATAL_FAILURE(createProjectFromDrop());
    ASSERT_NO_FATAL_FAILURE(drawAndCorrect());
    ASSERT_NO_FATAL_FAILURE(train());
    ASSERT_NO_FATAL_FAILURE(validate());
    ASSERT_NO_FATAL_FAILURE(package());
    ASSERT_NO_FATAL_FAILURE(savePdf());
    EXPECT_FALSE(find<style::Note>("banner")->isVisible()) << find<style::Note>("banner")->text().toStdString();
    m_window->close();
    const auto findings = services::checkProject(project(), {});
    ASSERT_TRUE(findings.hasValue()) << findings.error().message;
    for (const auto& finding : *findings)
        ADD_FAILURE() << finding.what;
}

}
}

int main(int argc, char** argv) { return percept::test::runStudioTests(argc, argv); }
