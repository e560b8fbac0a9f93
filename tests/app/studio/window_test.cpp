// What opens over the window or walks through it: export, palette, sample, locating, trash, torn groups, panels, toast.
#include "app/studio/frame/recent_projects.h"
#include "app/studio/frame/side_panel.h"
#include "app/studio/gather/export_dialog.h"
#include "app/studio/label/label_page.h"
#include "app/studio/overlays.h"
#include "app/studio/rail.h"
#include "app/studio/start/recent_list.h"
#include "app/studio/start/start_page.h"
#include "app/studio/top_bar.h"
#include "tests/app/studio/studio_support.h"
#include "widgets/style/paint.h"
#include "widgets/style/tokens.h"
#include "widgets/style/widgets.h"

#include <QComboBox>
#include <QLineEdit>
#include <QListWidget>
#include <QPushButton>
#include <QTimer>
#include <QToolButton>
#include <fstream>

using namespace percept;
using namespace percept::studio;

namespace {

class Window : public percept::studio::test_support::Studio {
protected:
    void trigger(const QString& text)
    {
        for (QAction* action : m_window->page(m_window->currentPage())->commands())
            if (action->text() == text)
                return action->trigger();
        FAIL() << "no command " << text.toStdString();
    }
    // What a person does in the dialog that is about to open.
    template <typename F>
    void whenDialogOpens(F act)
    {
        auto* timer = new QTimer(m_window.get());
        QObject::connect(timer, &QTimer::timeout, timer, [timer, act] {
            if (auto* dialog = qobject_cast<QDialog*>(QApplication::activeModalWidget())) {
                timer->stop();
                timer->deleteLater();
                act(dialog);
                if (dialog->isVisible())
                    dialog->reject();
            }
        });
        timer->start(10);
    }
    QString toastText() { return m_window->findChild<style::Toast*>()->isVisible() ? m_window->findChild<style::Toast*>()->text() : QString(); }
    QString bannerText() { return find<style::Note>("banner")->isVisible() ? find<style::Note>("banner")->text() : QString(); }
    void exportInto(const std::filesystem::path& target, int format)
    {
        whenDialogOpens([=](QDialog* dialog) {
            dialog->findChild<QComboBox*>(QStringLiteral("export-format"))->setCurrentIndex(format);
            auto* field = dialog->findChild<QLineEdit*>(QStringLiteral("export-target"));
            field->setText(toQString(target));
            QTest::keyClick(field, Qt::Key_Return);
        });
        trigger(QStringLiteral("Export…"));
    }
    CommandPalette* openPalette()
    {
        QTest::keyClick(m_window.get(), Qt::Key_K, Qt::ControlModifier);
        return find<CommandPalette>("command-palette");
    }
};

}

TEST_F(Window, ExportsInBothFormatsAndSaysThatItWasReadBack)
{
    openSquares(12);
    exportInto(m_folder / "coco", 0);
    ASSERT_TRUE(eventually([&] { return toastText().contains(QStringLiteral("read back and equal")); })) << bannerText().toStdString();
    const auto hasFile = [](const std::filesystem::path& folder, const char* ending) {
        for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
            if (entry.path().extension() == ending)
                return true;
        return false;
    };
    EXPECT_TRUE(hasFile(m_folder / "coco", ".json"));
    exportInto(m_folder / "voc", 1);
    ASSERT_TRUE(eventually([&] { return std::filesystem::exists(m_folder / "voc") && hasFile(m_folder / "voc", ".xml"); }));
    EXPECT_TRUE(bannerText().isEmpty()) << bannerText().toStdString();
}

TEST_F(Window, TheExportDialogAsksForAFolderAndCancels)
{
    openSquares(3);
    bool seen = false;
    m_window->context().choosers().folder = [this](QWidget*, const QString&, const QString&) { return toQString(m_folder / "chosen"); };
    whenDialogOpens([&](QDialog* dialog) {
        auto* field = dialog->findChild<QLineEdit*>(QStringLiteral("export-target"));
        auto* go = dialog->findChild<QPushButton*>(QStringLiteral("export-go"));
        EXPECT_TRUE(field->text().endsWith(QStringLiteral("squares-export"))) << field->text().toStdString();
        field->setText(QStringLiteral("  "));
        EXPECT_FALSE(go->isEnabled());
        QTest::mouseClick(dialog->findChild<QPushButton*>(QStringLiteral("export-choose")), Qt::LeftButton);
        EXPECT_EQ(field->text(), toQString(m_folder / "chosen"));
        EXPECT_TRUE(go->isEnabled());
        QTest::keyClick(dialog, Qt::Key_Escape);
        seen = true;
    });
    trigger(QStringLiteral("Export…"));
    EXPECT_TRUE(seen);
    QTest::qWait(50);
    EXPECT_FALSE(std::filesystem::exists(m_folder / "chosen"));
    EXPECT_FALSE(m_window->context().jobs().running());
}

