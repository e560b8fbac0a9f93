// From picture to picture.
#include "app/studio/label/label_page.h"

#include "app/studio/frame/thumbnails.h"
#include "app/studio/label/class_field.h"
#include "app/studio/label/filmstrip.h"
#include "app/studio/label/item_loader.h"
#include "app/studio/label/proposal_source.h"
#include "widgets/style/widgets.h"

#include <QApplication>
#include <algorithm>

namespace percept::studio {

void LabelPage::applyTheme()
{
    m_canvas->setSurround(style::tokens().canvas);
    m_canvas->setAccent(style::tokens().accent);
}

void LabelPage::activated()
{
    m_active = true;
    qApp->installEventFilter(this);
    if (m_itemsStale && context().session())
        readItems();
    m_canvas->setFocus();
    applyTheme();
}

void LabelPage::deactivated()
{
    m_active = false;
    qApp->removeEventFilter(this);
    m_canvas->setPanHeld(false);
    m_canvas->cancelInteraction();
}

void LabelPage::projectOpened()
{
    m_source->setProject(context().session()->folder());
    m_film->forgetAll();
    m_armed = context().labels().empty() ? LabelId {} : context().labels().front().id;
    m_index = -1;
    readItems();
    arm(m_armed);
}

void LabelPage::projectClosing()
{
    m_document->close();
    m_source->setProject({});
    m_loader->clear();
    m_ids.clear();
    m_index = -1;
    m_predicted.clear();
    m_visible.clear();
    m_predictedFor = {};
    m_dropped.clear();
    m_hiddenObjects.clear();
    m_clipboard.clear();
    m_film->forgetAll();
    m_canvas->setPicture(nullptr, {});
    m_itemsStale = true;
    refreshSideNow();
    refreshState();
}

void LabelPage::readItems()
{
    m_itemsStale = false;
    const ItemId current = m_document->item().id;
    m_ids = context().session()->reader().readItemIds({}).valueOr({});
    if (m_ids.empty()) {
        m_document->close();
        m_index = -1;
        m_canvas->setPicture(nullptr, {});
        refreshSideNow();
        refreshState();
        return;
    }
    const auto it = std::lower_bound(m_ids.begin(), m_ids.end(), current);
    const bool stays = it != m_ids.end() && *it == current;
    int index = std::min(int(it - m_ids.begin()), int(m_ids.size()) - 1);
    if (!current.isValid()) {
        // Where the work is: the first picture that is not finished.
        dataset::ItemFilter open;
        open.states = { domain::ItemState::ToDo, domain::ItemState::ToReview };
        const auto unfinished = context().session()->reader().readItemIds(open).valueOr({});
        index = unfinished.empty() ? 0 : int(std::lower_bound(m_ids.begin(), m_ids.end(), unfinished.front()) - m_ids.begin());
    }
    if (stays) {
        m_index = index;
        m_film->setCurrent(index);
        refreshState();
    } else {
        openIndex(index);
    }
}

void LabelPage::openIndex(int index)
{
    if (index < 0 || index >= int(m_ids.size()) || !context().session())
        return;
    const auto item = context().session()->reader().readItem(m_ids[std::size_t(index)]);
    if (item.hasError() || !item->has_value())
        return;
    m_canvas->cancelInteraction();
    m_waitingBox.reset();
    m_classField->hide();
    m_index = index;
    m_hiddenObjects.clear();
    m_canvas->setSelection({});
    const bool same = m_document->item().id == (*item)->id;
    m_document->open(**item);
    if (!same || m_canvas->scene().pictureSize().isEmpty())
        showPicture();
    m_film->setCurrent(index);
    prefetch();
    refreshProposals();
    refreshState();
}

void LabelPage::go(int by)
{
    const int to = m_index + by;
    if (to >= 0 && to < int(m_ids.size()))
        openIndex(to);
}

void LabelPage::goToUnfinished()
{
    if (!context().session() || m_ids.empty())
        return;
    dataset::ItemFilter filter;
    filter.states = { domain::ItemState::ToDo, domain::ItemState::ToReview };
    auto open = context().session()->reader().readItemIds(filter).valueOr({});
    const ItemId current = m_document->item().id;
    std::erase(open, current); // it may be on its way to done
    if (open.empty()) {
        context().showToast(m_document->item().state == domain::ItemState::Done ? tr("All pictures are done") : tr("This is the last unfinished picture"));
        return;
    }
    auto next = std::upper_bound(open.begin(), open.end(), current);
    const ItemId target = next == open.end() ? open.front() : *next;
    openIndex(int(std::lower_bound(m_ids.begin(), m_ids.end(), target) - m_ids.begin()));
}

void LabelPage::showItem(ItemId item, AnnotationId annotation)
{
    if (m_itemsStale && context().session())
        readItems();
    const auto it = std::lower_bound(m_ids.begin(), m_ids.end(), item);
    if (it == m_ids.end() || *it != item)
        return;
    openIndex(int(it - m_ids.begin()));
    if (m_document->find(annotation)) {
        selectByHand({ annotation });
        m_canvas->bringIntoView(m_document->find(annotation)->box);
    }
}

void LabelPage::showPicture()
{
    const domain::Item& item = m_document->item();
    const QSizeF size(item.width, item.height);
    const auto ready = m_loader->cached(item.id);
    m_problem->setVisible(ready && !ready->levels);
    m_problem->setText(ready ? ready->problem : QString());
    std::shared_ptr<const canvas::PictureLevels> levels = ready ? ready->levels : nullptr;
    if (!ready) {
        // Until it is decoded: its thumbnail, stretched.
        const QImage small = context().thumbnails().thumbnail(item, context().session()->reader().mediaPath(item));
        if (!small.isNull())
            levels = canvas::PictureLevels::build(small, size.toSize());
    }
    m_canvas->setPicture(levels, size.isEmpty() && levels ? QSizeF(levels->size()) : size);
    showShapes();
    placeOverlays();
}

void LabelPage::pictureLoaded(ItemId item)
{
    if (item != m_document->item().id)
        return;
    const auto ready = m_loader->cached(item);
    if (!ready || !ready->levels || m_canvas->scene().pictureSize().isEmpty())
        return showPicture();
    m_problem->hide();
    m_canvas->replacePicture(ready->levels);
}

void LabelPage::prefetch()
{
    std::vector<ItemLoader::Wanted> wanted;
    dataset::ProjectReader& reader = context().session()->reader();
    for (const int step : { 0, 1, -1, 2 }) {
        const int index = m_index + step;
        if (index < 0 || index >= int(m_ids.size()))
            continue;
        const auto item = reader.readItem(m_ids[std::size_t(index)]);
        if (item.hasValue() && item->has_value())
            wanted.push_back({ (*item)->id, reader.mediaPath(**item) });
    }
    m_loader->want(std::move(wanted));
}

void LabelPage::onCommitted(const services::ProjectSession::Notice& notice)
{
    if (notice.everything) {
        m_film->forgetAll();
        m_itemsStale = true;
    }
    for (ItemId item : notice.items) {
        if (item == m_document->item().id)
            m_film->setItem(m_document->item(), m_document->annotations());
        else
            m_film->forget(item);
    }
    // Trash takes items away and brings them back: few enough to look.
    if (notice.items.size() > 1 || (notice.items.size() == 1 && notice.items.front() != m_document->item().id))
        m_itemsStale = true;
    if (m_itemsStale && m_active)
        readItems();
}

}
