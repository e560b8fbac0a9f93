#include "app/studio/start/recent_list.h"

#include "core/base/time.h"
#include "core/media/picture.h"
#include "widgets/style/paint.h"
#include "widgets/style/widgets.h"

#include <QFileInfo>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QPainterPath>

namespace percept::studio {
namespace {

constexpr int kRow = 58, kPad = 24;

QImage readImage(const QString& file)
{
    auto picture = media::decodePicture(std::filesystem::path(file.toStdString()));
    if (picture.hasError())
        return {};
    return QImage(picture->data, picture->cols, picture->rows, static_cast<qsizetype>(picture->step), QImage::Format_RGB888).copy();
}

QString howFar(const RecentProjects::Entry& entry)
{
    if (entry.items == 0)
        return RecentList::tr("no pictures yet");
    const QString pictures = style::counted(entry.items, RecentList::tr("picture"), RecentList::tr("pictures"));
    if (entry.done == entry.items)
        return RecentList::tr("%1, all done").arg(pictures);
    return RecentList::tr("%1, %2 % done").arg(pictures).arg(entry.done * 100 / entry.items);
}

}

RecentList::RecentList(QWidget* parent)
    : QWidget(parent)
{
    setObjectName(QStringLiteral("recent-list"));
    setMouseTracking(true);
    setFocusPolicy(Qt::StrongFocus);
    setAccessibleName(tr("Recent projects"));
}

void RecentList::setEntries(std::vector<RecentProjects::Entry> entries)
{
    m_entries = std::move(entries);
    m_missing.clear();
    for (const RecentProjects::Entry& entry : m_entries) {
        m_missing.push_back(!QFileInfo::exists(entry.path + QStringLiteral("/project.db")));
        const QString file = entry.path + QLatin1Char('/') + entry.thumbnail;
        if (!entry.thumbnail.isEmpty() && !m_images.contains(entry.path) && QFileInfo::exists(file))
            m_images.insert(entry.path, readImage(file));
    }
    m_current = 0;
    setMinimumHeight(sizeHint().height());
    updateGeometry();
    update();
}

void RecentList::setLastRun(const QString& path, const LastRun& run)
{
    m_lastRuns.insert(path, run);
    update();
}

QString RecentList::secondLine(int row) const
{
    const auto& entry = m_entries[static_cast<std::size_t>(row)];
    if (m_missing[static_cast<std::size_t>(row)])
        return tr("folder not found · ");
    switch (const LastRun run = m_lastRuns.value(entry.path); run.state) {
    case LastRun::State::Interrupted: return tr("training %1").arg(describeLastRun(run));
    case LastRun::State::Running:
    case LastRun::State::ByItself: return tr("is training, %1").arg(describeLastRun(run));
    case LastRun::State::Nothing:
    case LastRun::State::Unscored: break;
    }
    return howFar(entry);
}

QSize RecentList::sizeHint() const { return { 320, static_cast<int>(m_entries.size()) * kRow }; }

int RecentList::rowAt(const QPoint& at) const
{
    const int row = at.y() / kRow;
    return at.y() >= 0 && row < static_cast<int>(m_entries.size()) ? row : -1;
}

void RecentList::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    for (int row = 0; row < static_cast<int>(m_entries.size()); ++row)
        paintRow(painter, row);
}

