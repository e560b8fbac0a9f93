#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace percept::interchange {

// Something that did not come in (or did not go out), for people.
struct Problem {
    std::string file, what;
};

// Problems of one import. A file that is wrong a million times is told a thousand times and then counted.
class ProblemLog {
public:
    static constexpr std::size_t kMostListed = 1000;

    void add(std::string file, std::string what);
    bool isEmpty() const { return m_total == 0; }
    std::int64_t total() const { return m_total; }
    void append(const ProblemLog& other);
    // The listed ones, and one line that says how many more there were.
    std::vector<Problem> listed() const;

private:
    std::vector<Problem> m_problems;
    std::int64_t m_total = 0;
};

// "1 box", "1,234 boxes"
std::string counted(std::int64_t n, const std::string& one, const std::string& many);
// "2 links were not followed: import what they lead to."
std::string skippedLinksNote(std::int64_t n);

}
