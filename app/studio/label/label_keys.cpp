// Keys of the page. They work wherever the focus is on it, but in text fields; what is being drawn takes Enter, Esc and
// Backspace first, then a highlighted proposal, then the selection, then the tool.
#include "app/studio/frame/side_panel.h"
#include "app/studio/label/class_field.h"
#include "app/studio/label/class_list.h"
#include "app/studio/label/go_field.h"
#include "app/studio/label/label_page.h"
#include "app/studio/label/object_fields.h"
#include "app/studio/label/object_filter.h"

#include <QAbstractButton>
#include <QAbstractSpinBox>
#include <QApplication>
#include <QKeyEvent>
#include <QLineEdit>
#include <QTimer>
#include <algorithm>

namespace percept::studio {

namespace {
    constexpr int kLeap = 10; // pictures

    bool isTextField(const QWidget* widget)
    {
        return qobject_cast<const QLineEdit*>(widget) || qobject_cast<const QAbstractSpinBox*>(widget) || (widget && widget->inherits("QTextEdit"))
            || (widget && widget->inherits("QPlainTextEdit"));
    }
}

bool LabelPage::eventFilter(QObject* object, QEvent* event)
{
    const auto type = event->type();
    if (type == QEvent::PaletteChange && object == this)
        applyTheme();
    if (type == QEvent::ShortcutOverride && m_active && takesUndo(*event)) {
        event->accept(); // Ctrl+Z: comes as a key
        return true;
    }
    if ((type != QEvent::KeyPress && type != QEvent::KeyRelease) || !m_active || !isVisible() || !object->isWidgetType())
        return false;
    auto* widget = static_cast<QWidget*>(object);
    const bool ours = widget == this || isAncestorOf(widget) || widget == window();
    const QWidget* focus = widget == window() ? QApplication::focusWidget() : widget;
    if (!ours || QApplication::activePopupWidget() || QApplication::activeModalWidget() || isTextField(focus) || !m_document->isOpen())
        return false;
    const auto& key = static_cast<const QKeyEvent&>(*event);
    if (key.key() == Qt::Key_Space && !key.modifiers() && !qobject_cast<const QAbstractButton*>(focus))
        return takeSpace(key);
    if (type == QEvent::KeyRelease)
        return false;
    return takeKey(key, focus);
}

bool LabelPage::takeSpace(const QKeyEvent& event)
{
    if (event.isAutoRepeat())
        return true;
    if (event.type() == QEvent::KeyRelease) {
        m_spaceUp->interval() > 0 ? m_spaceUp->start() : spaceReleased();
        return true;
    }
    if (m_spaceUp->isActive()) { // it is still held
        m_spaceUp->stop();
        return true;
    }
    m_spaceHeld.start();
    m_canvas->setPanHeld(true);
    return true;
}

// A tap is done-and-next; who holds it wanted to pan and thought better of it.
void LabelPage::spaceReleased()
{
    constexpr qint64 kTapMs = 700;
    const bool tapped = m_spaceHeld.isValid() && m_spaceHeld.elapsed() < kTapMs && !m_canvas->pannedWhileHeld();
    m_spaceHeld.invalidate();
    m_canvas->setPanHeld(false);
    if (tapped)
        finishAndGo();
}

// Undo means the corner that was just set, not the box before it; and the proposal that was just dropped.
bool LabelPage::takesUndo(const QEvent& event) const
{
    const auto& key = static_cast<const QKeyEvent&>(event);
    if (key.key() != Qt::Key_Z || key.modifiers() != Qt::ControlModifier)
        return false;
    const QWidget* focus = QApplication::focusWidget();
    const bool ours = !focus || focus == this || focus == window() || isAncestorOf(focus);
    return m_canvas->isDrawing() || (!m_drops.empty() && ours && !isTextField(focus));
}

bool LabelPage::takeKey(const QKeyEvent& event, const QWidget* focus)
{
    const auto modifiers = event.modifiers() & ~Qt::KeypadModifier;
    switch (event.key()) {
    case Qt::Key_Escape: return takeEscape();
    case Qt::Key_Return:
    case Qt::Key_Enter: return !qobject_cast<const QAbstractButton*>(focus) && takeEnter(modifiers & Qt::ControlModifier);
    case Qt::Key_Tab: walk(1); return true;
    case Qt::Key_Backtab: walk(-1); return true;
    case Qt::Key_Left:
    case Qt::Key_Right:
    case Qt::Key_Up:
    case Qt::Key_Down: return takeArrow(event, focus);
    default: break;
    }
    if (modifiers & Qt::ControlModifier)
        return takeControlKey(event);
    if (modifiers & Qt::AltModifier)
        return false;
    return takeDigit(event) || takePlainKey(event) || takeObjectKey(event, focus);
}

bool LabelPage::takePlainKey(const QKeyEvent& event)
{
    const bool shift = event.modifiers() & Qt::ShiftModifier;
    switch (event.key()) {
    case Qt::Key_D: shift ? goToUnfinished() : go(1); return true;
    case Qt::Key_A: shift ? goBackToUnfinished() : go(-1); return true;
    case Qt::Key_PageDown: go(std::min(kLeap, int(m_ids.size()) - 1 - m_index)); return true;
    case Qt::Key_PageUp: go(-std::min(kLeap, m_index)); return true;
    case Qt::Key_P: toggleProposals(); return true;
    case Qt::Key_R: setTool(canvas::Tool::Box); return true;
    case Qt::Key_X: setTool(canvas::Tool::Extremes); return true;
    case Qt::Key_W:
    case Qt::Key_N: shift ? startRedrawing() : setTool(m_drawTool); return true;
    case Qt::Key_V:
        setTool(canvas::Tool::Select);
        m_fresh = false; // what is selected is now meant
        refreshHints();
        return true;
    case Qt::Key_E:
        m_side->setFolded(false);
        m_fields->focusFirst();
        return true;
    case Qt::Key_J:
        m_dimOthers = !m_dimOthers;
        showShapes();
        refreshHints();
        return true;
    case Qt::Key_Plus:
    case Qt::Key_Equal: m_canvas->zoomBy(1.25); return true;
    case Qt::Key_Minus: m_canvas->zoomBy(1 / 1.25); return true;
    case Qt::Key_Slash:
        m_purpose = !selection().empty() && !m_fresh ? FieldPurpose::Change : FieldPurpose::Arm;
        openClassField(m_purpose == FieldPurpose::Change ? tr("New class of the selection") : tr("Class"), QPoint(12, 12));
        return true;
    default: return false;
    }
}

// What is done to the selection or to the highlighted proposal.
bool LabelPage::takeObjectKey(const QKeyEvent& event, const QWidget* focus)
{
    switch (event.key()) {
    case Qt::Key_Q: toggleFlag(0); return true;
    case Qt::Key_T: toggleFlag(1); return true;
    case Qt::Key_Y: toggleFlag(2); return true;
    case Qt::Key_U: toggleFlag(3); return true;
    case Qt::Key_Z:
        if (!selection().empty())
            m_canvas->frame(selection().front());
        return true;
    case Qt::Key_H:
        for (AnnotationId id : selection())
            setObjectHidden(id, !m_hiddenObjects.count(id));
        return true;
    case Qt::Key_L:
        if (!(event.modifiers() & Qt::ShiftModifier))
            return false;
        toggleLock();
        return true;
    case Qt::Key_Delete:
    case Qt::Key_Backspace:
        if (event.key() == Qt::Key_Backspace && m_canvas->stepBack())
            return true;
        if (focus == m_classes)
            return false; // the class is meant
        if (const auto key = m_canvas->scene().highlightedProposal())
            dropProposal(*key);
        else
            deleteObjects(selection(), /*alsoLocked=*/event.modifiers() & Qt::ShiftModifier);
        return true;
    default: return false;
    }
}

bool LabelPage::takeControlKey(const QKeyEvent& event)
{
    const bool shift = event.modifiers() & Qt::ShiftModifier;
    switch (event.key()) {
    case Qt::Key_A: selectListed(); return true;
    case Qt::Key_C: copySelection(); return true;
    case Qt::Key_X:
        copySelection();
        deleteObjects(selection());
        return true;
    case Qt::Key_V:
        shift ? pasteFromPrevious() : pasteClipboard(m_canvas->cursorOnPicture());
        return true;
    case Qt::Key_D: duplicateSelection(); return true;
    case Qt::Key_F:
        if (!shift)
            m_canvas->fitPicture();
        else {
            m_side->setFolded(false);
            m_filter->open();
        }
        return true;
    case Qt::Key_G: m_goField->open(tr("Number or name of a picture")); return true;
    case Qt::Key_0: m_canvas->showActualSize(); return true;
    case Qt::Key_H:
        m_canvas->setShapesHidden(!m_canvas->shapesHidden());
        refreshHints();
        return true;
    case Qt::Key_Z: return !shift && (m_canvas->isDrawing() ? m_canvas->stepBack() : takeBackDrop());
    case Qt::Key_J: setTool(m_canvas->tool() == canvas::Tool::Select ? m_drawTool : canvas::Tool::Select); return true;
    default: return false;
    }
}

}
