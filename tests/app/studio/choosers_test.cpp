// File dialogs begin where the last thing of their kind was chosen, show what fits, and give files their ending.
#include "app/studio/frame/choosers.h"
#include "tests/app/studio/studio_support.h"
#include "widgets/style/tokens.h"

#include <QFileDialog>

using namespace percept;
using namespace percept::studio;

namespace {

class FileChoosers : public percept::studio::test_support::Studio {
protected:
    // What stands in the dialog that `open` brings.
    template <typename Open, typename Look>
    void inDialog(Open open, Look look)
    {
        bool seen = false;
        QTimer timer;
        QObject::connect(&timer, &QTimer::timeout, &timer, [&] {
            auto* dialog = qobject_cast<QFileDialog*>(QApplication::activeModalWidget());
            if (!dialog || seen)
                return;
            seen = true;
            look(*dialog);
            if (dialog->isVisible())
                dialog->reject();
        });
        timer.start(10);
        open();
        EXPECT_TRUE(seen);
    }
};

}

TEST_F(FileChoosers, EachPurposeBeginsWhereItsLastThingWas)
{
    openSquares(2);
    std::filesystem::create_directories(m_folder / "a/set");
    std::filesystem::create_directories(m_folder / "b/set");
    StudioContext& context = m_window->context();
    QString start, answer = toQString(m_folder / "a/set");
    context.choosers().folder = [&](QWidget*, const QString&, const QString& from) { start = from; return answer; };
    context.choosers().saveFile = [&](QWidget*, const QString&, const QString& from, const QString&) { start = from; return answer; };
    EXPECT_EQ(context.chooseFolder(nullptr, QStringLiteral("import"), QString(), QStringLiteral("/home")), answer);
    EXPECT_EQ(start, QStringLiteral("/home"));
    answer = toQString(m_folder / "b/report.pdf");
    context.chooseSaveFile(nullptr, QStringLiteral("report"), QString(), QStringLiteral("/home/first.pdf"), QString());
    EXPECT_EQ(start, QStringLiteral("/home/first.pdf"));
    context.chooseSaveFile(nullptr, QStringLiteral("report"), QString(), QStringLiteral("/home/second.pdf"), QString());
    EXPECT_EQ(start, toQString(m_folder / "b/second.pdf")) << "the name is the proposed one";
    answer.clear();
    context.chooseFolder(nullptr, QStringLiteral("import"), QString(), QStringLiteral("/home"));
    EXPECT_EQ(start, toQString(m_folder / "a")) << "not where reports go";
    context.chooseFolder(nullptr, QStringLiteral("import"), QString(), QStringLiteral("/home"));
    EXPECT_EQ(start, toQString(m_folder / "a")) << "nothing chosen, nothing forgotten";
    std::filesystem::remove_all(m_folder / "a");
    context.chooseFolder(nullptr, QStringLiteral("import"), QString(), QStringLiteral("/home"));
    EXPECT_EQ(start, QStringLiteral("/home")) << "it is gone";
}

TEST_F(FileChoosers, TheDialogsAskForWhatFits)
{
    openSquares(2);
    const Choosers choosers = desktopChoosers();
    const QString folder = toQString(m_folder / "pictures");
    QString saved;
    inDialog([&] { saved = choosers.saveFile(m_window.get(), QStringLiteral("Save PDF"), folder + QStringLiteral("/report.pdf"), QStringLiteral("PDF (*.pdf)")); },
        [](QFileDialog& dialog) {
            EXPECT_EQ(dialog.defaultSuffix(), QStringLiteral("pdf"));
            auto* name = dialog.findChild<QLineEdit*>(QStringLiteral("fileNameEdit"));
            ASSERT_NE(name, nullptr);
            EXPECT_EQ(name->text(), QStringLiteral("report.pdf"));
            name->setCompleter(nullptr);
            name->setText(QStringLiteral("mine"));
            QTest::keyClick(name, Qt::Key_Return);
        });
    EXPECT_EQ(saved, folder + QStringLiteral("/mine.pdf"));
    inDialog([&] { choosers.files(m_window.get(), QStringLiteral("Pictures or label files"), folder, importFileFilter()); },
        [&](QFileDialog& dialog) {
            EXPECT_EQ(dialog.fileMode(), QFileDialog::ExistingFiles);
            ASSERT_GE(dialog.nameFilters().size(), 2);
            EXPECT_TRUE(dialog.nameFilters().constFirst().contains(QStringLiteral("*.json")));
            EXPECT_EQ(dialog.nameFilters().constLast(), QStringLiteral("All files (*)"));
            EXPECT_EQ(dialog.palette().color(QPalette::Window), m_window->palette().color(QPalette::Window)) << "in the theme";
        });
    inDialog([&] { choosers.folder(m_window.get(), QStringLiteral("Folder"), folder); },
        [](QFileDialog& dialog) { EXPECT_EQ(dialog.fileMode(), QFileDialog::Directory); });
}
