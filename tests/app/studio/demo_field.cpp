#include "tests/app/studio/demo_field.h"

#include "core/base/files.h"
#include "core/base/random.h"
#include "core/media/picture.h"
#include "core/services/field_samples.h"

#include <algorithm>
#include <fmt/format.h>
#include <stdexcept>

namespace percept::test {

namespace {

constexpr std::int64_t kHourMs = 3'600'000;

template <typename T>
T must(base::Result<T> result)
{
    if (result.hasError())
        throw std::runtime_error(result.error().message);
    return std::move(result).value();
}

struct Source {
    domain::Item item;
    std::vector<domain::Annotation> boxes;
};

// Finished pictures with boxes, from all over the project.
std::vector<Source> sourcesOf(const dataset::ProjectReader& reader, std::size_t most)
{
    dataset::ItemFilter done;
    done.states = { domain::ItemState::Done };
    auto ids = must(reader.readItemIds(done));
    std::vector<Source> sources;
    const std::size_t step = std::max<std::size_t>(1, ids.size() / std::max<std::size_t>(1, most));
    for (std::size_t i = 0; i < ids.size() && sources.size() < most; i += step)
        if (auto item = must(reader.readItem(ids[i])); item)
            if (auto boxes = must(reader.readAnnotations(ids[i])); !boxes.empty())
                sources.push_back({ *item, std::move(boxes) });
    return sources;
}

std::string nameOf(const dataset::ProjectReader& reader, LabelId id)
{
    for (const auto& label : must(reader.readLabels()))
        if (label.id == id)
            return label.name;
    return "?";
}

// The picture as another camera saw it: the same, a little darker.
std::vector<std::uint8_t> seenAgain(const std::filesystem::path& file, int number)
{
    auto picture = must(media::decodePicture(file));
    picture.convertTo(picture, -1, 0.93 - 0.004 * (number % 20), 4);
    return must(media::encodePng(picture));
}

// What a model says: most of what is there, a little aside, and now and then what is not.
std::vector<protocol::SamplePrediction> answersTo(const dataset::ProjectReader& reader, const Source& source, base::Random& random, double missed)
{
    std::vector<protocol::SamplePrediction> answers;
    for (const auto& a : source.boxes) {
        if (random.uniform(0, 1) < missed)
            continue;
        domain::Box box = a.box;
        box.x += random.uniform(-0.04, 0.04) * box.w;
        box.y += random.uniform(-0.04, 0.04) * box.h;
        answers.push_back({ nameOf(reader, a.label), random.uniform(0.42, 0.97), domain::clipped(box, source.item.width, source.item.height) });
    }
    return answers;
}

protocol::FieldSample sampleOf(const dataset::ProjectReader& reader, const Source& source, int number, double missed)
{
    base::Random random(11, 0, static_cast<std::uint64_t>(number));
    protocol::FieldSample sample;
    sample.id = fmt::format("{:032x}", 0xA000 + number);
    sample.width = source.item.width;
    sample.height = source.item.height;
    sample.format = "png";
    sample.predictions = answersTo(reader, source, random, missed);
    sample.picture = seenAgain(reader.mediaPath(source.item), number);
    return sample;
}

// As people label it: what is there.
void label(services::ProjectSession& session, ItemId item, const Source& source)
{
    std::vector<dataset::Edit> edits;
    for (domain::Annotation a : source.boxes) {
        a.id = {};
        a.item = item;
        a.origin = domain::Origin::Drawn;
        edits.push_back(dataset::AddAnnotation { a });
    }
    edits.push_back(dataset::SetItemState { item, domain::ItemState::Done });
    must(session.call([&](dataset::ProjectStore& store) { return store.apply(edits, "Labeled an acted picture"); }));
}

}

void sendFieldPictures(FieldFleet& fleet, const dataset::ProjectReader& reader, std::int64_t nowMs, int waiting)
{
    const auto sources = sourcesOf(reader, static_cast<std::size_t>(waiting));
    for (int i = 0; i < static_cast<int>(sources.size()); ++i) {
        auto sample = sampleOf(reader, sources[static_cast<std::size_t>(i)], i, 0.1);
        const bool isRandom = i % 5 == 2;
        sample.reason = isRandom ? "random" : i % 5 == 4 ? "edge" : "unsure";
        if (!isRandom && !sample.predictions.empty())
            sample.predictions.front().score = 0.21 + 0.01 * i;
        const char* devices[] { "cam-1", "cam-2", "cam-3" };
        sample.packageVersion = i % 3 == 0 ? "1.1" : "1.0";
        sample.timeMs = nowMs - (i + 1) * kHourMs / 2;
        fleet.send(devices[i % 3], std::move(sample), nowMs - (waiting - i) * 60'000);
    }
}

LabeledFieldPictures::LabeledFieldPictures(std::filesystem::path project, const std::filesystem::path& folder, std::int64_t nowMs, int pictures)
    : m_project(std::move(project))
{
    const auto session = must(services::ProjectSession::open(m_project, "percept-studio-shots"));
    const auto reader = must(session->openReader());
    const auto sources = sourcesOf(*reader, static_cast<std::size_t>(pictures));
    std::filesystem::create_directories(folder);
    for (int i = 0; i < static_cast<int>(sources.size()); ++i) {
        const bool isNew = 2 * i > static_cast<int>(sources.size());
        const auto& source = sources[static_cast<std::size_t>(i)];
        const auto sample = sampleOf(*reader, source, 5000 + i, isNew ? 0.07 : 0.16);
        services::FieldPicture picture;
        picture.sample = { sample.id, isNew ? "cam-1" : "cam-2", isNew ? "1.1" : "1.0", std::string(64, 'a'), "random",
            nowMs - (pictures - i) * 6 * kHourMs, {} };
        for (const auto& p : sample.predictions)
            picture.sample.answers.push_back({ p.label, p.score, p.box });
        picture.file = folder / (sample.id + ".png");
        picture.width = sample.width;
        picture.height = sample.height;
        if (const auto written = base::atomicWrite(picture.file, sample.picture); written.hasError())
            throw std::runtime_error(written.error().message);
        const auto taken = must(services::takeFieldSample(*session, picture, services::FieldVerdict::Wrong));
        if (taken.wasThere)
            continue;
        ++m_steps;
        if (i + 2 >= static_cast<int>(sources.size()))
            continue; // two are still to be labeled
        label(*session, taken.item, source);
        ++m_steps;
    }
}

LabeledFieldPictures::~LabeledFieldPictures()
{
    auto session = services::ProjectSession::open(m_project, "percept-studio-shots");
    for (int i = 0; i < m_steps && session.hasValue(); ++i)
        (void)(*session)->call([](dataset::ProjectStore& store) { return store.undo(); });
}

void fillManyCameras(FieldFleet& fleet, std::int64_t nowMs, int devices, const Field& usual)
{
    const std::int64_t end = nowMs / kHourMs * kHourMs;
    for (int i = 4; i <= devices; ++i) {
        const std::string name = fmt::format("cam-{}", i);
        fleet.enrol(name, end - 30 * kHourMs, i % 10 == 0 ? "part" : "all");
        fleet.live(name, usual, end - 24 * kHourMs, end, 60 + i % 40, i % 4 == 0 ? "1.1" : "1.0");
        fleet.report(name, i % 4 == 0 ? "1.1" : "1.0", nowMs - (i % 50) * 1000);
    }
}

}
