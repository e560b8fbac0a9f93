// What can be done now: the strip below the picture, and the keys that F1 shows.
#include "app/studio/label/hint_strip.h"
#include "app/studio/label/label_page.h"
#include "widgets/style/tokens.h"

#include <algorithm>

namespace percept::studio {

QString LabelPage::howToDraw(bool hasClass) const
{
    const bool drawing = m_canvas->isDrawing();
    if (m_canvas->tool() == canvas::Tool::Extremes && drawing)
        return tr("%1 of %2 points: topmost, leftmost, lowest, rightmost, in any order").arg(m_canvas->pointsDrawn()).arg(canvas::Interaction::kExtremes);
    if (drawing)
        return m_canvas->isDrawingByDrag() ? tr("release at the opposite corner") : tr("click the opposite corner");
    if (!hasClass)
        return tr("draw one, then type the name of its class");
    return m_canvas->tool() == canvas::Tool::Extremes ? tr("click the four points that stick out most") : tr("drag, or click two corners");
}

void LabelPage::showToolHint()
{
    if (m_canvas->shapesHidden())
        return m_hint->setTool(style::tokens().warning, tr("All objects are hidden"), tr("Ctrl+H shows them"));
    if (m_dimOthers)
        return m_hint->setTool(style::tokens().warning, tr("All but the selection is pale"), tr("J shows all"));
    if (m_canvas->tool() != canvas::Tool::Select) {
        const bool anew = redraws(); // what the object is stays
        const domain::Annotation* object = anew ? m_document->find(m_redrawn) : nullptr;
        const LabelId id = object ? object->label : m_armed;
        const domain::Label* label = context().label(id);
        const QString name = anew ? tr("%1 anew").arg(nameOf(m_redrawn)) : label ? tr("Box, %1").arg(QString::fromStdString(label->name)) : tr("Box");
        m_hint->setTool(label ? context().labelColor(id) : QColor(), name, howToDraw(label != nullptr));
    } else {
        m_hint->setTool({}, tr("Select"), tr("click, Shift-click or drag a band"));
    }
}

// What a digit would do now. Right after drawing it is the class of what is drawn next, so that the hand may stay with the drawing; a box
// that was clicked, or V, makes it mean the selection.
std::vector<HintStrip::Key> LabelPage::digitHints() const
{
    const QString digits = QStringLiteral("1–9");
    if (m_canvas->scene().highlightedProposal() && m_chosenProposal && selection().empty())
        return onlyCompares() ? std::vector<HintStrip::Key>() : std::vector<HintStrip::Key> { { digits, tr("accept as that class") } };
    if (selection().empty())
        return { { digits, tr("class to draw") } };
    if (m_fresh)
        return { { QStringLiteral("V, 1–9"), tr("class of this box") }, { digits, tr("class of the next box") } };
    return { { digits, selection().size() == 1 ? tr("change its class") : tr("change their class") } };
}

std::vector<HintStrip::Key> LabelPage::proposalHints() const
{
    std::vector<HintStrip::Key> keys { { tr("Tab"), tr("next") }, { tr("Esc"), tr("leave") }, { tr("Del"), tr("drop") } };
    if (!onlyCompares()) {
        keys.push_back({ m_canvas->tool() == canvas::Tool::Select ? tr("Drag") : tr("Ctrl+drag"), tr("accept moved") });
        keys.push_back({ QStringLiteral("↵"), tr("accept") });
    }
    return keys;
}

// What has no room is left out from the left: the last are those that are needed most.
void LabelPage::showHints()
{
    showToolHint();
    std::vector<HintStrip::Key> keys;
    QString subject;
    const auto highlighted = m_canvas->scene().highlightedProposal();
    const canvas::Proposal* proposal = highlighted ? m_canvas->scene().findProposal(*highlighted) : nullptr;
    const bool selects = m_canvas->tool() == canvas::Tool::Select, drawing = m_canvas->isDrawing();
    bool showDigits = !drawing;
    if (drawing) {
        keys = { { tr("Esc"), tr("give up") } };
        if (m_canvas->pointsDrawn() > 1)
            keys.insert(keys.begin(), { tr("Backspace"), tr("take back a point") });
    } else if (proposal) {
        subject = (onlyCompares() ? tr("To compare: %1") : tr("Proposal %1")).arg(proposal->tag);
        keys = proposalHints();
    } else if (const auto ids = selection(); !ids.empty() && std::all_of(ids.begin(), ids.end(), [this](AnnotationId id) { return isLocked(id); })) {
        subject = ids.size() == 1 ? tr("%1, locked").arg(nameOf(ids.front())) : tr("%1 objects, locked").arg(ids.size());
        keys = { { tr("Esc"), tr("leave") }, { tr("Shift+L"), tr("unlock") } };
        showDigits = false;
    } else if (!selection().empty()) {
        subject = selection().size() == 1 ? nameOf(selection().front()) : tr("%1 objects").arg(selection().size());
        keys = { { QStringLiteral("← →"), tr("nudge") }, { tr("Del"), tr("delete") } };
        if (!selects)
            keys.push_back({ tr("Ctrl"), tr("select, resize") });
        if (!m_visible.empty() && !onlyCompares() && !m_restProposals)
            keys.push_back({ QStringLiteral("↵"), tr("proposals") });
    } else {
        keys = { { QStringLiteral("A"), tr("previous") }, { QStringLiteral("D"), tr("next") } };
        if (!selects)
            keys.insert(keys.begin(), { tr("Ctrl"), tr("select") });
    }
    if (showDigits)
        for (HintStrip::Key& key : digitHints())
            keys.push_back(std::move(key));
    keys.push_back({ QStringLiteral("F1"), tr("all keys") });
    m_hint->setKeys(subject, std::move(keys));
}

// Those that are commands of the menu tell their keys themselves.
QList<KeyHelp> LabelPage::keys() const
{
    return { { tr("1 … 0"), tr("Class to draw, or of the selection; Shift: 11th to 20th") }, { QStringLiteral("/"), tr("Find or make a class by name") },
        { tr("Alt ↑ ↓"), tr("Move a class in its list; Alt and a digit: its key, F2: its name") },
        { QStringLiteral("R / X"), tr("Box: drag or click two corners / by its four outermost points") },
        { QStringLiteral("W"), tr("Last tool and class again; Shift+W: draw the selected anew") }, { QStringLiteral("V"), tr("Select: click, Shift-click, drag a band") },
        { tr("Alt-click"), tr("What lies beneath; Ctrl-click: select; Shift-drag: a band") }, { tr("Space"), tr("Held with a drag: pan") },
        { QStringLiteral("D / A / PgDn / PgUp"), tr("Next, previous picture / ten on, back") },
        { QStringLiteral("↵"), tr("Accept the highlighted proposal; a digit takes it as that class") },
        { tr("Drag / Arrows"), tr("Accept a proposal, moved or resized; box tools: Ctrl+drag") },
        { tr("Esc"), tr("Give up drawing; leave proposals, selection, tool; go back") }, { tr("Tab"), tr("Next proposal, then object") },
        { tr("Del"), tr("Delete; drop the proposal; Shift+Del: also what is locked") }, { tr("Arrows"), tr("Nudge by 1 px, with Shift by 10; Ctrl grows, Alt shrinks") },
        { tr("Ctrl+C X V"), tr("Copy, cut, paste at the pointer") }, { tr("Ctrl+A / Ctrl+D"), tr("Select all that are listed / duplicate") }, { tr("Ctrl+Shift+F"), tr("List only some objects: by class, flag, “problem”") },
        { QStringLiteral("Q T Y U"), tr("Occluded, truncated, crowd, difficult") }, { QStringLiteral("E / J"), tr("Edit place and size / dim the others") },
        { QStringLiteral("H / Ctrl+H"), tr("Hide the selection, all") }, { tr("Wheel + − Z"), tr("Zoom at the cursor, to the selection; Shift+wheel moves sideways") } };
}

}
