// Menu, palette, overlay of keys and bars say the same of a command.
#include "app/studio/about_dialog.h"
#include "app/studio/frame/commands.h"
#include "app/studio/frame/recent_projects.h"
#include "app/studio/label/label_page.h"
#include "app/studio/overlays.h"
#include "core/base/files.h"
#include "core/services/loop.h"
#include "tests/app/studio/studio_support.h"
#include "widgets/style/widgets.h"

#include <algorithm>
#include <QDialog>
#include <QJsonDocument>
#include <QJsonObject>
#include <QLineEdit>
#include <QListView>
#include <QListWidget>
#include <QMenu>
#include <QMenuBar>
#include <QRegularExpression>
#include <QTableWidget>

using namespace percept;
using namespace percept::studio;

namespace {

class Commands : public percept::studio::test_support::Studio {
protected:
    QAction* command(const char* text)
    {
        for (QAction* action : m_window->page(m_window->currentPage())->commands())
            if (commandText(*action) == QString::fromUtf8(text))
                return action;
        ADD_FAILURE() << "no command " << text;
        return nullptr;
    }
    QListWidget* openPalette(const QString& text)
    {
        QTest::keyClick(m_window.get(), Qt::Key_K, Qt::ControlModifier);
        auto* palette = find<CommandPalette>("command-palette");
        QTest::keyClicks(palette->findChild<QLineEdit*>(), text);
        return palette->findChild<QListWidget*>();
    }
    void closePalette() { QTest::keyClick(find<CommandPalette>("command-palette")->findChild<QLineEdit*>(), Qt::Key_Escape); }
    QStringList enabledOf(const QStringList& texts)
    {
        QStringList enabled;
        for (const QString& text : texts)
            if (command(text.toUtf8().constData())->isEnabled())
                enabled << text;
        return enabled;
    }
};

const QStringList kOnSelection { QStringLiteral("Open in Label"), QStringLiteral("Move to set: Train"), QStringLiteral("Mark: Done"), QStringLiteral("Move to the trash") };

}

TEST_F(Commands, WithoutASelectionThereIsNothingToMoveMarkOrThrowAway)
{
    openSquares(6);
    auto* view = find<GalleryView>("gallery");
    EXPECT_EQ(enabledOf(kOnSelection), QStringList());
    EXPECT_FALSE(command("Restore from the trash")->isEnabled());
    QListWidget* list = openPalette(QStringLiteral("move to set tr"));
    ASSERT_EQ(list->count(), 1);
    EXPECT_TRUE(list->item(0)->text().contains(QStringLiteral("select pictures first"))) << list->item(0)->text().toStdString();
    EXPECT_FALSE(list->item(0)->flags() & Qt::ItemIsEnabled);
    QTest::keyClick(find<CommandPalette>("command-palette")->findChild<QLineEdit*>(), Qt::Key_Return);
    EXPECT_TRUE(list->isVisible()) << "cannot be run";
    closePalette();

    view->selectionModel()->select(model().index(1), QItemSelectionModel::ClearAndSelect);
    EXPECT_EQ(enabledOf(kOnSelection), kOnSelection);
    EXPECT_FALSE(command("Restore from the trash")->isEnabled()) << "it is not in the trash";
    list = openPalette(QStringLiteral("move to set tr"));
    EXPECT_TRUE(list->item(0)->flags() & Qt::ItemIsEnabled);
    closePalette();
    view->setFocus();
    key(Qt::Key_Delete);
    ASSERT_TRUE(rowsAre(5));
    EXPECT_EQ(enabledOf(kOnSelection), QStringList());

    command("Show the trash")->trigger();
    ASSERT_TRUE(rowsAre(1));
    EXPECT_FALSE(command("Restore from the trash")->isEnabled());
    view->selectAll();
    EXPECT_EQ(enabledOf(kOnSelection), QStringList()) << "what is in the trash can be restored only";
    EXPECT_TRUE(command("Restore from the trash")->isEnabled());
    command("Restore from the trash")->trigger();
    EXPECT_TRUE(rowsAre(0));
    EXPECT_FALSE(command("Select all")->isEnabled());
}

