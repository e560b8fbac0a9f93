#pragma once

#include "app/studio/frame/page.h"
#include "app/studio/label/hint_strip.h"
#include "app/studio/label/label_document.h"
#include "core/dataset/field_samples.h"
#include "widgets/canvas/box_canvas.h"

#include <QElapsedTimer>
#include <QPointer>
#include <QSet>
#include <map>
#include <optional>
#include <set>

class QPushButton;
class QToolButton;

namespace percept::studio {

class ClassField;
class ClassList;
class Filmstrip;
class GoField;
class ItemLoader;
class LabelBar;
class ObjectFields;
class ObjectFilter;
class ObjectList;
struct ObjectRow;
class ProposalSource;
class SidePanel;
class StateMark;

// Where annotators work: one picture after another, left hand on the keys, right hand on the mouse, no dialog but before a class
// of many objects is merged or deleted. Every edit is one undo step of the project's history and shows at once; what is on disk the status line says.
class LabelPage : public Page {
    Q_OBJECT
public:
    explicit LabelPage(StudioContext& context, QWidget* parent = nullptr);
    ~LabelPage() override;

    QString title() const override { return tr("Label"); }
    void activated() override;
    void deactivated() override;
    QList<KeyHelp> keys() const override;
    QList<QAction*> commands() const override { return m_commands; }
    QList<QAction*> moreCommands() const override { return m_moreCommands; }
    QList<QAction*> editCommands() const override { return m_editCommands; }
    void armClass(LabelId id); // to draw boxes of it
    QString menuTitle() const override { return tr("Picture"); }
    QList<QWidget*> panels() override;
    QWidget* home() override { return m_canvas; }
    QRect toastArea() const override;
    bool showsStep(const dataset::Committed& step) const override; // of the picture in front
    StepPlace placeOf(const dataset::Committed& step) override;
    void showItem(const ItemTarget& target) override;
    void setMistakeOn(ItemId item) override { m_mistakeOn = item; }
    void showItem(ItemId item, AnnotationId annotation); // among those that are run through
    QJsonObject viewState() const override; // label_state.cpp
    void restoreViewState(const QJsonObject& state) override;

    // For tests and the page's own parts.
    canvas::BoxCanvas& boxCanvas() const { return *m_canvas; }
    LabelDocument& document() const { return *m_document; }
    LabelId armedLabel() const { return m_armed; }
    int currentIndex() const { return m_index; }

    struct VisibleProposal {
        int key = 0;
        LabelId label;
        domain::Box box;
        double score = 0;
        bool operator==(const VisibleProposal&) const = default;
    };
    const std::vector<VisibleProposal>& proposals() const { return m_visible; }
    // What a model would say; for tests without one.
    void setPredictionsForTest(std::vector<VisibleProposal> predictions);

