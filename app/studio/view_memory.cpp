// Where somebody was in a project: the page, and what each page says of itself. Kept with the entry of the list of recent
// projects, so that the project's own files say nothing of who looks at them.
#include "app/studio/frame/recent_projects.h"
#include "app/studio/main_window.h"

#include <QJsonDocument>
#include <algorithm>

namespace percept::studio {
namespace {
const QString kPage = QStringLiteral("page");
}

void MainWindow::rememberView()
{
    if (!m_context.session() || m_current.isEmpty())
        return;
    for (const auto& [key, page] : m_pages)
        m_views.insert(key, page->viewState());
    m_views.insert(kPage, m_current);
    m_context.recent().writeView(toQString(m_context.session()->folder()), QJsonDocument(m_views).toJson(QJsonDocument::Compact));
}

void MainWindow::restoreView()
{
    m_views = QJsonDocument::fromJson(m_context.recent().view(toQString(m_context.session()->folder()))).object();
    for (const auto& [key, page] : m_pages)
        page->restoreViewState(m_views.value(key).toObject());
    const QString last = m_views.value(kPage).toString();
    const bool known = std::any_of(m_entries.begin(), m_entries.end(), [&last](const PageEntry& entry) { return entry.key == last; });
    if (!m_entries.empty())
        showPage(known ? last : m_entries.front().key);
}

}
