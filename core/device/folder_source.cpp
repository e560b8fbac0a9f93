#include "core/device/folder_source.h"

#include "core/base/files.h"
#include "core/base/time.h"
#include "core/device/model_session.h"
#include "core/device/stdio.h"
#include "core/protocol/json_fields.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <fmt/format.h>
#include <set>
#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <thread>

namespace percept::device {

namespace fs = std::filesystem;
using nlohmann::json;

namespace {

constexpr double kLookSeconds = 0.5;

bool hasPictureName(const fs::path& path)
{
    static constexpr std::array<std::string_view, 7> kEndings { ".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff", ".bmp" };
    std::string ending = path.extension().string();
    std::transform(ending.begin(), ending.end(), ending.begin(), [](unsigned char c) { return std::tolower(c); });
    return std::find(kEndings.begin(), kEndings.end(), ending) != kEndings.end() && path.filename().string()[0] != '.';
}

std::string textOf(const std::string& name)
{
    const auto isAscii = [](char c) { return static_cast<unsigned char>(c) < 0x80; };
    if (std::all_of(name.begin(), name.end(), isAscii) || json::parse(protocol::dumpLine(name)) == name)
        return name;
    std::string text;
    for (const char c : name)
        text += isAscii(c) ? std::string(1, c) : fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    return text;
}

std::optional<FolderSource::Picture> pictureAt(const fs::path& path)
{
    struct stat info { };
    if (::stat(path.c_str(), &info) != 0 || !S_ISREG(info.st_mode))
        return std::nullopt;
    return FolderSource::Picture { path, textOf(path.native()), info.st_size, info.st_mtim.tv_sec * 1000 + info.st_mtim.tv_nsec / 1'000'000 };
}

json lineFor(const FolderSource::Picture& picture, const base::Result<json>& answer, const json& model)
{
    json line;
    std::optional<base::Error> error;
    if (answer.hasError())
        error = answer.error();
    else
        error = errorOfAnswer(answer.value());
    if (error.has_value()) {
        line = { { "file", picture.file }, { "error", error->message } };
    } else {
        line = answer.value();
        line.erase("id");
        line.erase("ok");
    }
    line["bytes"] = picture.bytes;
    line["modifiedMs"] = picture.modifiedMs;
    line["timeMs"] = base::nowMs();
    line["model"] = model.value("version", "");
    return line;
}

// Its name, or where no request can carry that, its bytes.
base::Result<json> ask(Supervisor& supervisor, const FolderSource::Picture& picture)
{
    std::vector<std::uint8_t> bytes;
    if (picture.file != picture.path.native()) {
        PERCEPT_ASSIGN(read, base::readFile(picture.path, kMaxPayloadBytes));
        bytes = std::move(read);
    }
    return supervisor.ask({ { "id", 0 }, { "type", "predict" }, { "file", picture.file } }, std::move(bytes));
}

// An error is about the model process.
base::Result<json> answerPicture(const FolderSource::Picture& picture, Supervisor& supervisor, Metrics& metrics)
{
    const double start = base::monotonicSeconds();
    const auto answer = ask(supervisor, picture);
    if (answer.hasError())
        if (const auto fatal = supervisor.fatal())
            return *fatal;
    json line = lineFor(picture, answer, supervisor.model());
    if (line.contains("error")) {
        spdlog::warn("{}: {}", picture.file, line["error"].get<std::string>());
        metrics.addError();
    } else {
        metrics.addPrediction(base::monotonicSeconds() - start);
    }
    return line;
}

void nap(double seconds, const base::CancelToken& cancel)
{
    for (double waited = 0; waited < seconds && !cancel.isCancelled(); waited += 0.02)
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
}

// Until the first package has come nobody can answer; a picture that was asked about then would not be asked about again.
void waitForModel(const Supervisor& supervisor, const base::CancelToken& cancel)
{
    while (!cancel.isCancelled() && supervisor.model().empty() && !supervisor.fatal())
        nap(0.1, cancel);
}

// Only what was seen to be gone: a folder that cannot be read now, or is empty because its disk is away, may come back with all its
// pictures.
void forgetGone(const std::vector<FolderSource>& sources, ResultLog& log)
{
    std::size_t present = 0;
    for (const auto& source : sources) {
        if (!source.sawAll() || source.present().empty())
            return;
        present += source.present().size();
    }
    if (!log.isOverfull(present))
        return;
    std::set<std::string> keys;
    for (const auto& source : sources)
        for (const auto& picture : source.present())
            keys.insert(ResultLog::keyOf(picture.file, picture.bytes, picture.modifiedMs));
    log.keepOnly(keys);
}

}

base::Result<FolderSource> FolderSource::parse(const std::string& text)
{
    constexpr std::string_view kPrefix = "folder:";
    FolderSource source;
    source.m_path = text.starts_with(kPrefix) ? text.substr(kPrefix.size()) : text;
    std::error_code problem;
    source.m_isFolder = fs::is_directory(source.m_path, problem);
    if (!source.m_isFolder && (text.starts_with(kPrefix) || !fs::is_regular_file(source.m_path, problem)))
        return base::notFound("The source " + source.m_path.string() + " is not a folder or a picture that exists.");
    return source;
}

std::vector<FolderSource::Picture> FolderSource::look()
{
    std::vector<Picture> now;
    if (!m_isFolder) {
        if (const auto picture = pictureAt(m_path))
            now.push_back(*picture);
        m_before = now;
        return now;
    }
    std::error_code problem;
    for (fs::directory_iterator it(m_path, problem), end; !problem && it != end; it.increment(problem))
        if (hasPictureName(it->path()))
            if (const auto picture = pictureAt(it->path()))
                now.push_back(*picture);
    m_sawAll = !problem;
    std::sort(now.begin(), now.end(), [](const Picture& a, const Picture& b) { return a.path.native() < b.path.native(); });
    std::vector<Picture> settled;
    // What is older than the last look by far needs no second one: a full folder is answered at once.
    const std::int64_t old = base::nowMs() - 5000;
    for (const auto& picture : now)
        if (picture.modifiedMs < old || wasThere(picture))
            settled.push_back(picture);
    m_before = std::move(now);
    return settled;
}

bool FolderSource::wasThere(const Picture& picture) const
{
    const auto found = std::lower_bound(m_before.begin(), m_before.end(), picture,
        [](const Picture& a, const Picture& b) { return a.path.native() < b.path.native(); });
    return found != m_before.end() && *found == picture;
}

base::Result<void> runSources(std::vector<FolderSource>& sources, Supervisor& supervisor, ResultLog& log, Metrics& metrics,
    const base::CancelToken& cancel)
{
    const bool watches = std::any_of(sources.begin(), sources.end(), [](const auto& source) { return source.isFolder(); });
    waitForModel(supervisor, cancel);
    while (!cancel.isCancelled()) {
        for (auto& source : sources) {
            for (const auto& picture : source.look()) {
                if (cancel.isCancelled())
                    return {};
                if (log.knows(picture.file, picture.bytes, picture.modifiedMs))
                    continue;
                PERCEPT_ASSIGN(line, answerPicture(picture, supervisor, metrics));
                if (watches && log.isFile())
                    log.addOrLeaveOut(line); // a full disk keeps nobody from answering
                else
                    PERCEPT_TRY(log.add(line));
            }
        }
        forgetGone(sources, log);
        if (!watches)
            return {};
        nap(kLookSeconds, cancel);
    }
    return {};
}

}
