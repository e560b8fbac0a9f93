#include "widgets/plots/curve_plot.h"

#include "widgets/style/paint.h"
#include "widgets/style/text.h"
#include "widgets/style/tokens.h"

#include <QEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>
#include <qcustomplot.h>

namespace percept::plots {

using style::tokens;

namespace {

constexpr int kEndLabelWidth = 96; // room at the right for the names of the curves
constexpr int kReplotIntervalMs = 100;
constexpr int kBuckets = 1000;

QString numberText(double y) { return std::isfinite(y) ? QString::number(y, 'f', std::abs(y) < 10 ? 3 : 1) : QStringLiteral("–"); }

void setData(QCPGraph* graph, const Points& points)
{
    const Points few = thinned(points, kBuckets);
    QVector<double> x, y;
    x.reserve(few.size());
    y.reserve(few.size());
    for (const QPointF& p : few) {
        x.append(p.x());
        y.append(p.y());
    }
    graph->setData(x, y, /*alreadySorted=*/true);
}

QCPItemText* addText(QCustomPlot* plot, const QString& text, const QColor& color, style::TextRole role)
{
    auto* item = new QCPItemText(plot);
    item->setText(text);
    item->setColor(color);
    item->setFont(style::font(role));
    item->setSelectable(false);
    item->setClipToAxisRect(false);
    return item;
}

}

// The values of all curves at one x, beside the mouse.
class HoverPopup : public QWidget {
public:
    struct Row {
        QString name, value;
        QColor color;
    };
    explicit HoverPopup(QWidget* parent)
        : QWidget(parent)
    {
        setAttribute(Qt::WA_TransparentForMouseEvents);
        hide();
    }
    void show(const QString& head, QVector<Row> rows, const QPoint& at)
    {
        m_head = head;
        m_rows = std::move(rows);
        const QFontMetrics metrics(style::font(style::TextRole::Table));
        int width = metrics.horizontalAdvance(m_head);
        for (const Row& row : m_rows)
            width = std::max(width, metrics.horizontalAdvance(row.name) + 40 + metrics.horizontalAdvance(row.value));
        resize(width + 32, 30 + 18 * static_cast<int>(m_rows.size()));
        const QSize space = parentWidget()->size();
        const int x = at.x() + 16 + this->width() > space.width() ? at.x() - 16 - this->width() : at.x() + 16;
        move(std::max(0, x), std::clamp(at.y() + 12, 0, std::max(0, space.height() - height())));
        QWidget::show();
        raise();
        update();
    }

protected:
    void paintEvent(QPaintEvent*) override
    {
        QPainter painter(this);
        painter.setRenderHint(QPainter::Antialiasing);
        style::paintRounded(painter, rect(), style::radius::kCard, tokens().raised, tokens().lineStrong);
        painter.setFont(style::font(style::TextRole::Section));
        painter.setPen(tokens().text);
        painter.drawText(QRect(12, 6, width() - 24, 18), Qt::AlignLeft | Qt::AlignVCenter, m_head);
        painter.setFont(style::font(style::TextRole::Table));
        for (int i = 0; i < m_rows.size(); ++i) {
            const QRect line(12, 25 + 18 * i, width() - 24, 18);
            painter.setPen(Qt::NoPen);
            painter.setBrush(m_rows[i].color);
            painter.drawEllipse(QPointF(line.left() + 4, line.center().y() + 1), 4, 4);
            painter.setPen(tokens().text2);
            painter.drawText(line.adjusted(16, 0, 0, 0), Qt::AlignLeft | Qt::AlignVCenter, m_rows[i].name);
            painter.setPen(tokens().text);
            painter.drawText(line, Qt::AlignRight | Qt::AlignVCenter, m_rows[i].value);
        }
    }

private:
    QString m_head;
    QVector<Row> m_rows;
};

namespace {

// Title and reading help above a plot.
class PlotTitle : public QWidget {
public:
    PlotTitle(QWidget* parent, const QString* title, const QString* help)
        : QWidget(parent)
        , m_title(title)
        , m_help(help)
    {
        setFixedHeight(24);
    }

protected:
    void paintEvent(QPaintEvent*) override
    {
        QPainter painter(this);
        painter.setFont(style::font(style::TextRole::Section));
        painter.setPen(tokens().text);
        const int used = painter.fontMetrics().horizontalAdvance(*m_title);
        painter.drawText(rect(), Qt::AlignLeft | Qt::AlignVCenter, *m_title);
        painter.setFont(style::font(style::TextRole::Table));
        painter.setPen(tokens().text3);
        const QRect rest = rect().adjusted(used + 6, 0, 0, 0);
        painter.drawText(rest, Qt::AlignLeft | Qt::AlignVCenter,
            painter.fontMetrics().elidedText(*m_help, Qt::ElideRight, rest.width()));
    }

private:
    const QString* m_title;
    const QString* m_help;
};

}

CurvePlot::CurvePlot(QWidget* parent)
    : QWidget(parent)
{
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(4);
    layout->addWidget(new PlotTitle(this, &m_title, &m_help));
    m_plot = new QCustomPlot(this);
    layout->addWidget(m_plot, 1);
    m_hover = new HoverPopup(this);
    m_replotTimer.setSingleShot(true);
    m_replotTimer.setInterval(kReplotIntervalMs);
    connect(&m_replotTimer, &QTimer::timeout, this, [this] { m_plot->replot(QCustomPlot::rpQueuedReplot); });
    setUpPlot();
    // Labels stand at the ends of lines in pixels, which are known only once the axes have been laid out.
    connect(m_plot, &QCustomPlot::afterLayout, this, &CurvePlot::positionLabels);
    applyTheme();
}

void CurvePlot::setUpPlot()
{
    m_plot->setInteractions(QCP::Interactions());
    m_plot->setMouseTracking(true);
    m_plot->installEventFilter(this);
    m_plot->setFocusPolicy(Qt::NoFocus);
    m_plot->axisRect()->setAutoMargins(QCP::msNone);
    m_plot->axisRect()->setMargins(QMargins(40, 8, kEndLabelWidth, 24));
    m_plot->xAxis->grid()->setVisible(false);
    m_plot->yAxis->setBasePen(Qt::NoPen);
    m_plot->yAxis->setTickPen(Qt::NoPen);
    m_plot->yAxis->setSubTicks(false);
    m_plot->xAxis->setSubTicks(false);
    m_plot->xAxis->setTickLength(0, 4);
    m_plot->yAxis->setTickLabelPadding(8);
    m_plot->xAxis->setTickLabelPadding(4);
    m_plot->yAxis->ticker()->setTickCount(5);
    m_plot->xAxis->ticker()->setTickCount(6);
}

void CurvePlot::applyTheme()
{
    const auto& t = tokens();
    m_plot->setBackground(t.panel);
    for (QCPAxis* axis : { m_plot->xAxis, m_plot->yAxis }) {
        axis->setTickLabelColor(t.text3);
        axis->setTickLabelFont(style::font(style::TextRole::Caption));
        axis->setLabelColor(t.text3);
        axis->setLabelFont(style::font(style::TextRole::Caption));
    }
    m_plot->xAxis->setBasePen(QPen(t.axis, 1));
    m_plot->xAxis->setTickPen(QPen(t.axis, 1));
    m_plot->yAxis->grid()->setPen(QPen(t.grid, 1));
    m_plot->yAxis->grid()->setZeroLinePen(QPen(t.grid, 1));
    rebuild();
}

void CurvePlot::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange)
        applyTheme();
}

