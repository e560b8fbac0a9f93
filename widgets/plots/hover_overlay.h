#pragma once

#include <QColor>
#include <QString>
#include <QVector>
#include <QWidget>

namespace percept::plots {

// Lies over a plot and lets the mouse through: a line at one x, a dot on each curve there, and their values in a pop-up
// beside it. An overlay, so that the plot beneath need not be drawn anew while the mouse moves.
class HoverOverlay : public QWidget {
    Q_OBJECT
public:
    struct Row {
        QString name, value;
        QColor color;
        double y = 0; // of its dot, in pixels of the overlay; outside of `area` it has none
    };
    explicit HoverOverlay(QWidget* parent);
    void showAt(const QRect& area, double x, const QString& head, QVector<Row> rows);

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QRect popup() const;
    void paintRows(QPainter& painter, const QRect& popup) const;

    QRect m_area;
    double m_x = 0;
    QString m_head;
    QVector<Row> m_rows;
};

}
