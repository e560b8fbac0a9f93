// Copied, pasted, duplicated: what the Edit menu has of the page, and its keys.
#include "app/studio/frame/commands.h"
#include "app/studio/label/label_page.h"
#include "app/studio/label/object_list.h"

#include <QAction>
#include <algorithm>
#include <cmath>

namespace percept::studio {

// They act on the picture whatever has the keyboard: menus and Ctrl+K have taken it. So they have the pointer, which says nothing of
// where to paste.
void LabelPage::buildEditCommands()
{
    const auto add = [this](const QString& text, const QString& keys, std::function<void()> run) {
        auto* action = new QAction(text, this);
        setCommandKeys(*action, keys);
        connect(action, &QAction::triggered, this, [this, run = std::move(run)] {
            if (m_document->isOpen())
                run();
        });
        m_editCommands << action;
        return action;
    };
    const auto cut = [this] {
        copySelection();
        deleteObjects(selection());
    };
    m_onSelection << add(tr("Cut the selected objects"), QStringLiteral("Ctrl X"), cut);
    m_onSelection << add(tr("Copy the selected objects"), QStringLiteral("Ctrl C"), [this] { copySelection(); });
    m_pasteCommand = add(tr("Paste objects"), QStringLiteral("Ctrl V"), [this] { pasteClipboard({}); });
    m_onSelection << add(tr("Duplicate the selected objects"), QStringLiteral("Ctrl D"), [this] { duplicateSelection(); });
    m_onSelection << add(tr("Delete the selected objects"), QStringLiteral("Del"), [this] { deleteObjects(selection()); });
    m_selectAllCommand = add(tr("Select all objects"), QStringLiteral("Ctrl A"), [this] { selectListed(); });
    m_moreCommands << m_editCommands;
    refreshEditCommands();
}

// While no picture is open no reason is given: it may be on its way, and who asks by Ctrl+K from another page waits for it.
void LabelPage::refreshEditCommands()
{
    const bool open = m_document->isOpen();
    const auto enable = [open](QAction* action, bool enabled, const QString& whyNot) { setCommandEnabled(*action, open && enabled, open ? whyNot : QString()); };
    for (QAction* action : m_onSelection)
        enable(action, !selection().empty(), tr("select objects first"));
    const bool canPaste = std::any_of(m_clipboard.begin(), m_clipboard.end(), [this](const domain::Annotation& a) { return context().label(a.label); });
    enable(m_pasteCommand, canPaste, tr("copy objects first"));
    const auto& rows = m_objects->rows();
    const bool canSelect = std::any_of(rows.begin(), rows.end(), [](const ObjectRow& row) { return row.id.value != 0 && !row.hidden && !row.locked; });
    enable(m_selectAllCommand, canSelect, tr("no object is listed that is seen and not locked"));
}

void LabelPage::copySelection()
{
    std::vector<domain::Annotation> copied;
    for (AnnotationId id : selection())
        if (const domain::Annotation* a = m_document->find(id))
            copied.push_back(*a);
    if (copied.empty())
        return;
    m_clipboard = std::move(copied);
    refreshEditCommands();
}

void LabelPage::paste(std::vector<domain::Annotation> annotations, const QString& title)
{
    const QSizeF size = m_canvas->scene().pictureSize();
    std::vector<domain::Annotation> added;
    for (domain::Annotation& a : annotations) {
        a.origin = domain::Origin::Drawn; // a person put it here
        a.score = 0;
        a.box = domain::clipped(a.box, size.width(), size.height());
        if (a.box.hasArea() && context().label(a.label))
            added.push_back(a);
    }
    if (added.empty() || !m_document->isOpen())
        return;
    showHidden(added.size() == 1 ? added.front().label : LabelId {});
    const auto ids = m_document->add(std::move(added), title);
    selectByHand(ids);
}

// Copies a little aside of where they come from, so that they are seen.
std::vector<domain::Annotation> LabelPage::movedAside(std::vector<domain::Annotation> copies) const
{
    constexpr double kShift = 10; // picture pixels
    std::vector<domain::Box> boxes;
    for (const auto& a : copies)
        boxes.push_back(a.box);
    QPointF shift = canvas::clampedMove(boxes, kShift, kShift, m_canvas->scene().pictureSize());
    if (shift.isNull())
        shift = canvas::clampedMove(boxes, -kShift, -kShift, m_canvas->scene().pictureSize());
    for (auto& a : copies) {
        a.box.x += shift.x();
        a.box.y += shift.y();
    }
    return copies;
}

bool LabelPage::liesHere(const domain::Annotation& copy) const
{
    return std::any_of(m_document->annotations().begin(), m_document->annotations().end(),
        [&copy](const domain::Annotation& a) { return a.label == copy.label && a.box == copy.box; });
}

// So that the middle of all lies there, by whole pixels; within the picture.
std::vector<domain::Annotation> LabelPage::movedTo(QPointF middle, std::vector<domain::Annotation> copies) const
{
    QRectF all;
    std::vector<domain::Box> boxes;
    for (const auto& a : copies) {
        boxes.push_back(a.box);
        all |= QRectF(a.box.x, a.box.y, a.box.w, a.box.h);
    }
    const QPointF away = middle - all.center();
    const QPointF shift = canvas::clampedMove(boxes, std::round(away.x()), std::round(away.y()), m_canvas->scene().pictureSize());
    for (auto& a : copies) {
        a.box.x += shift.x();
        a.box.y += shift.y();
    }
    return copies;
}

// At the pointer when that is given, else where they come from.
void LabelPage::pasteClipboard(std::optional<QPointF> at)
{
    constexpr int kTries = 20;
    if (m_clipboard.empty())
        return;
    std::vector<domain::Annotation> copies = at ? movedTo(*at, m_clipboard) : m_clipboard;
    for (int i = 0; i < kTries && liesHere(copies.front()); ++i) // on the picture that they come from, or pasted twice
        copies = movedAside(std::move(copies));
    const QString title = copies.size() == 1 ? tr("Pasted 1 object") : tr("Pasted %1 objects").arg(copies.size());
    paste(std::move(copies), title);
}

void LabelPage::duplicateSelection()
{
    std::vector<domain::Annotation> copies;
    for (AnnotationId id : selection())
        if (const domain::Annotation* a = m_document->find(id))
            copies.push_back(*a);
    if (copies.empty())
        return;
    const QString title = copies.size() == 1 ? tr("Duplicated %1").arg(nameOf(copies.front().id)) : tr("Duplicated %1 objects").arg(copies.size());
    paste(movedAside(std::move(copies)), title);
}

void LabelPage::pasteFromPrevious()
{
    if (m_index <= 0 || !context().session())
        return;
    auto before = context().session()->reader().readAnnotations(m_ids[std::size_t(m_index - 1)]).valueOr({});
    // What already lies here exactly so stays once.
    std::erase_if(before, [this](const domain::Annotation& a) { return liesHere(a); });
    if (before.empty())
        return context().showToast(tr("The previous picture has no objects to take over"));
    const QString title = before.size() == 1 ? tr("Took over 1 object of the previous picture") : tr("Took over %1 objects of the previous picture").arg(before.size());
    paste(std::move(before), title);
    context().showUndoToast(title);
}

}