    void leaveGroup(const std::shared_ptr<const ItemTarget::Group>& group); // runs through all again when it is shown next

Q_SIGNALS:
    void armedChanged(); // by whoever works here

protected:
    bool eventFilter(QObject* object, QEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    // label_build.cpp, label_connect.cpp
    QWidget* buildLeft();
    QWidget* buildTools();
    QWidget* buildSide();
    QWidget* buildSectionHead(const QString& title, QWidget* extra, std::vector<QWidget*> buttons);
    void buildSpace();
    void connectContext();
    void connectDocument();
    void connectCanvas();
    void connectModel();
    void connectBar();
    void connectClasses();
    void connectObjects();
    void connectFields();

    // label_commands.cpp
    void buildCommands();
    void buildKeyCommands();
    void buildClassCommands();

    // label_page.cpp: from picture to picture
    void applyTheme();
    void projectOpened();
    void projectClosing();
    void readItems();        // on another thread; itemsRead() takes them
    struct ItemsRead { std::vector<ItemId> ids; ItemId unfinished; };
    void itemsRead(ItemsRead read);
    void lookWhatCameOrWent(const std::vector<ItemId>& items);
    void openIndex(int index);
    void showPicture();
    void pictureLoaded(ItemId item);
    void prefetch();
    void tryUnreadableAgain();
    void onCommitted(const services::ProjectSession::Notice& notice);

    // label_walk.cpp: to another picture
    static dataset::ItemFilter unfinished();
    std::vector<ItemId> thoseRunThrough(std::vector<ItemId> ids) const; // of these
    void go(int by);
    void goToUnfinished();
    void goBackToUnfinished();
    void goToUnfinishedWithin();
    std::vector<ItemId> leftOut(ItemId current) const;
    // Those that are run through and unfinished, ascending, but for the picture in front; read on another thread.
    void withOtherUnfinished(std::function<void(const std::vector<ItemId>&)> then);
    void goTo(const QString& text); // number or name
    void showAll();
    void pointAt(AnnotationId annotation, const std::optional<ItemTarget::Answer>& answer);
    void selectObject(AnnotationId annotation);

    // label_show.cpp
    void showShapes();
    void showEdited(const std::vector<AnnotationId>& ids);
    void replaceId(AnnotationId from, AnnotationId to);
    canvas::Shape shapeOf(const domain::Annotation& annotation) const;
    // Object list, counts, fields, hints: once however much happens before the window is painted next.
    void refreshSide();
    void refreshSide(const std::vector<AnnotationId>& ids); // only these objects have changed
    void queueSide();
    void refreshSideNow();
    void refreshRows();
    ObjectRow rowOf(const domain::Annotation& annotation) const;
    std::vector<ObjectRow> proposalRows() const;
    void refreshFields();
    void refreshState();
    void refreshHints() { queueSide(); }
    void refreshStatus();
    QString nameOf(AnnotationId id);
    void placeOverlays();

    // label_hints.cpp
    void showHints();
    void showToolHint();
    std::vector<HintStrip::Key> digitHints() const;
    std::vector<HintStrip::Key> proposalHints() const;
    QString howToDraw(bool hasClass) const;

    // label_edits.cpp: what the annotator does
    void setTool(canvas::Tool tool);
    void startRedrawing();
    bool redraws() const; // the next box that is drawn takes the place of the selected one
    void takeDrawn(const domain::Box& box);
    void addBox(const domain::Box& box, LabelId label, const std::optional<domain::Label>& made = {});
    void takeChanges(const std::vector<canvas::BoxChange>& changes);
    void selectByHand(std::vector<AnnotationId> ids);
    std::vector<AnnotationId> selection() const { return m_canvas->scene().selection(); }
    void deleteObjects(const std::vector<AnnotationId>& ids, bool alsoLocked = false);
    void toggleFlag(int flag, std::optional<bool> on = {});
    QString whatIsLeft(const QString& name) const;
    void finishAndGo();
    void setState(domain::ItemState state);
    void moveToTrash();

    // label_clipboard.cpp: copied, pasted, duplicated; the Edit menu
    void buildEditCommands();
    void refreshEditCommands();
    void copySelection();
    void paste(std::vector<domain::Annotation> annotations, const QString& title);
    std::vector<domain::Annotation> movedAside(std::vector<domain::Annotation> copies) const;
    bool liesHere(const domain::Annotation& copy) const;
    std::vector<domain::Annotation> movedTo(QPointF middle, std::vector<domain::Annotation> copies) const;
    void pasteClipboard(std::optional<QPointF> at);
    void pasteFromPrevious();
    void duplicateSelection();

    // label_sight.cpp: what is seen, in reach and listed
    void setObjectHidden(AnnotationId id, bool hidden);
    void showHidden(LabelId label);
    void toggleLock();
    bool isLocked(AnnotationId id) const { return m_lockedObjects.count(id) > 0; }
    std::vector<AnnotationId> unlocked(std::vector<AnnotationId> ids); // says so when some are left out
    void selectListed();
    void filterObjects(const QString& text);
    void showObjectCount();

    // label_classes.cpp
    void arm(LabelId id);
    void changeClass(LabelId id, const std::optional<domain::Label>& made = {});
    void openClassField(const QString& asking, QPoint at);
    void classChosen(LabelId id);
    void createClass(const QString& name);
    void armAwaited();

    // label_class_edits.cpp
    void applyToClasses(std::vector<dataset::Edit> edits, const QString& title, bool saysSo = false);
    void editLabel(LabelId id, const std::function<void(domain::Label&)>& change, const QString& title);
    void renameClass(LabelId id, const QString& name);
    void moveClass(LabelId id, int to);
    void setClassKey(LabelId id, char key);
    bool mayChangeMany(LabelId label, const QString& title, const QString& what, const QString& verb);
    void mergeClass(LabelId from, LabelId into);
    void deleteClass(LabelId id, bool withBoxes);
    void askMerge();

    // label_proposals.cpp
    void refreshProposals();
    void showProposals();
    void updateProposals(); // after an edit
    void readDevice();
    bool proposesFromDevice() const; // what the device answered stands for what a model would say, until the picture is finished
    void takeAnswers(const std::vector<dataset::FieldAnswer>& answers);
    std::vector<VisibleProposal> visibleProposals() const;
    std::set<int> proposalsTaken() const;
    bool onlyCompares() const; // proposals are shown, but none becomes a label
    canvas::Proposal shownProposal(int key, LabelId label, const domain::Box& box, double score, const QString& words) const;
    bool proposalsWanted() const;
    void toggleProposals();
    void adoptThreshold();

    // label_accept.cpp
    void acceptProposals(const std::vector<int>& keys, std::optional<LabelId> as = {});
    void acceptAll();
    void takeProposal(const canvas::ProposalChange& change); // moved or resized by hand
    bool nudgeProposal(double dx, double dy, bool grows);
    void dropProposal(int key);
    bool takeBackDrop(); // the last one on this picture
    void bringBack(ItemId item, int key);
    void forgetDrops(); // they stay dropped: undo means something later
    void endDropToast();
    void highlight(std::optional<int> key, bool bringIntoView = true);
    void walk(int by);
    void yieldToSelection();
    bool goToProposals();

    // label_keys.cpp
    bool takeKey(const QKeyEvent& event, const QWidget* focus);
    bool takePlainKey(const QKeyEvent& event);
    bool takeObjectKey(const QKeyEvent& event, const QWidget* focus);
    bool takeControlKey(const QKeyEvent& event);
    bool takeSpace(const QKeyEvent& event);
    void spaceReleased();
    bool takesUndo(const QEvent& event) const;

    // label_keys_by_state.cpp
    bool takeDigit(const QKeyEvent& event);
    bool takeEscape();
    bool takeProposalDigit(LabelId label);
    bool takeEnter(bool control);
    bool takeArrow(const QKeyEvent& event, const QWidget* focus);

    enum class FieldPurpose { Arm, Draw, Change, Merge };

    LabelDocument* m_document;
    ItemLoader* m_loader;
    ProposalSource* m_source;
    LabelBar* m_bar;
    canvas::BoxCanvas* m_canvas;
    HintStrip* m_hint;
    SidePanel* m_side;
    Filmstrip* m_film;
    ClassList* m_classes;
    ObjectList* m_objects;
    ObjectFields* m_fields;
    ObjectFilter* m_filter;
    ClassField* m_classField;
    GoField* m_goField;
    QToolButton *m_selectTool, *m_boxTool, *m_extremesTool;
    QPushButton* m_done;
    StateMark* m_stateMark;
    style::PlainLabel *m_stateText, *m_objectCount, *m_problem;
    QWidget* m_empty;
    std::vector<AnnotationId> m_sideIds; // objects to show anew
    bool m_sideIsStale = true;           // all of them
    bool m_sideIsQueued = false;
    QList<QAction*> m_commands, m_moreCommands, m_editCommands;
    QList<QAction*> m_onSelection; // of m_editCommands
    QAction *m_pasteCommand = nullptr, *m_selectAllCommand = nullptr;

    std::vector<ItemId> m_ids;
    int m_index = -1;
    std::shared_ptr<const ItemTarget::Group> m_within; // m_ids are of these only; null: all
    std::optional<ItemTarget> m_target;                // to be shown when the items are known
    std::optional<ItemTarget::Answer> m_answer;        // shown on this picture
    ItemId m_mistakeOn;                                // that somebody came to look at: Esc leads back from there
    bool m_active = false, m_itemsStale = true, m_reading = false, m_fresh = false, m_dimOthers = false;
    bool m_groupLeft = false; // m_within is nothing that anybody is after any more
    LabelId m_armed;
    std::optional<domain::Box> m_waitingBox; // drawn, has no class yet
    FieldPurpose m_purpose = FieldPurpose::Arm;
    std::string m_awaitedClass;              // made, to be armed when it is in the list of labels
    canvas::Tool m_drawTool = canvas::Tool::Box; // the one that was used last
    AnnotationId m_redrawn;
    std::set<AnnotationId> m_hiddenObjects; // of this picture
    std::set<AnnotationId> m_lockedObjects; // of any, until the project is closed
    std::vector<domain::Annotation> m_clipboard;
    std::vector<VisibleProposal> m_predicted, m_visible; // all of this item; those shown, best first
    std::map<ItemId, std::set<int>> m_dropped;
    std::vector<int> m_drops;   // of this picture, since anything else was done: what undo brings back first
    bool m_dropToast = false;   // the toast in view speaks of the last of them
    bool m_unreadable = false;  // the picture in front could not be loaded
    bool m_proposeToDo = true, m_proposeDone = false; // are proposals shown on unfinished, on finished pictures?
    bool m_restProposals = false;  // Esc: none is highlighted until somebody asks
    bool m_chosenProposal = false; // highlighted by hand, so that a digit means its class
    std::optional<dataset::FieldSample> m_sample; // the picture came from a device
    bool m_fromDevice = false;     // m_predicted are its answers
    QString m_thresholdOf;         // the model whose threshold the slider has
    QTimer* m_spaceUp;             // see takeSpace()
    QElapsedTimer m_spaceHeld;
    ItemId m_predictedFor;
};

}