// A name that is typed finds what is called so; the history only quotes it.
TEST(CommandPalette, RanksStepsOfTheHistoryLastAndFindsRunsByIdAndVersion)
{
    QWidget host;
    host.resize(800, 600);
    CommandPalette palette(&host);
    auto* list = palette.findChild<QListWidget*>();
    auto* field = palette.findChild<QLineEdit*>();
    PaletteEntry undo { QStringLiteral("Undo: Deleted 1 object, RBC 5"), {}, [] { } };
    undo.namesStep = true;
    palette.open({ undo, { QStringLiteral("Draw the class RBC"), {}, [] { } }, { QStringLiteral("Run 2"), {}, [] { }, true, QStringLiteral("Train"), { QStringLiteral("r0002"), QStringLiteral("1.1") } } }, {});
    field->setText(QStringLiteral("rbc"));
    ASSERT_EQ(list->count(), 2);
    EXPECT_EQ(list->item(0)->text(), QStringLiteral("Draw the class RBC"));
    field->setText(QStringLiteral("undo"));
    EXPECT_EQ(list->count(), 1);
    for (const char* name : { "r0002", "1.1" }) {
        field->setText(QString::fromLatin1(name));
        ASSERT_EQ(list->count(), 1) << name;
        EXPECT_TRUE(list->item(0)->text().startsWith(QStringLiteral("Run 2"))) << name;
    }
}

// Keys as they come from the window system: an overlay has them all, also over a field that closes when it is left, or hands the
// focus on later.
TEST_F(Commands, AnOverlayHasTheKeyboardWhateverWasOpenBeneath)
{
    openSquares(3);
    m_window->showPage(QStringLiteral("label"));
    auto* label = qobject_cast<LabelPage*>(m_window->page(QStringLiteral("label")));
    ASSERT_TRUE(eventually([&] { return label->currentIndex() >= 0; }));
    const auto press = [&](Qt::Key key, Qt::KeyboardModifiers modifiers = {}) {
        QTest::keyClick(m_window->windowHandle(), key, modifiers);
        QCoreApplication::processEvents();
    };
    const auto isMine = [&](const Overlay* overlay) { return QApplication::focusWidget() && (QApplication::focusWidget() == overlay || overlay->isAncestorOf(QApplication::focusWidget())); };
    const auto check = [&](const char* what) {
        const int before = label->currentIndex();
        press(Qt::Key_F1);
        const auto* keys = find<KeysOverlay>("keys-overlay");
        ASSERT_TRUE(keys && keys->isVisible()) << what;
        EXPECT_TRUE(isMine(keys)) << what;
        press(Qt::Key_D);
        press(Qt::Key_2, Qt::ControlModifier);
        EXPECT_EQ(label->currentIndex(), before) << what;
        press(Qt::Key_K, Qt::ControlModifier);
        const auto* palette = find<CommandPalette>("command-palette");
        ASSERT_TRUE(palette && palette->isVisible()) << what;
        EXPECT_FALSE(keys->isVisible()) << what;
        EXPECT_TRUE(isMine(palette)) << what;
        press(Qt::Key_D);
        EXPECT_EQ(label->currentIndex(), before) << what;
        press(Qt::Key_Escape);
        EXPECT_FALSE(palette->isVisible()) << what;
        QCoreApplication::processEvents();
    };
    check("the canvas");
    press(Qt::Key_G, Qt::ControlModifier);
    check("going to a picture");
    label->boxCanvas().setFocus();
    auto* classes = label->findChild<QAbstractItemView*>(QStringLiteral("classList"));
    classes->setFocus();
    press(Qt::Key_F2);
    check("renaming a class");
    press(Qt::Key_D);
    EXPECT_EQ(label->currentIndex(), 1) << "the page has its keys again";
}

// Whoever clears the filters is no longer after what they found: Label runs through all again.
TEST_F(Commands, LabelRunsThroughAllAgainOnceTheFiltersAreCleared)
{
    openSquares(3);
    const QString last = QString::fromStdString(m_window->context().session()->reader().readItems({}, {}, 3).valueOr({}).back().name);
    dataset::ItemFilter filter;
    filter.nameContains = last.toStdString();
    gather().showFilter(filter);
    ASSERT_TRUE(rowsAre(1));
    Q_EMIT find<GalleryView>("gallery")->opened(model().index(0));
    auto* label = qobject_cast<LabelPage*>(m_window->page(QStringLiteral("label")));
    ASSERT_TRUE(eventually([&] { return QString::fromStdString(label->document().item().name) == last; }));
    EXPECT_EQ(label->currentIndex(), 0) << "of those that were found";
    m_window->showPage(QStringLiteral("gather"));
    QTest::mouseClick(find<QAbstractButton>("clear-filters"), Qt::LeftButton);
    m_window->showPage(QStringLiteral("label"));
    EXPECT_TRUE(eventually([&] { return label->currentIndex() == 2; })) << label->currentIndex();
    EXPECT_EQ(QString::fromStdString(label->document().item().name), last);
}

