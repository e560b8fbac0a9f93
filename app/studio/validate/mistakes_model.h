#pragma once

#include "app/studio/validate/scored_run.h"

#include <QAbstractListModel>
#include <QCache>
#include <QColor>
#include <QHash>
#include <QImage>
#include <QSet>
#include <QStyledItemDelegate>
#include <QVector>
#include <filesystem>

namespace percept::studio {

// The mistakes at the thresholds of the moment, most costly first, filtered by kind and by a cell of the matrix.
class MistakesModel : public QAbstractListModel {
    Q_OBJECT
public:
    enum class Kind { All, Missed, FalseAlarm, WrongClass, BadlyPlaced };
    explicit MistakesModel(QObject* parent = nullptr);

    void setScored(std::shared_ptr<const ScoredRun> scored, QVector<QColor> colors);
    // Where the picture of an item lies; asked once an item, on the interface thread.
    void setPathOf(std::function<std::filesystem::path(std::int64_t item)> pathOf) { m_pathOf = std::move(pathOf); }
    void setPoint(const evaluation::OperatingPoint& point);
    void setKind(Kind kind);
    void setCell(int row, int column); // of the matrix; -1, -1: all
    int countOf(Kind kind) const { return m_counts[static_cast<int>(kind)]; }

    const evaluation::Judgement& at(int row) const { return m_shown[row]; }
    const evaluation::EvaluationImage& imageOf(int row) const { return m_scored->table->images()[m_shown[row].image]; }
    const ScoredRun& scored() const { return *m_scored; }
    QColor colorOf(int label) const { return m_colors.value(label, QColor(Qt::white)); }
    // The whole picture, small; null until a background thread has read it (dataChanged follows).
    QImage picture(int row);
    QString caption(int row) const;
    QString detail(int row) const;

    int rowCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;

private:
    void filter();
    void load(std::int64_t item);

    std::shared_ptr<const ScoredRun> m_scored;
    QVector<QColor> m_colors;
    std::function<std::filesystem::path(std::int64_t)> m_pathOf;
    std::vector<evaluation::Judgement> m_all;
    QVector<evaluation::Judgement> m_shown;
    int m_counts[5] = {};
    Kind m_kind = Kind::All;
    int m_row = -1, m_column = -1;
    QCache<std::int64_t, QImage> m_pictures;
    QSet<std::int64_t> m_loading;
};

// A crop around the mistake: the label solid, the prediction dashed, class, picture and scores below.
class MistakeDelegate : public QStyledItemDelegate {
    Q_OBJECT
public:
    using QStyledItemDelegate::QStyledItemDelegate;
    static constexpr int kMinWidth = 148;
    void setCellWidth(int width) { m_width = width; }
    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;
    QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override;

private:
    int m_width = kMinWidth;
};

}
