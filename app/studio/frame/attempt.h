#pragma once

#include "core/base/result.h"

#include <exception>
#include <optional>
#include <type_traits>
#include <utility>

namespace percept::studio {

// What went wrong that nobody expected: for people, and in the log.
base::Error unexpectedError(const char* what);

// What `work` gives. What it throws must not end the program, as it would on a thread of a pool: it becomes an error where R can
// be one, else nothing.
template <typename R, typename Work>
std::optional<R> attempt(Work&& work)
{
    base::Error error;
    try {
        return std::optional<R>(std::in_place, work());
    } catch (const std::exception& e) {
        error = unexpectedError(e.what());
    } catch (...) {
        error = unexpectedError("an exception of no known kind");
    }
    if constexpr (std::is_convertible_v<base::Error, R>)
        return std::optional<R>(std::in_place, std::move(error));
    else
        return std::nullopt;
}

}
