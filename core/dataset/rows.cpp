#include "core/dataset/rows.h"

#include <stdexcept>

namespace percept::dataset {

using nlohmann::json;

// The numbers are in people's files: a new value goes to the end of its enumeration.
static_assert(static_cast<int>(domain::ItemState::ToDo) == 0 && static_cast<int>(domain::ItemState::Done) == 2);
static_assert(static_cast<int>(domain::SplitSet::None) == 0 && static_cast<int>(domain::SplitSet::Train) == 1
    && static_cast<int>(domain::SplitSet::Reserve) == 4);
static_assert(static_cast<int>(domain::Origin::Drawn) == 0 && static_cast<int>(domain::Origin::ProposalCorrected) == 3);

namespace {
template <typename Enum>
Enum enumFromInt(std::int64_t number, Enum last)
{
    if (number < 0 || number > static_cast<std::int64_t>(last))
        throw std::runtime_error("a number in the store is outside its range");
    return static_cast<Enum>(number);
}

template <typename Enum>
Enum fromWord(std::optional<Enum> value)
{
    if (!value)
        throw std::runtime_error("a word in the change log is not known");
    return *value;
}

constexpr std::array<std::string_view, 4> kSources { "", "split", "imported", "user" };

SetSource sourceFromWord(const std::string& word)
{
    for (std::size_t i = 0; i < kSources.size(); ++i) {
        if (word == kSources[i])
            return static_cast<SetSource>(i);
    }
    throw std::runtime_error("a word in the change log is not known");
}

// Length of the UTF-8 sequence at `at`, 0 when there is none.
std::size_t sequenceLength(const std::string& text, std::size_t at)
{
    const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
    const auto follows = [&](std::size_t i) { return (byte(i) & 0xc0) == 0x80; };
    const unsigned first = byte(at);
    if (first < 0x80)
        return 1;
    if (first >= 0xc2 && first <= 0xdf)
        return follows(at + 1) ? 2 : 0;
    if (first >= 0xe0 && first <= 0xef) {
        const unsigned second = byte(at + 1);
        const bool ok = !(first == 0xe0 && second < 0xa0) && !(first == 0xed && second > 0x9f);
        return ok && follows(at + 1) && follows(at + 2) ? 3 : 0;
    }
    if (first >= 0xf0 && first <= 0xf4) {
        const unsigned second = byte(at + 1);
        const bool ok = !(first == 0xf0 && second < 0x90) && !(first == 0xf4 && second > 0x8f);
        return ok && follows(at + 1) && follows(at + 2) && follows(at + 3) ? 4 : 0;
    }
    return 0;
}
}

const std::string kAnnotationColumns = "a.id, a.item, a.label, a.x, a.y, a.w, a.h, a.origin, a.flags, a.score, "
                                       "CASE WHEN a.revision > 0 THEN a.revision ELSE coalesce((SELECT b.change FROM "
                                       "batch b WHERE b.id = a.batch), 0) END";
const std::string kItemColumns = "i.id, i.path, i.name, i.content_hash, i.size_bytes, i.width, i.height, i.state, "
                                 "i.split_set, i.group_id, i.box_count, i.problem";
const std::string kLabelColumns = "id, name, color, key, position";

int flagsToInt(const domain::AnnotationFlags& flags)
{
    return (flags.occluded ? 1 : 0) | (flags.truncated ? 2 : 0) | (flags.crowd ? 4 : 0) | (flags.difficult ? 8 : 0);
}

domain::AnnotationFlags flagsFromInt(std::int64_t bits)
{
    return { (bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0, (bits & 8) != 0 };
}

domain::Annotation annotationFromRow(const Query& row, int first)
{
    domain::Annotation annotation;
    annotation.id.value = row.integer(first);
    annotation.item.value = row.integer(first + 1);
    annotation.label.value = row.integer(first + 2);
    annotation.box = { row.real(first + 3), row.real(first + 4), row.real(first + 5), row.real(first + 6) };
    annotation.origin = enumFromInt(row.integer(first + 7), domain::Origin::ProposalCorrected);
    annotation.flags = flagsFromInt(row.integer(first + 8));
    annotation.score = row.real(first + 9);
    annotation.revision = row.integer(first + 10);
    return annotation;
}

domain::Item itemFromRow(const Query& row, int first)
{
    domain::Item item;
    item.id.value = row.integer(first);
    item.path = row.text(first + 1);
    item.name = row.text(first + 2);
    item.contentHash = row.text(first + 3);
    item.sizeBytes = row.integer(first + 4);
    item.width = static_cast<int>(row.integer(first + 5));
    item.height = static_cast<int>(row.integer(first + 6));
    item.state = enumFromInt(row.integer(first + 7), domain::ItemState::Done);
    item.set = enumFromInt(row.integer(first + 8), domain::SplitSet::Reserve);
    item.group.value = row.integer(first + 9);
    item.boxCount = static_cast<int>(row.integer(first + 10));
    item.problem = row.text(first + 11);
    return item;
}

domain::Label labelFromRow(const Query& row, int first)
{
    domain::Label label;
    label.id.value = row.integer(first);
    label.name = row.text(first + 1);
    label.color = static_cast<int>(row.integer(first + 2));
    label.key = static_cast<char>(row.integer(first + 3));
    label.position = static_cast<int>(row.integer(first + 4));
    return label;
}

std::string toJson(const domain::Annotation& a, std::int64_t batch)
{
    return json {
        { "item", a.item.value }, { "label", a.label.value }, { "box", { a.box.x, a.box.y, a.box.w, a.box.h } },
        { "origin", domain::toString(a.origin) }, { "flags", flagsToInt(a.flags) }, { "score", a.score },
        { "revision", a.revision }, { "batch", batch }
    }.dump();
}

std::pair<domain::Annotation, std::int64_t> annotationFromJson(AnnotationId id, const std::string& text)
{
    const json j = json::parse(text);
    domain::Annotation a;
    a.id = id;
    a.item.value = j.at("item").get<std::int64_t>();
    a.label.value = j.at("label").get<std::int64_t>();
    const json& box = j.at("box");
    a.box = { box.at(0).get<double>(), box.at(1).get<double>(), box.at(2).get<double>(), box.at(3).get<double>() };
    a.origin = fromWord(domain::originFromString(j.at("origin").get<std::string>()));
    a.flags = flagsFromInt(j.at("flags").get<int>());
    a.score = j.at("score").get<double>();
    a.revision = j.at("revision").get<std::int64_t>();
    return { a, j.at("batch").get<std::int64_t>() };
}

std::string toJson(const ItemStatus& status)
{
    return json {
        { "state", domain::toString(status.state) }, { "set", domain::toString(status.set) },
        { "setFrom", kSources.at(static_cast<std::size_t>(status.source)) }, { "group", status.group.value },
        { "trashed", status.trashed }, { "doneMs", status.doneMs }
    }.dump();
}

ItemStatus statusFromJson(const std::string& text)
{
    const json j = json::parse(text);
    ItemStatus status;
    status.state = fromWord(domain::itemStateFromString(j.at("state").get<std::string>()));
    status.set = fromWord(domain::splitSetFromString(j.at("set").get<std::string>()));
    status.source = sourceFromWord(j.at("setFrom").get<std::string>());
    status.group.value = j.at("group").get<std::int64_t>();
    status.trashed = j.at("trashed").get<bool>();
    status.doneMs = j.at("doneMs").get<std::int64_t>();
    return status;
}

std::string toJson(const domain::Label& label)
{
    return json {
        { "name", label.name }, { "color", label.color }, { "key", static_cast<int>(label.key) },
        { "position", label.position }
    }.dump();
}

domain::Label labelFromJson(LabelId id, const std::string& text)
{
    const json j = json::parse(text);
    return { id, j.at("name").get<std::string>(), j.at("color").get<int>(), static_cast<char>(j.at("key").get<int>()),
        j.at("position").get<int>() };
}

bool isValidUtf8(const std::string& text)
{
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t length = sequenceLength(text, at);
        if (length == 0)
            return false;
        at += length;
    }
    return true;
}

namespace {
// C1 controls, and what turns the direction of the text after it: a name must not change how its neighbours look.
bool isHiddenControl(std::string_view character)
{
    if (character.size() == 2)
        return character[0] == '\xc2' && static_cast<unsigned char>(character[1]) < 0xa0;
    return character.size() == 3
        && ((character.starts_with("\xe2\x80") && character[2] >= '\xaa' && character[2] <= '\xae')
            || (character.starts_with("\xe2\x81") && character[2] >= '\xa6' && character[2] <= '\xa9'));
}
}

std::string cleanLabelName(const std::string& name)
{
    constexpr std::size_t kMaxBytes = 200;
    std::string clean;
    for (std::size_t at = 0; at < name.size();) {
        const std::size_t length = sequenceLength(name, at);
        const unsigned char first = static_cast<unsigned char>(name[at]);
        const std::string piece = length == 0 || isHiddenControl(std::string_view(name).substr(at, length)) ? "\xef\xbf\xbd"
            : (first < 0x20 || first == 0x7f) ? " "
                                              : name.substr(at, length);
        if (clean.size() + piece.size() > kMaxBytes)
            break;
        clean += piece;
        at += std::max<std::size_t>(length, 1);
    }
    const std::size_t begin = clean.find_first_not_of(' ');
    return begin == std::string::npos ? std::string() : clean.substr(begin, clean.find_last_not_of(' ') - begin + 1);
}

}