TEST_F(Window, AnExportThatCannotBeWrittenSaysWhy)
{
    openSquares(3);
    std::ofstream(m_folder / "file") << "in the way";
    exportInto(m_folder / "file" / "export", 0);
    ASSERT_TRUE(eventually([&] { return bannerText().contains(QStringLiteral("The export failed")); }));
    EXPECT_TRUE(bannerText().contains(toQString(m_folder / "file"))) << bannerText().toStdString();
    std::ifstream in(m_folder / "file");
    EXPECT_EQ(std::string(std::istreambuf_iterator<char>(in), {}), "in the way");
}

TEST_F(Window, TheSampleIsDrawnOnceAndOpenedAsItWasLeft)
{
    find<QLineEdit>("project-folder")->setText(toQString(m_folder / "projects"));
    auto* button = find<QPushButton>("open-sample");
    QTest::mouseClick(button, Qt::LeftButton);
    EXPECT_FALSE(button->isEnabled()) << "not twice at once";
    ASSERT_TRUE(eventually([&] { return m_window->context().session() != nullptr; }, 60000));
    EXPECT_EQ(m_window->context().session()->folder(), m_folder / "projects" / "sample.percept");
    const auto items = m_window->context().counts().items;
    EXPECT_GT(items, 50);
    ASSERT_TRUE(rowsAre(items));
    const ItemId first = model().itemAt(0);
    bool done = false;
    m_window->context().apply({ dataset::SetItemTrashed { first, true } }, QStringLiteral("Moved 1 picture to the trash"), [&](const auto&) { done = true; });
    ASSERT_TRUE(eventually([&] { return done; }));
    m_window->closeProject();
    QTest::mouseClick(button, Qt::LeftButton);
    ASSERT_NE(m_window->context().session(), nullptr) << "no drawing the second time";
    EXPECT_EQ(m_window->context().counts().items, items - 1);
}

TEST_F(Window, AMovedProjectIsLocatedAndAWrongFolderChangesNothing)
{
    openSquares(2);
    m_window->closeProject();
    std::filesystem::create_directories(m_folder / "elsewhere");
    std::filesystem::rename(m_folder / "squares.percept", m_folder / "elsewhere" / "squares.percept");
    std::filesystem::rename(m_folder / "pictures", m_folder / "elsewhere" / "pictures");
    m_window->startPage()->refresh();
    auto* list = m_window->startPage()->findChild<RecentList*>();
    QString answer = toQString(m_folder / "nothing");
    m_window->context().choosers().folder = [&answer](QWidget*, const QString&, const QString&) { return answer; };
    QTest::mouseClick(list, Qt::LeftButton, {}, QPoint(100, 20));
    EXPECT_EQ(m_window->context().session(), nullptr);
    EXPECT_TRUE(find<style::Note>("start-problem")->isVisible());
    ASSERT_EQ(RecentProjects().entries().size(), 1u);
    EXPECT_EQ(RecentProjects().entries()[0].path, toQString(m_folder / "squares.percept")) << "can be located again";
    answer = toQString(m_folder / "elsewhere"); // the folder that it lies in will do
    list->setFocus();
    QTest::keyClick(list, Qt::Key_Return);
    ASSERT_NE(m_window->context().session(), nullptr);
    ASSERT_EQ(RecentProjects().entries().size(), 1u) << "one entry, at its new place";
    EXPECT_EQ(RecentProjects().entries()[0].path, toQString(m_folder / "elsewhere" / "squares.percept"));
}