// A crash a moment later must not arm another class.
TEST_F(Commands, TheArmedClassIsRememberedAtOnce)
{
    openSquares(3);
    m_window->showPage(QStringLiteral("label"));
    auto* label = qobject_cast<LabelPage*>(m_window->page(QStringLiteral("label")));
    ASSERT_TRUE(eventually([&] { return label->currentIndex() >= 0; }));
    const auto& labels = m_window->context().labels();
    ASSERT_GT(labels.size(), 1u);
    for (const std::size_t i : { std::size_t(1), std::size_t(0) }) {
        label->armClass(labels[i].id);
        const auto kept = QJsonDocument::fromJson(m_window->context().recent().view(toQString(m_window->context().session()->folder()))).object();
        EXPECT_EQ(kept.value(QStringLiteral("label")).toObject().value(QStringLiteral("class")).toInteger(), labels[i].id.value);
    }
}

TEST_F(Commands, CtrlQQuitsFromTheStartPageToo)
{
    openSquares(1);
    m_window->closeProject();
    QCoreApplication::processEvents();
    QTest::keyClick(m_window->windowHandle(), Qt::Key_Q, Qt::ControlModifier);
    EXPECT_FALSE(m_window->isVisible());
}

// What is still to come is no reason to say that there is nothing; and the project is searched once for what was typed, however many
// pages add their commands meanwhile.
TEST(CommandPalette, SaysThatItLooksOnWhilePagesAreToCome)
{
    QWidget host;
    host.resize(800, 600);
    CommandPalette palette(&host);
    auto* list = palette.findChild<QListWidget*>();
    QStringList asked;
    palette.open({ { QStringLiteral("Zoom in"), {}, [] { } } },
        [&](const QString& text) {
            asked << text;
            return std::vector<PaletteEntry> {};
        }, /*coming=*/2);
    palette.findChild<QLineEdit*>()->setText(QStringLiteral("package"));
    ASSERT_EQ(list->count(), 1);
    EXPECT_EQ(list->item(0)->text(), QStringLiteral("Still looking…"));
    palette.add({});
    EXPECT_EQ(list->item(0)->text(), QStringLiteral("Still looking…"));
    palette.add({ { QStringLiteral("New package…"), {}, [] { } } });
    EXPECT_EQ(list->item(0)->text(), QStringLiteral("New package…"));
    EXPECT_EQ(asked, QStringList({ QStringLiteral("package") }));
    palette.findChild<QLineEdit*>()->setText(QStringLiteral("no such thing"));
    EXPECT_EQ(list->item(0)->text(), QStringLiteral("Nothing is called that"));
    EXPECT_EQ(asked.size(), 2);
}

TEST_F(Commands, AnEmptyProjectHasNothingToExport)
{
    auto store = dataset::ProjectStore::create(m_folder / "squares.percept", "Empty", domain::Task::Detection, { "red" });
    ASSERT_TRUE(store.hasValue());
    store->reset();
    ASSERT_TRUE(m_window->openProject(m_folder / "squares.percept"));
    ASSERT_TRUE(rowsAre(0));
    EXPECT_FALSE(command("Export…")->isEnabled());
    EXPECT_FALSE(find<QWidget>("export")->isEnabled());
}

TEST_F(Commands, TheEditMenuHasWhatThePageInFrontCanEdit)
{
    openSquares(6);
    auto* edit = find<QMenu>("edit-menu");
    const auto keys = [&] {
        QStringList all;
        for (const QAction* action : edit->actions())
            if (action->isVisible() && !action->isSeparator())
                all << commandKeys(*action);
        return all;
    };
    const QStringList always { QStringLiteral("Ctrl Z"), QStringLiteral("Ctrl Shift Z") };
    EXPECT_EQ(keys(), always);
    for (int round = 0; round < 2; ++round) {
        m_window->showPage(QStringLiteral("label"));
        EXPECT_EQ(keys(), always + QStringList({ QStringLiteral("Ctrl X"), QStringLiteral("Ctrl C"), QStringLiteral("Ctrl V"), QStringLiteral("Ctrl D"), QStringLiteral("Del"), QStringLiteral("Ctrl A") }));
        m_window->showPage(QStringLiteral("train"));
        EXPECT_EQ(keys(), always);
    }
}

