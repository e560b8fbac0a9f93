// RunDelegate: how a run stands in the list.
#include "app/studio/train/run_list_model.h"
#include "widgets/style/paint.h"
#include "widgets/style/text.h"
#include "widgets/style/tokens.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <algorithm>

namespace percept::studio {

using style::tokens;

namespace {

constexpr int kRowHeight = 58;

QString qs(const std::string& text) { return QString::fromStdString(text); }

}

QSize RunDelegate::sizeHint(const QStyleOptionViewItem&, const QModelIndex&) const { return { 200, kRowHeight }; }

void RunDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const
{
    const auto* model = qobject_cast<const RunListModel*>(index.model());
    const runs::RunInfo& run = model->runs()[static_cast<std::size_t>(index.row())];
    const auto& t = tokens();
    const QRect r = option.rect;
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    if (option.state & QStyle::State_Selected)
        painter->fillRect(r, t.accentSoft);
    else if (option.state & QStyle::State_MouseOver)
        painter->fillRect(r, t.hover);
    painter->fillRect(QRect(r.left(), r.bottom(), r.width(), 1), t.line);

    const bool ticked = index.data(RunListModel::TickedRole).toBool();
    const QRectF box(r.left() + 12, r.top() + 10, 14, 14);
    style::paintCheck(*painter, box, ticked ? 1 : 0, false, true);
    if (model->drawn().contains(qs(run.id))) // as its curve
        style::paintRounded(*painter, QRectF(box.left(), box.bottom() + 6, box.width(), 3), 1.5, index.data(RunListModel::ColorRole).value<QColor>());

    const QRect line(r.left() + 36, r.top() + 7, r.width() - 48, 20);
    painter->setFont(style::font(style::TextRole::BodyStrong));
    painter->setPen(t.text);
    const int scoreWidth = painter->fontMetrics().horizontalAdvance(shortScore(run)) + 8;
    painter->drawText(line, Qt::AlignLeft | Qt::AlignVCenter, painter->fontMetrics().elidedText(runTitle(run), Qt::ElideRight, line.width() - scoreWidth));
    painter->drawText(line, Qt::AlignRight | Qt::AlignVCenter, shortScore(run));

    const QString status = model->statusText(run);
    const bool isLiveNow = isLive(run) || model->isWorking(run);
    const bool bad = !isLiveNow && (run.status == "failed" || run.status == "crashed");
    const QRect second = line.translated(0, 20);
    painter->setFont(style::font(style::TextRole::Table));
    const int statusWidth = painter->fontMetrics().horizontalAdvance(status) + 8;
    painter->setPen(t.text2);
    painter->drawText(second.adjusted(0, 0, -statusWidth, 0), Qt::AlignLeft | Qt::AlignVCenter,
        painter->fontMetrics().elidedText(shortRunFacts(run), Qt::ElideRight, second.width() - statusWidth));
    painter->setPen(bad ? t.error : (isLiveNow ? t.accent : t.text2));
    painter->drawText(second, Qt::AlignRight | Qt::AlignVCenter, status);

    if (isLive(run) && run.progress && run.progress->steps > 0) {
        const double share = static_cast<double>(run.progress->step) / static_cast<double>(run.progress->steps);
        const QRectF bar(line.left(), r.bottom() - 7, line.width(), 3);
        style::paintRounded(*painter, bar, 1.5, t.lineStrong);
        style::paintRounded(*painter, QRectF(bar.left(), bar.top(), bar.width() * std::clamp(share, 0.0, 1.0), bar.height()), 1.5, t.accent);
    }
    painter->restore();
}

bool RunDelegate::editorEvent(QEvent* event, QAbstractItemModel* model, const QStyleOptionViewItem& option, const QModelIndex& index)
{
    auto* runs = qobject_cast<RunListModel*>(model);
    const auto toggle = [&] { runs->setTicked(index.data(RunListModel::IdRole).toString(), !index.data(RunListModel::TickedRole).toBool()); };
    if (event->type() == QEvent::MouseButtonRelease) {
        const QPoint at = static_cast<QMouseEvent*>(event)->pos();
        if (QRect(option.rect.left(), option.rect.top(), 34, option.rect.height()).contains(at)) {
            toggle();
            return true;
        }
    }
    if (event->type() == QEvent::KeyPress && static_cast<QKeyEvent*>(event)->key() == Qt::Key_Space) {
        toggle();
        return true;
    }
    return false;
}

}