void CurvePlot::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    rebuild();
}

void CurvePlot::setTitle(const QString& title, const QString& readingHelp)
{
    m_title = title;
    m_help = readingHelp;
    describe();
    update();
}

void CurvePlot::setXLabel(const QString& label)
{
    m_xLabel = label;
    rebuild();
}

void CurvePlot::setLogarithmic(bool on)
{
    m_logarithmic = on;
    m_plot->yAxis->setScaleType(on ? QCPAxis::stLogarithmic : QCPAxis::stLinear);
    rebuild();
}

void CurvePlot::setXRange(double low, double high)
{
    m_xRange = Range { low, high };
    rebuild();
}

void CurvePlot::setYRange(double low, double high)
{
    m_yRange = Range { low, high };
    rebuild();
}

void CurvePlot::setCurves(QVector<Curve> curves)
{
    m_curves = std::move(curves);
    describe();
    rebuild();
}

void CurvePlot::setVerticalLine(std::optional<double> x, const QString& text)
{
    if (m_line == x && m_lineText == text)
        return;
    m_line = x;
    m_lineText = text;
    rebuild();
}

void CurvePlot::setEmptyText(const QString& text)
{
    m_emptyText = text;
    rebuild();
}

void CurvePlot::setPickable(bool on)
{
    m_pickable = on;
    m_plot->setCursor(on ? Qt::SplitHCursor : Qt::ArrowCursor);
}

void CurvePlot::scheduleReplot()
{
    if (!m_replotTimer.isActive())
        m_replotTimer.start();
}

