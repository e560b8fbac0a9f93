// Which class: armed, of the selection, made, renamed.
#include "app/studio/label/class_field.h"
#include "app/studio/label/class_list.h"
#include "app/studio/label/label_page.h"
#include "widgets/style/tokens.h"

#include <algorithm>

namespace percept::studio {

void LabelPage::arm(LabelId id)
{
    m_armed = context().label(id) ? id : LabelId {};
    m_classes->setArmed(m_armed);
    m_canvas->setArmedColor(m_armed.isValid() ? context().labelColor(m_armed).rgb() : style::tokens().text.rgb());
    refreshHints();
}

void LabelPage::changeClass(LabelId id, const std::optional<domain::Label>& made)
{
    const domain::Label* label = made ? &*made : context().label(id);
    std::vector<domain::Annotation> after;
    for (AnnotationId object : selection())
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
    arm(id);
    if (m_purpose == FieldPurpose::Draw && box)
        addBox(*box, id);
    else
        setTool(canvas::Tool::Box);
}

// A class that is made for a box or for the selection is one step with it.
void LabelPage::createClass(const QString& name)
{
    domain::Label label;
    label.name = name.toStdString();
    if (m_purpose == FieldPurpose::Draw && m_waitingBox) {
        const domain::Box box = *m_waitingBox;
        m_waitingBox.reset();
        return addBox(box, {}, label);
    }
    if (m_purpose == FieldPurpose::Change)
        return changeClass({}, label);
    context().apply({ dataset::AddLabel { label } }, tr("Made the class %1").arg(name),
        [self = QPointer(this)](const base::Result<dataset::Committed>& result) {
            if (!self)
                return;
            if (result.hasError()) {
                self->m_waitingBox.reset();
                self->context().reportError({}, result.error());
            } else if (!result->addedLabels.empty()) {
                self->whenLabelKnown(result->addedLabels.front());
            }
        });
}

void LabelPage::whenLabelKnown(LabelId id)
{
    // The list of labels and the answer to the edit arrive in either order.
    if (!context().label(id)) {
        m_awaitedLabel = id;
        return;
    }
    m_awaitedLabel = {};
    classChosen(id);
}

void LabelPage::editLabel(LabelId id, const std::function<void(domain::Label&)>& change, const QString& title)
{
    const domain::Label* known = context().label(id);
    if (!known)
        return;
    domain::Label label = *known;
    change(label);
    context().apply({ dataset::UpdateLabel { label } }, title, [self = QPointer(this)](const base::Result<dataset::Committed>& result) {
        if (self && result.hasError())
            self->context().reportError({}, result.error());
    });
}

}