TEST_F(Window, ThePaletteRunsCommandsAndFindsPictures)
{
    openSquares(12);
    auto* view = find<GalleryView>("gallery");
    view->setFocus();
    CommandPalette* palette = openPalette();
    ASSERT_TRUE(palette && palette->isVisible());
    auto* field = palette->findChild<QLineEdit*>();
    auto* list = palette->findChild<QListWidget*>();
    EXPECT_TRUE(field->hasFocus());
    const int all = list->count();
    EXPECT_GT(all, 10);
    QTest::keyClicks(field, QStringLiteral("theme li"));
    ASSERT_EQ(list->count(), 1);
    QTest::keyClick(field, Qt::Key_Return);
    EXPECT_FALSE(palette->isVisible());
    EXPECT_FALSE(style::tokens().dark);
    EXPECT_TRUE(view->hasFocus()) << "the keyboard is where it was";
    style::setTheme(style::Theme::Dark);

    openPalette();
    EXPECT_GE(list->count(), all) << "the text of before has gone";
    QTest::keyClicks(field, QStringLiteral("light"));
    EXPECT_TRUE(list->item(0)->text().startsWith(QStringLiteral("Theme: light"))) << "a word goes before the middle of one: " << list->item(0)->text().toStdString();
    field->clear();
    QTest::keyClicks(field, QStringLiteral("p1"));
    ASSERT_GE(list->count(), 3); // p1, p10, p11
    const QString second = list->item(1)->text().section(QLatin1Char(' '), 0, 0);
    QTest::keyClick(field, Qt::Key_Down);
    QTest::keyClick(field, Qt::Key_Return);
    EXPECT_EQ(m_window->currentPage(), QStringLiteral("label"));
    auto* label = static_cast<LabelPage*>(m_window->page(QStringLiteral("label")));
    EXPECT_TRUE(eventually([&] { return QString::fromStdString(label->document().item().name) == second; })) << label->document().item().name;
    openPalette();
    QTest::keyClicks(field, QStringLiteral("no such thing"));
    EXPECT_EQ(list->count(), 1) << "says that there is nothing";
    QTest::keyClick(field, Qt::Key_Return);
    EXPECT_TRUE(palette->isVisible()) << "nothing to run";
    QTest::keyClick(field, Qt::Key_Escape);
    EXPECT_FALSE(palette->isVisible());
}

TEST_F(Window, TheTrashIsEmptiedOnlyWhenConfirmed)
{
    openSquares(8);
    auto* view = find<GalleryView>("gallery");
    view->setCurrentIndex(model().index(3));
    QTest::mouseClick(find<QPushButton>("selection-trash"), Qt::LeftButton);
    ASSERT_TRUE(rowsAre(7));
    trigger(QStringLiteral("Show the trash"));
    ASSERT_TRUE(rowsAre(1));
    bool answer = false;
    QString asked;
    m_window->context().choosers().confirm = [&](QWidget*, const QString&, const QString& text, const QString&) { asked = text; return answer; };
    auto* button = find<QPushButton>("empty-trash");
    ASSERT_TRUE(eventually([&] { return button->isVisible(); }));
    QTest::mouseClick(button, Qt::LeftButton);
    EXPECT_TRUE(asked.contains(QStringLiteral("1 picture"))) << asked.toStdString();
    QTest::qWait(50);
    EXPECT_EQ(m_window->context().counts().trashed, 1);
    answer = true;
    QTest::mouseClick(button, Qt::LeftButton);
    ASSERT_TRUE(eventually([&] { return m_window->context().counts().trashed == 0; }));
    EXPECT_TRUE(rowsAre(7)) << "back at all pictures";
    EXPECT_FALSE(button->isVisible());
    EXPECT_TRUE(std::filesystem::exists(m_folder / "pictures" / "p3.png")) << "the file stays";
}

TEST_F(Window, ATornGroupIsSaidAndMendedInOneStep)
{
    percept::test::makeSquaresProject(m_folder / "squares.percept", m_folder / "pictures", 6);
    {
        auto store = dataset::ProjectStore::open(m_folder / "squares.percept", "test");
        ASSERT_TRUE(store.hasValue());
        const auto batch = (*store)->beginImport("Frames");
        std::vector<dataset::ImportItem> frames;
        for (const auto set : { domain::SplitSet::Train, domain::SplitSet::Test }) {
            dataset::ImportItem item;
            item.name = "frame" + std::to_string(frames.size()) + ".png";
            item.file = m_folder / "pictures" / item.name;
            std::filesystem::copy_file(m_folder / "pictures" / "p1.png", item.file);
            item.width = 80;
            item.height = 60;
            item.groupKey = "film";
            item.set = set;
            frames.push_back(item);
        }
        ASSERT_TRUE((*store)->addToImport(*batch, frames).hasValue());
        ASSERT_TRUE((*store)->finishImport(*batch).hasValue());
    }
    ASSERT_TRUE(m_window->openProject(m_folder / "squares.percept"));
    auto* note = find<style::Note>("torn-note");
    ASSERT_TRUE(eventually([&] { return note->isVisible(); }));
    EXPECT_TRUE(note->text().startsWith(QStringLiteral("1 group"))) << note->text().toStdString();
    const auto train = inSet(domain::SplitSet::Train), test = inSet(domain::SplitSet::Test);
    QTest::mouseClick(note->findChild<QPushButton*>(), Qt::LeftButton);
    ASSERT_TRUE(eventually([&] { return !note->isVisible(); }));
    EXPECT_EQ(inSet(domain::SplitSet::Train), train + 1);
    EXPECT_EQ(inSet(domain::SplitSet::Test), test - 1);
    EXPECT_EQ(toastText(), QStringLiteral("Moved 1 picture to Train")) << "only what changes is counted";
    m_window->context().undo();
    EXPECT_EQ(toastText(), QString()) << "its Undo would take back the step before";
    ASSERT_TRUE(eventually([&] { return note->isVisible(); }));
    EXPECT_EQ(inSet(domain::SplitSet::Test), test);
    percept::test::makeSquaresProject(m_folder / "other.percept", m_folder / "others", 4);
    ASSERT_TRUE(m_window->openProject(m_folder / "other.percept"));
    EXPECT_FALSE(note->isVisible()) << "its button would move pictures of the same numbers";
}

