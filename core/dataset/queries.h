#pragma once

#include "core/dataset/connection.h"
#include "core/dataset/counters.h"
#include "core/dataset/media_paths.h"
#include "core/dataset/project_reader.h"

namespace percept::dataset {

// The reading half of the store over any connection: what ProjectReader declares. Each call is one snapshot.
class Queries
{
public:
    Queries(Connection& connection, const std::filesystem::path& project)
        : m_connection(connection)
        , m_project(project)
        , m_paths(project)
    {
    }

    const std::filesystem::path& folder() const { return m_project; }
    std::filesystem::path mediaPath(const domain::Item& item) const { return m_paths.absolute(item.path); }

    base::Result<ProjectInfo> readInfo() const;
    base::Result<std::vector<domain::Label>> readLabels() const;
    base::Result<Counts> readCounts() const;
    base::Result<std::vector<domain::Item>> readItems(const ItemFilter& filter, ItemId after, int limit) const;
    base::Result<std::vector<ItemId>> readItemIds(const ItemFilter& filter) const;
    base::Result<std::optional<domain::Item>> readItem(ItemId id) const;
    base::Result<std::vector<domain::Annotation>> readAnnotations(ItemId item) const;
    base::Result<std::int64_t> readRevision() const;
    base::Result<std::vector<ChangeEntry>> readHistory(int limit) const;
    base::Result<std::optional<std::string>> undoTitle() const;
    base::Result<std::optional<std::string>> redoTitle() const;
    base::Result<std::vector<DatasetVersion>> readVersions() const;
    base::Result<std::vector<VersionItem>> readVersionItems(
        VersionId version, std::optional<domain::SplitSet> set) const;
    base::Result<std::vector<domain::Label>> readVersionLabels(VersionId version) const;
    base::Result<std::vector<LabelingDay>> readLabelingDays() const;
    base::Result<std::vector<std::pair<GroupId, std::vector<ItemId>>>> readTornGroups() const;
    base::Result<std::vector<ProjectReader::ModelVersion>> readModelVersions() const;
    base::Result<std::map<std::string, RunRecord>> readRunRecords() const;
    base::Result<std::vector<StoredFieldSample>> readFieldSamples() const;
    base::Result<std::optional<FieldSample>> readFieldSample(ItemId item) const;
    base::Result<std::unordered_set<std::int64_t>> readContentSizes() const;
    base::Result<std::optional<domain::Item>> findItemByContent(const std::string& sha256) const;
    base::Result<std::optional<std::string>> readFact(const std::string& name) const;

private:
    template <typename Work>
    auto snapshot(Work work) const -> decltype(work())
    {
        return guarded(m_connection.file(), [&]() -> decltype(work()) {
            Transaction transaction(m_connection, Transaction::Kind::Read);
            auto result = work();
            transaction.commit();
            return result;
        });
    }

    Connection& m_connection;
    std::filesystem::path m_project;
    MediaPaths m_paths;
};

// Gives a class the reading half of ProjectReader by forwarding to Queries.
template <typename Base>
class WithQueries : public Base
{
public:
    using ModelVersion = ProjectReader::ModelVersion;
    const std::filesystem::path& folder() const override { return queries().folder(); }
    std::filesystem::path mediaPath(const domain::Item& item) const override { return queries().mediaPath(item); }
    base::Result<ProjectInfo> readInfo() const override { return queries().readInfo(); }
    base::Result<std::vector<domain::Label>> readLabels() const override { return queries().readLabels(); }
    base::Result<Counts> readCounts() const override { return queries().readCounts(); }
    base::Result<std::vector<domain::Item>> readItems(const ItemFilter& filter, ItemId after, int limit) const override
    {
        return queries().readItems(filter, after, limit);
    }
    base::Result<std::vector<ItemId>> readItemIds(const ItemFilter& filter) const override
    {
        return queries().readItemIds(filter);
    }
    base::Result<std::optional<domain::Item>> readItem(ItemId id) const override { return queries().readItem(id); }
    base::Result<std::vector<domain::Annotation>> readAnnotations(ItemId item) const override
    {
        return queries().readAnnotations(item);
    }
    base::Result<std::int64_t> readRevision() const override { return queries().readRevision(); }
    base::Result<std::vector<ChangeEntry>> readHistory(int limit) const override
    {
        return queries().readHistory(limit);
    }
    base::Result<std::optional<std::string>> undoTitle() const override { return queries().undoTitle(); }
    base::Result<std::optional<std::string>> redoTitle() const override { return queries().redoTitle(); }
    base::Result<std::vector<DatasetVersion>> readVersions() const override { return queries().readVersions(); }
    base::Result<std::vector<VersionItem>> readVersionItems(
        VersionId version, std::optional<domain::SplitSet> set) const override
    {
        return queries().readVersionItems(version, set);
    }
    base::Result<std::vector<domain::Label>> readVersionLabels(VersionId version) const override
    {
        return queries().readVersionLabels(version);
    }
    base::Result<std::vector<LabelingDay>> readLabelingDays() const override { return queries().readLabelingDays(); }
    base::Result<std::vector<std::pair<GroupId, std::vector<ItemId>>>> readTornGroups() const override
    {
        return queries().readTornGroups();
    }
    base::Result<std::vector<ModelVersion>> readModelVersions() const override { return queries().readModelVersions(); }
    base::Result<std::map<std::string, RunRecord>> readRunRecords() const override { return queries().readRunRecords(); }
    base::Result<std::vector<StoredFieldSample>> readFieldSamples() const override { return queries().readFieldSamples(); }
    base::Result<std::optional<FieldSample>> readFieldSample(ItemId item) const override { return queries().readFieldSample(item); }
    base::Result<std::unordered_set<std::int64_t>> readContentSizes() const override { return queries().readContentSizes(); }
    base::Result<std::optional<domain::Item>> findItemByContent(const std::string& sha256) const override { return queries().findItemByContent(sha256); }
    base::Result<std::optional<std::string>> readFact(const std::string& name) const override
    {
        return queries().readFact(name);
    }

protected:
    virtual const Queries& queries() const = 0;
};

}
