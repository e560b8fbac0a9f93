#pragma once

#include "app/studio/frame/studio_context.h"

#include <QObject>
#include <deque>
#include <map>
#include <optional>
#include <vector>

namespace percept::studio {

// As a person changed it: what a proposal was accepted as is no longer what the model said.
domain::Annotation corrected(domain::Annotation annotation);

// The order of the objects of an item: stored ones by id, then those on their way, which have falling ids.
inline bool madeBefore(AnnotationId a, AnnotationId b)
{
    const bool stored = a.value >= 0;
    return stored != (b.value >= 0) ? stored : stored ? a < b : b < a;
}

// The objects of one item as the annotator sees them: what is committed plus what is on its way, also when somebody leaves
// the item and comes back while the disk is full. Edits show at once and are one undo step each; new objects have negative
// ids until the store answered. When the last of them is on disk, or something else changed the item (undo, import), the view
// is what the store says. Interface thread.
class LabelDocument : public QObject {
    Q_OBJECT
public:
    explicit LabelDocument(StudioContext& context, QObject* parent = nullptr);

    void open(const domain::Item& item);
    void close(); // sends what is held back
    const domain::Item& item() const { return m_item; }
    bool isOpen() const { return m_item.id.isValid(); }
    const std::vector<domain::Annotation>& annotations() const { return m_annotations; }
    const domain::Annotation* find(AnnotationId id) const;

    // The ids given here hold until idChanged(). With `made`, a new class, the objects are of that class, in one step with
    // it (or after it, when it is on its way already).
    std::vector<AnnotationId> add(std::vector<domain::Annotation> annotations, const QString& title, const std::optional<domain::Label>& made = {});
    void update(std::vector<domain::Annotation> annotations, const QString& title, const std::optional<domain::Label>& made = {});
    void remove(const std::vector<AnnotationId>& ids, const QString& title);
    void setState(domain::ItemState state, const QString& title);
    void makeClass(const domain::Label& label, const QString& title); // without an object

    std::vector<ItemId> finishing() const; // whose end as done is on its way to the store
    bool hasPending() const { return !m_sent.empty() || !m_held.empty(); }

Q_SIGNALS:
    void annotationsReset();   // read from the store
    void annotationsEdited(std::vector<percept::AnnotationId> changed); // by this document; gone ids included
    void idChanged(percept::AnnotationId from, percept::AnnotationId to);
    void itemChanged();
    void editRefused(const QString& message); // the store would not have it; the view was set back

private:
    struct Step {
        std::vector<dataset::Edit> edits;
        QString title;
        std::vector<AnnotationId> adds;
        ItemId item;
        LabelId makes {}; // the class that comes with it, until it is stored
        std::int64_t number = 0;
    };
    LabelId makeLabel(Step& step, const domain::Label& made);
    LabelId labelOnItsWay(const std::string& name) const; // none: no such
    bool needsTemporary(const Step& step) const;
    void giveStoredIds(Step& step) const;
    void submit(Step step);
    void send(Step step);
    void finished(const Step& step, const base::Result<dataset::Committed>& result);
    void takeStored(const Step& step, const dataset::Committed& committed);
    void dropWhatBuiltOn(const Step& refused);
    void countHeld();
    void takeStoredIds(const Step& step, const dataset::Committed& committed);
    void sendHeld();
    void onCommitted(const services::ProjectSession::Notice& notice);
    void reload();
    bool replayUnsaved();
    void replay(const Step& step);
    domain::Annotation* findMutable(AnnotationId id);

    StudioContext& m_context;
    domain::Item m_item;
    std::vector<domain::Annotation> m_annotations; // in the order of madeBefore()
    std::deque<Step> m_sent, m_held; // not answered yet; waiting for the id of an object of m_sent
    std::map<AnnotationId, AnnotationId> m_stored; // temporary -> stored
    std::map<LabelId, LabelId> m_storedLabels;     // of classes that came with objects, too
    std::int64_t m_nextTemporary = -1, m_knownRevision = 0, m_seenRevision = 0, m_lastNumber = 0;
    bool m_stale = false;
};

}
