#include "app/studio/gather/filter_words.h"

#include <QJsonArray>

namespace percept::studio {
namespace {

QString qs(std::string_view text) { return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size())); }

struct Flag { const char* name; bool dataset::ItemFilter::*member; };
constexpr Flag kFlags[] = { { "noObjects", &dataset::ItemFilter::noObjects }, { "flaggedBoxes", &dataset::ItemFilter::flaggedBoxes },
    { "unreadable", &dataset::ItemFilter::unreadable }, { "inTrash", &dataset::ItemFilter::inTrash } };

}

QJsonObject filterToJson(const dataset::ItemFilter& filter)
{
    QJsonObject json;
    const auto put = [&json](const char* name, const QJsonArray& values) {
        if (!values.isEmpty())
            json.insert(QLatin1String(name), values);
    };
    QJsonArray states, sets, labels;
    for (const auto state : filter.states)
        states << qs(domain::toString(state));
    for (const auto set : filter.sets)
        sets << qs(domain::toString(set));
    for (const LabelId label : filter.labels)
        labels << static_cast<double>(label.value);
    put("states", states);
    put("sets", sets);
    put("labels", labels);
    for (const Flag& flag : kFlags)
        if (filter.*flag.member)
            json.insert(QLatin1String(flag.name), true);
    if (!filter.nameContains.empty())
        json.insert(QStringLiteral("name"), QString::fromStdString(filter.nameContains));
    return json;
}

dataset::ItemFilter filterFromJson(const QJsonObject& json, const StudioContext& context)
{
    dataset::ItemFilter filter;
    for (const QJsonValue& value : json.value(QStringLiteral("states")).toArray())
        if (const auto state = domain::itemStateFromString(value.toString().toStdString()))
            filter.states.push_back(*state);
    for (const QJsonValue& value : json.value(QStringLiteral("sets")).toArray())
        if (const auto set = domain::splitSetFromString(value.toString().toStdString()))
            filter.sets.push_back(*set);
    for (const QJsonValue& value : json.value(QStringLiteral("labels")).toArray())
        if (const LabelId label { value.toInteger() }; context.label(label))
            filter.labels.push_back(label);
    for (const Flag& flag : kFlags)
        filter.*flag.member = json.value(QLatin1String(flag.name)).toBool();
    filter.nameContains = json.value(QStringLiteral("name")).toString().toStdString();
    return filter;
}

}
