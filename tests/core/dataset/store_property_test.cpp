// Random sequences of everything that changes a project, against a plain map: state machine test.
#include "core/base/random.h"
#include "tests/core/dataset/store_support.h"

#include <map>
#include <sstream>

namespace percept::dataset::testing {

using domain::ItemState;
using domain::SplitSet;

namespace {
struct ModelBox
{
    std::string label;
    domain::Box box;
    bool operator==(const ModelBox&) const = default;
};
struct ModelItem
{
    ItemState state = ItemState::ToDo;
    SplitSet set = SplitSet::None;
    bool trashed = false;
    std::map<std::int64_t, ModelBox> boxes;
    bool operator==(const ModelItem&) const = default;
};
// What a person would say is in the project. Items by name, since ids are the store's.
struct Model
{
    std::map<std::string, ModelItem> items;
    std::map<std::int64_t, std::string> labels;
    bool operator==(const Model&) const = default;
};
std::string describe(const Model& model)
{
    std::ostringstream text;
    for (const auto& [id, name] : model.labels)
        text << "class " << id << " " << name << "\n";
    for (const auto& [name, item] : model.items) {
        text << name << " state " << static_cast<int>(item.state) << " set " << static_cast<int>(item.set)
             << (item.trashed ? " trashed\n" : "\n");
        for (const auto& [id, box] : item.boxes)
            text << "  " << id << " " << box.label << " " << box.box.x << " " << box.box.y << " " << box.box.w << " "
                 << box.box.h << "\n";
    }
    return text.str();
}
struct Past
{
    Model before, after;
    bool isImport = false;
};
}

class StorePropertyTest : public StoreTest
{
protected:
    Model read()
    {
        Model model;
        for (const domain::Label& label : labels())
            model.labels[label.id.value] = label.name;
        for (const bool trash : { false, true }) {
            ItemFilter filter;
            filter.inTrash = trash;
            for (const domain::Item& item : items(filter)) {
                ModelItem& one = model.items[item.name];
                one.state = item.state, one.set = item.set, one.trashed = trash;
                m_ids[item.name] = item.id;
                for (const domain::Annotation& a : boxes(item.id))
                    one.boxes[a.id.value] = { model.labels.at(a.label.value), a.box };
                EXPECT_EQ(one.boxes.size(), static_cast<std::size_t>(item.boxCount));
            }
        }
        return model;
    }
    void expectCounts(const Model& model)
    {
        const Counts counts = *m_store->readCounts();
        std::int64_t items = 0, boxes = 0, trashed = 0;
        std::map<std::string, std::int64_t> perLabel;
        for (const auto& [name, item] : model.items) {
            trashed += item.trashed;
            if (item.trashed)
                continue;
            ++items;
            boxes += static_cast<std::int64_t>(item.boxes.size());
            for (const auto& [id, box] : item.boxes)
                ++perLabel[box.label];
        }
        EXPECT_EQ(counts.items, items);
        EXPECT_EQ(counts.boxes, boxes);
        EXPECT_EQ(counts.trashed, trashed);
        for (const auto& [id, name] : model.labels) {
            const auto found = counts.byLabel.find(LabelId { id });
            EXPECT_EQ(found == counts.byLabel.end() ? 0 : found->second.boxes, perLabel[name]);
        }
    }
    double number() { return static_cast<double>(m_random.below(1000)) / 7.0; }
    template <typename Map>
    auto any(const Map& map)
    {
        auto it = map.begin();
        std::advance(it, static_cast<long>(m_random.below(map.size())));
        return it;
    }

