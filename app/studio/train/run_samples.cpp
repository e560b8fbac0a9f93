// RunView: the pictures that get better.
#include "app/studio/background.h"
#include "app/studio/train/learning_strip.h"
#include "app/studio/train/run_view.h"
#include "core/base/files.h"
#include "core/media/picture.h"
#include "core/protocol/json_fields.h"
#include "core/protocol/run_config.h"
#include "widgets/style/widgets.h"

#include <QToolButton>
#include <algorithm>

namespace percept::studio {

namespace {

constexpr int kStripPictureSide = 480; // px; cells are about 170 wide, twice that on a fine screen

QImage imageOf(const cv::Mat& rgb)
{
    return QImage(rgb.data, rgb.cols, rgb.rows, static_cast<qsizetype>(rgb.step), QImage::Format_RGB888).copy();
}

// The first validation items of the run's snapshot that samples speak of, with their true boxes.
std::vector<LearningStrip::Truth> readTruths(const std::filesystem::path& folder, const std::vector<protocol::SampleMessage>& samples)
{
    std::vector<LearningStrip::Truth> truths;
    if (samples.empty())
        return truths;
    const auto text = base::readTextFile(folder / "snapshot" / "items.jsonl");
    if (text.hasError())
        return truths;
    QHash<std::int64_t, LearningStrip::Truth> found;
    for (const QByteArray& line : QByteArray::fromStdString(text.value()).split('\n')) {
        if (line.isEmpty())
            continue;
        const auto json = protocol::parseJson(std::string_view(line.constData(), static_cast<std::size_t>(line.size())), "snapshot");
        if (json.hasError())
            continue;
        const auto item = protocol::snapshotItemFromJson(json.value());
        if (item.hasError() || item->set != domain::SplitSet::Validation)
            continue;
        LearningStrip::Truth truth { item->id, std::filesystem::path(item->path).filename().string(), item->width, item->height, {} };
        for (const auto& box : item->boxes)
            truth.boxes.emplace_back(box.label, box.box);
        found.insert(item->id, std::move(truth));
    }
    for (const auto& item : samples.back().items)
        if (found.contains(item.item))
            truths.push_back(found.value(item.item));
    return truths;
}

}

void RunView::pageStrip(int by)
{
    const int last = std::max(0, (m_strip->pictures() - 1) / LearningStrip::kRows * LearningStrip::kRows);
    m_strip->setFirst(std::clamp(m_strip->first() + by, 0, last));
    const int first = m_strip->first(), n = m_strip->pictures();
    m_stripPage->setText(n == 0 ? QString() : tr("pictures %1–%2 of %3").arg(first + 1).arg(std::min(first + LearningStrip::kRows, n)).arg(n));
    m_stripBack->setEnabled(first > 0);
    m_stripNext->setEnabled(first < last);
}

void RunView::refreshSamples()
{
    const runs::RunInfo* run = m_model.find(m_run);
    if (!run || !isVisible())
        return;
    const bool live = m_controller.isBusy() && m_controller.currentRun() == m_run;
    runInBackground(
        this, [folder = run->folder] { return runs::readSamples(folder); },
        [this, id = m_run, live](base::Result<std::vector<protocol::SampleMessage>> samples) {
            if (id != m_run || samples.hasError())
                return;
            const bool first = m_truthsOf != m_run && !samples->empty();
            m_strip->setSamples(std::move(samples).value(), live);
            if (first)
                loadTruths();
        });
}

void RunView::loadTruths()
{
    const runs::RunInfo* run = m_model.find(m_run);
    if (!run)
        return;
    m_truthsOf = m_run;
    struct Loaded {
        std::vector<LearningStrip::Truth> truths;
        std::vector<std::pair<std::int64_t, QImage>> pictures;
    };
    runInBackground(
        this,
        [folder = run->folder] {
            Loaded loaded;
            const auto samples = runs::readSamples(folder);
            if (samples.hasError() || samples->empty())
                return loaded;
            loaded.truths = readTruths(folder, samples.value());
            for (const auto& item : samples->back().items)
                if (const auto picture = media::decodeThumbnail(item.path, kStripPictureSide); picture.hasValue())
                    loaded.pictures.emplace_back(item.item, imageOf(picture.value()));
            return loaded;
        },
        [this, id = m_run](Loaded loaded) {
            if (id != m_run)
                return;
            std::vector<QColor> colors;
            for (int i = 0; i < 64; ++i)
                colors.push_back(style::classBright(i));
            m_strip->setTruths(std::move(loaded.truths), std::move(colors));
            for (const auto& [item, picture] : loaded.pictures)
                m_strip->setPicture(item, picture);
            pageStrip(0);
        });
}

}
