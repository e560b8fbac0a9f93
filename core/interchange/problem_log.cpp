#include "core/interchange/problem_log.h"

#include "core/base/time.h"

namespace percept::interchange {

void ProblemLog::add(std::string file, std::string what)
{
    ++m_total;
    if (m_problems.size() < kMostListed)
        m_problems.push_back({ std::move(file), std::move(what) });
}

void ProblemLog::append(const ProblemLog& other)
{
    for (const Problem& problem : other.m_problems)
        add(problem.file, problem.what);
    m_total += other.m_total - static_cast<std::int64_t>(other.m_problems.size());
}

std::vector<Problem> ProblemLog::listed() const
{
    std::vector<Problem> problems = m_problems;
    const std::int64_t more = m_total - static_cast<std::int64_t>(m_problems.size());
    if (more > 0)
        problems.push_back({ "", counted(more, "more problem is", "more problems are") + " not listed." });
    return problems;
}

std::string counted(std::int64_t n, const std::string& one, const std::string& many)
{
    return base::groupedCount(n) + " " + (n == 1 ? one : many);
}

std::string skippedLinksNote(std::int64_t n)
{
    return counted(n, "link was", "links were") + " not followed: import what " + (n == 1 ? "it leads" : "they lead") + " to.";
}

}
