#include "app/studio/start/start_page.h"

#include "app/studio/background.h"
#include "app/studio/frame/choosers.h"
#include "app/studio/frame/recent_projects.h"
#include "app/studio/start/class_chips.h"
#include "app/studio/start/drop_zone.h"
#include "app/studio/start/recent_list.h"
#include "core/dataset/project_store.h"
#include "core/services/loop.h"
#include "widgets/style/widgets.h"

#include <QDir>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QPushButton>
#include <QVBoxLayout>

namespace percept::studio {

namespace {

constexpr std::uint64_t kSampleSeed = 7;

}

QString projectFileName(const QString& name)
{
    QString file;
    for (const QChar c : name.trimmed().toLower()) {
        if (c.isLetterOrNumber())
            file += c;
        else if (!file.isEmpty() && !file.endsWith(QLatin1Char('-')))
            file += QLatin1Char('-');
    }
    while (file.endsWith(QLatin1Char('-')))
        file.chop(1);
    return file.left(80);
}

StartPage::StartPage(StudioContext& context, QWidget* parent)
    : QWidget(parent)
    , m_context(context)
{
    setObjectName(QStringLiteral("start-page"));
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(makeSide());
    auto* right = new style::Surface(style::Surface::Fill::Panel);
    auto* column = new QVBoxLayout(right);
    column->setContentsMargins(40, 36, 40, 24);
    column->setSpacing(0);
    column->addWidget(makeForm());
    column->addStretch(1);
    layout->addWidget(right, 1);
    connectForm();
    refresh();
}

void StartPage::connectForm()
{
    connect(m_name, &QLineEdit::textChanged, this, &StartPage::checkName);
    connect(m_folder, &QLineEdit::textChanged, this, &StartPage::checkName);
    connect(m_classes, &ClassChips::changed, this, &StartPage::checkName);
    connect(m_name, &QLineEdit::returnPressed, this, &StartPage::create);
    connect(m_create, &QPushButton::clicked, this, &StartPage::create);
    connect(m_sample, &QPushButton::clicked, this, &StartPage::openSample);
    connect(m_problem, &style::Note::actionTriggered, m_problem, &QWidget::hide);
    connect(m_drop, &DropZone::folderRequested, this, [this] {
        const QString chosen = m_context.chooseFolder(this, QStringLiteral("import"), tr("Folder of pictures, or of a set that has boxes already"), QDir::homePath());
        if (!chosen.isEmpty())
            offerData({ toPath(chosen) });
    });
    connect(m_drop, &DropZone::filesRequested, this, [this] {
        const QStringList chosen = m_context.chooseFiles(this, QStringLiteral("import"), tr("Pictures, or files with boxes"), QDir::homePath(), importFileFilter());
        std::vector<std::filesystem::path> files;
        for (const QString& file : chosen)
            files.push_back(toPath(file));
        if (!files.empty())
            offerData(files);
    });
    connect(m_recent, &RecentList::opened, this, [this](const QString& path) { open(toPath(path)); });
    connect(m_recent, &RecentList::locateRequested, this, &StartPage::locate);
    connect(m_recent, &RecentList::forgotten, this, [this](const QString& path) {
        m_context.recent().forget(path);
        refresh();
    });
    for (QLineEdit* field : findChildren<QLineEdit*>())
        field->setAcceptDrops(false); // files are for the window
    checkName();
}

void StartPage::refresh()
{
    m_recent->setEntries(m_context.recent().entries());
    for (const RecentProjects::Entry& entry : m_recent->entries())
        runInBackground(
            m_recent, [project = toPath(entry.path)] { return readLastRun(project); },
            [this, path = entry.path](const LastRun& run) { m_recent->setLastRun(path, run); });
    m_recentHead->setVisible(!m_recent->entries().empty());
    if (m_folder->text().isEmpty())
        m_folder->setText(m_context.recent().projectsFolder());
    m_problem->hide();
    checkName();
}

void StartPage::focusName() { m_name->setFocus(); }

void StartPage::showProblem(const QString& sentence)
{
    m_problem->setText(sentence);
    m_problem->show();
}

void StartPage::offerData(const std::vector<std::filesystem::path>& files)
{
    QStringList names;
    for (const auto& file : files)
        names << toQString(file);
    m_drop->setFiles(names);
    if (m_name->text().trimmed().isEmpty() && !files.empty())
        m_name->setText(QFileInfo(names.constFirst()).completeBaseName());
    m_name->setFocus();
    m_name->selectAll();
}

std::filesystem::path StartPage::projectPath() const
{
    return toPath(m_folder->text().trimmed()) / (projectFileName(m_name->text()).toStdString() + ".percept");
}

void StartPage::checkName()
{
    QString problem;
    const bool empty = m_name->text().trimmed().isEmpty();
    if (!empty && projectFileName(m_name->text()).isEmpty())
        problem = tr("A name needs a letter or a digit.");
    else if (!empty && std::filesystem::exists(projectPath()))
        problem = tr("There is already a project %1 in this folder. Choose another name.").arg(toQString(projectPath().filename()));
    m_nameProblem->setText(problem);
    style::setFieldError(m_name, !problem.isEmpty());
    m_classProblem->setText(m_classes->problem());
    m_create->setEnabled(!empty && problem.isEmpty() && m_classes->problem().isEmpty());
    m_create->setToolTip(empty ? tr("Give the project a name first") : m_classes->problem());
}

void StartPage::create()
{
    if (!m_create->isEnabled())
        return;
    const std::filesystem::path path = projectPath();
    if (!QDir().mkpath(m_folder->text().trimmed()))
        return showProblem(tr("The folder %1 cannot be made. Choose one in which you may write.").arg(m_folder->text()));
    std::vector<std::string> labels;
    for (const QString& name : m_classes->names())
        labels.push_back(name.toStdString());
    auto made = dataset::ProjectStore::create(path, m_name->text().trimmed().toStdString(), domain::Task::Detection, labels);
    if (made.hasError())
        return showProblem(QString::fromStdString(made.error().message));
    made.value().reset(); // lets go of the lock
    std::vector<std::filesystem::path> data;
    for (const QString& file : m_drop->files())
        data.push_back(toPath(file));
    m_context.recent().writeProjectsFolder(m_folder->text().trimmed());
    m_name->clear();
    m_classes->setNames({});
    m_drop->setFiles({});
    open(path);
    if (m_context.session() && !data.empty())
        m_context.requestImport(data);
}

bool StartPage::open(const std::filesystem::path& project)
{
    const auto opened = m_context.openProject(project);
    if (opened.hasError()) {
        refresh();
        showProblem(QString::fromStdString(opened.error().message));
    }
    return opened.hasValue();
}

void StartPage::locate(const QString& oldPath)
{
    const QString chosen = m_context.chooseFolder(this, QStringLiteral("project"), tr("Where is %1 now?").arg(QFileInfo(oldPath).fileName()), m_context.recent().projectsFolder());
    if (chosen.isEmpty())
        return;
    // The project itself, or the folder that it lies in now. The old place is forgotten once the new one is known to be it.
    std::filesystem::path project = toPath(chosen);
    const std::filesystem::path inside = project / toPath(oldPath).filename();
    if (!std::filesystem::exists(project / "project.db") && std::filesystem::exists(inside / "project.db"))
        project = inside;
    if (open(project))
        m_context.recent().forget(oldPath);
}

// Made once; opened again as it was left.
void StartPage::openSample()
{
    const std::filesystem::path path = toPath(m_folder->text().trimmed()) / "sample.percept";
    if (std::filesystem::exists(path / "project.db")) {
        open(path);
        return;
    }
    if (!QDir().mkpath(m_folder->text().trimmed()))
        return showProblem(tr("The folder %1 cannot be made. Choose one in which you may write.").arg(m_folder->text()));
    m_sample->setEnabled(false);
    m_sample->setText(tr("Drawing…"));
    Job* job = m_context.jobs().start<bool>(
        { tr("Sample"), QString(), QString() }, this,
        [path](const base::ProgressFn& progress, const base::CancelToken& cancel) -> base::Result<bool> {
            PERCEPT_TRY(services::makeSample(path, domain::Task::Detection, kSampleItems, kSampleSeed, progress, cancel));
            return true;
        },
        [this, path](base::Result<bool> result) {
            m_sample->setEnabled(true);
            m_sample->setText(tr("Open sample"));
            if (result.hasError() && result.error().code != base::ErrorCode::Cancelled)
                showProblem(QString::fromStdString(result.error().message));
            else if (result.hasValue() && !m_context.session())
                open(path);
        });
    connect(job, &Job::changed, this, [this, job] {
        if (job->isRunning() && job->fraction() >= 0)
            m_sample->setText(tr("Drawing, %1 %").arg(qRound(job->fraction() * 100)));
    });
}

}
