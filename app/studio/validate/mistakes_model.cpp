#include "app/studio/validate/mistakes_model.h"

#include "app/studio/background.h"
#include "core/media/picture.h"

#include <algorithm>
#include <cmath>

namespace percept::studio {

using evaluation::Judgement;
using evaluation::Verdict;

namespace {

constexpr int kPictureSide = 900, kPicturesKept = 60;

MistakesModel::Kind kindOf(Verdict verdict)
{
    switch (verdict) {
    case Verdict::Missed: return MistakesModel::Kind::Missed;
    case Verdict::FalseAlarm: return MistakesModel::Kind::FalseAlarm;
    case Verdict::WrongClass: return MistakesModel::Kind::WrongClass;
    default: return MistakesModel::Kind::BadlyPlaced;
    }
}

// Most costly first: what the model was surest of and wrong, then what it was blindest to.
double weightOf(const Judgement& j)
{
    switch (j.verdict) {
    case Verdict::WrongClass: return 3 + j.score;
    case Verdict::BadlyPlaced: return 2 + j.score;
    case Verdict::Missed: return 2 - j.score;
    default: return j.score;
    }
}

// Two digits that stand on the side of the threshold where the value is: 0.499 is not half.
QString cut(double value) { return QString::number(std::floor(value * 100 + 1e-9) / 100, 'f', 2); }

bool inCell(const Judgement& j, int row, int column, int classes)
{
    if (row < 0)
        return true;
    const int t = j.trueLabel < 0 ? classes : j.trueLabel;
    const int p = j.predictedLabel < 0 ? classes : j.predictedLabel;
    if (j.verdict == Verdict::BadlyPlaced) // one miss and one false alarm
        return (row == t && column == classes) || (row == classes && column == p);
    return row == t && column == p;
}

}

MistakesModel::MistakesModel(QObject* parent)
    : QAbstractListModel(parent)
    , m_pictures(kPicturesKept)
{
}

void MistakesModel::setScored(std::shared_ptr<const ScoredRun> scored, QVector<QColor> colors)
{
    beginResetModel();
    m_scored = std::move(scored);
    m_colors = std::move(colors);
    m_all.clear();
    m_shown.clear();
    std::fill(std::begin(m_counts), std::end(m_counts), 0);
    m_problems.clear(); // tried again: the disk may be back
    if (!m_scored) { // the next project counts its items from 1 as well
        ++m_generation;
        m_pictures.clear();
        m_loading.clear();
    }
    endResetModel();
    emit shownChanged();
}

void MistakesModel::setPoint(const evaluation::OperatingPoint& point)
{
    m_all.clear();
    std::fill(std::begin(m_counts), std::end(m_counts), 0);
    for (const Judgement& j : point.judgements) {
        if (j.verdict == Verdict::Right)
            continue;
        m_all.push_back(j);
        ++m_counts[0];
        ++m_counts[static_cast<int>(kindOf(j.verdict))];
    }
    std::stable_sort(m_all.begin(), m_all.end(), [](const Judgement& a, const Judgement& b) { return weightOf(a) > weightOf(b); });
    filter();
}

void MistakesModel::filter()
{
    beginResetModel();
    m_shown.clear();
    for (const Judgement& j : m_all)
        if ((m_kind == Kind::All || kindOf(j.verdict) == m_kind) && inCell(j, m_row, m_column, m_scored->table->classes()))
            m_shown.append(j);
    endResetModel();
    emit shownChanged();
}

void MistakesModel::setKind(Kind kind)
{
    m_kind = kind;
    if (m_scored)
        filter();
}

void MistakesModel::setCell(int row, int column)
{
    m_row = row;
    m_column = column;
    if (m_scored)
        filter();
}

int MistakesModel::rowCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : static_cast<int>(m_shown.size()); }

