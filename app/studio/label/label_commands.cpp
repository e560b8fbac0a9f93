// The commands of the page. Those of the menu stand first; the others have a key of their own, which F1 tells, and are found by
// Ctrl+K alone: with them the menu would be longer than the screen. Those of the Edit menu: label_clipboard.cpp.
#include "app/studio/frame/commands.h"
#include "app/studio/label/class_list.h"
#include "app/studio/label/go_field.h"
#include "app/studio/label/label_page.h"

#include <QAction>
#include <QKeyEvent>
#include <algorithm>

namespace percept::studio {

void LabelPage::buildCommands()
{
    const auto add = [this](const QString& text, const QString& keys, std::function<void()> run) {
        auto* action = new QAction(text, this);
        if (!keys.isEmpty())
            setCommandKeys(*action, keys);
        connect(action, &QAction::triggered, this, [run = std::move(run)] { run(); });
        m_commands << action;
    };
    add(tr("Next unfinished picture"), QStringLiteral("Shift D"), [this] { goToUnfinished(); });
    add(tr("Previous unfinished picture"), QStringLiteral("Shift A"), [this] { goBackToUnfinished(); });
    add(tr("Go to a picture…"), QStringLiteral("Ctrl G"), [this] { m_goField->open(tr("Number or name of a picture")); });
    add(tr("Done and next"), QStringLiteral("Space"), [this] { finishAndGo(); });
    add(tr("Done here, stay"), {}, [this] { setState(domain::ItemState::Done); });
    add(tr("Mark as to review"), {}, [this] { setState(domain::ItemState::ToReview); });
    add(tr("Mark as to do"), {}, [this] { setState(domain::ItemState::ToDo); });
    add(tr("Move the picture to the trash"), {}, [this] { moveToTrash(); });
    add(tr("Show or hide proposals"), QStringLiteral("P"), [this] { toggleProposals(); });
    add(tr("Accept all proposals above the slider"), QStringLiteral("Ctrl ↵"), [this] { acceptAll(); });
    add(tr("Lock the selection, or unlock all"), QStringLiteral("Shift L"), [this] { toggleLock(); });
    add(tr("Draw the selected object anew"), QStringLiteral("Shift W"), [this] { startRedrawing(); });
    add(tr("Paste the objects of the previous picture"), QStringLiteral("Ctrl Shift V"), [this] { pasteFromPrevious(); });
    add(tr("Whole picture"), QStringLiteral("Ctrl F"), [this] { m_canvas->fitPicture(); });
    add(tr("100 %"), QStringLiteral("Ctrl 0"), [this] { m_canvas->showActualSize(); });
    buildKeyCommands();
    buildEditCommands();
    buildClassCommands();
}

// Each is its key, pressed on the canvas: one way to do it, whichever way somebody takes.
void LabelPage::buildKeyCommands()
{
    const struct { QString text, keys; int key; Qt::KeyboardModifiers modifiers = {}; } commands[] = {
        { tr("Next picture"), QStringLiteral("D"), Qt::Key_D }, { tr("Previous picture"), QStringLiteral("A"), Qt::Key_A },
        { tr("Ten pictures on"), QStringLiteral("PgDn"), Qt::Key_PageDown }, { tr("Ten pictures back"), QStringLiteral("PgUp"), Qt::Key_PageUp },
        { tr("Box tool"), QStringLiteral("R"), Qt::Key_R }, { tr("Box tool by four outermost points"), QStringLiteral("X"), Qt::Key_X }, { tr("Select tool"), QStringLiteral("V"), Qt::Key_V },
        { tr("Find or make a class…"), QStringLiteral("/"), Qt::Key_Slash },
        { tr("Accept the highlighted proposal"), QStringLiteral("↵"), Qt::Key_Return },
        { tr("Next proposal or object"), QStringLiteral("Tab"), Qt::Key_Tab }, { tr("Previous proposal or object"), QStringLiteral("Shift Tab"), Qt::Key_Backtab },
        { tr("List only some objects…"), QStringLiteral("Ctrl Shift F"), Qt::Key_F, Qt::ControlModifier | Qt::ShiftModifier },
        { tr("Selected objects: occluded"), QStringLiteral("Q"), Qt::Key_Q }, { tr("Selected objects: truncated"), QStringLiteral("T"), Qt::Key_T },
        { tr("Selected objects: crowd"), QStringLiteral("Y"), Qt::Key_Y }, { tr("Selected objects: difficult"), QStringLiteral("U"), Qt::Key_U },
        { tr("Edit place and size of the object"), QStringLiteral("E"), Qt::Key_E },
        { tr("Hide or show the selected objects"), QStringLiteral("H"), Qt::Key_H },
        { tr("Hide or show all objects"), QStringLiteral("Ctrl H"), Qt::Key_H, Qt::ControlModifier },
        { tr("Dim the objects that are not selected"), QStringLiteral("J"), Qt::Key_J },
        { tr("Zoom to the selection"), QStringLiteral("Z"), Qt::Key_Z }, { tr("Zoom in"), QStringLiteral("+"), Qt::Key_Plus },
        { tr("Zoom out"), QStringLiteral("−"), Qt::Key_Minus },
    };
    for (const auto& command : commands) {
        auto* action = new QAction(command.text, this);
        setCommandKeys(*action, command.keys);
        connect(action, &QAction::triggered, this, [this, key = command.key, modifiers = command.modifiers] {
            if (m_document->isOpen())
                takeKey(QKeyEvent(QEvent::KeyPress, key, modifiers), m_canvas);
        });
        m_moreCommands << action;
    }
}

void LabelPage::buildClassCommands()
{
    const auto add = [this](const QString& text, std::function<void()> run) {
        auto* action = new QAction(text, this);
        connect(action, &QAction::triggered, this, [run = std::move(run)] { run(); });
        m_moreCommands << action;
    };
    const auto move = [this](int by) {
        const auto& labels = context().labels();
        const auto at = std::find_if(labels.begin(), labels.end(), [this](const domain::Label& label) { return label.id == m_armed; });
        if (at != labels.end())
            moveClass(m_armed, int(at - labels.begin()) + by);
    };
    add(tr("Rename the armed class…"), [this] { m_classes->rename(m_armed); });
    add(tr("Move the armed class up"), [move] { move(-1); });
    add(tr("Move the armed class down"), [move] { move(1); });
    add(tr("Merge the armed class into another…"), [this] { askMerge(); });
    add(tr("Delete the armed class"), [this] { deleteClass(m_armed, /*withBoxes=*/false); });
}

void LabelPage::armClass(LabelId id)
{
    arm(id);
    setTool(canvas::Tool::Box);
    m_canvas->setFocus();
}

}
