#pragma once

#include "app/studio/monitor/field_series.h"

#include <QAbstractScrollArea>
#include <QCollator>
#include <QLocale>

namespace percept::studio {

// All devices in their newest windows: a row a device, a column a measure, a number a cell, ringed where it is significant. Those
// that have changed most stand first; more than ten scroll below their heads. A click or the arrow keys choose one.
class DriftMatrix : public QAbstractScrollArea {
    Q_OBJECT
public:
    explicit DriftMatrix(QWidget* parent = nullptr);
    void setOverview(const monitoring::Overview& overview);
    void setCurrent(const QString& device, monitoring::Measure measure);
    void setFilter(const QString& name, bool onlyChanged); // name: a part of it; empty: all
    int devices() const { return static_cast<int>(m_all.size()); }
    int changed() const; // devices with a significant change
    QStringList shown() const; // names, from the first row on

    // In the frame of viewport(); for tests and mouse.
    QRect cellRect(int row, int measure) const;
    QRect headRect(int measure) const;
    QStringList cutHeads() const; // those that do not fit in their columns: none, if this class does its work

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return { 320, sizeHint().height() }; }

signals:
    void picked(const QString& device, percept::monitoring::Measure measure);
    void shownChanged();

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;
    bool viewportEvent(QEvent* event) override;

private:
    struct Row {
        QString device;
        bool isOffline = false;
        Readings readings {};
        int level = -1;     // of the worst reading: 3 to act on, 2 to look at, 1 significant, 0 neither, -1 nothing is compared yet
        double largest = 0; // effect, as a multiple of the size from which on it matters
    };
    static constexpr int kRow = 24, kColumns = static_cast<int>(monitoring::kMeasures.size());
    static QString headText(int column);
    static QString nameText(const Row& row);
    static QString effectText(const monitoring::Reading& reading); // "1.65", as on the axis of its plot
    int levelOf(const monitoring::Reading& reading) const;
    void rank(Row& row) const;
    void follow(); // what is shown of all
    void paintHeads(QPainter& painter) const;
    void paintRow(QPainter& painter, int row) const;
    void paintCell(QPainter& painter, int row, int column) const;
    void pick(int row, int column);
    int currentRow() const;
    int namesWidth() const;
    int headHeight() const;
    int columnWidth() const;
    void setUpScrolling();
    void describe();
    static QString levelText(int level); // as Row::level
    QString tipOf(const QString& device, const monitoring::Reading& reading) const;
    QString tipAt(QPoint at) const;

    QVector<Row> m_all, m_rows;
    QCollator m_byName { QLocale(QLocale::English) }; // "cam-9" before "cam-10", which the C locale cannot tell
    QString m_name, m_device; // of the filter; of the current row
    bool m_onlyChanged = false;
    double m_alpha = 0.01;
    int m_column = 0;
};

}
