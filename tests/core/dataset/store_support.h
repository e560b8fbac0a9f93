#pragma once

#include "core/dataset/project_store.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <unistd.h>

// What the tests of the store share. Folder names have blanks and non-ASCII letters throughout.
namespace percept::dataset::testing {

namespace fs = std::filesystem;

class StoreTest : public ::testing::Test
{
protected:
    StoreTest()
    {
        std::string name = (fs::temp_directory_path() / "percept störe 100% XXXXXX").string();
        if (mkdtemp(name.data()) == nullptr)
            std::abort();
        m_root = name;
        m_project = m_root / "Blüten #1?.percept";
    }
    ~StoreTest() override
    {
        m_store.reset();
        std::error_code ignored;
        fs::remove_all(m_root, ignored);
    }

    void create(const std::vector<std::string>& labels = { "red", "green" })
    {
        auto store = ProjectStore::create(m_project, "Blüten", domain::Task::Detection, labels);
        ASSERT_TRUE(store.hasValue()) << store.error().message << store.error().detail;
        m_store = std::move(*store);
    }
    void reopen()
    {
        m_store.reset();
        auto store = ProjectStore::open(m_project, "store_test");
        ASSERT_TRUE(store.hasValue()) << store.error().message << " " << store.error().detail;
        m_store = std::move(*store);
    }

    fs::path picture(int number)
    {
        const fs::path file = m_root / "pictures" / ("p" + std::to_string(number) + ".jpg");
        fs::create_directories(file.parent_path());
        if (!fs::exists(file))
            std::ofstream(file) << "picture " << number;
        return file;
    }
    ImportItem importItem(int number, std::vector<ImportBox> boxes = {}, bool labeled = false,
        domain::SplitSet set = domain::SplitSet::None)
    {
        ImportItem item;
        item.file = picture(number);
        item.name = item.file.filename().string();
        item.sizeBytes = static_cast<std::int64_t>(fs::file_size(item.file));
        item.width = 640;
        item.height = 480;
        item.labeled = labeled;
        item.set = set;
        item.boxes = std::move(boxes);
        return item;
    }
    ImportTotals importItems(const std::vector<ImportItem>& items, const std::string& title = "Imported")
    {
        const auto batch = m_store->beginImport(title);
        EXPECT_TRUE(batch.hasValue()) << batch.error().message;
        const auto added = m_store->addToImport(*batch, items);
        EXPECT_TRUE(added.hasValue()) << added.error().message << added.error().detail;
        const auto totals = m_store->finishImport(*batch);
        EXPECT_TRUE(totals.hasValue()) << totals.error().message << totals.error().detail;
        return totals.hasValue() ? *totals : ImportTotals {};
    }
    ImportTotals importPictures(int count)
    {
        std::vector<ImportItem> items;
        for (int i = 0; i < count; ++i)
            items.push_back(importItem(i));
        return importItems(items);
    }

    std::vector<domain::Item> items(const ItemFilter& filter = {})
    {
        auto read = m_store->readItems(filter, {}, 1000);
        EXPECT_TRUE(read.hasValue()) << read.error().message << read.error().detail;
        return read.hasValue() ? *read : std::vector<domain::Item> {};
    }
    std::vector<domain::Annotation> boxes(ItemId item) { return *m_store->readAnnotations(item); }
    std::vector<domain::Label> labels() { return *m_store->readLabels(); }

    AddAnnotation add(ItemId item, LabelId label, domain::Box box = { 1, 2, 3, 4 })
    {
        AddAnnotation edit;
        edit.annotation.item = item;
        edit.annotation.label = label;
        edit.annotation.box = box;
        return edit;
    }
    Committed apply(const std::vector<Edit>& edits, const std::string& title = "Edit")
    {
        auto committed = m_store->apply(edits, title);
        EXPECT_TRUE(committed.hasValue()) << committed.error().message << committed.error().detail;
        return committed.hasValue() ? *committed : Committed {};
    }
    void expectSound(bool readMedia = false)
    {
        auto findings = checkStore(m_project, readMedia, {});
        ASSERT_TRUE(findings.hasValue()) << findings.error().message << findings.error().detail;
        for (const CheckFinding& finding : *findings)
            EXPECT_FALSE(finding.isError) << finding.what;
    }

    fs::path m_root, m_project;
    std::unique_ptr<ProjectStore> m_store;
};

}
