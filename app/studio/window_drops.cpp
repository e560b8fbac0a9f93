// Files that are dragged over the window and dropped on it: anywhere will do, and what will happen is said before.
#include "app/studio/drop_overlay.h"
#include "app/studio/main_window.h"
#include "app/studio/start/start_page.h"

#include <QDragEnterEvent>
#include <QDropEvent>
#include <QMimeData>

namespace percept::studio {

namespace {

DropWords nothingUsable()
{
    return { MainWindow::tr("Percept has no use for these files"), MainWindow::tr("It takes pictures (JPEG, PNG, WebP, TIFF, BMP), folders of them, Pascal VOC and COCO label files, and projects."), false };
}

}

DropWords MainWindow::dropWords(const FilesInHand& hand)
{
    if (!hand.isUsable())
        return nothingUsable();
    const QString name = toQString(hand.files.front().stem());
    if (hand.isProject && m_context.session())
        return { tr("Open the project %1").arg(name), tr("%1 is closed; everything in it is saved.").arg(QString::fromStdString(m_context.info().name)) };
    if (hand.isProject)
        return { tr("Open the project %1").arg(name), {} };
    const QString others = hand.others > 0 ? QLatin1Char(' ') + tr("What is neither picture, folder nor label file is left out.") : QString();
    if (!m_context.session())
        return { tr("Begin a project with %1").arg(wordsFor(hand)), tr("It comes in when you have given the project a name. The files stay where they are.") + others };
    Page* front = m_current.isEmpty() ? nullptr : page(m_current);
    if (const DropWords words = front ? front->dropWords(hand) : DropWords(); !words.title.isEmpty())
        return words;
    const QString boxes = hand.folders + hand.labelFiles > 0 ? tr("Boxes come with them where Pascal VOC or COCO files tell of any.") + QLatin1Char(' ') : QString();
    return { tr("Add %1 to Gather").arg(wordsFor(hand)), boxes + tr("The files stay where they are, and undo takes them out again.") + others };
}

void MainWindow::dragEnterEvent(QDragEnterEvent* event)
{
    if (!event->mimeData()->hasUrls())
        return;
    if (!m_drop)
        m_drop = new DropOverlay(this);
    m_drop->showWords(dropWords(filesIn(*event->mimeData())));
    event->acceptProposedAction(); // also of what cannot be dropped, or its moves are not told
}

void MainWindow::dragMoveEvent(QDragMoveEvent* event)
{
    if (m_drop && m_drop->isVisible() && m_drop->words().possible)
        event->acceptProposedAction();
    else
        event->ignore();
}

void MainWindow::dragLeaveEvent(QDragLeaveEvent*)
{
    if (m_drop)
        m_drop->hide();
}

void MainWindow::dropEvent(QDropEvent* event)
{
    if (m_drop)
        m_drop->hide();
    const FilesInHand hand = filesIn(*event->mimeData());
    if (!hand.isUsable())
        return;
    event->acceptProposedAction();
    if (hand.isProject) {
        openProject(hand.files.front());
        return;
    }
    if (!m_context.session())
        return startPage()->offerData(hand.files);
    Page* front = page(m_current);
    if (front && front->acceptDrop(hand.files))
        return;
    m_context.requestImport(hand.files);
}

}
