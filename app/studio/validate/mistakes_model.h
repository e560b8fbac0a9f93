#pragma once

#include "app/studio/validate/scored_run.h"

#include <QAbstractListModel>
#include <QCache>
#include <QColor>
#include <QHash>
#include <QImage>
#include <QSet>
#include <QVector>
#include <filesystem>

namespace percept::studio {

// The mistakes at the thresholds of the moment, most costly first, filtered by kind and by a cell of the matrix.
class MistakesModel : public QAbstractListModel {
    Q_OBJECT
public:
    enum class Kind { All, Missed, FalseAlarm, WrongClass, BadlyPlaced };
    explicit MistakesModel(QObject* parent = nullptr);

    // Null: the project closes, and its pictures are forgotten.
    void setScored(std::shared_ptr<const ScoredRun> scored, QVector<QColor> colors);
    // Where the picture of an item lies; asked once an item, on the interface thread.
    void setPathOf(std::function<std::filesystem::path(std::int64_t item)> pathOf) { m_pathOf = std::move(pathOf); }
    void setPoint(const evaluation::OperatingPoint& point);
    void setKind(Kind kind);
    void setCell(int row, int column); // of the matrix; -1, -1: all
    // At the thresholds of the moment, whatever is filtered.
    int countOf(Kind kind) const { return m_counts[static_cast<int>(kind)]; }
    Kind kind() const { return m_kind; }
    std::pair<int, int> cell() const { return { m_row, m_column }; }
    bool isInCell() const { return m_row >= 0; } // only a cell of the matrix is shown

    const evaluation::Judgement& at(int row) const { return m_shown[row]; }
    const evaluation::EvaluationImage& imageOf(int row) const { return m_scored->table->images()[m_shown[row].image]; }
    const ScoredRun& scored() const { return *m_scored; }
    QColor colorOf(int label) const { return m_colors.value(label, QColor(Qt::white)); }
    // The whole picture, small; null until a background thread has read it (dataChanged follows).
    QImage picture(int row);
    QString pictureProblem(int row) const; // why there is none, short; empty: there is, or it is being read
    QString caption(int row) const;
    QString detail(int row) const;

    int rowCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;

signals:
    void shownChanged(); // other mistakes are shown, or other counts are known

private:
    void filter();
    void load(std::int64_t item);
    void takePicture(std::int64_t item, const base::Result<QImage>& picture);
    QString tip(int row) const;

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
    int m_generation = 0; // of projects: what is still being read for an earlier one is dropped
    struct PictureProblem { QString words, sentence; };
    QHash<std::int64_t, PictureProblem> m_problems;
};

}