void CurvePlot::rebuild()
{
    m_endLabels.clear();
    m_xLabelItem = nullptr;
    m_plot->clearItems();
    m_plot->clearPlottables();
    updateRanges();
    updateTicks();
    for (const Curve& curve : m_curves)
        addBand(curve);
    for (const Curve& curve : m_curves)
        addCurve(curve);
    for (const Curve& curve : m_curves)
        addMarker(curve);
    placeLine();
    addEndLabels();
    if (m_curves.isEmpty() && !m_emptyText.isEmpty()) {
        auto* item = addText(m_plot, m_emptyText, tokens().text3, style::TextRole::Table);
        item->position->setType(QCPItemPosition::ptAxisRectRatio);
        item->position->setCoords(0.5, 0.45);
    }
    scheduleReplot();
}

void CurvePlot::addBand(const Curve& curve)
{
    if (curve.low.isEmpty() || curve.high.isEmpty())
        return;
    QCPGraph* low = m_plot->addGraph();
    QCPGraph* high = m_plot->addGraph();
    QColor fill = curve.color();
    fill.setAlphaF(0.16F);
    low->setPen(Qt::NoPen);
    high->setPen(Qt::NoPen);
    high->setBrush(fill);
    high->setChannelFillGraph(low);
    setData(low, curve.low);
    setData(high, curve.high);
}

void CurvePlot::addCurve(const Curve& curve)
{
    const QColor color = curve.color();
    if (!curve.raw.isEmpty()) {
        QColor pale = color;
        pale.setAlphaF(0.4F);
        QCPGraph* raw = m_plot->addGraph();
        raw->setPen(QPen(pale, 1));
        setData(raw, curve.raw);
    }
    QCPGraph* graph = m_plot->addGraph();
    QPen pen(color, curve.main ? 2 : 1.5);
    if (curve.dashed)
        pen.setDashPattern({ 4, 3 });
    pen.setCapStyle(Qt::RoundCap);
    pen.setJoinStyle(Qt::RoundJoin);
    graph->setPen(pen);
    setData(graph, curve.points);
    if (curve.points.size() == 1) // a single epoch is a dot, not nothing
        graph->setScatterStyle(QCPScatterStyle(QCPScatterStyle::ssDisc, color, 7));
}

void CurvePlot::addMarker(const Curve& curve)
{
    if (!curve.marker)
        return;
    QCPGraph* dot = m_plot->addGraph();
    dot->setLineStyle(QCPGraph::lsNone);
    dot->setScatterStyle(QCPScatterStyle(QCPScatterStyle::ssCircle, QPen(tokens().panel, 1.5), QBrush(curve.color()), 9));
    dot->setData({ curve.marker->x() }, { curve.marker->y() }, true);
}

void CurvePlot::updateRanges()
{
    Range x { 0, 1 };
    bool any = false;
    QVector<Points> all;
    for (const Curve& curve : m_curves) {
        for (const Points* points : { &curve.points, &curve.raw, &curve.low, &curve.high }) {
            if (points->isEmpty())
                continue;
            all.append(*points);
            x.low = any ? std::min(x.low, points->first().x()) : points->first().x();
            x.high = any ? std::max(x.high, points->last().x()) : points->last().x();
            any = true;
        }
    }
    if (x.high <= x.low)
        x.high = x.low + 1;
    const Range xr = m_xRange.value_or(x);
    const Range yr = m_yRange.value_or(robustRange(all, m_logarithmic));
    m_plot->xAxis->setRange(xr.low, xr.high);
    m_plot->yAxis->setRange(yr.low, yr.high);
}

void CurvePlot::updateTicks()
{
    if (!m_logarithmic) {
        m_plot->yAxis->setTicker(QSharedPointer<QCPAxisTicker>::create());
        m_plot->yAxis->ticker()->setTickCount(5);
        return;
    }
    // Round steps within each decade, finer on the short ranges of a loss.
    auto ticker = QSharedPointer<QCPAxisTickerText>::create();
    const QCPRange range = m_plot->yAxis->range();
    for (int exponent = -6; exponent <= 6; ++exponent)
        for (const double mantissa : { 1.0, 1.5, 2.0, 3.0, 5.0, 7.0 }) {
            if (range.upper / range.lower > 10 && mantissa != 1.0 && mantissa != 2.0 && mantissa != 5.0)
                continue;
            const double value = mantissa * std::pow(10.0, exponent);
            if (value >= range.lower && value <= range.upper)
                ticker->addTick(value, QString::number(value));
        }
    m_plot->yAxis->setTicker(ticker);
}

