// What is exported is what was chosen, and each file is named before it is written.
#include "app/studio/gather/export_dialog.h"
#include "tests/app/studio/studio_support.h"
#include "widgets/style/widgets.h"

#include <QComboBox>
#include <QDialog>
#include <fstream>
#include <nlohmann/json.hpp>

using namespace percept;
using namespace percept::studio;

namespace {

class Export : public percept::studio::test_support::Studio {
protected:
    template <typename F>
    void exportWith(F act)
    {
        bool seen = false;
        QTimer timer; // runs inside the dialog's own event loop
        QObject::connect(&timer, &QTimer::timeout, &timer, [&] {
            auto* dialog = qobject_cast<ExportDialog*>(QApplication::activeModalWidget());
            if (!dialog || seen)
                return;
            seen = true;
            act(*dialog);
            if (dialog->isVisible())
                dialog->reject();
        });
        timer.start(10);
        click(find<QPushButton>("export"));
        EXPECT_TRUE(seen);
    }
    static QString outline(ExportDialog& dialog) { return dialog.findChild<QWidget*>(QStringLiteral("export-outline"))->accessibleName(); }
    static bool hasOutline(ExportDialog& dialog, const char* text)
    {
        return eventually([&] { return outline(dialog) == QString::fromUtf8(text); }, 3000);
    }
    static QComboBox& what(ExportDialog& dialog) { return *dialog.findChild<QComboBox*>(QStringLiteral("export-what")); }
    static void choose(QComboBox& box, const char* text)
    {
        box.setFocus();
        QTest::keyClick(&box, Qt::Key_Home);
        for (int i = 0; i < box.count() && !box.currentText().startsWith(QString::fromUtf8(text)); ++i)
            QTest::keyClick(&box, Qt::Key_Down);
        EXPECT_TRUE(box.currentText().startsWith(QString::fromUtf8(text))) << box.currentText().toStdString();
    }
};

}

TEST_F(Export, TheSelectionIsProposedAndNothingElseGoesOut)
{
    openSquares(12); // no boxes in p9
    auto* view = find<GalleryView>("gallery");
    for (const int row : { 0, 3, 10 })
        view->selectionModel()->select(model().index(row), QItemSelectionModel::Select);
    exportWith([&](ExportDialog& dialog) {
        EXPECT_EQ(what(dialog).currentText(), QStringLiteral("The selected pictures (3)"));
        EXPECT_TRUE(hasOutline(dialog, "annotations/instances_train.json: 2 pictures, 4 boxes; images/train/: a file for each of 2 pictures; "
                                       "annotations/instances_val.json: 1 picture, 2 boxes; images/val/: a file for each of 1 picture"))
            << outline(dialog).toStdString();
        dialog.findChild<QLineEdit*>(QStringLiteral("export-target"))->setText(toQString(m_folder / "out"));
        click(dialog.findChild<QPushButton*>(QStringLiteral("export-go")));
    });
    ASSERT_TRUE(eventually([&] { return std::filesystem::exists(m_folder / "out"); }));
    std::ifstream in(m_folder / "out/annotations/instances_train.json");
    EXPECT_EQ(nlohmann::json::parse(in)["images"].size(), 2u);
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(m_folder / "out/annotations"), {}), 2) << "no other set";
}

TEST_F(Export, FilterAndSetsAreOfferedAndWhatIsNotDoneIsSaid)
{
    openSquares(12);
    m_window->context().apply({ dataset::SetItemState { model().itemAt(0), domain::ItemState::ToDo } }, QStringLiteral("Marked"));
    ASSERT_TRUE(eventually([&] { return m_window->context().counts().byState.contains(domain::ItemState::ToDo); }));
    gather().showFilter({ .nameContains = "p1" }); // p1, p10, p11
    ASSERT_TRUE(rowsAre(3));
    exportWith([&](ExportDialog& dialog) {
        EXPECT_EQ(what(dialog).currentText(), QStringLiteral("The filtered pictures"));
        EXPECT_TRUE(eventually([&] { return outline(dialog).contains(QStringLiteral("images/val/: a file for each of 2 pictures")); })) << outline(dialog).toStdString();
        choose(what(dialog), "Set: Train");
        EXPECT_TRUE(eventually([&] { return outline(dialog).startsWith(QStringLiteral("annotations/instances_train.json: 3 pictures")); })) << outline(dialog).toStdString();
        EXPECT_EQ(dialog.findChild<QLabel*>(QStringLiteral("export-left-out"))->text(), QStringLiteral("1 picture that is not done is left out."));
        choose(*dialog.findChild<QComboBox*>(QStringLiteral("export-format")), "Pascal VOC");
        EXPECT_TRUE(eventually([&] { return outline(dialog).startsWith(QStringLiteral("Annotations/: a file for each of 3 pictures")); })) << outline(dialog).toStdString();
        auto* target = dialog.findChild<QLineEdit*>(QStringLiteral("export-target"));
        auto* go = dialog.findChild<QPushButton*>(QStringLiteral("export-go"));
        target->setText(toQString(m_folder / "pictures"));
        EXPECT_FALSE(go->isEnabled()) << "not empty";
        EXPECT_TRUE(dialog.findChild<style::Note*>(QStringLiteral("export-problem"))->text().contains(QStringLiteral("not empty")));
        target->setText(toQString(m_folder / "new"));
        EXPECT_TRUE(go->isEnabled());
    });
    gather().showFilter({ .sets = { domain::SplitSet::Test } });
    ASSERT_TRUE(rowsAre(4));
    exportWith([&](ExportDialog& dialog) { EXPECT_EQ(what(dialog).currentText(), QStringLiteral("Set: Test (4)")); });
    gather().showFilter({ .states = { domain::ItemState::ToDo } });
    exportWith([&](ExportDialog& dialog) {
        EXPECT_TRUE(eventually([&] { return !dialog.findChild<QPushButton*>(QStringLiteral("export-go"))->isEnabled(); })) << "nothing of it is done";
    });
}
