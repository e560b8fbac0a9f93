#pragma once

#include "app/studio/monitor/field_series.h"
#include "core/report/field.h"

#include <QVector>
#include <QWidget>

class QGridLayout;

namespace percept::plots {
class IntervalTile;
}

namespace percept::studio {

// The figures of the whole in one row: pictures, objects, what is found of them, score, answer time, devices.
class FieldTiles : public QWidget {
    Q_OBJECT
public:
    explicit FieldTiles(QWidget* parent = nullptr);
    void draw(const monitoring::Overview& overview, const FieldScope& scope);
    void drawAccuracy(const report::FieldAccuracy& accuracy);

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    void place(); // in one row, where there is no room in two
    QGridLayout* m_grid;
    QVector<plots::IntervalTile*> m_tiles;
    int m_columns = 0;
    plots::IntervalTile *m_pictures, *m_objects, *m_found, *m_score, *m_latency, *m_devices;
};

}
