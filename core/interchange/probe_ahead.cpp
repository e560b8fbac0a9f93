#include "core/interchange/probe_ahead.h"

#include "core/interchange/item_assembler.h"
#include "core/interchange/text_fields.h"

#include <algorithm>

namespace percept::interchange {

ProbeAhead::ProbeAhead(const ReadRequest& request, const std::filesystem::path& root, std::vector<std::string> linkedFolders)
    : m_request(request)
    , m_index(std::async(std::launch::async, [root, folders = std::move(linkedFolders)] { return MediaIndex::build(root, folders); }))
{
}

ProbeAhead::~ProbeAhead() { m_isStopped = true; }

void ProbeAhead::lookFor(std::vector<std::string> names, std::vector<std::string> folders)
{
    if (m_asking.valid())
        m_asking.get();
    m_asking = std::async(std::launch::async, [this, names = std::move(names), folders = std::move(folders)] { ask(names, folders); });
}

void ProbeAhead::ask(const std::vector<std::string>& names, const std::vector<std::string>& folders)
{
    if (index().hasError())
        return;
    for (const std::string& name : names) {
        if (m_isStopped || m_request.cancel.isCancelled())
            return;
        auto found = index().value().find(name, folders);
        if (found.kind != MediaIndex::Found::Kind::Yes || !isUtf8(found.file.native()))
            continue;
        m_rest.push_back(std::move(found.file));
        if (m_rest.size() < ItemAssembler::kBunch)
            continue;
        m_asked.push_back({ { m_rest.begin(), m_rest.end() }, m_request.probe(m_rest, m_request.hashContent) });
        m_rest.clear();
    }
}

PictureProbe ProbeAhead::probe()
{
    if (m_asking.valid())
        m_asking.get();
    return [this](const std::vector<std::filesystem::path>& files, bool hash) {
        const auto isSame = [](const std::string& a, const std::filesystem::path& b) { return a == b.native(); };
        if (m_asked.empty() || !std::equal(m_asked.front().files.begin(), m_asked.front().files.end(), files.begin(), files.end(), isSame))
            return m_request.probe(files, hash);
        auto facts = std::move(m_asked.front().facts);
        m_asked.pop_front();
        return facts;
    };
}

}