// The first of two things cannot be read; when that is known, another project is open.
TEST_F(Window, WhatWaitsToBeImportedStaysWithItsProject)
{
    openSquares(3);
    percept::test::makeSquaresProject(m_folder / "other.percept", m_folder / "others", 4);
    std::filesystem::create_directories(m_folder / "more");
    QImage image(16, 16, QImage::Format_RGB32);
    image.fill(Qt::red);
    ASSERT_TRUE(image.save(toQString(m_folder / "more" / "m.png")));
    ASSERT_TRUE(gather().acceptDrop({ m_folder / "nowhere", m_folder / "more" }));
    ASSERT_TRUE(m_window->openProject(m_folder / "other.percept"));
    ASSERT_TRUE(rowsAre(4));
    QTest::qWait(50);
    ASSERT_FALSE(m_window->context().jobs().running());
    EXPECT_TRUE(rowsAre(4));
    EXPECT_EQ(m_window->context().counts().items, 4);
    ASSERT_TRUE(gather().acceptDrop({ m_folder / "more" }));
    EXPECT_TRUE(rowsAre(5)) << "and this one takes what is dropped on it";
}

TEST_F(Window, TheGalleryIsReadOnAnotherThreadAndKeepsTheSelection)
{
    openSquares(30);
    auto* view = find<GalleryView>("gallery");
    view->setFocus();
    for (const int row : { 2, 3, 9 })
        view->selectionModel()->select(model().index(row), QItemSelectionModel::Select);
    const auto chosen = gather().selected();
    ASSERT_EQ(chosen.size(), 3u);
    std::filesystem::create_directories(m_folder / "more");
    for (int i = 0; i < 70; ++i) { // more rows than are put in one by one
        QImage image(16, 16, QImage::Format_RGB32);
        image.fill(QColor(i, 255 - i, 90));
        ASSERT_TRUE(image.save(toQString(m_folder / "more" / ("m" + std::to_string(i) + ".png"))));
    }
    drop(m_folder / "more");
    ASSERT_TRUE(rowsAre(100));
    EXPECT_EQ(gather().selected(), chosen);
    gather().showFilter({ .sets = { domain::SplitSet::None } });
    EXPECT_TRUE(model().isReading());
    EXPECT_EQ(model().rowCount(), 100) << "the window does not wait";
    EXPECT_TRUE(rowsAre(70));
    EXPECT_TRUE(gather().selected().empty());
}

