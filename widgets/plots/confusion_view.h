#pragma once

#include <QStringList>
#include <QVector>
#include <QWidget>

namespace percept::plots {

// Confusion matrix: rows true, columns predicted; the last row is the background (false alarms), the last column missed.
// Arrow keys walk the cells, Enter and a click choose one; choosing the chosen one again lets go of it.
class ConfusionView : public QWidget {
    Q_OBJECT
public:
    explicit ConfusionView(QWidget* parent = nullptr);
    // counts: (classes + 1) squared, last = background. colors: one per class, bright.
    void setMatrix(QVector<QVector<qint64>> counts, QStringList classes, QVector<QColor> colors);
    void setShares(bool on); // per cent of the row instead of counts as the large figure
    void setChosen(int row, int column); // -1, -1: none

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return { 260, 200 }; }

signals:
    void cellChosen(int row, int column); // -1, -1 when let go

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    bool event(QEvent* event) override;

private:
    struct Cell {
        int row = -1, column = -1;
        bool operator==(const Cell&) const = default;
    };
    int classes() const { return static_cast<int>(m_classes.size()); }
    QRectF cellRect(int row, int column) const;
    Cell cellAt(const QPointF& position) const;
    qint64 rowTotal(int row) const;
    QString sentence(const Cell& cell) const;
    void paintHeads(QPainter& painter) const;
    void paintCell(QPainter& painter, int row, int column) const;
    QColor cellFill(int row, int column) const;
    void choose(const Cell& cell);

    QVector<QVector<qint64>> m_counts;
    QStringList m_classes;
    QVector<QColor> m_colors;
    Cell m_hover, m_chosen, m_focus { 0, 0 };
    bool m_shares = false;
};

}
