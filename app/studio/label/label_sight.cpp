// What is seen, what is in reach, what is listed.
#include "app/studio/frame/side_panel.h"
#include "app/studio/label/class_list.h"
#include "app/studio/label/label_page.h"
#include "app/studio/label/object_filter.h"
#include "app/studio/label/object_list.h"
#include "widgets/style/widgets.h"

#include <algorithm>

namespace percept::studio {

void LabelPage::setObjectHidden(AnnotationId id, bool hidden)
{
    if (hidden)
        m_hiddenObjects.insert(id);
    else
        m_hiddenObjects.erase(id);
    if (const domain::Annotation* a = m_document->find(id))
        m_canvas->updateShape(shapeOf(*a));
    refreshSide({ id });
}

// What a person adds is seen, whatever was hidden.
void LabelPage::showHidden(LabelId label)
{
    if (m_canvas->shapesHidden())
        m_canvas->setShapesHidden(false);
    if (label.isValid() && m_classes->isHidden(label))
        m_classes->setHidden(label, false);
}

// Locked: seen, and safe from hands. Without a selection everything on the picture is unlocked.
void LabelPage::toggleLock()
{
    std::vector<AnnotationId> ids = selection();
    const bool locks = std::any_of(ids.begin(), ids.end(), [this](AnnotationId id) { return !isLocked(id); });
    if (ids.empty())
        for (const domain::Annotation& a : m_document->annotations())
            if (isLocked(a.id))
                ids.push_back(a.id);
    if (ids.empty())
        return context().showToast(tr("Nothing is selected to be locked, and nothing here is locked"));
    for (AnnotationId id : ids)
        locks ? void(m_lockedObjects.insert(id)) : void(m_lockedObjects.erase(id));
    if (locks)
        selectByHand({}); // what comes next is not meant for them
    showEdited(ids);
    context().showToast((locks ? tr("Locked %1") : tr("Unlocked %1")).arg(style::counted(qint64(ids.size()), tr("object"), tr("objects"))));
}

std::vector<AnnotationId> LabelPage::unlocked(std::vector<AnnotationId> ids)
{
    const auto left = std::erase_if(ids, [this](AnnotationId id) { return isLocked(id); });
    if (left > 0)
        context().showToast(tr("%1 locked: Shift+L unlocks").arg(style::counted(qint64(left), tr("object is"), tr("objects are"))));
    return ids;
}

// All that the list shows and that is in reach.
void LabelPage::selectListed()
{
    if (m_sideIsQueued)
        refreshSideNow();
    std::vector<AnnotationId> ids;
    for (const ObjectRow& row : m_objects->rows())
        if (row.id.value != 0 && !row.hidden && !row.locked)
            ids.push_back(row.id);
    highlight({});
    selectByHand(std::move(ids));
}

void LabelPage::filterObjects(const QString& text)
{
    m_objects->setFilter(text);
    refreshSide();
}

void LabelPage::showObjectCount()
{
    const QString all = style::count(qint64(m_objects->numObjects()));
    m_objectCount->setText(m_objects->isFiltered() ? tr("%1 of %2").arg(style::count(qint64(m_objects->numListed())), all) : all);
}

}
