#pragma once

#include <QString>
#include <QWidget>

namespace percept::plots {

// One figure with its name, interval and counts: "Found / 92.0 % / 90.1–93.6 / 1,057 of 1,149".
class IntervalTile : public QWidget {
    Q_OBJECT
public:
    explicit IntervalTile(const QString& name, QWidget* parent = nullptr);
    void setFigure(const QString& figure, const QString& interval, const QString& counts);
    QSize sizeHint() const override { return { 118, 88 }; }
    QSize minimumSizeHint() const override { return { 92, 88 }; }

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QString m_name, m_figure, m_interval, m_counts;
};

}
