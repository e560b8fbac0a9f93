#pragma once

#include "widgets/plots/shaping.h"

#include <QColor>
#include <QString>
#include <QTimer>
#include <QVector>
#include <QWidget>
#include <functional>
#include <optional>

class QCustomPlot;
class QCPGraph;
class QCPItemLine;
class QCPItemText;

namespace percept::plots {

class HoverOverlay;
class PlotTitle;

// One curve. The colour is asked for when painting, so that a change of theme needs no new data.
struct Curve {
    QString name;                     // at its end, and in the hover pop-up
    std::function<QColor()> color;
    Points points;                    // drawn thick
    Points raw;                       // drawn thin and pale beneath; may be empty
    Points low, high;                 // 95 % band; may be empty
    std::optional<QPointF> marker;    // a dot on the curve (threshold, best epoch)
    bool dashed = false;
    bool main = true;                 // 2 px, else 1.5
    Points solid {}, hollow {};             // dots on the curve: those that count, and those that do not; may be empty
    std::optional<QPointF> open {};         // after `points`: of what is not over yet; dashed up to a hollow dot

    Points withOpen() const; // all that is drawn of it
};

// A value that is watched for, as a dashed line across the plot with its name at the right.
struct LimitLine {
    double y = 0;
    QString name;
    std::function<QColor()> color;
};

// A plot in the look of Percept on QCustomPlot: no frame, at most five grid lines, names of the curves right of the plot, one
// hover line that reads all curves. Draws only; shaping is in shaping.h. Points above the range are said, not just cut.
// Replots at most ten times a second and never loses the last state.
class CurvePlot : public QWidget {
    Q_OBJECT
public:
    explicit CurvePlot(QWidget* parent = nullptr);

    void setTitle(const QString& title, const QString& readingHelp);
    void setXLabel(const QString& label);
    void setWholeX(bool on); // x counts something: ticks at whole numbers only
    // x is a time in seconds since 1970 UTC: ticks at hours, days or dates of the local time, as the range asks for.
    void setTimeX(bool on);
    void setLimits(QVector<LimitLine> limits);
    void setLogarithmic(bool on);
    void setXRange(double low, double high); // fixed; otherwise from the data
    void setYRange(double low, double high); // fixed; otherwise from the data
    void setCurves(QVector<Curve> curves);
    void setVerticalLine(std::optional<double> x, const QString& text = {}); // the best epoch, the threshold
    void setEmptyText(const QString& text);                                  // shown while there is nothing to draw
    // Accepts drags on the plot: emits xPicked (the threshold is moved in the plot).
    void setPickable(bool on);

    QSize sizeHint() const override { return { 400, 260 }; }
    QSize minimumSizeHint() const override { return { 220, 160 }; }

    // Where the names of the curves ended up, and the area of the curves; for tests. Valid after a replot.
    QVector<QRect> endLabelRects() const;
    QRect area() const;
    std::optional<Range> xRange() const { return m_xRange; } // that was set
    QStringList beyondTexts() const; // what is said about points above the range

signals:
    void xPicked(double x);

protected:
    void changeEvent(QEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    void setUpPlot();
    void applyTheme();
    void rebuild();
    void addBand(const Curve& curve);
    void addCurve(const Curve& curve);
    void addOpen(const Curve& curve);
    void addMarker(const Curve& curve);
    void addDots(const Points& points, const QColor& border, const QColor& fill);
    void addLimits();
    QString hoverHead(double x) const;
    void updateRanges();
    void updateTicks();
    void addXLabel();
    int leftMargin() const;
    void addVerticalLine();
    void addEndLabels();
    void addBeyondNotes();
    void positionLabels();
    void positionEndLabels(const QRect& area);
    void showHover(const QPoint& position);
    void hideHover();
    void scheduleReplot();
    void describe();

    QCustomPlot* m_plot = nullptr;
    PlotTitle* m_titleRow = nullptr;
    HoverOverlay* m_hover = nullptr;
    QString m_title, m_xLabel, m_emptyText, m_lineText;
    QVector<Curve> m_curves;
    QVector<LimitLine> m_limits;
    struct EndLabel {
        QCPItemText* item;
        QCPItemLine* leader; // from the end of the curve to its name, where they are apart
        QPointF end;         // of its curve, in plot coordinates
    };
    EndLabel endLabel(const QString& text, const QColor& color, const QPointF& end);
    QVector<EndLabel> m_endLabels;
    struct BeyondNote {
        QCPItemText* item;
        double x; // in plot coordinates
    };
    QVector<BeyondNote> m_beyond;
    QCPItemText *m_xLabelItem = nullptr, *m_lineTextItem = nullptr;
    std::optional<Range> m_xRange, m_yRange;
    std::optional<double> m_line;
    bool m_logarithmic = false, m_pickable = false, m_wholeX = false, m_timeX = false;
    QTimer m_replotTimer;
};

// "0.817", "12.5", "–": a value as the plot's texts say it.
QString valueText(double value);

}
