#include "core/dataset/split.h"

#include "core/base/random.h"
#include "core/dataset/groups.h"

#include <algorithm>
#include <cmath>

namespace percept::dataset {

using domain::SplitSet;

namespace {
constexpr std::array kFilled { SplitSet::Train, SplitSet::Validation, SplitSet::Test };

struct Member
{
    ItemId id;
    std::string name;
    ItemStatus status;
    ItemStatus before;
};

struct Group
{
    std::vector<std::size_t> free; // members that get a set
    std::map<SplitSet, std::int64_t> fixed; // of the members that keep theirs
    std::string name; // smallest name: stable over machines and orders of import
    std::uint64_t draw = 0;
    bool hasDone = false;
    bool holdsImported = false; // a member that came into validation or test with the data
};

std::uint64_t hashOf(const std::string& text) // FNV-1a
{
    std::uint64_t hash = 0xcbf29ce484222325ull;
    for (const unsigned char c : text)
        hash = (hash ^ c) * 0x100000001b3ull;
    return hash;
}

class Splitter
{
public:
    Splitter(Connection& connection, EntityWriter& writer, const SplitOptions& options)
        : m_connection(connection)
        , m_writer(writer)
        , m_options(options)
    {
    }
    SplitResult run(std::vector<Detail>& details);

private:
    void readMembers();
    void groupByName();
    void gatherGroups();
    bool isFree(const ItemStatus& status) const;
    void follow(Group& group);
    void fill(std::vector<Group*> groups);
    void give(const Group& group, SplitSet set);
    void write(std::vector<Detail>& details);

