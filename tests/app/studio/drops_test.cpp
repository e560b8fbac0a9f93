// Files dragged over the window: it says what would happen with them, and that happens.
#include "app/studio/drop_overlay.h"
#include "app/studio/gather/import_report.h"
#include "tests/app/studio/studio_support.h"

#include <QDragEnterEvent>
#include <QDragLeaveEvent>
#include <QDragMoveEvent>
#include <QImage>
#include <fstream>

using namespace percept;
using namespace percept::studio;

namespace {

class Drops : public percept::studio::test_support::Studio {
protected:
    std::filesystem::path picture(const char* name)
    {
        std::filesystem::create_directories(m_folder / "loose");
        QImage image(16, 16, QImage::Format_RGB32);
        image.fill(QColor(int(name[0]) % 255, 20, 90));
        EXPECT_TRUE(image.save(toQString(m_folder / "loose" / name)));
        return m_folder / "loose" / name;
    }
    std::filesystem::path text(const char* name)
    {
        std::ofstream(m_folder / name) << "words";
        return m_folder / name;
    }
    static std::unique_ptr<QMimeData> inHand(const std::vector<std::filesystem::path>& files)
    {
        auto data = std::make_unique<QMimeData>();
        QList<QUrl> urls;
        for (const auto& file : files)
            urls << QUrl::fromLocalFile(toQString(file));
        data->setUrls(urls);
        return data;
    }
    // What is said while they are over the window; whether a drop would be taken.
    std::string dragged(const std::vector<std::filesystem::path>& files, bool* taken = nullptr)
    {
        const auto data = inHand(files);
        QDragEnterEvent enter(QPoint(600, 400), Qt::CopyAction, data.get(), Qt::LeftButton, Qt::NoModifier);
        QApplication::sendEvent(m_window.get(), &enter);
        QDragMoveEvent move(QPoint(610, 400), Qt::CopyAction, data.get(), Qt::LeftButton, Qt::NoModifier);
        QApplication::sendEvent(m_window.get(), &move);
        if (taken)
            *taken = move.isAccepted();
        EXPECT_TRUE(overlay() && overlay()->isVisible());
        const std::string said = overlay()->words().title.toStdString();
        leave();
        return said;
    }
    void leave()
    {
        QDragLeaveEvent event;
        QApplication::sendEvent(m_window.get(), &event);
        EXPECT_FALSE(overlay()->isVisible());
    }
    void dropAll(const std::vector<std::filesystem::path>& files)
    {
        const auto data = inHand(files);
        QDragEnterEvent enter(QPoint(600, 400), Qt::CopyAction, data.get(), Qt::LeftButton, Qt::NoModifier);
        QApplication::sendEvent(m_window.get(), &enter); // a drop goes to who took the drag
        QDropEvent event(QPointF(600, 400), Qt::CopyAction, data.get(), Qt::LeftButton, Qt::NoModifier);
        QApplication::sendEvent(m_window.get(), &event);
    }
    DropOverlay* overlay() { return find<DropOverlay>("drop-overlay"); }
    ImportReportPanel& report() { return *find<ImportReportPanel>("import-report"); }
};

}

TEST_F(Drops, WhatWouldHappenIsSaidWhereverOneIs)
{
    test::makeSquaresProject(m_folder / "cells.percept", m_folder / "pictures", 4);
    EXPECT_EQ(dragged({ m_folder / "pictures" }), "Begin a project with the folder pictures");
    EXPECT_EQ(dragged({ m_folder / "cells.percept" }), "Open the project cells");
    bool taken = true;
    EXPECT_EQ(dragged({ text("notes.txt") }, &taken), "Percept has no use for these files");
    EXPECT_FALSE(taken);
    ASSERT_TRUE(m_window->openProject(m_folder / "cells.percept"));
    for (const char* page : { "gather", "label" }) {
        m_window->showPage(QString::fromLatin1(page));
        EXPECT_EQ(dragged({ picture("a.png"), picture("b.JPG"), text("notes.txt") }, &taken), "Add 2 pictures to Gather") << page;
        EXPECT_TRUE(taken);
        EXPECT_EQ(dragged({ picture("a.png"), m_folder / "pictures", text("set.json") }), "Add 1 picture, 1 folder and 1 label file to Gather");
        EXPECT_EQ(dragged({ text("set.json") }), "Add set.json to Gather");
    }
    EXPECT_TRUE(overlay()->words().detail.contains(QStringLiteral("Boxes come with them")));
}

TEST_F(Drops, AProjectThatIsDroppedIsOpenedAlsoFromAnother)
{
    test::makeSquaresProject(m_folder / "other.percept", m_folder / "others", 2);
    openSquares(3);
    dropAll({ m_folder / "other.percept" });
    ASSERT_NE(m_window->context().session(), nullptr);
    EXPECT_EQ(m_window->context().session()->folder(), m_folder / "other.percept");
}

TEST_F(Drops, LoosePicturesComeInAsOneStepAndWhatIsNoneIsLeftOut)
{
    openSquares(3);
    dropAll({ picture("a.png"), text("broken.json"), picture("b.png"), picture("c.png") });
    EXPECT_FALSE(overlay()->isVisible()) << "what is said of a drag ends with the drop";
    ASSERT_TRUE(eventually([&] { return report().isVisible(); }));
    EXPECT_TRUE(eventually([&] { return m_window->context().counts().items == 6; }));
    EXPECT_TRUE(report().text().contains(QStringLiteral("3 pictures came in"))) << report().text().toStdString();
    EXPECT_TRUE(report().text().contains(QStringLiteral("1 file or box was left out"))) << report().text().toStdString();
    EXPECT_TRUE(report().text().contains(QStringLiteral("broken.json")));
    ASSERT_TRUE(eventually([&] { return m_window->context().undoTitle() == QStringLiteral("Imported 3 pictures"); })) << m_window->context().undoTitle().toStdString();
    m_window->context().undo();
    EXPECT_TRUE(eventually([&] { return m_window->context().counts().items == 3; })) << "all of them";
}
