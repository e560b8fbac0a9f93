#include "app/studio/monitor/field_pictures.h"

#include "app/studio/background.h"

namespace percept::studio {

namespace {

constexpr int kLargeSide = 1024, kSmallSide = 160;
constexpr std::size_t kMostLarge = 6, kMostSmall = 120;

runs::DecodePool::Options decoderOptions()
{
    runs::DecodePool::Options options;
    options.workers = 2;
    options.idleSeconds = 60;
    return options;
}

struct Decoded {
    QImage image;
    std::shared_ptr<const canvas::PictureLevels> levels;
    QString problem;
};

// Blocks until a decoder has answered. `size`: as the device said it.
Decoded decode(runs::DecodePool& decoders, const std::filesystem::path& file, int longSide, QSize size)
{
    protocol::DecodeRequest request;
    request.type = protocol::DecodeRequest::Type::Thumbnail;
    request.files = { file.string() };
    request.longSide = longSide;
    const auto answer = decoders.ask(std::move(request)).get();
    if (answer.hasError())
        return { {}, nullptr, QString::fromStdString(answer.error().message) };
    const auto& picture = answer->front();
    if (picture.hasError())
        return { {}, nullptr, QString::fromStdString(picture.error().message) };
    const QImage image = QImage(picture->rgb.data(), picture->width, picture->height, static_cast<qsizetype>(picture->width) * 3, QImage::Format_RGB888)
                             .convertToFormat(QImage::Format_RGB32);
    if (longSide == kSmallSide)
        return { image, nullptr, {} };
    return { image, canvas::PictureLevels::build(image, size.isEmpty() ? image.size() : size), {} };
}

}

FieldPictures::FieldPictures(QObject* parent)
    : QObject(parent)
    , m_decoders(std::make_shared<runs::DecodePool>(decoderOptions()))
{
}

FieldPictures::~FieldPictures() { m_decoders->stop(); }

void FieldPictures::clear()
{
    ++m_generation;
    m_large.clear();
    m_small.clear();
    m_asked.clear();
    for (auto& order : m_order)
        order.clear();
}

const FieldPictures::Large* FieldPictures::large(const QString& id, const std::filesystem::path& file, QSize size)
{
    if (const auto at = m_large.constFind(id); at != m_large.constEnd())
        return &*at;
    ask(QLatin1Char('L') + id, id, file, kLargeSide, size);
    return nullptr;
}

QImage FieldPictures::small(const QString& id, const std::filesystem::path& file)
{
    if (const auto at = m_small.constFind(id); at != m_small.constEnd())
        return *at;
    ask(QLatin1Char('S') + id, id, file, kSmallSide, {});
    return {};
}

void FieldPictures::ask(const QString& key, const QString& id, const std::filesystem::path& file, int longSide, QSize size)
{
    if (m_asked.contains(key))
        return;
    m_asked.insert(key, m_generation);
    runInBackground(
        this, [decoders = m_decoders, file, longSide, size] { return decode(*decoders, file, longSide, size); },
        [this, key, id, generation = m_generation](Decoded decoded) {
            if (generation == m_generation)
                keep(key, id, { std::move(decoded.levels), std::move(decoded.problem) }, std::move(decoded.image));
        });
}

void FieldPictures::keep(const QString& key, const QString& id, Large large, QImage small)
{
    m_asked.remove(key);
    const bool isLarge = key.startsWith(QLatin1Char('L'));
    auto& order = m_order[isLarge ? 0 : 1];
    order.push_back(id);
    if (isLarge)
        m_large.insert(id, std::move(large));
    else
        m_small.insert(id, std::move(small));
    if (order.size() > (isLarge ? kMostLarge : kMostSmall)) {
        isLarge ? static_cast<void>(m_large.remove(order.front())) : static_cast<void>(m_small.remove(order.front()));
        order.pop_front();
    }
    emit loaded(id);
}

}
