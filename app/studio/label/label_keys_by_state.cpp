// Keys that mean what is under way, highlighted or selected: digits, Esc, Enter, arrows.
#include "app/studio/label/class_list.h"
#include "app/studio/label/label_page.h"

#include <QAbstractItemView>
#include <QAbstractSlider>
#include <QKeyEvent>
#include <algorithm>
#include <cmath>
#include <utility>

namespace percept::studio {

namespace {
    // With Shift the keys of the digit row give signs, on each keyboard others: the place of the key says which digit it is.
    // Signs that are keys of the page stay that.
    int digitOf(const QKeyEvent& event)
    {
        constexpr int kSigns[] = { Qt::Key_Slash, Qt::Key_Plus, Qt::Key_Minus, Qt::Key_Equal };
        constexpr quint32 kFirst = 10, kLast = 19; // scan codes of 1 … 9, 0 under X11 and Wayland
        if (event.key() >= Qt::Key_0 && event.key() <= Qt::Key_9)
            return event.key() - Qt::Key_0;
        const quint32 code = event.nativeScanCode();
        const bool sign = std::find(std::begin(kSigns), std::end(kSigns), event.key()) != std::end(kSigns);
        const bool shift = event.modifiers() & Qt::ShiftModifier, row = code >= kFirst && code <= kLast;
        return shift && row && !sign ? int(code - kFirst + 1) % 10 : -1;
    }
}

bool LabelPage::takeDigit(const QKeyEvent& event)
{
    const int digit = digitOf(event);
    if (digit < 0)
        return false;
    const auto& labels = context().labels();
    auto meant = std::find_if(labels.begin(), labels.end(), [digit](const domain::Label& label) { return label.key == char('0' + digit); });
    if (event.modifiers() & Qt::ShiftModifier) { // the eleventh to the twentieth
        const std::size_t place = 10 + std::size_t((digit + 9) % 10);
        meant = place < labels.size() ? labels.begin() + std::ptrdiff_t(place) : labels.end();
    }
    if (meant == labels.end())
        return true;
    if (takeProposalDigit(meant->id))
        return true;
    if (!selection().empty() && !m_fresh)
        changeClass(meant->id);
    else {
        arm(meant->id);
        setTool(m_drawTool);
    }
    return true;
}

// A proposal that somebody went to is accepted as that class.
bool LabelPage::takeProposalDigit(LabelId label)
{
    const auto key = m_canvas->scene().highlightedProposal();
    if (!key || !m_chosenProposal || !selection().empty())
        return false;
    acceptProposals({ *key }, label);
    return true;
}

bool LabelPage::takeEscape()
{
    if (m_classes->cancelDrag() || m_canvas->cancelInteraction())
        return true;
    if (redraws()) {
        m_redrawn = {};
        refreshHints();
        return true;
    }
    if (m_mistakeOn.isValid() && m_document->item().id == m_mistakeOn)
        return false; // what is marked here was marked for whoever came to look at it: back at once
    const auto key = m_canvas->scene().highlightedProposal();
    if (key) {
        m_restProposals = true;
        highlight({});
    } else if (!selection().empty())
        selectByHand({});
    else if (std::exchange(m_answer, {}))
        showProposals();
    else if (m_canvas->tool() != canvas::Tool::Select)
        setTool(canvas::Tool::Select);
    else
        return false; // the frame may know a way back
    return true;
}

bool LabelPage::takeEnter(bool control)
{
    if (m_canvas->isDrawing())
        return true;
    if (control) {
        acceptAll();
        return true;
    }
    if (const auto key = m_canvas->scene().highlightedProposal())
        acceptProposals({ *key });
    else
        goToProposals();
    return true;
}

bool LabelPage::takeArrow(const QKeyEvent& event, const QWidget* focus)
{
    // Lists and sliders need their arrows, unless an object could not be reached otherwise.
    if (qobject_cast<const QAbstractSlider*>(focus) || qobject_cast<const QAbstractItemView*>(focus))
        return false;
    const double step = event.modifiers() & Qt::ShiftModifier ? 10 : 1;
    const double dx = event.key() == Qt::Key_Left ? -step : event.key() == Qt::Key_Right ? step : 0;
    const double dy = event.key() == Qt::Key_Up ? -step : event.key() == Qt::Key_Down ? step : 0;
    const bool grows = event.modifiers() & (Qt::ControlModifier | Qt::AltModifier);
    const double sign = event.modifiers() & Qt::AltModifier ? -1 : 1;
    const double x = grows ? sign * std::abs(dx) : dx, y = grows ? sign * std::abs(dy) : dy;
    if (nudgeProposal(x, y, grows))
        return true;
    return grows ? m_canvas->growSelection(x, y) : m_canvas->nudgeSelection(x, y);
}

}
