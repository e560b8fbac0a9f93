#pragma once

#include <string>
#include <tl/expected.hpp>
#include <type_traits>
#include <utility>

namespace percept::base {

// What went wrong, for programs. The exit status of the command line follows from it (see exitStatus()).
enum class ErrorCode {
    Failed,      // disk full, read-only, locked, I/O: nothing is wrong with the request
    NotFound,    // the named thing does not exist
    Usage,       // wrong arguments or a call that this version does not have
    Refused,     // a gate, a signature, a damaged, hostile or newer file as a whole; nothing was changed
    Cancelled,   // the user or a signal asked to stop
    Conflict,    // somebody else holds the lock, or the data changed underneath
};

// An expected failure. `message` is a sentence for people: what happened, to which file, what to do next.
// `detail` is for the log (library messages, positions).
struct Error {
    ErrorCode code = ErrorCode::Failed;
    std::string message;
    std::string detail;
};

// 0 done, 1 failed, 2 usage, 3 refused, 130 cancelled: the contract of the command line.
constexpr int exitStatus(ErrorCode code)
{
    switch (code) {
    case ErrorCode::Usage: return 2;
    case ErrorCode::Refused: return 3;
    case ErrorCode::Cancelled: return 130;
    default: return 1;
    }
}

// Value or Error. Test it with hasValue()/hasError(), spelled out; there is no conversion to bool.
template <typename T>
class [[nodiscard]] Result {
public:
    Result(T value) : m_value(std::move(value)) { }
    Result(Error error) : m_value(tl::unexpected(std::move(error))) { }

    bool hasValue() const { return m_value.has_value(); }
    bool hasError() const { return !m_value.has_value(); }
    explicit operator bool() const = delete;

    T& value() & { return m_value.value(); }
    const T& value() const& { return m_value.value(); }
    T&& value() && { return std::move(m_value).value(); }
    T valueOr(T fallback) const& { return m_value.value_or(std::move(fallback)); }
    const Error& error() const { return m_value.error(); }

    T* operator->() { return &m_value.value(); }
    const T* operator->() const { return &m_value.value(); }
    T& operator*() & { return m_value.value(); }
    const T& operator*() const& { return m_value.value(); }
    T&& operator*() && { return std::move(m_value).value(); }

private:
    tl::expected<T, Error> m_value;
};

template <>
class [[nodiscard]] Result<void> {
public:
    Result() = default;
    Result(Error error) : m_value(tl::unexpected(std::move(error))) { }

    bool hasValue() const { return m_value.has_value(); }
    bool hasError() const { return !m_value.has_value(); }
    explicit operator bool() const = delete;
    const Error& error() const { return m_value.error(); }

private:
    tl::expected<void, Error> m_value;
};

inline Error failed(std::string message, std::string detail = {})
{
    return { ErrorCode::Failed, std::move(message), std::move(detail) };
}
inline Error refused(std::string message, std::string detail = {})
{
    return { ErrorCode::Refused, std::move(message), std::move(detail) };
}
inline Error notFound(std::string message) { return { ErrorCode::NotFound, std::move(message), {} }; }
inline Error usage(std::string message) { return { ErrorCode::Usage, std::move(message), {} }; }
inline Error cancelled() { return { ErrorCode::Cancelled, "Cancelled.", {} }; }

// Leaves the current function with the error of EXPR, when it has one.
#define PERCEPT_TRY(expr)                                      \
    do {                                                       \
        if (auto perceptTry = (expr); perceptTry.hasError())   \
            return perceptTry.error();                         \
    } while (false)

// Declares NAME with the value of EXPR, or leaves the current function with its error.
#define PERCEPT_ASSIGN(name, expr)               \
    auto name##Result = (expr);                  \
    if (name##Result.hasError())                 \
        return name##Result.error();             \
    auto name = std::move(name##Result).value()

}