// Every command with a key stands in the overlay with the text and the key that the palette shows; keys of those that only the
// palette lists are told there together with others ("D / A").
TEST_F(Commands, ThePaletteAndTheOverlayOfKeysListTheSame)
{
    openSquares(6);
    find<GalleryView>("gallery")->selectAll();
    for (const char* name : { "gather", "label", "train", "validate", "report" }) {
        m_window->showPage(QString::fromLatin1(name));
        QTest::keyClick(m_window.get(), Qt::Key_F1);
        auto* keys = find<KeysOverlay>("keys-overlay");
        ASSERT_TRUE(keys && keys->isVisible()) << name;
        QStringList inOverlay, said;
        for (const KeyHelp& help : keys->shown()) {
            inOverlay << help.what + QStringLiteral("    ") + help.keys;
            said << help.keys.split(QRegularExpression(QStringLiteral("[ +]")), Qt::SkipEmptyParts) << help.keys.split(QLatin1Char(' '));
        }
        EXPECT_EQ(inOverlay.removeDuplicates(), 0) << name;
        EXPECT_LE(keys->shown().size(), 50);
        QTest::keyClick(keys, Qt::Key_Escape);
        QStringList inPalette;
        QListWidget* list = openPalette(QString());
        for (int row = 0; row < list->count(); ++row)
            inPalette << list->item(row)->text();
        closePalette();
        const Page* page = m_window->page(QString::fromLatin1(name));
        int withKey = 0;
        for (const QAction* action : page->commands() + page->moreCommands()) {
            if (!action->isEnabled() || commandKeys(*action).isEmpty())
                continue;
            const QString row = commandText(*action) + QStringLiteral("    ") + commandKeys(*action);
            EXPECT_TRUE(inPalette.contains(row)) << name << ": " << row.toStdString();
            if (page->moreCommands().contains(const_cast<QAction*>(action)))
                EXPECT_TRUE(said.contains(commandKeys(*action).section(QLatin1Char(' '), -1))) << name << ": " << row.toStdString();
            else
                EXPECT_TRUE(inOverlay.contains(row)) << name << ": " << row.toStdString();
            ++withKey;
        }
        EXPECT_GE(withKey, QByteArray(name) == "label" ? 30 : QByteArray(name) == "gather" ? 5 : 0);
    }
    m_window->showPage(QStringLiteral("gather"));
    EXPECT_EQ(commandKeys(*command("Move to the trash")), QStringLiteral("Del"));
}

// From any page every command of the program is found; that of another page goes there first.
TEST_F(Commands, ThePaletteFindsWhatOtherPagesCan)
{
    openSquares(6);
    const auto run = [&](const char* text, const char* expected) {
        QListWidget* list = openPalette(QString::fromUtf8(text));
        const bool found = eventually([&] { return list->item(0)->text() == QString::fromUtf8(expected); });
        EXPECT_TRUE(found) << text << ": " << list->item(0)->text().toStdString();
        QTest::keyClick(find<CommandPalette>("command-palette")->findChild<QLineEdit*>(), Qt::Key_Return);
    };
    run("select tool", "Select tool    Label · V");
    EXPECT_EQ(m_window->currentPage(), QStringLiteral("label"));
    auto& label = *static_cast<LabelPage*>(m_window->page(QStringLiteral("label")));
    ASSERT_TRUE(eventually([&] { return label.document().isOpen(); }));
    run("select tool", "Select tool    V");
    EXPECT_EQ(label.boxCanvas().tool(), canvas::Tool::Select);
    m_window->showPage(QStringLiteral("gather"));
    run("box label", "Box tool    Label · R");
    EXPECT_EQ(label.boxCanvas().tool(), canvas::Tool::Box) << "found by the page as well, and done there";
    m_window->showPage(QStringLiteral("report"));
    run("draw the class blue", "Draw the class blue    Label");
    EXPECT_EQ(m_window->currentPage(), QStringLiteral("label"));
    EXPECT_EQ(m_window->context().label(label.armedLabel())->name, "blue");
    run("new training", "New training run    Train");
    EXPECT_EQ(m_window->currentPage(), QStringLiteral("train"));
    EXPECT_TRUE(shows("Start training"));
    m_window->showPage(QStringLiteral("gather"));
    run("delete this run", "Delete this run    Train · Del");
    EXPECT_TRUE(shows("there are no runs yet")) << "what is missing is said on the page";
    int asked = 0;
    m_window->context().choosers().folder = [&](QWidget*, const QString&, const QString&) { return ++asked, QString(); };
    run("folder of new", "Folder of new projects…");
    EXPECT_EQ(asked, 1) << "settings as well";
}