TEST_F(Window, F6WalksThePanelsBothWays)
{
    openSquares(6);
    const auto panelOf = [&]() -> QString {
        QWidget* focus = QApplication::focusWidget();
        for (const auto& [name, panel] : std::initializer_list<std::pair<QString, QWidget*>> {
                 { QStringLiteral("top"), m_window->findChild<TopBar*>() }, { QStringLiteral("rail"), m_window->findChild<Rail*>() },
                 { QStringLiteral("gallery"), find<QWidget>("gallery") }, { QStringLiteral("filters"), find<QWidget>("filters") } })
            if (panel && focus && (panel == focus || panel->isAncestorOf(focus)))
                return name;
        return QStringLiteral("bar");
    };
    find<GalleryView>("gallery")->setFocus();
    QStringList seen;
    for (int i = 0; i < 5; ++i) {
        QTest::keyClick(m_window.get(), Qt::Key_F6);
        seen << panelOf();
    }
    EXPECT_EQ(seen, QStringList({ QStringLiteral("top"), QStringLiteral("rail"), QStringLiteral("bar"), QStringLiteral("filters"), QStringLiteral("gallery") })) << seen.join(QLatin1Char(' ')).toStdString();
    QTest::keyClick(m_window.get(), Qt::Key_F6, Qt::ShiftModifier);
    EXPECT_EQ(panelOf(), QStringLiteral("filters"));
    m_window->showPage(QStringLiteral("label"));
    auto* label = static_cast<LabelPage*>(m_window->page(QStringLiteral("label")));
    ASSERT_TRUE(eventually([&] { return label->currentIndex() >= 0; }));
    EXPECT_TRUE(label->boxCanvas().hasFocus());
    QTest::keyClick(m_window.get(), Qt::Key_F6);
    auto* classes = label->findChild<QWidget*>(QStringLiteral("classList"));
    EXPECT_TRUE(classes->hasFocus());
    QTest::keyClick(m_window.get(), Qt::Key_F6);
    EXPECT_TRUE(label->findChild<SidePanel*>()->isAncestorOf(QApplication::focusWidget()));
    EXPECT_FALSE(classes->hasFocus()) << "and on to the rest of the panel";
    QTest::keyClick(m_window.get(), Qt::Key_F6, Qt::ShiftModifier);
    EXPECT_TRUE(classes->hasFocus());
    QTest::keyClick(m_window.get(), Qt::Key_F6, Qt::ShiftModifier);
    EXPECT_TRUE(label->boxCanvas().hasFocus());
}

TEST_F(Window, EscClosesTheBannerOfWhatAPageReported)
{
    openSquares(3);
    m_window->context().reportError({}, base::refused("Not so."));
    ASSERT_FALSE(bannerText().isEmpty());
    QTest::keyClick(m_window.get(), Qt::Key_Escape);
    EXPECT_TRUE(bannerText().isEmpty()) << bannerText().toStdString();
}

TEST_F(Window, TheSidePanelFoldsInANarrowWindowAndOpensByHand)
{
    openSquares(4);
    m_window->showPage(QStringLiteral("label"));
    auto* side = m_window->findChild<SidePanel*>(QStringLiteral("labelSide"));
    m_window->resize(1280, 800);
    EXPECT_TRUE(eventually([&] { return !side->isFolded(); }));
    EXPECT_EQ(side->width(), 280);
    m_window->resize(1100, 800);
    ASSERT_TRUE(eventually([&] { return side->isFolded(); }));
    EXPECT_EQ(side->width(), SidePanel::kStrip);
    QTest::mouseClick(side->findChild<QToolButton*>(QStringLiteral("unfold")), Qt::LeftButton);
    EXPECT_FALSE(side->isFolded());
    m_window->resize(1090, 800);
    QTest::qWait(20);
    EXPECT_FALSE(side->isFolded()) << "opened by hand it stays";
    m_window->resize(1280, 800);
    m_window->resize(1100, 800);
    EXPECT_TRUE(eventually([&] { return side->isFolded(); }));
    auto* label = static_cast<LabelPage*>(m_window->page(QStringLiteral("label")));
    ASSERT_TRUE(eventually([&] { return label->currentIndex() >= 0; }));
    QTest::keyClick(&label->boxCanvas(), Qt::Key_E);
    EXPECT_FALSE(side->isFolded()) << "its field was asked for";
}

TEST_F(Window, AToastCoversNeitherFilmstripNorSelectionBar)
{
    openSquares(12);
    auto* toast = m_window->findChild<style::Toast*>();
    const auto covers = [&](QWidget* other) {
        return QRect(toast->mapToGlobal(QPoint(style::kShadowMargin, style::kShadowMargin)), toast->size() - 2 * QSize(style::kShadowMargin, style::kShadowMargin))
            .intersects(QRect(other->mapToGlobal(QPoint()), other->size()));
    };
    find<GalleryView>("gallery")->selectAll();
    m_window->context().showToast(QStringLiteral("Moved 12 pictures to Train"));
    ASSERT_TRUE(find<QWidget>("selection-bar")->isVisible());
    EXPECT_FALSE(covers(find<QWidget>("selection-bar")));
    m_window->showPage(QStringLiteral("label"));
    EXPECT_FALSE(covers(find<QWidget>("filmstrip")));
    auto* label = static_cast<LabelPage*>(m_window->page(QStringLiteral("label")));
    EXPECT_TRUE(covers(&label->boxCanvas()));
}

int main(int argc, char** argv) { return percept::test::runStudioTests(argc, argv); }
