// What the parts of the page tell each other.
#include "app/studio/label/class_field.h"
#include "app/studio/label/class_list.h"
#include "app/studio/label/filmstrip.h"
#include "app/studio/label/go_field.h"
#include "app/studio/label/item_loader.h"
#include "app/studio/label/label_bar.h"
#include "app/studio/label/label_page.h"
#include "app/studio/label/object_fields.h"
#include "app/studio/label/object_filter.h"
#include "app/studio/label/object_list.h"
#include "app/studio/label/proposal_source.h"

#include <QAbstractItemDelegate>
#include <QPushButton>
#include <QToolButton>

namespace percept::studio {

void LabelPage::connectContext()
{
    StudioContext& ctx = context();
    connect(&ctx, &StudioContext::projectOpened, this, &LabelPage::projectOpened);
    connect(&ctx, &StudioContext::projectAboutToClose, this, &LabelPage::projectClosing);
    connect(&ctx, &StudioContext::committed, this, &LabelPage::onCommitted);
    connect(&ctx, &StudioContext::stepTaken, this, &LabelPage::forgetDrops);
    connect(&ctx, &StudioContext::toastRequested, this, [this] { m_dropToast = false; });
    connect(&ctx, &StudioContext::runsChanged, this, [this] {
        if (context().session())
            m_source->setProject(context().session()->folder());
    });
    connect(&ctx, &StudioContext::labelsChanged, this, [this] {
        if (!context().label(m_armed))
            m_armed = context().labels().empty() ? LabelId {} : context().labels().front().id;
        armAwaited();
        arm(m_armed);
        showShapes();
        refreshProposals();
    });
}

void LabelPage::connectDocument()
{
    connect(m_document, &LabelDocument::annotationsReset, this, [this] {
        m_film->setItem(m_document->item(), m_document->annotations());
        showShapes();
    });
    connect(m_document, &LabelDocument::annotationsEdited, this, [this](const std::vector<AnnotationId>& ids) {
        forgetDrops();
        showEdited(ids);
    });
    connect(m_document, &LabelDocument::itemChanged, this, [this] {
        refreshState();
        if (m_fromDevice != proposesFromDevice())
            refreshProposals();
    });
    connect(m_document, &LabelDocument::idChanged, this, &LabelPage::replaceId);
    connect(m_document, &LabelDocument::editRefused, this, [this](const QString& message) {
        m_awaitedClass.clear();
        context().reportError({}, base::refused(message.toStdString()));
    });
}

void LabelPage::connectCanvas()
{
    using canvas::BoxCanvas;
    connect(m_canvas, &BoxCanvas::boxDrawn, this, &LabelPage::takeDrawn);
    connect(m_canvas, &BoxCanvas::boxesChanged, this, &LabelPage::takeChanges);
    connect(m_canvas, &BoxCanvas::selectionChanged, this, [this] {
        m_fresh = false;
        yieldToSelection();
        queueSide();
        if (m_dimOthers)
            showShapes();
    });
    connect(m_canvas, &BoxCanvas::hoveredChanged, m_objects, &ObjectList::setHovered);
    connect(m_canvas, &BoxCanvas::proposalClicked, this, [this](int key) { highlight(key, /*bringIntoView=*/false); });
    connect(m_canvas, &BoxCanvas::proposalChanged, this, &LabelPage::takeProposal);
    connect(m_canvas, &BoxCanvas::interactionChanged, this, &LabelPage::refreshHints);
    connect(m_canvas, &BoxCanvas::cursorMoved, this, &LabelPage::refreshStatus);
    connect(m_canvas, &BoxCanvas::viewChanged, this, &LabelPage::refreshStatus);
    connect(m_canvas, &BoxCanvas::spaceTapped, this, &LabelPage::finishAndGo);
    connect(m_loader, &ItemLoader::loaded, this, &LabelPage::pictureLoaded);
}

void LabelPage::connectModel()
{
    connect(m_source, &ProposalSource::proposalsReady, this, [this](ItemId item) {
        adoptThreshold();
        if (item == m_document->item().id)
            refreshProposals();
    });
    connect(m_source, &ProposalSource::modelChanged, this, [this] {
        m_dropped.clear();
        forgetDrops();
        m_predictedFor = {};
        refreshProposals();
    });
}

void LabelPage::connectBar()
{
    connect(m_bar, &LabelBar::previousRequested, this, [this] { go(-1); });
    connect(m_bar, &LabelBar::nextRequested, this, [this] { go(1); });
    connect(m_bar, &LabelBar::showAllRequested, this, &LabelPage::showAll);
    connect(m_bar, &LabelBar::deviceRequested, this, [this] {
        if (m_sample)
            context().openField(QString::fromStdString(m_sample->device));
    });
    connect(m_bar, &LabelBar::acceptAllRequested, this, &LabelPage::acceptAll);
    connect(m_bar, &LabelBar::proposalsToggled, this, &LabelPage::toggleProposals);
    connect(m_bar, &LabelBar::leastScoreChanged, this, &LabelPage::showProposals);
    connect(m_bar, &LabelBar::zoomInRequested, this, [this] { m_canvas->zoomBy(1.5); });
    connect(m_bar, &LabelBar::fitRequested, this, [this] { m_canvas->fitPicture(); });
    connect(m_goField, &GoField::asked, this, &LabelPage::goTo);
    connect(m_film, &Filmstrip::itemClicked, this, &LabelPage::openIndex);
    connect(m_selectTool, &QToolButton::clicked, this, [this] { setTool(canvas::Tool::Select); });
    connect(m_boxTool, &QToolButton::clicked, this, [this] { setTool(canvas::Tool::Box); });
    connect(m_extremesTool, &QToolButton::clicked, this, [this] { setTool(canvas::Tool::Extremes); });
    connect(m_done, &QPushButton::clicked, this, &LabelPage::finishAndGo);
}

void LabelPage::connectClasses()
{
    connect(m_classes, &ClassList::armRequested, this, [this](LabelId id) {
        arm(id);
        if (selection().empty() || m_fresh)
            setTool(m_drawTool);
        m_classes->setFocus(Qt::MouseFocusReason); // its own keys work now, and those of the page as ever
    });
    connect(m_classes, &ClassList::hiddenChanged, this, &LabelPage::showShapes);
    connect(m_classes->itemDelegate(), &QAbstractItemDelegate::closeEditor, m_canvas, [this] {
        if (!m_classes->renamedWithFocus())
            m_canvas->setFocus();
    }, Qt::QueuedConnection);
    connect(m_classes, &ClassList::renameRequested, this, &LabelPage::renameClass);
    connect(m_classes, &ClassList::moveRequested, this, &LabelPage::moveClass);
    connect(m_classes, &ClassList::keyRequested, this, &LabelPage::setClassKey);
    connect(m_classes, &ClassList::mergeRequested, this, &LabelPage::mergeClass);
    connect(m_classes, &ClassList::colorRequested, this, [this](LabelId id, int rgb) {
        editLabel(id, [rgb](domain::Label& label) { label.color = rgb; }, tr("Changed the colour of a class"));
    });
    connect(m_classes, &ClassList::deleteRequested, this, &LabelPage::deleteClass);
    connect(m_classField, &ClassField::chosen, this, &LabelPage::classChosen);
    connect(m_classField, &ClassField::created, this, &LabelPage::createClass);
    connect(m_classField, &ClassField::cancelled, this, [this] {
        m_waitingBox.reset();
        refreshHints();
    });
}

void LabelPage::connectObjects()
{
    connect(m_objects, &ObjectList::selectionRequested, this, &LabelPage::selectByHand);
    connect(m_objects, &ObjectList::hoverRequested, m_canvas, &canvas::BoxCanvas::setHovered);
    connect(m_objects, &ObjectList::visibilityRequested, this, [this](AnnotationId id) { setObjectHidden(id, !m_hiddenObjects.count(id)); });
    connect(m_objects, &ObjectList::deleteRequested, this, [this](AnnotationId id) { deleteObjects({ id }); });
    connect(m_objects, &ObjectList::proposalRequested, this, [this](int key) { highlight(key); });
    connect(m_objects, &ObjectList::acceptRequested, this, [this](int key) { acceptProposals({ key }); });
    connect(m_objects, &ObjectList::dropRequested, this, &LabelPage::dropProposal);
    connect(m_objects, &ObjectList::unlockRequested, this, [this](AnnotationId id) {
        m_lockedObjects.erase(id);
        showEdited({ id });
    });
    connect(m_filter, &ObjectFilter::changed, this, &LabelPage::filterObjects);
    connect(m_filter, &ObjectFilter::left, m_canvas, qOverload<>(&QWidget::setFocus));
}

void LabelPage::connectFields()
{
    connect(m_fields, &ObjectFields::boxEdited, this, [this](const domain::Box& box) {
        if (selection().size() == 1)
            takeChanges({ { selection().front(), box } });
    });
    connect(m_fields, &ObjectFields::refused, this, [this](const QString& why) { context().showToast(why); });
    connect(m_fields, &ObjectFields::flagToggled, this, [this](int flag, bool on) { toggleFlag(flag, on); });
    connect(m_fields, &ObjectFields::finished, this, [this] {
        m_canvas->setFocus();
        refreshFields();
    });
}

}