    Connection& m_connection;
    EntityWriter& m_writer;
    const SplitOptions& m_options;
    std::vector<Member> m_members;
    std::map<GroupId, Group> m_groups;
    SplitResult m_result;
};

void Splitter::readMembers()
{
    Query query(m_connection,
        "SELECT id, name, state, split_set, set_source, group_id, done_ms FROM item WHERE trashed = 0 AND id < ? ORDER "
        "BY id");
    query.bindAll(m_writer.pending().firstItem);
    while (query.next()) {
        Member member;
        member.id.value = query.integer(0);
        member.name = query.text(1);
        member.status = { static_cast<domain::ItemState>(query.integer(2)), static_cast<SplitSet>(query.integer(3)),
            static_cast<SetSource>(query.integer(4)), GroupId { query.integer(5) }, false, query.integer(6) };
        member.before = member.status;
        m_members.push_back(std::move(member));
    }
}

// Groups of the caller's list join the groups that are known.
void Splitter::groupByName()
{
    if (m_options.groupOfName.empty())
        return;
    std::map<GroupId, GroupId> joined; // towards the smaller
    const auto root = [&](GroupId group) {
        for (auto next = joined.find(group); next != joined.end(); next = joined.find(group))
            group = next->second;
        return group;
    };
    std::map<std::string, GroupId> groupOfKey;
    for (const Member& member : m_members) {
        const auto key = m_options.groupOfName.find(member.name);
        if (key == m_options.groupOfName.end())
            continue;
        const auto [known, isNew] = groupOfKey.emplace(key->second, member.status.group);
        const GroupId a = root(known->second), b = root(member.status.group);
        if (!isNew && a != b)
            joined[std::max(a, b)] = std::min(a, b);
    }
    for (Member& member : m_members)
        member.status.group = root(member.status.group);
    for (const auto& [key, group] : groupOfKey)
        writeGroupKey(m_connection, key, root(group));
}

bool Splitter::isFree(const ItemStatus& status) const
{
    if (status.set == SplitSet::None)
        return true;
    return !m_options.onlyUnassigned && status.source != SetSource::Imported && status.set != SplitSet::Reserve;
}

void Splitter::gatherGroups()
{
    for (std::size_t i = 0; i < m_members.size(); ++i) {
        const Member& member = m_members[i];
        Group& group = m_groups[member.status.group];
        if (group.name.empty() || member.name < group.name)
            group.name = member.name;
        if (isFree(member.status)) {
            group.free.push_back(i);
            group.hasDone = group.hasDone || member.status.state == domain::ItemState::Done;
        } else {
            ++group.fixed[member.status.set];
            group.holdsImported = group.holdsImported
                || (member.status.source == SetSource::Imported && member.status.set != SplitSet::Train);
        }
    }
    for (auto& [id, group] : m_groups) {
        group.draw = base::Random(m_options.seed, hashOf(group.name)).next();
        const auto has = [&](SplitSet set) { return group.fixed.contains(set); };
        if (has(SplitSet::Train) + has(SplitSet::Validation) + has(SplitSet::Test) > 1)
            ++m_result.tornGroups;
    }
}

// A group of which some have a set already: the others go where most of them are. Validation and test that came with the
// data are not extended, and Reserve is filled by hand only: next to those the others stay without a set.
void Splitter::follow(Group& group)
{
    if (group.holdsImported)
        return;
    const auto most = std::max_element(
        group.fixed.begin(), group.fixed.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
    if (most->first != SplitSet::Reserve)
        give(group, most->first);
}

// Groups in random order, each to the set that lacks most: the sizes come out as asked, whatever the sizes of groups.
void Splitter::fill(std::vector<Group*> groups)
{
    std::sort(groups.begin(), groups.end(),
        [](const Group* a, const Group* b) { return std::tie(a->draw, a->name) < std::tie(b->draw, b->name); });
    double items = 0;
    for (const Group* group : groups)
        items += static_cast<double>(group->free.size());
    const auto share = [&](double fraction) {
        const double wanted = std::round(items * fraction);
        return fraction > 0 && groups.size() >= 3 ? std::max(wanted, 1.0) : wanted;
    };
    std::map<SplitSet, double> lacking { { SplitSet::Validation, share(m_options.validation) },
        { SplitSet::Test, share(m_options.test) } };
    lacking[SplitSet::Train] = items - lacking[SplitSet::Validation] - lacking[SplitSet::Test];
    for (const Group* group : groups) {
        SplitSet best = SplitSet::Train;
        for (const SplitSet set : kFilled) {
            if (lacking[set] > lacking[best])
                best = set;
        }
        give(*group, best);
        lacking[best] -= static_cast<double>(group->free.size());
    }
}

void Splitter::give(const Group& group, SplitSet set)
{
    for (const std::size_t i : group.free) {
        m_members[i].status.set = set;
        m_members[i].status.source = SetSource::Split;
        ++m_result.assigned[set];
    }
    ++m_result.groups;
}

void Splitter::write(std::vector<Detail>& details)
{
    for (const Member& member : m_members) {
        if (member.status == member.before)
            continue;
        m_writer.writeStatus(member.id, member.before, member.status);
        details.push_back({ Entity::Item, member.id.value, toJson(member.before), toJson(member.status) });
    }
}

SplitResult Splitter::run(std::vector<Detail>& details)
{
    readMembers();
    groupByName();
    gatherGroups();
    // Labeled ones first and by themselves, so that a few of them among thousands still reach every set.
    std::vector<Group*> done, others;
    for (auto& [id, group] : m_groups) {
        if (group.free.empty())
            continue;
        if (!group.fixed.empty())
            follow(group);
        else
            (group.hasDone ? done : others).push_back(&group);
    }
    fill(std::move(done));
    fill(std::move(others));
    write(details);
    return m_result;
}
}

base::Result<SplitResult> splitItems(
    Connection& connection, EntityWriter& writer, const SplitOptions& options, std::vector<Detail>& details)
{
    const auto isShare = [](double x) { return std::isfinite(x) && x >= 0 && x <= 1; };
    if (!isShare(options.validation) || !isShare(options.test) || options.validation + options.test > 1)
        return base::usage("The shares of validation and test must lie between 0 and 1, and together not above 1.");
    return Splitter(connection, writer, options).run(details);
}

}
