#pragma once

#include "app/studio/gather/filter_counts.h"

#include <QWidget>

namespace percept::studio {

// The filters at the left of Gather, each with the number of pictures that it would leave beside the others. A filter that would show nothing is greyed, not hidden.
class FilterPanel : public QWidget {
    Q_OBJECT
public:
    explicit FilterPanel(StudioContext& context, QWidget* parent = nullptr);
    void setFilter(const dataset::ItemFilter& filter);
    void setCounts(const FilterCounts& counts);
    void rebuild(); // labels changed
    QStringList folded() const { return m_folded; } // heads
    void setFolded(const QStringList& heads);
    QSize sizeHint() const override;
    struct RowText { QString text; qint64 count = 0; int top = 0; };
    std::vector<RowText> rows() const; // what stands there, from top to bottom

Q_SIGNALS:
    void filterChanged(const percept::dataset::ItemFilter& filter);

protected:
    bool event(QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void focusInEvent(QFocusEvent*) override { update(); }
    void focusOutEvent(QFocusEvent*) override { update(); }

private:
    struct Row {
        enum class Kind { Head, Check, Gap } kind = Kind::Check;
        QString text;
        qint64 count = 0;
        bool on = false, enabled = true, warning = false;
        QColor swatch;
        bool hatched = false;
        const char* icon = nullptr;
        QString tip {};
        std::function<void(dataset::ItemFilter&)> toggle;
        int top = 0, height = 24;
        bool folded = false;
    };
    void addStates();
    void addSets();
    void addLabels();
    void addQuality();
    void head(const QString& text);
    void check(Row row);
    void trigger(const Row& row);
    int rowAt(int y) const;
    void paintRow(QPainter& painter, const Row& row, bool hover, bool current) const;

    StudioContext& m_context;
    dataset::ItemFilter m_filter;
    FilterCounts m_counts;
    std::vector<Row> m_rows;
    QStringList m_folded;
    bool m_skip = false;
    int m_hover = -1, m_current = 0;
};

}
