#pragma once

#include "app/studio/validate/scored_run.h"

#include <QAbstractTableModel>
#include <QColor>
#include <QVector>

namespace percept::studio {

// One row a class: AP50 with interval, AP, how many of its objects are found at the thresholds of the moment, threshold.
class ClassTableModel : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column { Name, Ap50, Ap50Interval, Ap, Found, Threshold, ColumnCount };
    static constexpr qint64 kTooFew = 30;

    explicit ClassTableModel(QObject* parent = nullptr);
    void setScored(const ScoredRun* scored, QVector<QColor> colors);
    void setPoint(const evaluation::OperatingPoint& point, const std::vector<double>& thresholds);

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override { return parent.isValid() ? 0 : ColumnCount; }
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    struct Row {
        QString name;
        QColor color;
        qint64 objects = 0, found = 0, of = 0;
        double ap50 = -1, low = -1, high = -1, ap = -1, threshold = 0.5;
    };
    QString text(const Row& row, int column) const;
    QString tip(const Row& row, int column) const;
    QVariant swatch(int row) const;
    QVector<Row> m_rows;
};

// ".891" style figures would save a column, but people read 0.891; "–" where undefined.
QString scoreText(double value);
// A number of a JSON document, or `fallback`.
double numberOr(const nlohmann::json& object, const char* name, double fallback);

}
