// The classes of the project themselves: renamed, moved, merged, given keys and colours, deleted. Each is one step.
#include "app/studio/label/class_list.h"
#include "app/studio/label/label_page.h"
#include "core/domain/class_name.h"
#include "widgets/style/tokens.h"

#include <algorithm>

namespace percept::studio {

void LabelPage::applyToClasses(std::vector<dataset::Edit> edits, const QString& title, bool saysSo)
{
    context().apply(std::move(edits), title, [self = QPointer(this), title, saysSo](const base::Result<dataset::Committed>& result) {
        if (self && result.hasError())
            self->context().reportError({}, result.error());
        else if (self && saysSo)
            self->context().showUndoToast(title);
    });
}

void LabelPage::editLabel(LabelId id, const std::function<void(domain::Label&)>& change, const QString& title)
{
    const domain::Label* known = context().label(id);
    if (!known)
        return;
    domain::Label label = *known;
    change(label);
    applyToClasses({ dataset::UpdateLabel { label } }, title);
}

// To a name that another class has, maybe in other capitals: whoever types that may want the two to be one.
void LabelPage::renameClass(LabelId id, const QString& name)
{
    const auto& all = context().labels();
    const auto other = std::find_if(all.begin(), all.end(), [&](const domain::Label& label) { return label.id != id && domain::isSameClassName(label.name, name.toStdString()); });
    if (other != all.end() && context().label(id)) {
        const QString there = QString::fromStdString(other->name);
        return context().showToast(tr("There is already a class %1.").arg(there), tr("Merge into %1").arg(there), [self = QPointer(this), id, into = other->id] {
            if (self)
                self->mergeClass(id, into);
        });
    }
    editLabel(id, [&](domain::Label& label) { label.name = name.toStdString(); }, tr("Renamed a class to %1").arg(name));
}

// Classes keep the colours that people know them by, although a colour goes by the place unless somebody chose it. Hatching,
// which tells those apart that come after the last colour, cannot be chosen and stays with the place.
void LabelPage::moveClass(LabelId id, int to)
{
    std::vector<domain::Label> labels = context().labels();
    const auto from = std::find_if(labels.begin(), labels.end(), [id](const domain::Label& label) { return label.id == id; });
    if (from == labels.end() || to < 0 || to >= int(labels.size()))
        return;
    const domain::Label moved = *from;
    labels.erase(from);
    labels.insert(labels.begin() + to, moved);
    std::vector<dataset::Edit> edits;
    for (int place = 0; place < int(labels.size()); ++place) {
        domain::Label& label = labels[std::size_t(place)];
        if (label.position == place)
            continue;
        if (label.color < 0 && !context().labelHatched(label.id))
            label.color = int(context().labelColor(label.id).rgb() & 0xFFFFFF);
        label.position = place;
        edits.push_back(dataset::UpdateLabel { label });
    }
    applyToClasses(std::move(edits), tr("Moved the class %1").arg(QString::fromStdString(moved.name)));
}

// A key that another class has is swapped: no two may have the same, not even between two edits of a step.
void LabelPage::setClassKey(LabelId id, char key)
{
    const domain::Label* known = context().label(id);
    if (!known || known->key == key)
        return;
    std::vector<dataset::Edit> edits;
    domain::Label label = *known;
    const auto& all = context().labels();
    const auto other = std::find_if(all.begin(), all.end(), [key](const domain::Label& l) { return key != 0 && l.key == key; });
    std::optional<domain::Label> swapped;
    if (other != all.end()) {
        swapped = *other;
        swapped->key = 0;
        edits.push_back(dataset::UpdateLabel { *swapped });
        swapped->key = label.key;
    }
    label.key = key;
    edits.push_back(dataset::UpdateLabel { label });
    if (swapped && swapped->key != 0)
        edits.push_back(dataset::UpdateLabel { *swapped });
    const QString name = QString::fromStdString(label.name);
    applyToClasses(std::move(edits), key == 0 ? tr("Took the key of the class %1 away").arg(name) : tr("Gave the class %1 the key %2").arg(name, QString(QLatin1Char(key))));
}

// Undo brings all of it back, but nobody should find out by chance that thousands of objects were changed by a slip of the mouse.
bool LabelPage::mayChangeMany(LabelId label, const QString& title, const QString& what, const QString& verb)
{
    constexpr qint64 kMany = 100; // objects; up to that many nobody is asked
    const auto& byLabel = context().counts().byLabel;
    const auto found = byLabel.find(label);
    return found == byLabel.end() || found->second.boxes <= kMany || context().choosers().choose(this, title, what + QLatin1Char(' ') + tr("Undo (Ctrl+Z) brings all of it back."), { verb }) == 0;
}

void LabelPage::mergeClass(LabelId from, LabelId into)
{
    const domain::Label *gone = context().label(from), *stays = context().label(into);
    if (!gone || !stays || from == into)
        return;
    const QString uses = m_classes->usesOf(from), goes = QString::fromStdString(gone->name), name = QString::fromStdString(stays->name);
    if (!mayChangeMany(from, tr("Merge %1 into %2?").arg(goes, name), tr("%1 become %2, and the class %3 goes.").arg(uses, name, goes), tr("Merge"))
        || !context().label(from) || !context().label(into)) // one may have gone while that was asked
        return;
    if (m_armed == from)
        arm(into);
    const QString names = tr("Merged %1 into %2").arg(goes, name);
    applyToClasses({ dataset::MergeLabels { from, into } }, uses.isEmpty() ? names : tr("%1: %2").arg(names, uses), /*saysSo=*/true);
}

void LabelPage::deleteClass(LabelId id, bool withBoxes)
{
    const domain::Label* label = context().label(id);
    if (!label)
        return;
    const QString name = QString::fromStdString(label->name), uses = withBoxes ? m_classes->usesOf(id) : QString();
    if (withBoxes && (!mayChangeMany(id, tr("Delete the class %1?").arg(name), tr("The class and its %1 go.").arg(uses), tr("Delete")) || !context().label(id)))
        return;
    const QString title = tr("Deleted the class %1").arg(name);
    applyToClasses({ dataset::DeleteLabel { id, withBoxes } }, uses.isEmpty() ? title : tr("%1 and its %2").arg(title, uses), /*saysSo=*/true);
}

// What the armed class is merged into is asked for by name; what that changes is said first.
void LabelPage::askMerge()
{
    const domain::Label* label = context().label(m_armed);
    if (!label || m_waitingBox) // that asks for its class
        return;
    const QString name = QString::fromStdString(label->name), uses = m_classes->usesOf(m_armed);
    m_purpose = FieldPurpose::Merge;
    openClassField(uses.isEmpty() ? tr("Merge %1 into").arg(name) : tr("Merge %1 (%2) into").arg(name, uses), QPoint(m_canvas->width(), 0));
}

}
