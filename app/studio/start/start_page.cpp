#include "app/studio/start/start_page.h"

#include "app/studio/background.h"
#include "app/studio/frame/choosers.h"
#include "app/studio/frame/recent_projects.h"
#include "app/studio/start/class_chips.h"
#include "app/studio/start/drop_zone.h"
#include "app/studio/start/recent_list.h"
#include "core/dataset/project_store.h"
#include "core/services/loop.h"
#include "widgets/style/paint.h"
#include "widgets/style/widgets.h"

#include <QApplication>
#include <QDir>
#include <QFileInfo>
#include <QGridLayout>
#include <QLineEdit>
#include <QPainter>
#include <QPushButton>
#include <QScrollArea>
#include <QShortcut>
#include <QVBoxLayout>

namespace percept::studio {

using style::Ink;
using style::PlainLabel;
using style::TextRole;

namespace {

constexpr int kSampleItems = 120;
constexpr std::uint64_t kSampleSeed = 7;

class MarkWidget : public QWidget {
public:
    MarkWidget() { setFixedSize(32, 32); }

protected:
    void paintEvent(QPaintEvent*) override
    {
        QPainter painter(this);
        style::paintMark(painter, rect(), style::tokens().accent);
    }
};

PlainLabel* caption(const QString& text) { return new PlainLabel(text, TextRole::Table, Ink::Text2); }

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

QWidget* StartPage::makeSide()
{
    auto* side = new style::Surface(style::Surface::Fill::Window);
    side->setFixedWidth(320);
    side->setLines(Qt::RightEdge);
    auto* layout = new QVBoxLayout(side);
    layout->setContentsMargins(0, 28, 1, 16);
    layout->setSpacing(8);
    auto* head = new QHBoxLayout;
    head->setContentsMargins(24, 0, 24, 12);
    head->setSpacing(12);
    head->addWidget(new MarkWidget);
    head->addWidget(new PlainLabel(QStringLiteral("Percept"), TextRole::Title), 1);
    layout->addLayout(head);
    auto* buttons = new QVBoxLayout;
    buttons->setContentsMargins(24, 0, 24, 0);
    QPushButton* open = style::makeButton(tr("Open project…"), style::ButtonKind::Default, "folder", style::ControlSize::Large);
    open->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    style::setButtonLeft(open, true);
    style::setButtonKey(open, QStringLiteral("Ctrl O"));
    buttons->addWidget(open);
    layout->addLayout(buttons);
    m_recentHead = new PlainLabel(tr("Recent"), TextRole::Section);
    m_recentHead->setContentsMargins(24, 20, 0, 0);
    layout->addWidget(m_recentHead);
    m_recent = new RecentList;
    auto* scroll = new QScrollArea;
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setWidgetResizable(true);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->setWidget(m_recent);
    scroll->viewport()->setAutoFillBackground(false);
    m_recent->setAutoFillBackground(false);
    layout->addWidget(scroll, 1);
    auto* foot = new QHBoxLayout;
    foot->setContentsMargins(16, 0, 24, 0);
    QPushButton* settings = style::makeButton(tr("Settings"), style::ButtonKind::Quiet, "settings", style::ControlSize::Compact);
    foot->addWidget(settings);
    foot->addStretch(1);
    foot->addWidget(new PlainLabel(QApplication::applicationVersion(), TextRole::Table, Ink::Text3));
    layout->addLayout(foot);
    connect(open, &QPushButton::clicked, this, &StartPage::openRequested);
    connect(settings, &QPushButton::clicked, this, &StartPage::settingsRequested);
    auto* key = new QShortcut(QKeySequence::Open, this);
    key->setContext(Qt::WidgetWithChildrenShortcut);
    connect(key, &QShortcut::activated, this, &StartPage::openRequested);
    return side;
}

QWidget* StartPage::makeForm()
{
    auto* form = new QWidget;
    form->setMaximumWidth(960);
    auto* grid = new QGridLayout(form);
    grid->setContentsMargins(0, 0, 0, 0);
    grid->setHorizontalSpacing(24);
    grid->setVerticalSpacing(0);
    grid->setColumnStretch(0, 1);
    grid->setColumnStretch(1, 1);
    grid->addWidget(new PlainLabel(tr("What should Percept learn to find?"), TextRole::Title), 0, 0, 1, 2);
    auto* about = new PlainLabel(tr("You draw boxes around the things in some of your pictures; Percept learns from them to find and count such things in other pictures. Everything stays on this computer."), TextRole::Body, Ink::Text2);
    about->setWordWrap(true);
    about->setContentsMargins(0, 4, 0, 20);
    grid->addWidget(about, 1, 0, 1, 2);
    m_problem = new style::Note(style::Tone::Error);
    m_problem->setObjectName(QStringLiteral("start-problem"));
    m_problem->setAction(tr("Close"));
    m_problem->hide();
    grid->addWidget(m_problem, 2, 0, 1, 2);
    grid->setRowMinimumHeight(3, 16);

    grid->addLayout(makeNaming(), 4, 0);
    auto* right = new QVBoxLayout;
    right->setSpacing(4);
    m_drop = new DropZone;
    m_drop->setObjectName(QStringLiteral("drop-zone"));
    right->addWidget(caption(tr("Pictures, now or later")));
    right->addWidget(m_drop, 1);
    grid->addLayout(right, 4, 1);

    grid->setRowMinimumHeight(5, 16);
    auto* foot = new QHBoxLayout;
    foot->addWidget(new PlainLabel(tr("Pictures without boxes are fine: once the project is made, you draw the boxes on its page Label."), TextRole::Table, Ink::Text3), 1);
    m_create = style::makeButton(tr("Create project"), style::ButtonKind::Primary, nullptr, style::ControlSize::Large);
    m_create->setObjectName(QStringLiteral("create-project"));
    foot->addWidget(m_create);
    grid->addLayout(foot, 6, 0, 1, 2);
    grid->setRowMinimumHeight(7, 20);
    QWidget* sample = makeSample();
    grid->addWidget(style::makeLine(Qt::Horizontal), 8, 0, 1, 2);
    grid->addWidget(sample, 9, 0, 1, 2);
    return form;
}

QLayout* StartPage::makeNaming()
{
    auto* left = new QVBoxLayout;
    left->setSpacing(4);
    m_name = new QLineEdit;
    m_name->setObjectName(QStringLiteral("project-name"));
    m_name->setPlaceholderText(tr("for example Blood cells"));
    m_name->setAccessibleName(tr("Name of the project"));
    style::setControlSize(m_name, style::ControlSize::Large);
    m_nameProblem = new PlainLabel(QString(), TextRole::Table, Ink::Error);
    m_nameProblem->setMinimumHeight(16);
    m_folder = new QLineEdit;
    m_folder->setObjectName(QStringLiteral("project-folder"));
    m_folder->setAccessibleName(tr("Folder to keep it in"));
    style::setControlSize(m_folder, style::ControlSize::Large);
    QPushButton* choose = style::makeButton(tr("Choose…"), style::ButtonKind::Default, nullptr, style::ControlSize::Large);
    auto* folderRow = new QHBoxLayout;
    folderRow->setSpacing(8);
    folderRow->addWidget(m_folder, 1);
    folderRow->addWidget(choose);
    m_classes = new ClassChips;
    m_classes->setObjectName(QStringLiteral("classes"));
    m_classProblem = new PlainLabel(QString(), TextRole::Table, Ink::Error);
    m_classProblem->setObjectName(QStringLiteral("class-problem"));
    m_classProblem->setWordWrap(true);
    m_classProblem->setMinimumHeight(16);
    left->addWidget(caption(tr("Name of the project")));
    left->addWidget(m_name);
    left->addWidget(m_nameProblem);
    left->addWidget(caption(tr("Folder to keep it in")));
    left->addLayout(folderRow);
    left->addSpacing(16);
    left->addWidget(caption(tr("Classes: the kinds of things to find, now or later. Enter after each.")));
    left->addWidget(m_classes);
    left->addWidget(m_classProblem);
    left->addStretch(1);
    connect(choose, &QPushButton::clicked, this, [this] {
        const QString chosen = m_context.choosers().folder(this, tr("Folder to keep the project in"), m_folder->text());
        if (!chosen.isEmpty())
            m_folder->setText(chosen);
    });
    return left;
}

QWidget* StartPage::makeSample()
{
    auto* row = new QWidget;
    auto* layout = new QHBoxLayout(row);
    layout->setContentsMargins(0, 16, 0, 0);
    auto* texts = new QVBoxLayout;
    texts->setSpacing(2);
    texts->addWidget(new PlainLabel(tr("Or look around in a sample project"), TextRole::Section));
    texts->addWidget(new PlainLabel(tr("Small parts on a tray: %1 pictures with all boxes, which this computer draws in some seconds.").arg(kSampleItems), TextRole::Table, Ink::Text3));
    layout->addLayout(texts, 1);
    m_sample = style::makeButton(tr("Open sample"));
    m_sample->setObjectName(QStringLiteral("open-sample"));
    layout->addWidget(m_sample);
    return row;
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
