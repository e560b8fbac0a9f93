#include "app/studio/monitor/drift_matrix.h"

#include "widgets/style/text.h"
#include "widgets/style/widgets.h"

#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QScrollBar>
#include <QToolTip>
#include <algorithm>

namespace percept::studio {

using monitoring::kMeasures;

namespace {

constexpr int kMostRows = 10, kFewestNames = 100, kMostNames = 200, kWidest = 132;
constexpr int kHeadLine = 15, kHeadRoom = 8;

}

QString DriftMatrix::effectText(const monitoring::Reading& reading) { return QString::number(reading.effect, 'f', 2); }
QString DriftMatrix::headText(int column) { return measureText(kMeasures[static_cast<std::size_t>(column)]); }
QString DriftMatrix::nameText(const Row& row) { return row.isOffline ? tr("%1 off").arg(row.device) : row.device; }

DriftMatrix::DriftMatrix(QWidget* parent)
    : QAbstractScrollArea(parent)
{
    setObjectName(QStringLiteral("driftMatrix"));
    setFocusPolicy(Qt::StrongFocus);
    setAccessibleName(tr("All devices, the newest day"));
    setFrameShape(QFrame::NoFrame);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_byName.setNumericMode(true); // cam-9 before cam-10
}

QSize DriftMatrix::sizeHint() const
{
    const int rows = std::clamp(static_cast<int>(m_all.size()), 1, kMostRows);
    return { 560, headHeight() + rows * kRow + 2 };
}

int DriftMatrix::namesWidth() const
{
    const QFontMetrics metrics(style::font(style::TextRole::Table));
    int widest = kFewestNames;
    for (const Row& row : m_all)
        widest = std::max(widest, metrics.horizontalAdvance(nameText(row)) + 16);
    return std::min(widest, kMostNames);
}

int DriftMatrix::columnWidth() const { return std::min((viewport()->width() - namesWidth()) / kColumns, kWidest); }

// One line; two where a head is wider than its column.
int DriftMatrix::headHeight() const
{
    const QFontMetrics metrics(style::font(style::TextRole::Caption));
    for (int column = 0; column < kColumns; ++column)
        if (metrics.horizontalAdvance(headText(column)) > columnWidth() - kHeadRoom)
            return 2 * kHeadLine + kHeadRoom;
    return kHeadLine + kHeadRoom;
}

QRect DriftMatrix::headRect(int column) const
{
    return { namesWidth() + column * columnWidth() + kHeadRoom / 2, 2, columnWidth() - kHeadRoom, headHeight() - 6 };
}

QStringList DriftMatrix::cutHeads() const
{
    const QFontMetrics metrics(style::font(style::TextRole::Caption));
    QStringList cut;
    for (int column = 0; column < kColumns; ++column) {
        const QRect needed = metrics.boundingRect(QRect(0, 0, headRect(column).width(), 1000), Qt::TextWordWrap, headText(column));
        if (needed.width() > headRect(column).width() || needed.height() > headRect(column).height() + 2)
            cut << headText(column);
    }
    return cut;
}

QRect DriftMatrix::cellRect(int row, int column) const
{
    const int top = headHeight() + row * kRow - verticalScrollBar()->value();
    return { namesWidth() + column * columnWidth() + 2, top + 2, columnWidth() - 4, kRow - 4 };
}

int DriftMatrix::levelOf(const monitoring::Reading& reading) const
{
    const auto limits = monitoring::limitsOf(reading.measure);
    if (!monitoring::isSignificant(reading, m_alpha))
        return 0;
    return reading.effect >= limits.act ? 3 : reading.effect >= limits.warn ? 2 : 1;
}

void DriftMatrix::rank(Row& row) const
{
    for (const auto& reading : row.readings)
        if (reading) {
            row.level = std::max(row.level, levelOf(*reading));
            row.largest = std::max(row.largest, reading->effect / monitoring::limitsOf(reading->measure).warn);
        }
}

void DriftMatrix::setOverview(const monitoring::Overview& overview)
{
    m_all.clear();
    m_alpha = overview.rules.alpha;
    const auto readings = newestReadings(overview);
    for (const auto& device : overview.devices) {
        Row row { QString::fromStdString(device.name), !device.online };
        if (const auto at = readings.find(device.name); at != readings.end())
            row.readings = at->second;
        rank(row);
        m_all.append(row);
    }
    // By size only among those that changed: what chance does would mix the others anew each day.
    std::stable_sort(m_all.begin(), m_all.end(), [this](const Row& a, const Row& b) {
        if (a.level != b.level)
            return a.level > b.level;
        if (a.level >= 2 && a.largest != b.largest)
            return a.largest > b.largest;
        return m_byName.compare(a.device, b.device) < 0;
    });
    follow();
}

void DriftMatrix::setFilter(const QString& name, bool onlyChanged)
{
    m_name = name;
    m_onlyChanged = onlyChanged;
    verticalScrollBar()->setValue(0);
    follow();
}

void DriftMatrix::follow()
{
    m_rows.clear();
    std::copy_if(m_all.begin(), m_all.end(), std::back_inserter(m_rows),
        [this](const Row& row) { return (!m_onlyChanged || row.level >= 1) && row.device.contains(m_name, Qt::CaseInsensitive); });
    setUpScrolling();
    describe();
    viewport()->update();
    emit shownChanged();
}

int DriftMatrix::changed() const
{
    return static_cast<int>(std::count_if(m_all.begin(), m_all.end(), [](const Row& row) { return row.level >= 1; }));
}

QStringList DriftMatrix::shown() const
{
    QStringList names;
    for (const Row& row : m_rows)
        names << row.device;
    return names;
}

void DriftMatrix::setUpScrolling()
{
    setFixedHeight(sizeHint().height());
    const int room = height() - headHeight(), all = static_cast<int>(m_rows.size()) * kRow;
    verticalScrollBar()->setRange(0, std::max(0, all - room));
    verticalScrollBar()->setPageStep(room);
    verticalScrollBar()->setSingleStep(kRow);
}

void DriftMatrix::resizeEvent(QResizeEvent*) { setUpScrolling(); }

int DriftMatrix::currentRow() const
{
    for (int row = 0; row < m_rows.size(); ++row)
        if (m_rows[row].device == m_device)
            return row;
    return -1;
}

void DriftMatrix::setCurrent(const QString& device, monitoring::Measure measure)
{
    const bool isOther = device != m_device;
    m_device = device;
    m_column = static_cast<int>(measure);
    if (const int row = currentRow(); row >= 0 && isOther) {
        QScrollBar* bar = verticalScrollBar();
        bar->setValue(std::clamp(bar->value(), (row + 1) * kRow - bar->pageStep(), row * kRow));
    }
    viewport()->update();
}

// What has changed; the rest of three hundred would drown it.
void DriftMatrix::describe()
{
    QStringList said;
    int compared = 0;
    for (const Row& row : std::as_const(m_all)) {
        compared += row.level >= 0 ? 1 : 0;
        for (const auto& reading : row.readings)
            if (reading && levelOf(*reading) >= 1)
                said << tr("%1, %2: %3, %4").arg(row.device, measureText(reading->measure), effectText(*reading), levelText(levelOf(*reading)));
    }
    setAccessibleDescription(compared == 0 ? tr("Nothing is compared yet.")
                                           : tr("%1 compared; %2").arg(style::counted(compared, tr("device"), tr("devices")), said.isEmpty() ? tr("nothing has changed") : said.join(QStringLiteral("; "))));
}

void DriftMatrix::pick(int row, int column)
{
    if (m_rows.isEmpty())
        return;
    const QString device = m_rows[std::clamp(row, 0, static_cast<int>(m_rows.size()) - 1)].device;
    const auto measure = kMeasures[static_cast<std::size_t>(std::clamp(column, 0, kColumns - 1))];
    setCurrent(device, measure);
    emit picked(device, measure);
}

void DriftMatrix::mousePressEvent(QMouseEvent* event)
{
    const int y = event->pos().y() - headHeight(), row = (y + verticalScrollBar()->value()) / kRow;
    if (y < 0 || row >= m_rows.size() || event->button() != Qt::LeftButton)
        return;
    const int x = event->pos().x() - namesWidth();
    pick(row, x < 0 ? m_column : x / std::max(1, columnWidth()));
}

void DriftMatrix::keyPressEvent(QKeyEvent* event)
{
    const int row = std::max(0, currentRow());
    switch (event->key()) {
    case Qt::Key_Left: return pick(row, m_column - 1);
    case Qt::Key_Right: return pick(row, m_column + 1);
    case Qt::Key_Up: return pick(row - 1, m_column);
    case Qt::Key_Down: return pick(row + 1, m_column);
    case Qt::Key_PageUp: return pick(row - kMostRows, m_column);
    case Qt::Key_PageDown: return pick(row + kMostRows, m_column);
    case Qt::Key_Home: return pick(0, m_column);
    case Qt::Key_End: return pick(static_cast<int>(m_rows.size()) - 1, m_column);
    default: QWidget::keyPressEvent(event);
    }
}

void DriftMatrix::focusInEvent(QFocusEvent*) { viewport()->update(); }
void DriftMatrix::focusOutEvent(QFocusEvent*) { viewport()->update(); }

QString DriftMatrix::levelText(int level)
{
    switch (level) {
    case 3: return tr("very different");
    case 2: return tr("different, worth a look");
    case 1: return tr("a little different, more than chance does");
    default: return tr("as before, as far as chance lets one see");
    }
}

// What it means, then the figures behind it.
QString DriftMatrix::tipOf(const QString& device, const monitoring::Reading& reading) const
{
    const QString figure = reading.measure == monitoring::Measure::Confidence ? tr("difference of the mean scores %1") : tr("PSI beyond chance %1");
    return tr("%1 of %2: %3 (%4, p = %5 after Holm's correction)")
        .arg(measureText(reading.measure), device, levelText(levelOf(reading)), figure.arg(reading.effect, 0, 'f', 3))
        .arg(std::min(reading.pCorrected, reading.pTwice), 0, 'g', 2);
}

QString DriftMatrix::tipAt(QPoint at) const
{
    const int row = (at.y() - headHeight() + verticalScrollBar()->value()) / kRow;
    if (at.y() < headHeight() || row >= m_rows.size())
        return {};
    if (at.x() < namesWidth())
        return nameText(m_rows[row]);
    for (int column = 0; column < kColumns; ++column)
        if (const auto& reading = m_rows[row].readings[static_cast<std::size_t>(column)]; reading && cellRect(row, column).contains(at))
            return tipOf(m_rows[row].device, *reading);
    return {};
}

bool DriftMatrix::viewportEvent(QEvent* event)
{
    if (event->type() != QEvent::ToolTip)
        return QAbstractScrollArea::viewportEvent(event);
    const auto* help = static_cast<QHelpEvent*>(event);
    QToolTip::showText(help->globalPos(), tipAt(help->pos()).toHtmlEscaped(), this);
    return true;
}

}