void RecentList::paintRow(QPainter& painter, int row) const
{
    const style::Tokens& t = style::tokens();
    const auto& entry = m_entries[static_cast<std::size_t>(row)];
    const bool missing = m_missing[static_cast<std::size_t>(row)];
    const QRect r(0, row * kRow, width(), kRow);
    if (row == m_hover)
        painter.fillRect(r, t.hover);
    if (hasFocus() && row == m_current)
        style::paintRounded(painter, r, 0, QColor(), t.accent, 1.5);
    const QRect thumb(kPad, r.top() + 8, 56, 42);
    const QImage image = m_images.value(entry.path);
    if (missing || image.isNull()) {
        QPen pen(t.lineStrong, 1);
        pen.setDashPattern({ 3, 3 });
        painter.setPen(pen);
        painter.drawRoundedRect(QRectF(thumb).adjusted(.5, .5, -.5, -.5), 3, 3);
        style::paintIcon(painter, QStringLiteral("folder"), QRectF(thumb.center() - QPoint(8, 8), QSizeF(16, 16)), t.text3);
    } else {
        painter.save();
        painter.setRenderHints(QPainter::Antialiasing | QPainter::SmoothPixmapTransform);
        QPainterPath clip;
        clip.addRoundedRect(thumb, 3, 3);
        painter.setClipPath(clip);
        const QSize full = image.size().scaled(thumb.size(), Qt::KeepAspectRatioByExpanding);
        painter.drawImage(QRect(thumb.center() - QPoint(full.width() / 2, full.height() / 2), full), image);
        painter.restore();
    }
    painter.setFont(style::font(style::TextRole::Caption));
    painter.setPen(t.text3);
    const QString when = missing ? QString() : describeWhen(entry.openedMs, base::nowMs());
    const int whenWidth = painter.fontMetrics().horizontalAdvance(when);
    painter.drawText(QRect(width() - kPad - whenWidth, r.top() + 12, whenWidth + 1, 16), Qt::AlignVCenter, when);
    const QRect text(kPad + 68, r.top(), width() - kPad * 2 - 68, kRow);
    const int nameWidth = text.width() - (whenWidth ? whenWidth + 8 : 0);
    painter.setFont(style::font(style::TextRole::BodyStrong));
    painter.setPen(missing ? t.text2 : t.text);
    const QString name = painter.fontMetrics().elidedText(entry.name, Qt::ElideRight, nameWidth);
    const int used = painter.fontMetrics().horizontalAdvance(name) + 8;
    painter.drawText(text.adjusted(0, 10, 0, 0), Qt::AlignTop, name);
    if (const QString folder = folderBeside(entry, m_entries); !folder.isEmpty() && used < nameWidth) { // two of one name look alike
        painter.setFont(style::font(style::TextRole::Caption));
        painter.setPen(t.text3);
        painter.drawText(text.adjusted(used, 12, 0, 0), Qt::AlignTop, painter.fontMetrics().elidedText(folder, Qt::ElideLeft, nameWidth - used));
    }
    painter.setFont(style::font(style::TextRole::Table));
    const QRect second = text.adjusted(0, 31, 0, 0);
    const bool interrupted = m_lastRuns.value(entry.path).state == LastRun::State::Interrupted;
    painter.setPen(missing || interrupted ? t.warning : t.text3);
    const QString line = secondLine(row);
    painter.drawText(second, Qt::AlignTop, painter.fontMetrics().elidedText(line, Qt::ElideRight, second.width()));
    if (missing) {
        painter.setPen(t.accent);
        painter.drawText(second.adjusted(painter.fontMetrics().horizontalAdvance(line), 0, 0, 0), Qt::AlignTop, tr("Locate…"));
    }
}

void RecentList::activate(int row)
{
    if (row < 0 || row >= static_cast<int>(m_entries.size()))
        return;
    const QString path = m_entries[static_cast<std::size_t>(row)].path;
    if (m_missing[static_cast<std::size_t>(row)])
        Q_EMIT locateRequested(path);
    else
        Q_EMIT opened(path);
}

void RecentList::mouseMoveEvent(QMouseEvent* event)
{
    m_hover = rowAt(event->pos());
    setCursor(m_hover >= 0 ? Qt::PointingHandCursor : Qt::ArrowCursor);
    setToolTip(m_hover >= 0 ? QStringLiteral("<span>") + m_entries[static_cast<std::size_t>(m_hover)].path.toHtmlEscaped() + QStringLiteral("</span>") : QString());
    update();
}

void RecentList::mousePressEvent(QMouseEvent* event)
{
    if (event->button() == Qt::LeftButton)
        activate(rowAt(event->pos()));
}

void RecentList::leaveEvent(QEvent*)
{
    m_hover = -1;
    update();
}

void RecentList::focusInEvent(QFocusEvent*) { update(); }
void RecentList::focusOutEvent(QFocusEvent*) { update(); }

void RecentList::keyPressEvent(QKeyEvent* event)
{
    const int last = static_cast<int>(m_entries.size()) - 1;
    if (event->key() == Qt::Key_Down)
        m_current = std::min(m_current + 1, std::max(last, 0));
    else if (event->key() == Qt::Key_Up)
        m_current = std::max(m_current - 1, 0);
    else if (event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter)
        activate(m_current);
    else if (event->key() == Qt::Key_Delete && m_current <= last)
        Q_EMIT forgotten(m_entries[static_cast<std::size_t>(m_current)].path);
    else
        return QWidget::keyPressEvent(event);
    update();
}

}