TEST_F(Commands, ThePaletteFindsRunsByTheirNames)
{
    openSquares(30);
    const std::string first = services::prepareRun(*m_window->context().session(), {}).value(), second = services::prepareRun(*m_window->context().session(), {}).value();
    m_window->context().apply({ dataset::EditRun { first, "Night shift" } }, QStringLiteral("Named"));
    const auto isNamed = [&] {
        const auto runs = services::listRuns(m_window->context().session()->reader());
        return std::any_of(runs->begin(), runs->end(), [](const auto& run) { return run.name == "Night shift"; });
    };
    ASSERT_TRUE(eventually(isNamed));
    const auto opens = [&](const char* text, const char* expected) {
        m_window->showPage(QStringLiteral("gather"));
        QListWidget* list = openPalette(QString::fromUtf8(text));
        EXPECT_TRUE(eventually([&] { return list->item(0)->text() == QString::fromUtf8(expected); })) << list->item(0)->text().toStdString();
        QTest::keyClick(find<CommandPalette>("command-palette")->findChild<QLineEdit*>(), Qt::Key_Return);
        EXPECT_EQ(m_window->currentPage(), QStringLiteral("train"));
        return find<QListView>("runList")->currentIndex().data().toString();
    };
    EXPECT_EQ(opens("night", "Night shift    Train"), QStringLiteral("Night shift"));
    EXPECT_EQ(opens("run 2", "Run 2    Train"), QStringLiteral("Run 2"));
}

TEST_F(Commands, AboutNamesTheVersionAndEveryPartOfTheReadme)
{
    openSquares(2);
    QAction* about = nullptr;
    for (QMenu* menu : m_window->findChildren<QMenu*>())
        for (QAction* action : menu->actions())
            if (commandText(*action) == QStringLiteral("About Percept"))
                about = action;
    ASSERT_NE(about, nullptr);
    QStringList seen;
    QTimer look;
    QObject::connect(&look, &QTimer::timeout, &look, [&] {
        if (auto* dialog = qobject_cast<QDialog*>(QApplication::activeModalWidget())) {
            for (const QLabel* label : dialog->findChildren<QLabel*>())
                seen << label->text();
            for (int row = 0; row < dialog->findChild<QTableWidget*>()->rowCount(); ++row)
                seen << dialog->findChild<QTableWidget*>()->item(row, 0)->text();
            QTest::keyClick(dialog, Qt::Key_Escape);
        }
    });
    look.start(10);
    about->trigger();
    EXPECT_TRUE(seen.contains(QStringLiteral("Percept %1").arg(QApplication::applicationVersion())));
    EXPECT_TRUE(seen.contains(QStringLiteral("QCustomPlot")));

    const auto readme = base::readTextFile(std::filesystem::path(PERCEPT_SOURCE_DIR) / "README.md");
    ASSERT_TRUE(readme.hasValue());
    QString text = QString::fromStdString(*readme).section(QStringLiteral("It stands on:"), 1).section(QStringLiteral("Witnesses of"), 0, 0).simplified();
    for (const ProgramPart& part : programParts()) {
        const QString entry = QStringLiteral("%1 (%2)").arg(part.name, part.licence);
        EXPECT_TRUE(text.contains(entry)) << "not in the README: " << entry.toStdString();
        text.remove(entry);
    }
    text.remove(QStringLiteral("GoogleTest (BSD-3-Clause)")); // of the tests
    EXPECT_FALSE(text.contains(QLatin1Char('('))) << "not in the box: " << text.toStdString();
}
