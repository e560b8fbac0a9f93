#pragma once

#include <CLI/CLI.hpp>
#include <cerrno>
#include <cmath>
#include <cstdlib>
#include <optional>
#include <string>

namespace percept {

// What is wrong with a number that was given to an option by its declared type, as an end of a sentence; nullopt: nothing.
inline std::optional<std::string> problemOfNumber(const std::string& type, const std::string& given)
{
    errno = 0;
    if (type.starts_with("FLOAT"))
        return std::isfinite(std::strtod(given.c_str(), nullptr)) ? std::nullopt : std::optional<std::string>("must be a finite number");
    if (type.starts_with("UINT")) {
        const bool isTooLarge = std::strtoull(given.c_str(), nullptr, 10) > 0 && errno == ERANGE;
        return isTooLarge || given.find('-') != std::string::npos ? std::optional<std::string>("must be a whole number from 0 to 18446744073709551615") : std::nullopt;
    }
    if (type.starts_with("INT") && std::strtoll(given.c_str(), nullptr, 10) != 0 && errno == ERANGE)
        return "must be a smaller number";
    return std::nullopt;
}

// Every number that was given, of the command and those below it: no range holds against what is not a number ("nan" is neither
// below nor above), and a seed that wraps around would be another than was asked for. Empty: all are sound.
inline std::string problemOfNumbers(const CLI::App& command)
{
    for (const CLI::Option* option : command.get_options())
        for (const std::string& given : option->results())
            if (const auto problem = problemOfNumber(option->get_type_name(), given))
                return option->get_name() + " " + *problem + ", not " + given + ".";
    for (const CLI::App* below : command.get_subcommands())
        if (std::string problem = problemOfNumbers(*below); !problem.empty())
            return problem;
    return {};
}

}
