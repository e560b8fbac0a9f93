#include "core/training/checkpoint_store.h"

#include "core/base/files.h"
#include "core/base/hash.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

namespace percept::training {

namespace {

constexpr std::string_view kMark = "PERCEPT-CKPT-1\n\n";
constexpr std::size_t kHashLength = 64;
constexpr std::size_t kTrailer = kHashLength + kMark.size();
constexpr std::size_t kKept = 2;

base::Error cannotWrite(const std::filesystem::path& file, std::size_t bytes, int errorNumber)
{
    return base::failed(fmt::format("A checkpoint of {} MB could not be written to {}: {}. The one before is kept; free some "
                                    "space, then resume the run.",
        (bytes + 999'999) / 1'000'000, file.parent_path().string(), base::describeErrno(errorNumber)));
}

// Writes and syncs; 0 or the errno of the first failure.
int writeSynced(const std::filesystem::path& file, const std::vector<std::uint8_t>& bytes)
{
    const int fd = ::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd < 0)
        return errno;
    std::size_t done = 0;
    int error = 0;
    while (done < bytes.size() && error == 0) {
        const auto written = ::write(fd, bytes.data() + done, bytes.size() - done);
        if (written > 0)
            done += static_cast<std::size_t>(written);
        else if (errno != EINTR)
            error = written == 0 ? ENOSPC : errno;
    }
    if (error == 0 && ::fsync(fd) != 0)
        error = errno;
    if (::close(fd) != 0 && error == 0)
        error = errno;
    return error;
}

int syncFolder(const std::filesystem::path& folder)
{
    const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return errno;
    const int error = ::fsync(fd) == 0 ? 0 : errno;
    ::close(fd);
    return error;
}

}

CheckpointStore::CheckpointStore(std::filesystem::path folder)
    : m_folder(std::move(folder))
{
}

CheckpointStore::~CheckpointStore()
{
    if (m_writer.joinable())
        m_writer.join();
}

std::filesystem::path CheckpointStore::fileOf(std::int64_t step) const
{
    return m_folder / fmt::format("step-{}.ckpt", step);
}

std::vector<std::int64_t> CheckpointStore::stepsOnDisk() const
{
    std::vector<std::int64_t> steps;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(m_folder, error)) {
        const std::string name = entry.path().filename().string();
        if (!name.starts_with("step-") || !name.ends_with(".ckpt"))
            continue;
        std::int64_t step = 0;
        const char* end = name.data() + name.size() - 5;
        if (const auto parsed = std::from_chars(name.data() + 5, end, step); parsed.ec == std::errc() && parsed.ptr == end)
            steps.push_back(step);
    }
    std::sort(steps.rbegin(), steps.rend());
    return steps;
}

base::Result<void> CheckpointStore::write(std::int64_t step, std::vector<std::uint8_t> tensorFile)
{
    std::error_code error;
    std::filesystem::create_directories(m_folder, error);
    const std::string hash = base::sha256Hex(tensorFile);
    tensorFile.insert(tensorFile.end(), hash.begin(), hash.end());
    tensorFile.insert(tensorFile.end(), kMark.begin(), kMark.end());
    const auto file = fileOf(step);
    const std::filesystem::path temporary = file.string() + ".tmp";
    if (const int code = writeSynced(temporary, tensorFile); code != 0) {
        std::filesystem::remove(temporary, error);
        return cannotWrite(file, tensorFile.size(), code);
    }
    if (const auto again = base::readFile(temporary); again.hasError() || *again != tensorFile) {
        std::filesystem::remove(temporary, error);
        return base::failed(fmt::format("{} did not read back as it was written; the checkpoint before is kept. Check the disk.",
            file.string()));
    }
    if (::rename(temporary.c_str(), file.c_str()) != 0)
        return cannotWrite(file, tensorFile.size(), errno);
    if (const int code = syncFolder(m_folder); code != 0)
        return cannotWrite(file, tensorFile.size(), code);
    const auto steps = stepsOnDisk();
    for (std::size_t i = 0; i < steps.size(); ++i)
        if (i >= kKept && steps[i] != step)
            std::filesystem::remove(fileOf(steps[i]), error);
    return {};
}

void CheckpointStore::writeInBackground(std::int64_t step, std::vector<std::uint8_t> tensorFile)
{
    m_writer = std::thread([this, step, bytes = std::move(tensorFile)]() mutable {
        try {
            m_lastResult = write(step, std::move(bytes));
        } catch (const std::exception& error) { // no memory for the second copy, for example
            m_lastResult = base::failed("A checkpoint could not be written; the one before is kept.", error.what());
        }
        m_failed = m_lastResult.hasError();
    });
}

base::Result<void> CheckpointStore::waitForWriter()
{
    if (m_writer.joinable())
        m_writer.join();
    m_failed = false;
    return std::exchange(m_lastResult, base::Result<void>());
}

base::Result<TensorFile> CheckpointStore::read(const std::filesystem::path& file)
{
    PERCEPT_ASSIGN(bytes, base::readFile(file, 16ull << 30));
    const auto damaged = base::refused(fmt::format("The checkpoint {} is damaged.", file.string()));
    if (bytes.size() < kTrailer || std::memcmp(bytes.data() + bytes.size() - kMark.size(), kMark.data(), kMark.size()) != 0)
        return damaged;
    const std::size_t content = bytes.size() - kTrailer;
    const std::string expected(bytes.begin() + static_cast<std::ptrdiff_t>(content),
        bytes.begin() + static_cast<std::ptrdiff_t>(content + kHashLength));
    if (base::sha256Hex(std::span(bytes.data(), content)) != expected)
        return damaged;
    bytes.resize(content);
    return TensorFile::parse(std::move(bytes), file.filename().string());
}

std::optional<CheckpointStore::Found> CheckpointStore::newest(
    const std::function<void(const std::filesystem::path& file, const std::string& sentence)>& onDamaged) const
{
    for (const auto step : stepsOnDisk()) {
        auto file = read(fileOf(step));
        if (file.hasValue())
            return Found { step, std::move(file).value() };
        onDamaged(fileOf(step), file.error().message + " An older one is used instead.");
    }
    return std::nullopt;
}

}
