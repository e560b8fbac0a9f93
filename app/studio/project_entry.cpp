// What somebody finds who opens a project: the page where it was left, what each page says of itself, and a training that was
// interrupted. The view is kept with the entry of the list of recent projects: the project's own files say nothing of who
// looks at them.
#include "app/studio/background.h"
#include "app/studio/frame/last_run.h"
#include "app/studio/frame/recent_projects.h"
#include "app/studio/gather/gather_page.h"
#include "app/studio/label/label_page.h"
#include "app/studio/main_window.h"
#include "widgets/style/widgets.h"

#include <QJsonDocument>
#include <algorithm>
#include <utility>

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
    const QByteArray view = QJsonDocument(m_views).toJson(QJsonDocument::Compact);
    if (view == std::exchange(m_remembered, view))
        return;
    m_context.recent().writeView(toQString(m_context.session()->folder()), view);
}

// What must not wait for the next time that all is remembered. A page that still reads says less than what is known of it.
void MainWindow::rememberNow(const QString& key)
{
    if (!m_context.session() || m_current.isEmpty() || !m_pages.contains(key))
        return;
    QJsonObject known = m_views.value(key).toObject();
    const QJsonObject now = m_pages[key]->viewState();
    for (auto it = now.begin(); it != now.end(); ++it)
        known.insert(it.key(), it.value());
    m_views.insert(key, known);
    m_context.recent().writeView(toQString(m_context.session()->folder()), QJsonDocument(m_views).toJson(QJsonDocument::Compact));
}

// What only some pages tell.
void MainWindow::connectPage(Page* made)
{
    if (auto* label = qobject_cast<LabelPage*>(made)) // a crash must not arm another class
        connect(label, &LabelPage::armedChanged, this, [this] { rememberNow(QStringLiteral("label")); });
    if (auto* gather = qobject_cast<GatherPage*>(made))
        connect(gather, &GatherPage::groupLeft, this, [this](const std::shared_ptr<const ItemTarget::Group>& group) {
            const auto there = m_pages.find(QStringLiteral("label"));
            if (auto* label = there == m_pages.end() ? nullptr : qobject_cast<LabelPage*>(there->second))
                label->leaveGroup(group);
        });
}

void MainWindow::restoreView()
{
    m_viewSettles.start();
    m_remembered = m_context.recent().view(toQString(m_context.session()->folder()));
    m_views = QJsonDocument::fromJson(m_remembered).object();
    for (const auto& [key, page] : m_pages)
        page->restoreViewState(m_views.value(key).toObject());
    const QString last = m_views.value(kPage).toString();
    const bool known = std::any_of(m_entries.begin(), m_entries.end(), [&last](const PageEntry& entry) { return entry.key == last; });
    if (!m_entries.empty())
        showPage(known ? last : m_entries.front().key);
}

// Its files are read beside the first page: opening does not wait for them.
void MainWindow::sayWhatWasInterrupted()
{
    m_interrupted->hide();
    const std::filesystem::path project = m_context.session()->folder();
    runInBackground(
        this, [project] { return readLastRun(project); },
        [this, project](const LastRun& run) {
            if (!m_context.session() || m_context.session()->folder() != project)
                return;
            if (run.state == LastRun::State::ByItself || run.state == LastRun::State::Unscored)
                page(QStringLiteral("train")); // takes it up
            if (run.state != LastRun::State::Interrupted || m_current == QLatin1String("train")) // which says it itself
                return;
            m_interruptedRun = run.run;
            m_interrupted->setText(tr("A training was %1. It can go on from where it was.").arg(describeLastRun(run)));
            m_interrupted->show();
        });
}

}
