#pragma once

#include "app/studio/monitor/field_series.h"

#include <QWidget>

namespace percept::studio {

// All devices and measures in their newest windows: a number a cell, ringed where it is significant. A click or the
// arrow keys choose one.
class DriftMatrix : public QWidget {
    Q_OBJECT
public:
    explicit DriftMatrix(QWidget* parent = nullptr);
    void setOverview(const monitoring::Overview& overview);
    void setCurrent(const QString& device, monitoring::Measure measure);
    QRect cellRect(int device, int measure) const; // for tests and mouse

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return { 320, sizeHint().height() }; }

signals:
    void picked(const QString& device, percept::monitoring::Measure measure);

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    bool event(QEvent* event) override;

private:
    struct Column {
        QString device;
        bool isOffline = false;
        std::array<std::optional<monitoring::Reading>, monitoring::kMeasures.size()> readings;
    };
    void paintCell(QPainter& painter, int column, int row) const;
    void pick(int column, int row);
    int cellWidth() const;
    void describe();

    QVector<Column> m_columns;
    double m_alpha = 0.01;
    int m_column = 0, m_row = 0;
};

}
