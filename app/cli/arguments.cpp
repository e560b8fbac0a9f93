#include "app/cli/arguments.h"

#include "core/base/time.h"

#include <cmath>

namespace percept::cli {

namespace fs = std::filesystem;

fs::path projectFolder(const std::string& name)
{
    std::error_code ec;
    if (!fs::exists(name, ec) && fs::is_directory(name + ".percept", ec))
        return name + ".percept";
    return name;
}

base::Result<std::unique_ptr<dataset::ProjectReader>> openReader(const std::string& project)
{
    return dataset::ProjectReader::open(projectFolder(project));
}

base::Result<std::unique_ptr<services::ProjectSession>> openSession(const std::string& project)
{
    return services::ProjectSession::open(projectFolder(project), "percept");
}

base::Result<void> checkOutFile(const fs::path& file, std::initializer_list<std::string_view> extensions)
{
    std::string wanted;
    for (const auto extension : extensions) {
        if (file.extension() == extension)
            return {};
        wanted += (wanted.empty() ? "" : " or ") + std::string(extension);
    }
    return base::usage("--out " + file.string() + ": the name must end in " + wanted + ", so that nothing else is written over.");
}

std::vector<std::string> splitCommas(const std::string& text)
{
    std::vector<std::string> parts;
    for (std::size_t from = 0; from <= text.size();) {
        const auto comma = std::min(text.find(',', from), text.size());
        auto part = text.substr(from, comma - from);
        part.erase(0, part.find_first_not_of(" \t"));
        part.erase(part.find_last_not_of(" \t") + 1);
        if (!part.empty())
            parts.push_back(std::move(part));
        from = comma + 1;
    }
    return parts;
}

base::Result<domain::SplitSet> setFromArgument(const std::string& text)
{
    const auto set = domain::splitSetFromString(text);
    if (!set || *set == domain::SplitSet::None)
        return base::usage("There is no set '" + text + "'. The sets are train, validation, test and reserve.");
    return *set;
}

std::string plural(std::int64_t n, const char* one, const char* many) { return base::groupedCount(n) + " " + (n == 1 ? one : many); }

nlohmann::json intervalJson(const evaluation::Interval& interval)
{
    const auto number = [](double v) { return std::isfinite(v) ? nlohmann::json(v) : nlohmann::json(); };
    return { { "value", number(interval.value) }, { "low", number(interval.low) }, { "high", number(interval.high) } };
}

}
