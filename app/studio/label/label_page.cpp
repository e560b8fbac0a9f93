// From picture to picture.
#include "app/studio/label/label_page.h"

#include "app/studio/frame/thumbnails.h"
#include "app/studio/label/class_field.h"
#include "app/studio/label/filmstrip.h"
#include "app/studio/label/go_field.h"
#include "app/studio/label/item_loader.h"
#include "app/studio/label/object_filter.h"
#include "app/studio/label/object_list.h"
#include "app/studio/label/proposal_source.h"
#include "widgets/style/widgets.h"

#include <QApplication>
#include <QTimer>
#include <algorithm>
#include <utility>

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
    if (std::exchange(m_groupLeft, false) && m_within && context().session())
        showAll();
    if (m_itemsStale && context().session())
        readItems();
    if (m_unreadable)
        tryUnreadableAgain();
    m_canvas->setFocus();
    applyTheme();
}

void LabelPage::deactivated()
{
    m_active = false;
    qApp->removeEventFilter(this);
    m_spaceUp->stop();
    m_spaceHeld.invalidate();
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
    m_reading = false; // the answer does not come any more
    m_target.reset();
    m_within.reset();
    m_answer.reset();
    m_thresholdOf.clear();
    m_restProposals = m_chosenProposal = false;
    m_predicted.clear();
    m_visible.clear();
    m_predictedFor = {};
    m_sample.reset();
    m_fromDevice = false;
    m_dropped.clear();
    forgetDrops();
    m_unreadable = false;
    m_hiddenObjects.clear();
    m_lockedObjects.clear();
    m_redrawn = {};
    m_filter->close();
    m_clipboard.clear();
    m_film->forgetAll();
    m_canvas->setPicture(nullptr, {});
    m_itemsStale = true;
    m_sideIsStale = true;
    refreshSideNow();
    refreshState();
}

void LabelPage::readItems()
{
    m_itemsStale = m_reading; // what was read meanwhile is too old: once more
    if (m_reading)
        return;
    m_reading = true;
    context().readInBackground<ItemsRead>(
        this,
        [](dataset::ProjectReader& reader) {
            ItemsRead read { reader.readItemIds({}).valueOr({}), {} };
            if (const auto open = reader.readItems(unfinished(), {}, 1).valueOr({}); !open.empty())
                read.unfinished = open.front().id;
            return read;
        },
        [this](ItemsRead read) { itemsRead(std::move(read)); });
}

void LabelPage::itemsRead(ItemsRead read)
{
    m_reading = false;
    m_ids = thoseRunThrough(read.ids);
    if (m_ids.empty()) { // those that were run through have gone
        m_within.reset();
        m_ids = std::move(read.ids);
    }
    if (m_itemsStale)
        readItems();
    if (m_ids.empty()) {
        m_document->close();
        forgetDrops();
        m_unreadable = false;
        m_index = -1;
        m_canvas->setPicture(nullptr, {});
        m_film->update();
        m_sideIsStale = true;
        refreshSideNow();
        refreshState();
        return;
    }
    const auto target = std::exchange(m_target, {});
    const ItemId shown = m_document->item().id;
    const bool targetIsHere = target && std::binary_search(m_ids.begin(), m_ids.end(), target->item);
    const ItemId wanted = targetIsHere ? target->item : shown.isValid() ? shown : read.unfinished; // where the work is
    const auto it = std::lower_bound(m_ids.begin(), m_ids.end(), wanted);
    const int index = wanted.isValid() ? std::min(int(it - m_ids.begin()), int(m_ids.size()) - 1) : 0;
    if (shown.isValid() && m_ids[std::size_t(index)] == shown) {
        m_index = index;
        m_film->setCurrent(index);
        refreshState();
    } else {
        openIndex(index);
    }
    if (targetIsHere)
        pointAt(target->annotation, target->answer);
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
    m_redrawn = {};
    m_hiddenObjects.clear();
    m_answer.reset();
    m_canvas->setSelection({});
    const bool same = m_document->item().id == (*item)->id;
    if (!same)
        forgetDrops();
    m_document->open(**item);
    readDevice();
    if (!same || m_canvas->scene().pictureSize().isEmpty())
        showPicture();
    if (!same)
        m_objects->scrollToTop();
    m_restProposals = m_restProposals && same;
    m_film->setCurrent(index);
    prefetch();
    refreshProposals();
    refreshState();
}

void LabelPage::showPicture()
{
    const domain::Item& item = m_document->item();
    const QSizeF size(item.width, item.height);
    const auto ready = m_loader->cached(item.id);
    m_unreadable = ready && !ready->levels;
    m_problem->setVisible(m_unreadable);
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
    if (!ready)
        return prefetch(); // it was looked for where it is no more
    const bool wasUnreadable = m_unreadable;
    if (!ready->levels || m_canvas->scene().pictureSize().isEmpty()) {
        showPicture();
    } else {
        m_unreadable = false;
        m_problem->hide();
        m_canvas->replacePicture(ready->levels);
    }
    if (m_unreadable || wasUnreadable)
        refreshProposals();
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

// The files may be where they are looked for by now. What is said of the one in front stays until it has been tried.
void LabelPage::tryUnreadableAgain()
{
    m_loader->forgetProblems();
    m_source->forgetProblems();
    if (m_unreadable && m_document->isOpen() && context().session())
        prefetch();
}

void LabelPage::onCommitted(const services::ProjectSession::Notice& notice)
{
    if (notice.everything) {
        m_film->forgetAll();
        m_itemsStale = true;
        forgetDrops();
        tryUnreadableAgain();
    }
    for (ItemId item : notice.items) {
        if (item == m_document->item().id)
            m_film->setItem(m_document->item(), m_document->annotations());
        else
            m_film->forget(item);
    }
    if (m_reading)
        m_itemsStale = true;
    else if (!m_itemsStale)
        lookWhatCameOrWent(notice.items);
    if (m_itemsStale && m_active && !m_reading)
        readItems();
}

// Trash takes items away and brings them back. Of few it is looked up, on another thread, of many it is taken for granted.
void LabelPage::lookWhatCameOrWent(const std::vector<ItemId>& items)
{
    constexpr std::size_t kFew = 16;
    if (items.size() > kFew) {
        m_itemsStale = true;
        return;
    }
    std::vector<std::pair<ItemId, bool>> known;
    for (ItemId id : thoseRunThrough(items))
        known.emplace_back(id, std::binary_search(m_ids.begin(), m_ids.end(), id));
    context().readInBackground<bool>(
        this,
        [known](dataset::ProjectReader& reader) {
            return std::any_of(known.begin(), known.end(), [&](const auto& item) {
                const auto there = reader.readItems({}, { item.first.value - 1 }, 1).valueOr({});
                return (!there.empty() && there.front().id == item.first) != item.second;
            });
        },
        [this](bool changed) {
            m_itemsStale = m_itemsStale || changed;
            if (m_itemsStale && m_active && !m_reading)
                readItems();
        });
}

}
