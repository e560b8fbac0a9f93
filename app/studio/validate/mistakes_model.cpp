#include "app/studio/validate/mistakes_model.h"

#include "app/studio/background.h"
#include "app/studio/frame/item_name.h"
#include "core/media/picture.h"
#include "widgets/style/text.h"
#include "widgets/style/tokens.h"

#include <QPainter>
#include <algorithm>
#include <cmath>

namespace percept::studio {

using evaluation::Judgement;
using evaluation::Verdict;
using style::tokens;

namespace {

constexpr int kCropSide = 132, kPictureSide = 900, kPicturesKept = 60;

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
    endResetModel();
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
    case Verdict::Missed: return j.score > 0 ? tr("missed, best score %1").arg(j.score, 0, 'f', 2) : tr("missed, no response");
    case Verdict::FalseAlarm: return tr("false alarm, score %1").arg(j.score, 0, 'f', 2);
    case Verdict::WrongClass: return tr("wrong class, score %1").arg(j.score, 0, 'f', 2);
    default: return tr("badly placed, overlap %1").arg(j.iou, 0, 'f', 2);
    }
}

QVariant MistakesModel::data(const QModelIndex& index, int role) const
{
    if (!index.isValid() || index.row() >= rowCount())
        return {};
    if (role == Qt::DisplayRole || role == Qt::AccessibleTextRole)
        return QStringLiteral("%1, %2, %3").arg(caption(index.row()), detail(index.row()), QString::fromStdString(imageOf(index.row()).name));
    if (role == Qt::ToolTipRole)
        return QString::fromStdString(imageOf(index.row()).name).toHtmlEscaped();
    return {};
}

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
    if (m_loading.contains(item) || !m_pathOf)
        return;
    m_loading.insert(item);
    const std::filesystem::path file = m_pathOf(item);
    runInBackground(
        this,
        [file] {
            const auto rgb = media::decodeThumbnail(file, kPictureSide);
            if (rgb.hasError())
                return QImage();
            const cv::Mat& m = rgb.value();
            return QImage(m.data, m.cols, m.rows, static_cast<qsizetype>(m.step), QImage::Format_RGB888).copy();
        },
        [this, item](const QImage& image) {
            m_loading.remove(item);
            if (image.isNull())
                return;
            m_pictures.insert(item, new QImage(image));
            if (rowCount() > 0)
                emit dataChanged(index(0), index(rowCount() - 1), { Qt::DecorationRole });
        });
}

namespace {

// Start of a stretch of `length`, moved so that it lies in 0..all; in its middle when it is longer.
double keptInside(double start, double length, double all)
{
    return length >= all ? (all - length) / 2 : std::clamp(start, 0.0, all - length);
}

}

QSize MistakeDelegate::sizeHint(const QStyleOptionViewItem&, const QModelIndex&) const { return { m_width, kCropSide + 60 }; }

void MistakeDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const
{
    // The model owns the pictures and loads them when they are first painted.
    auto* model = const_cast<MistakesModel*>(qobject_cast<const MistakesModel*>(index.model()));
    const int row = index.row();
    const Judgement& j = model->at(row);
    const auto& image = model->imageOf(row);
    const auto& t = tokens();
    const QRectF crop(option.rect.left() + 4, option.rect.top() + 4, option.rect.width() - 10, kCropSide);
    painter->save();
    painter->setRenderHints(QPainter::Antialiasing | QPainter::SmoothPixmapTransform);
    painter->fillRect(crop, t.canvas);

    const domain::Box focus = j.truth >= 0 ? image.truths[static_cast<std::size_t>(j.truth)].box : image.detections[static_cast<std::size_t>(j.detection)].box;
    const QImage picture = model->picture(row);
    if (!picture.isNull()) {
        // Picture pixels from 2.6 times the box, at least 64, kept inside where possible.
        const double longSide = std::max({ focus.w, focus.h, 24.0 }) * 2.6;
        const double w = longSide * crop.width() / crop.height(), h = longSide;
        const QRectF source(QPointF(keptInside(focus.x + focus.w / 2 - w / 2, w, image.width), keptInside(focus.y + focus.h / 2 - h / 2, h, image.height)), QSizeF(w, h));
        const double k = crop.height() / h;
        painter->setClipRect(crop);
        // The stored picture is smaller than the original: truths are in original pixels, so scale by the widest extent.
        const double scale = image.width > 0 ? picture.width() / static_cast<double>(image.width) : 1.0;
        painter->drawImage(crop, picture, QRectF(source.left() * scale, source.top() * scale, source.width() * scale, source.height() * scale));
        const auto rectOf = [&](const domain::Box& b) {
            return QRectF(crop.left() + (b.x - source.left()) * k, crop.top() + (b.y - source.top()) * k, b.w * k, b.h * k);
        };
        painter->setBrush(Qt::NoBrush);
        const auto draw = [&](const domain::Box& b, const QColor& color, bool dashed, double width) {
            painter->setPen(QPen(QColor(0, 0, 0, 110), width + 2));
            painter->drawRect(rectOf(b));
            QPen pen(color, width);
            if (dashed)
                pen.setDashPattern({ 4, 3 });
            painter->setPen(pen);
            painter->drawRect(rectOf(b));
        };
        if (j.truth >= 0)
            draw(focus, model->colorOf(j.trueLabel), false, 2);
        if (j.detection >= 0)
            draw(image.detections[static_cast<std::size_t>(j.detection)].box, model->colorOf(j.predictedLabel), true, 1.5);
        painter->setClipping(false);
    }
    if (option.state & (QStyle::State_Selected | QStyle::State_HasFocus)) {
        painter->setPen(QPen(t.accent, 2));
        painter->setBrush(Qt::NoBrush);
        painter->drawRoundedRect(crop.adjusted(-2, -2, 2, 2), style::radius::kThumb, style::radius::kThumb);
    }
    const QRectF line(crop.left(), crop.bottom() + 4, crop.width(), 18);
    painter->setFont(style::font(style::TextRole::Table));
    painter->setPen(t.text);
    painter->drawText(line, Qt::AlignLeft | Qt::AlignVCenter, painter->fontMetrics().elidedText(model->caption(row), Qt::ElideRight, static_cast<int>(line.width())));
    painter->setFont(style::font(style::TextRole::Caption));
    painter->setPen(t.text2);
    painter->drawText(line.translated(0, 17), Qt::AlignLeft | Qt::AlignVCenter, painter->fontMetrics().elidedText(model->detail(row), Qt::ElideRight, static_cast<int>(line.width())));
    painter->setPen(t.text3);
    const QString size = QStringLiteral("%1 × %2 px").arg(std::lround(focus.w)).arg(std::lround(focus.h));
    const QRectF last = line.translated(0, 32);
    painter->drawText(last, Qt::AlignRight | Qt::AlignVCenter, size);
    painter->drawText(last, Qt::AlignLeft | Qt::AlignVCenter, shortItemName(image.name, painter->fontMetrics(), static_cast<int>(last.width() / 2)));
    painter->restore();
}

}