    // One to three random edits, made in `model` too. False: nothing to do with what is there.
    bool randomEdits(Model& model, std::vector<Edit>& edits, std::vector<std::string>& addedTo)
    {
        if (model.items.empty() || model.labels.empty())
            return false;
        for (std::uint64_t i = 0, n = 1 + m_random.below(3); i < n; ++i) {
            const auto item = any(model.items);
            const auto label = any(model.labels);
            ModelItem& one = model.items[item->first];
            const ItemId id = m_ids.at(item->first);
            switch (m_random.below(8)) {
            case 0:
            case 1:
            case 2: {
                const domain::Box box { number(), number(), number(), number() };
                edits.emplace_back(add(id, LabelId { label->first }, box));
                addedTo.push_back(item->first);
                m_pendingBoxes.push_back({ label->second, box });
                break;
            }
            case 3:
                if (!one.boxes.empty()) {
                    const auto box = any(one.boxes);
                    domain::Annotation a;
                    a.id.value = box->first;
                    a.label.value = label->first;
                    a.box = { number(), number(), number(), number() };
                    edits.emplace_back(UpdateAnnotation { a });
                    one.boxes[box->first] = { label->second, a.box };
                }
                break;
            case 4:
                if (!one.boxes.empty()) {
                    const auto box = any(one.boxes);
                    edits.emplace_back(DeleteAnnotation { AnnotationId { box->first } });
                    one.boxes.erase(box->first);
                }
                break;
            case 5:
                one.state = static_cast<ItemState>(m_random.below(3));
                edits.emplace_back(SetItemState { id, one.state });
                break;
            case 6:
                one.set = static_cast<SplitSet>(m_random.below(5));
                edits.emplace_back(SetItemSet { id, one.set });
                break;
            case 7:
                one.trashed = !one.trashed;
                edits.emplace_back(SetItemTrashed { id, one.trashed });
                break;
            }
        }
        return !edits.empty();
    }
    void doEdit()
    {
        Model after = m_model;
        std::vector<Edit> edits;
        std::vector<std::string> addedTo;
        m_pendingBoxes.clear();
        if (!randomEdits(after, edits, addedTo))
            return;
        const std::int64_t revision = *m_store->readRevision();
        const Committed committed = apply(edits);
        ASSERT_EQ(committed.added.size(), addedTo.size());
        for (std::size_t i = 0; i < addedTo.size(); ++i)
            after.items[addedTo[i]].boxes[committed.added[i].value] = m_pendingBoxes[i];
        if (committed.change.value == revision) {
            ASSERT_EQ(after, m_model);
            return;
        }
        push(after, false);
    }
    void doLabel()
    {
        Model after = m_model;
        const std::string name = "class " + std::to_string(m_random.below(12));
        for (const auto& [id, other] : m_model.labels) {
            if (other == name && m_random.below(2) == 0 && m_model.labels.size() > 1) {
                auto into = any(m_model.labels);
                if (into->first == id)
                    into = id == m_model.labels.begin()->first ? std::prev(m_model.labels.end()) : m_model.labels.begin();
                apply({ MergeLabels { LabelId { id }, LabelId { into->first } } });
                for (auto& [itemName, item] : after.items)
                    for (auto& [box, value] : item.boxes)
                        if (value.label == name)
                            value.label = into->second;
                after.labels.erase(id);
                push(after, false);
                return;
            }
            if (other == name) {
                const auto deleted = m_store->apply(std::vector<Edit> { DeleteLabel { LabelId { id } } }, "x");
                bool used = false;
                for (const auto& [itemName, item] : m_model.items)
                    for (const auto& [box, value] : item.boxes)
                        used = used || value.label == name;
                ASSERT_EQ(deleted.hasError(), used);
                if (!used) {
                    after.labels.erase(id);
                    push(after, false);
                }
                return;
            }
        }
        const Committed committed = apply({ AddLabel { { {}, name } } });
        after.labels[committed.addedLabels.at(0).value] = name;
        push(after, false);
    }
    void doImport()
    {
        std::vector<ImportItem> set;
        for (std::uint64_t i = 0, n = 1 + m_random.below(4); i < n; ++i) {
            std::vector<ImportBox> boxes;
            for (std::uint64_t b = m_random.below(3); b > 0; --b)
                boxes.push_back({ "class " + std::to_string(m_random.below(12)),
                    { 1.0 * static_cast<double>(m_random.below(3)), 1, 2, m_random.below(5) == 0 ? 0.0 : 2.0 }, {} });
            set.push_back(importItem(static_cast<int>(m_random.below(12)), boxes, m_random.below(2) == 0,
                static_cast<SplitSet>(m_random.below(4))));
        }
        const std::int64_t revision = *m_store->readRevision();
        const auto batch = m_store->beginImport("Import");
        ASSERT_TRUE(batch.hasValue()) << batch.error().message;
        for (const ImportItem& item : set) {
            ASSERT_TRUE(m_store->addToImport(*batch, std::span(&item, 1)).hasValue());
            if (m_random.below(4) == 0)
                doEdit(); // edits go ahead of chunks
        }
        ASSERT_EQ(describe(read()), describe(m_model));
        if (m_random.below(5) == 0) {
            ASSERT_TRUE(m_store->abandonImport(*batch).hasValue());
            ASSERT_EQ(describe(read()), describe(m_model));
            return;
        }
        const auto totals = m_store->finishImport(*batch);
        ASSERT_TRUE(totals.hasValue()) << totals.error().message << totals.error().detail;
        if (*m_store->readRevision() == revision || m_store->undoTitle()->value_or("") != "Import")
            return;
        push(expectedAfter(set), true);
    }
    // Import in the words of the design, box by box.
    Model expectedAfter(const std::vector<ImportItem>& set)
    {
        const Model now = read(); // ids and classes are the store's to give
        Model after = m_model;
        after.labels = now.labels;
        for (const ImportItem& item : set) {
            ModelItem& one = after.items[item.name];
            one.trashed = false;
            if (item.labeled && one.state == ItemState::ToDo)
                one.state = ItemState::Done;
            if (one.set == SplitSet::None)
                one.set = item.set;
            for (const ImportBox& box : item.boxes) {
                const ModelBox wanted { box.label, box.box };
                bool present = false;
                for (const auto& [id, other] : one.boxes)
                    present = present || other == wanted;
                if (present)
                    continue;
                // The new box has some id that was not there before.
                for (const auto& [id, other] : now.items.at(item.name).boxes) {
                    if (!one.boxes.contains(id) && other == wanted) {
                        one.boxes[id] = other;
                        break;
                    }
                }
            }
        }
        return after;
    }
    // What undo of an import means: new items to the trash, the rest as before; classes stay.
    Model undone(const Past& past)
    {
        Model model = past.before;
        if (!past.isImport)
            return model;
        model.labels = past.after.labels;
        for (const auto& [name, item] : past.after.items) {
            if (!past.before.items.contains(name)) {
                model.items[name] = item;
                model.items[name].trashed = true;
            }
        }
        return model;
    }
    void push(const Model& after, bool isImport)
    {
        m_past.resize(m_done);
        m_past.push_back({ m_model, after, isImport });
        ++m_done;
        m_model = after;
    }
    void doUndo()
    {
        const auto result = m_store->undo();
        ASSERT_TRUE(result.hasValue()) << result.error().message << result.error().detail;
        ASSERT_EQ(result->has_value(), m_done > 0);
        if (m_done == 0)
            return;
        --m_done;
        m_model = undone(m_past[m_done]);
        if (!m_past[m_done].isImport)
            return;
        // Items that an undone import left in the trash, and its classes, are there for the steps before it as well.
        for (std::size_t i = 0; i < m_done; ++i) {
            for (Model* model : { &m_past[i].before, &m_past[i].after }) {
                for (const auto& [name, item] : m_model.items) {
                    if (!m_past[m_done].before.items.contains(name))
                        model->items[name] = item;
                }
                for (const auto& [id, name] : m_model.labels) {
                    if (!m_past[m_done].before.labels.contains(id))
                        model->labels[id] = name;
                }
            }
        }
    }
    void doRedo()
    {
        const auto result = m_store->redo();
        ASSERT_TRUE(result.hasValue()) << result.error().message << result.error().detail;
        ASSERT_EQ(result->has_value(), m_done < m_past.size());
        if (m_done == m_past.size())
            return;
        const Model expected = m_past[m_done].after;
        // Items and classes of imports that are undone still lie in the trash.
        Model now = expected;
        for (const auto& [name, item] : m_model.items) {
            if (!now.items.contains(name))
                now.items[name] = item;
        }
        for (std::size_t i = m_done; i < m_past.size(); ++i) {
            if (m_past[i].isImport) {
                for (const auto& [id, name] : m_past[i].after.labels) {
                    if (!m_past[i].before.labels.contains(id))
                        now.labels[id] = name;
                }
            }
        }
        ++m_done;
        m_model = now;
    }
    void run(std::uint64_t seed, int steps)
    {
        m_random = base::Random(seed);
        create({ "class 0", "class 1" });
        importPictures(3);
        m_past.clear();
        m_done = 0;
        m_model = read();
        push(m_model, true);
        m_past.back().before = {};
        m_past.back().before.labels = m_model.labels;
        for (int step = 0; step < steps && !HasFatalFailure() && !HasFailure(); ++step) {
            const std::uint64_t action = m_random.below(12);
            SCOPED_TRACE(
                "seed " + std::to_string(seed) + " step " + std::to_string(step) + " action " + std::to_string(action));
            switch (action) {
            case 0:
            case 1:
                doUndo();
                break;
            case 2:
                doRedo();
                break;
            case 3:
                doImport();
                break;
            case 4:
                doLabel();
                break;
            case 5:
                reopen();
                break;
            default:
                doEdit();
                break;
            }
            ASSERT_EQ(describe(read()), describe(m_model));
            expectCounts(m_model);
            if (step % 10 == 9)
                expectSound();
        }
        expectSound();
        m_store.reset();
        fs::remove_all(m_project);
    }

    base::Random m_random { 0 };
    Model m_model;
    std::vector<Past> m_past; // the line of undo
    std::size_t m_done = 0;
    std::map<std::string, ItemId> m_ids;
    std::vector<ModelBox> m_pendingBoxes;
};

TEST_F(StorePropertyTest, RandomSequencesEqualAPlainMap)
{
    const bool nightly = std::getenv("PERCEPT_NIGHTLY") != nullptr;
    const char* only = std::getenv("PERCEPT_SEED");
    const std::uint64_t first = only != nullptr ? std::strtoull(only, nullptr, 10) : 1;
    const std::uint64_t last = only != nullptr ? first : nightly ? 5000 : 30;
    for (std::uint64_t seed = first; seed <= last && !HasFailure(); ++seed)
        run(seed, 50);
}

}
