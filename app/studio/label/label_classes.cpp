// Which class: armed, of the selection, made.
#include "app/studio/label/class_field.h"
#include "app/studio/label/class_list.h"
#include "app/studio/label/label_page.h"
#include "core/domain/class_name.h"
#include "widgets/style/tokens.h"

#include <algorithm>
#include <utility>

namespace percept::studio {

void LabelPage::arm(LabelId id)
{
    const LabelId before = std::exchange(m_armed, context().label(id) ? id : LabelId {});
    if (m_active && before != m_armed)
        Q_EMIT armedChanged();
    m_classes->setArmed(m_armed);
    m_canvas->setArmedColor(m_armed.isValid() ? context().labelColor(m_armed).rgb() : style::tokens().text.rgb());
    refreshHints();
}

void LabelPage::changeClass(LabelId id, const std::optional<domain::Label>& made)
{
    const domain::Label* label = made ? &*made : context().label(id);
    std::vector<domain::Annotation> after;
    for (AnnotationId object : unlocked(selection()))
        if (const domain::Annotation* a = m_document->find(object); a && a->label != id) {
            after.push_back(corrected(*a));
            after.back().label = id;
        }
    if (!label || after.empty())
        return;
    const QString name = QString::fromStdString(label->name);
    m_document->update(after, after.size() == 1 ? tr("Changed the class to %1").arg(name) : tr("Changed the class of %1 objects to %2").arg(after.size()).arg(name), made);
}

void LabelPage::openClassField(const QString& asking, QPoint at) { m_classField->open(asking, at); }

void LabelPage::classChosen(LabelId id)
{
    const auto box = m_waitingBox;
    m_waitingBox.reset();
    if (m_purpose == FieldPurpose::Change)
        return changeClass(id);
    if (m_purpose == FieldPurpose::Merge)
        return mergeClass(m_armed, id);
    arm(id);
    if (m_purpose == FieldPurpose::Draw && box)
        addBox(*box, id);
    else
        setTool(m_drawTool);
}

// A class that is made for a box or for the selection is one step with it.
void LabelPage::createClass(const QString& name)
{
    domain::Label label;
    label.name = name.toStdString();
    const auto known = std::find_if(context().labels().begin(), context().labels().end(), [&](const auto& l) { return domain::isSameClassName(l.name, label.name); });
    if (known != context().labels().end()) // stored while its name was being typed once more, maybe in other capitals
        return classChosen(known->id);
    const auto box = std::exchange(m_waitingBox, {});
    if (m_purpose == FieldPurpose::Change)
        return changeClass({}, label);
    if (m_purpose == FieldPurpose::Merge) // into one that is not there yet: that is another name
        return renameClass(m_armed, name);
    m_awaitedClass = label.name;
    if (m_purpose == FieldPurpose::Draw && box)
        return addBox(*box, {}, label);
    m_document->makeClass(label, tr("Made the class %1").arg(name));
}

// A box that waits for its class meanwhile is another one: it keeps waiting.
void LabelPage::armAwaited()
{
    for (const domain::Label& label : context().labels())
        if (!m_awaitedClass.empty() && domain::isSameClassName(label.name, m_awaitedClass)) {
            m_awaitedClass.clear();
            arm(label.id);
            if (!m_waitingBox)
                setTool(m_drawTool);
        }
}

}