QString MistakesModel::caption(int row) const
{
    const Judgement& j = m_shown[row];
    const auto name = [this](int label) { return label < 0 ? tr("background") : QString::fromStdString(m_scored->labels[static_cast<std::size_t>(label)]); };
    if (j.verdict == Verdict::WrongClass)
        return tr("%1 called %2").arg(name(j.trueLabel), name(j.predictedLabel));
    return name(j.trueLabel >= 0 ? j.trueLabel : j.predictedLabel);
}

QString MistakesModel::detail(int row) const
{
    const Judgement& j = m_shown[row];
    switch (j.verdict) {
    case Verdict::Missed: return j.score > 0 ? tr("missed, best score %1").arg(cut(j.score)) : tr("missed, no response");
    case Verdict::FalseAlarm: return tr("false alarm, score %1").arg(cut(j.score));
    case Verdict::WrongClass: return tr("wrong class, score %1").arg(cut(j.score));
    default: return tr("badly placed, overlap %1").arg(cut(j.iou));
    }
}

QVariant MistakesModel::data(const QModelIndex& index, int role) const
{
    if (!index.isValid() || index.row() >= rowCount())
        return {};
    if (role == Qt::DisplayRole || role == Qt::AccessibleTextRole)
        return QStringLiteral("%1, %2, %3").arg(caption(index.row()), detail(index.row()), QString::fromStdString(imageOf(index.row()).name));
    if (role == Qt::ToolTipRole)
        return tip(index.row()).toHtmlEscaped().replace(QLatin1Char('\n'), QStringLiteral("<br>"));
    return {};
}

// The picture, what decided, and why there is none to see.
QString MistakesModel::tip(int row) const
{
    const Judgement& j = m_shown[row];
    QStringList lines { QString::fromStdString(imageOf(row).name) };
    if (j.verdict == Verdict::BadlyPlaced)
        lines << tr("Overlap (IoU) %1; an object is found from 0.50 on").arg(j.iou, 0, 'f', 4);
    else if (j.score > 0)
        lines << tr("Score %1").arg(j.score, 0, 'f', 4);
    if (const auto problem = m_problems.constFind(imageOf(row).item); problem != m_problems.cend())
        lines << problem->sentence;
    return lines.join(QLatin1Char('\n'));
}

QString MistakesModel::pictureProblem(int row) const { return m_problems.value(imageOf(row).item).words; }

QImage MistakesModel::picture(int row)
{
    const std::int64_t item = imageOf(row).item;
    if (const QImage* image = m_pictures.object(item))
        return *image;
    load(item);
    return {};
}

void MistakesModel::load(std::int64_t item)
{
    if (m_loading.contains(item) || m_problems.contains(item) || !m_pathOf)
        return;
    m_loading.insert(item);
    runInBackground(
        this,
        [file = m_pathOf(item)]() -> base::Result<QImage> {
            std::error_code ec;
            if (!std::filesystem::exists(file, ec))
                return base::notFound(file.string() + " is not there. It was moved or deleted, or its disk is not connected.");
            const auto rgb = media::decodeThumbnail(file, kPictureSide);
            if (rgb.hasError())
                return rgb.error();
            const cv::Mat& m = rgb.value();
            return QImage(m.data, m.cols, m.rows, static_cast<qsizetype>(m.step), QImage::Format_RGB888).copy();
        },
        [this, item, generation = m_generation](const base::Result<QImage>& picture) {
            if (generation == m_generation)
                takePicture(item, picture);
        });
}

void MistakesModel::takePicture(std::int64_t item, const base::Result<QImage>& picture)
{
    m_loading.remove(item);
    if (picture.hasValue())
        m_pictures.insert(item, new QImage(picture.value()));
    else
        m_problems.insert(item, { picture.error().code == base::ErrorCode::NotFound ? tr("Picture is missing on disk") : tr("Picture cannot be read"),
            QString::fromStdString(picture.error().message) });
    if (rowCount() > 0)
        emit dataChanged(index(0), index(rowCount() - 1), { Qt::DecorationRole });
}

}
