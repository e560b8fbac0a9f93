#include "app/studio/gather/filter_words.h"

#include <QCoreApplication>

namespace percept::studio {
namespace {
QString tr(const char* text) { return QCoreApplication::translate("Gather", text); }
}

QString stateName(domain::ItemState state)
{
    switch (state) {
    case domain::ItemState::Done: return tr("Done");
    case domain::ItemState::ToReview: return tr("To review");
    case domain::ItemState::ToDo: break;
    }
    return tr("To do");
}

QString setName(domain::SplitSet set)
{
    switch (set) {
    case domain::SplitSet::Train: return tr("Train");
    case domain::SplitSet::Validation: return tr("Validation");
    case domain::SplitSet::Test: return tr("Test");
    case domain::SplitSet::Reserve: return tr("Reserve");
    case domain::SplitSet::None: break;
    }
    return tr("Unassigned");
}

QList<FilterPart> filterParts(const dataset::ItemFilter& filter, const StudioContext& context)
{
    QList<FilterPart> parts;
    if (!filter.states.empty()) {
        QStringList names;
        for (const auto state : filter.states)
            names << stateName(state);
        FilterPart part { names.join(QStringLiteral(", ")), {}, filter };
        part.without.states.clear();
        parts << part;
    }
    if (!filter.sets.empty()) {
        QStringList names;
        for (const auto set : filter.sets)
            names << setName(set);
        FilterPart part { names.join(QStringLiteral(", ")), {}, filter };
        part.without.sets.clear();
        parts << part;
    }
    for (const LabelId id : filter.labels) {
        const domain::Label* label = context.label(id);
        FilterPart part { tr("Has %1").arg(label ? QString::fromStdString(label->name) : tr("a class that is gone")), id, filter };
        std::erase(part.without.labels, id);
        parts << part;
    }
    const auto flag = [&](bool dataset::ItemFilter::*member, const QString& text) {
        if (!(filter.*member))
            return;
        FilterPart part { text, {}, filter };
        part.without.*member = false;
        parts << part;
    };
    flag(&dataset::ItemFilter::noObjects, tr("No object"));
    flag(&dataset::ItemFilter::flaggedBoxes, tr("Box errors"));
    flag(&dataset::ItemFilter::unreadable, tr("Unreadable"));
    flag(&dataset::ItemFilter::inTrash, tr("In the trash"));
    if (!filter.nameContains.empty()) {
        FilterPart part { tr("Name has “%1”").arg(QString::fromStdString(filter.nameContains)), {}, filter };
        part.without.nameContains.clear();
        parts << part;
    }
    return parts;
}

}
