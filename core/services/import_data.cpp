#include "core/interchange/reader.h"
#include "core/runs/decode_pool.h"
#include "core/services/loop.h"

#include <deque>
#include <future>

namespace percept::services {

namespace {

// Hands chunks to the database thread, a few ahead: while some are committed, the next are read.
class BatchFeed {
public:
    BatchFeed(ProjectSession& session, BatchId batch)
        : m_session(session)
        , m_batch(batch)
    {
    }

    base::Result<void> add(std::vector<dataset::ImportItem> items)
    {
        while (m_underWay.size() >= kMostUnderWay)
            PERCEPT_TRY(waitForOne());
        auto promise = std::make_shared<std::promise<base::Result<void>>>();
        m_underWay.push_back(promise->get_future());
        m_session.post(
            [promise, batch = m_batch, items = std::move(items)](dataset::ProjectStore& store) {
                ProjectSession::fulfil(*promise, [&] { return store.addToImport(batch, items); });
            },
            ProjectSession::Priority::Background);
        return {};
    }

    // Until nothing is under way; the first error.
    base::Result<void> wait()
    {
        base::Result<void> all;
        while (!m_underWay.empty())
            if (const auto one = waitForOne(); one.hasError() && all.hasValue())
                all = one;
        return all;
    }

private:
    static constexpr std::size_t kMostUnderWay = 4;

    base::Result<void> waitForOne()
    {
        auto one = std::move(m_underWay.front());
        m_underWay.pop_front();
        return one.get();
    }

    ProjectSession& m_session;
    BatchId m_batch;
    std::deque<std::future<base::Result<void>>> m_underWay;
};

std::string importTitle(const ImportRequest& request)
{
    if (!request.files.empty())
        return "Imported " + interchange::counted(static_cast<std::int64_t>(request.files.size()), "picture", "pictures");
    const std::filesystem::path& source = request.path;
    const auto name = source.filename().empty() ? source.parent_path().filename() : source.filename();
    return "Imported " + name.string();
}

base::Result<const interchange::Reader*> chooseReader(const ImportRequest& request)
{
    if (!request.files.empty())
        return &interchange::folderReader();
    std::error_code error;
    if (!std::filesystem::exists(request.path, error))
        return base::notFound(request.path.string() + " does not exist.");
    std::string format = request.format;
    if (format.empty() || format == "auto") {
        PERCEPT_ASSIGN(detected, interchange::detectFormat(request.path));
        format = detected;
    }
    if (const interchange::Reader* reader = interchange::findReader(format))
        return reader;
    std::string names;
    for (const std::string& name : interchange::readerNames())
        names += (names.empty() ? "" : ", ") + name;
    return base::usage("There is no import format \"" + request.format + "\". There are: auto, " + names + ".");
}

// Pictures are looked at by confined processes: one that crashes its decoder costs one picture.
interchange::PictureProbe probeIn(runs::DecodePool& decoders)
{
    return [&decoders](const std::vector<std::filesystem::path>& files, bool hash) {
        protocol::DecodeRequest request;
        request.hash = hash;
        for (const auto& file : files)
            request.files.push_back(file.string());
        return decoders.ask(std::move(request));
    };
}

base::Result<interchange::ReadOutcome> feedBatch(const interchange::Reader& reader, const ImportRequest& request, BatchFeed& feed,
    runs::DecodePool& decoders, const base::ProgressFn& progress, const base::CancelToken& cancel)
{
    const interchange::ReadRequest reading { .source = request.path, .files = request.files, .mediaFolder = request.mediaFolder, .hashContent = false,
        .probe = probeIn(decoders), .progress = progress, .cancel = cancel };
    auto outcome = reader.read(reading, [&](std::vector<dataset::ImportItem> items) -> base::Result<void> {
        if (request.set)
            for (dataset::ImportItem& item : items)
                item.set = *request.set;
        return feed.add(std::move(items));
    });
    const auto last = feed.wait();
    if (outcome.hasValue() && last.hasError())
        return last.error();
    if (outcome.hasValue() && cancel.isCancelled())
        return base::cancelled();
    return outcome;
}

}

std::string lineOf(const Problem& problem)
{
    const bool names = problem.file.empty() || problem.what.find(problem.file) != std::string::npos;
    return names ? problem.what : problem.file + ": " + problem.what;
}

base::Result<ImportReport> importData(
    ProjectSession& session, const ImportRequest& request, const base::ProgressFn& progress, const base::CancelToken& cancel)
{
    const auto held = session.holdHashes();
    runs::DecodePool decoders;
    decoders.warmUp(); // it starts while the format is found and annotations are read
    PERCEPT_ASSIGN(reader, chooseReader(request));
    PERCEPT_ASSIGN(batch, session.call([&](dataset::ProjectStore& store) { return store.beginImport(importTitle(request)); }));
    BatchFeed feed(session, batch);
    const auto outcome = feedBatch(*reader, request, feed, decoders, progress, cancel);
    if (outcome.hasError()) {
        // Invisible until now; what cannot be removed at once goes when the project is opened next.
        const auto abandoned = session.call([batch](dataset::ProjectStore& store) { return store.abandonImport(batch); });
        base::Error error = outcome.error();
        if (abandoned.hasError())
            error.detail += " " + abandoned.error().message;
        return error;
    }
    PERCEPT_ASSIGN(totals, session.call([batch](dataset::ProjectStore& store) { return store.finishImport(batch); },
        ProjectSession::Priority::Background));
    ImportReport report { std::string(reader->name()), totals, outcome->notes, {} };
    if (request.set)
        report.notes.push_back("Everything went to the set \"" + std::string(domain::toString(*request.set)) + "\", as asked.");
    report.numProblems = outcome->problems.total();
    for (const interchange::Problem& problem : outcome->problems.listed())
        report.problems.push_back({ problem.file, problem.what });
    return report;
}

}