void CurvePlot::placeLine()
{
    if (!m_xLabel.isEmpty()) {
        auto* label = addText(m_plot, m_xLabel, tokens().text3, style::TextRole::Caption);
        label->setPositionAlignment(Qt::AlignLeft | Qt::AlignTop);
        label->position->setType(QCPItemPosition::ptAbsolute);
        m_xLabelItem = label;
    }
    if (!m_line)
        return;
    auto* line = new QCPItemLine(m_plot);
    line->start->setTypeX(QCPItemPosition::ptPlotCoords);
    line->end->setTypeX(QCPItemPosition::ptPlotCoords);
    line->start->setTypeY(QCPItemPosition::ptAxisRectRatio);
    line->end->setTypeY(QCPItemPosition::ptAxisRectRatio);
    line->start->setCoords(*m_line, 0);
    line->end->setCoords(*m_line, 1);
    QPen pen(m_pickable ? tokens().accent : tokens().text3, m_pickable ? 1.5 : 1);
    if (!m_pickable)
        pen.setDashPattern({ 3, 3 });
    line->setPen(pen);
    if (!m_lineText.isEmpty()) {
        auto* text = addText(m_plot, m_lineText, tokens().text3, style::TextRole::Caption);
        text->setPositionAlignment(Qt::AlignLeft | Qt::AlignTop);
        text->position->setTypeX(QCPItemPosition::ptPlotCoords);
        text->position->setTypeY(QCPItemPosition::ptAxisRectRatio);
        text->position->setCoords(*m_line, 0);
        text->setPadding(QMargins(4, 0, 0, 0));
    }
}

void CurvePlot::addEndLabels()
{
    const QFontMetrics metrics(style::font(style::TextRole::CaptionStrong));
    for (const Curve& curve : m_curves) {
        if (curve.points.isEmpty() || curve.name.isEmpty())
            continue;
        auto* label = addText(m_plot, metrics.elidedText(curve.name, Qt::ElideRight, kEndLabelWidth - 10), curve.color(), style::TextRole::CaptionStrong);
        label->setPositionAlignment(Qt::AlignLeft | Qt::AlignVCenter);
        label->position->setType(QCPItemPosition::ptAbsolute);
        m_endLabels.append({ label, curve.points.last() });
    }
}

void CurvePlot::positionLabels()
{
    const QRect area = m_plot->axisRect()->rect();
    if (m_xLabelItem)
        m_xLabelItem->position->setCoords(area.right() + 12, area.bottom() + 8);
    const QCPRange range = m_plot->yAxis->range();
    QVector<double> wanted;
    for (const EndLabel& label : m_endLabels)
        wanted.append(m_plot->yAxis->coordToPixel(std::clamp(label.end.y(), range.lower, range.upper)));
    const QVector<double> placed = pushedApart(wanted, 13, area.top(), area.bottom());
    for (int i = 0; i < m_endLabels.size(); ++i) {
        const double x = std::min<double>(m_plot->xAxis->coordToPixel(m_endLabels[i].end.x()), area.right());
        m_endLabels[i].item->position->setCoords(x + 8, placed[i]);
    }
}

bool CurvePlot::eventFilter(QObject* watched, QEvent* event)
{
    if (watched == m_plot) {
        if (event->type() == QEvent::Leave)
            hideHover();
        if (event->type() == QEvent::MouseMove || event->type() == QEvent::MouseButtonPress) {
            const auto* mouse = static_cast<QMouseEvent*>(event);
            if (m_pickable && (mouse->buttons() & Qt::LeftButton)) {
                hideHover();
                emit xPicked(m_plot->xAxis->pixelToCoord(mouse->position().x()));
            } else if (event->type() == QEvent::MouseMove) {
                showHover(mouse->pos());
            }
        }
    }
    return QWidget::eventFilter(watched, event);
}

void CurvePlot::showHover(const QPoint& position)
{
    const double x = m_plot->xAxis->pixelToCoord(position.x());
    if (!m_plot->axisRect()->rect().contains(position) || m_curves.isEmpty())
        return hideHover();
    QVector<HoverPopup::Row> rows;
    for (const Curve& curve : m_curves) {
        const double y = valueAt(curve.points, x);
        if (std::isfinite(y))
            rows.append({ curve.name, numberText(y), curve.color() });
    }
    if (rows.isEmpty())
        return hideHover();
    const QString head = m_xLabel.isEmpty() ? numberText(x) : m_xLabel + QLatin1Char(' ') + QString::number(x, 'f', std::abs(x) < 1 ? 2 : 0);
    m_hover->show(head, rows, m_plot->mapTo(this, position));
}

void CurvePlot::hideHover() { m_hover->hide(); }

void CurvePlot::describe()
{
    setAccessibleName(m_title);
    QStringList parts;
    for (const Curve& curve : m_curves)
        if (!curve.points.isEmpty())
            parts.append(tr("%1 ends at %2").arg(curve.name, numberText(curve.points.last().y())));
    setAccessibleDescription(parts.isEmpty() ? tr("Nothing to draw yet.") : parts.join(QStringLiteral(", ")));
}

}
