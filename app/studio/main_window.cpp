#include "app/studio/main_window.h"

#include "app/studio/frame/recent_projects.h"
#include "app/studio/overlays.h"
#include "app/studio/rail.h"
#include "app/studio/start/start_page.h"
#include "app/studio/status_line.h"
#include "app/studio/top_bar.h"
#include "app/studio/train/train_page.h"
#include "widgets/style/widgets.h"

#include <QApplication>
#include <QCloseEvent>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QMenu>
#include <QPushButton>
#include <QShortcut>
#include <QStackedWidget>
#include <QTimer>
#include <QVBoxLayout>

namespace percept::studio {

namespace {
constexpr int kRememberMs = 5000, kSettleMs = 15'000;
}

MainWindow::MainWindow(QWidget* parent)
    : QMainWindow(parent)
    , m_entries(allPages())
    , m_outer(new QStackedWidget)
{
    setWindowTitle(QStringLiteral("Percept"));
    setWindowIcon(style::markIcon());
    setMinimumSize(1024, 680);
    resize(1280, 800);
    setAcceptDrops(true);
    setCentralWidget(m_outer);
    connectContext();
    connect(qApp, &QApplication::focusChanged, this, &MainWindow::bringFocusHome);
    if (const QByteArray geometry = m_context.recent().state(QStringLiteral("window")); !geometry.isEmpty())
        restoreGeometry(geometry);
}

MainWindow::~MainWindow()
{
    m_context.closeProject();
    for (auto& [key, page] : m_pages)
        delete page;
    delete m_start;
}

void MainWindow::buildWorkspace()
{
    m_workspace = new QWidget;
    m_rail = new Rail;
    m_stack = new QStackedWidget;
    m_status = new StatusLine(m_context);
    m_banner = new style::Note(style::Tone::Error);
    m_banner->setObjectName(QStringLiteral("banner"));
    m_banner->hide();
    auto* right = new QVBoxLayout;
    right->setSpacing(0);
    m_interrupted = new style::Note(style::Tone::Warning);
    m_interrupted->setObjectName(QStringLiteral("interrupted-run"));
    m_interrupted->setAction(tr("Resume"));
    m_interrupted->setClosable(tr("Not now"));
    m_interrupted->hide();
    right->addWidget(m_banner);
    right->addWidget(m_interrupted);
    right->addWidget(m_stack, 1);
    auto* middle = new QHBoxLayout;
    middle->setSpacing(0);
    middle->addWidget(m_rail);
    middle->addLayout(right, 1);
    auto* layout = new QVBoxLayout(m_workspace);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addLayout(middle, 1);
    layout->addWidget(m_status);
    m_outer->addWidget(m_workspace);
    m_toast = new style::Toast(m_stack);
    m_toast->setArea([this] {
        const Page* front = m_current.isEmpty() ? nullptr : page(m_current);
        return front ? front->toastArea() : m_stack->rect();
    });
    for (const PageEntry& entry : m_entries)
        m_railButtons.push_back(m_rail->addPage(entry.key, entry.name, entry.icon, entry.digit));
    connect(m_rail, &Rail::pageClicked, this, &MainWindow::showPage);
    RailButton* help = m_rail->addFoot(QStringLiteral("help"), tr("Keys"), "help", QStringLiteral("F1"));
    RailButton* settings = m_rail->addFoot(QStringLiteral("settings"), tr("Settings"), "settings", QString());
    connect(help, &QAbstractButton::clicked, this, &MainWindow::openKeys);
    connect(settings, &QAbstractButton::clicked, this, &MainWindow::showSettingsMenu);
    connect(m_interrupted, &style::Note::actionTriggered, this, [this] {
        m_interrupted->hide();
        if (auto* train = qobject_cast<TrainPage*>(page(QStringLiteral("train")))) {
            showPage(QStringLiteral("train"));
            train->resume(m_interruptedRun);
        }
    });
    connect(&m_context.jobs(), &JobList::jobStarted, m_interrupted, [this](const Job* job) {
        if (job->page() == QLatin1String("train"))
            m_interrupted->hide(); // it goes on, or another one does
    });
    connect(m_banner, &style::Note::actionTriggered, this, [this] {
        if (!m_context.saveState().failure.empty() && m_context.session())
            m_context.session()->retry();
        m_reported.clear();
        updateBanner();
    });
    buildMenus();
}

void MainWindow::connectContext()
{
    connect(&m_context, &StudioContext::projectReady, this, &MainWindow::showWorkspace);
    connect(&m_context, &StudioContext::projectAboutToClose, this, &MainWindow::rememberView); // before the pages drop what they show
    auto* remember = new QTimer(this); // where somebody is survives a crash as well; what has not changed is not written again
    connect(remember, &QTimer::timeout, this, [this] {
        if (m_viewSettles.hasExpired(kSettleMs))
            rememberView();
    });
    remember->start(kRememberMs);
    connect(&m_context, &StudioContext::projectClosed, this, [this] {
        m_current.clear();
        if (m_workspace)
            menuWidget()->hide();
        showStart();
        updateTitle();
    });
    connect(&m_context, &StudioContext::saveStateChanged, this, &MainWindow::updateBanner);
    connect(&m_context, &StudioContext::countsChanged, this, &MainWindow::updateBadges);
    connect(&m_context, &StudioContext::labelsChanged, this, &MainWindow::updateTitle);
    connect(&m_context, &StudioContext::fieldChanged, this, &MainWindow::updateBadges);
    connectWays();
    connectMessages();
}

// From one page to another.
void MainWindow::connectWays()
{
    connect(&m_context, &StudioContext::pageRequested, this, &MainWindow::showPage);
    connect(&m_context, &StudioContext::itemRequested, this, [this](const ItemTarget& to) {
        if (Page* target = page(QStringLiteral("label"))) {
            const QString from = m_current;
            showPage(QStringLiteral("label"));
            target->showItem(to);
            if (from == QLatin1String("validate"))
                setBackTo(from, to.item);
            else
                setBackTo(from == QLatin1String("monitor") ? from : QString());
        }
    });
    connect(&m_context, &StudioContext::gatherRequested, this, [this](const dataset::ItemFilter& filter) {
        if (Page* target = page(QStringLiteral("gather"))) {
            showPage(QStringLiteral("gather"));
            target->showFilter(filter);
        }
    });
    connect(&m_context, &StudioContext::importRequested, this, [this](const std::vector<std::filesystem::path>& files) {
        if (Page* gather = page(QStringLiteral("gather"))) {
            showPage(QStringLiteral("gather"));
            gather->acceptDrop(files);
        }
    });
    const auto showRun = [this](const QString& key, const QString& run) {
        if (Page* target = page(key)) {
            showPage(key);
            target->showRun(run);
        }
    };
    connect(&m_context, &StudioContext::runRequested, this, [showRun](const QString& run) { showRun(QStringLiteral("train"), run); });
    connect(&m_context, &StudioContext::validateRequested, this, [showRun](const QString& run) { showRun(QStringLiteral("validate"), run); });
    const auto onTrain = [this](void (TrainPage::*show)(const QString&), const QString& run) {
        if (auto* train = qobject_cast<TrainPage*>(page(QStringLiteral("train")))) {
            showPage(QStringLiteral("train"));
            (train->*show)(run);
        }
    };
    connect(&m_context, &StudioContext::trainAgainRequested, this, [onTrain](const QString& run) { onTrain(&TrainPage::trainAgain, run); });
    connect(&m_context, &StudioContext::comparisonRequested, this, [onTrain](const QString& run) { onTrain(&TrainPage::compareRun, run); });
    connect(&m_context, &StudioContext::deployRequested, this, [showRun](const QString& run) { showRun(QStringLiteral("deploy"), run); });
    connect(&m_context, &StudioContext::fieldRequested, this, [this](const QString& device) {
        if (Page* monitor = page(QStringLiteral("monitor"))) {
            showPage(QStringLiteral("monitor"));
            monitor->showDevice(device);
        }
    });
}

void MainWindow::connectMessages()
{
    connect(&m_context, &StudioContext::toastRequested, this,
        [this](const QString& text, const QString& action, std::function<void()> run, const QString& key) {
            if (m_toast)
                m_toast->show(text, action, std::move(run), key);
        });
    connect(&m_context, &StudioContext::toastEnded, this, [this] {
        if (m_toast)
            m_toast->hide();
    });
    connect(&m_context, &StudioContext::stepTaken, this, [this](const dataset::Committed& step, const QString& title, bool undone) {
        Page* front = m_current.isEmpty() ? nullptr : page(m_current);
        if (!front || front->showsStep(step))
            return;
        StepPlace place = front->placeOf(step);
        m_context.showStepToast(title, undone, place.name, std::move(place.show));
    });
    connect(&m_context, &StudioContext::errorReported, this, [this](const QString& title, const QString& message) {
        m_reported = title.isEmpty() ? message : title + QStringLiteral(". ") + message;
        updateBanner();
    });
}

StartPage* MainWindow::startPage()
{
    if (!m_start) {
        m_start = new StartPage(m_context);
        m_outer->addWidget(m_start);
        connect(m_start, &StartPage::openRequested, this, &MainWindow::chooseProject);
        connect(m_start, &StartPage::settingsRequested, this, &MainWindow::showSettingsMenu);
        // The menu has it, but is hidden here, and its keys with it.
        connect(new QShortcut(QKeySequence(Qt::CTRL | Qt::Key_Q), m_start), &QShortcut::activated, this, &QWidget::close);
    }
    return m_start;
}

void MainWindow::showStart()
{
    m_outer->setCurrentWidget(startPage());
    startPage()->refresh();
}

bool MainWindow::openProject(const std::filesystem::path& project)
{
    if (!mayLeave())
        return false;
    const auto opened = m_context.openProject(project);
    if (opened.hasValue())
        return true;
    showStart();
    startPage()->showProblem(QString::fromStdString(opened.error().message));
    return false;
}

bool MainWindow::closeProject()
{
    const bool leaves = mayLeave();
    if (leaves)
        m_context.closeProject();
    return leaves;
}

bool MainWindow::mayLeave()
{
    if (!m_context.session())
        return true;
    const auto made = m_pages.find(QStringLiteral("train"));
    auto* train = made == m_pages.end() ? nullptr : qobject_cast<TrainPage*>(made->second);
    const auto question = train ? train->leaveQuestion() : std::nullopt;
    bool goesOn = false;
    if (question && !question->goOn.isEmpty()) {
        const int chosen = m_context.choosers().choose(this, question->title, question->text, { question->goOn, question->verb });
        if (chosen < 0)
            return false;
        goesOn = chosen == 0;
    } else if (question && !m_context.choosers().confirm(this, question->title, question->text, question->verb)) {
        return false;
    }
    if (!mayLeaveEdits())
        return false;
    const auto left = goesOn ? train->letGoOn() : base::Result<void>();
    if (left.hasError())
        m_context.reportError(tr("The training cannot go on by itself"), left.error());
    return left.hasValue();
}

// Edits that the disk does not take are in memory only: they are tried once more, and lost only when somebody says so.
bool MainWindow::mayLeaveEdits()
{
    services::ProjectSession* session = m_context.session();
    if (session->saveState().pending == 0)
        return true;
    session->retry();
    session->call([](dataset::ProjectStore&) { return 0; }); // behind the edits
    const auto state = session->saveState();
    if (state.failure.empty())
        return true;
    const int unsaved = state.pending + m_context.heldEdits();
    return m_context.choosers().confirm(this, tr("Leave without saving %1?").arg(style::counted(unsaved, tr("change"), tr("changes"))),
        tr("%1 What is not saved is lost when the project is closed.").arg(QString::fromStdString(state.failure)), tr("Leave and lose them"));
}

void MainWindow::showWorkspace()
{
    if (!m_workspace)
        buildWorkspace();
    menuWidget()->show();
    m_outer->setCurrentWidget(m_workspace);
    m_reported.clear();
    updateBanner();
    updateBadges();
    updateTitle();
    m_current.clear();
    restoreView();
    sayWhatWasInterrupted();
}

Page* MainWindow::page(const QString& key)
{
    if (const auto it = m_pages.find(key); it != m_pages.end())
        return it->second;
    for (const PageEntry& entry : m_entries) {
        if (entry.key != key || !m_stack)
            continue;
        Page* made = entry.make(m_context, nullptr);
        made->setObjectName(QStringLiteral("page-") + key);
        m_stack->addWidget(made);
        connect(made, &Page::statusChanged, this, [this, made, key] {
            if (key != m_current)
                return; // what a page behind counts is not in view
            m_status->update();
            if (m_toast->isVisible())
                m_toast->place();
        });
        m_pages[key] = made;
        connectPage(made);
        made->restoreViewState(m_views.value(key).toObject());
        return made;
    }
    return nullptr;
}

void MainWindow::showPage(const QString& key)
{
    if (!m_context.session() || key == m_current)
        return;
    Page* next = page(key);
    if (!next)
        return;
    if (Page* before = m_current.isEmpty() ? nullptr : page(m_current))
        before->deactivated();
    m_current = key;
    setBackTo({});
    m_stack->setCurrentWidget(next);
    m_rail->setCurrent(key);
    m_status->setPage(next);
    fillPageMenus(*next);
    if (key == QLatin1String("train"))
        m_interrupted->hide(); // it is said there
    next->activated();
    m_toast->place();
    rememberView();
}

// From the canvas to the mistakes, or the pictures of devices, that somebody walks through.
void MainWindow::setBackTo(const QString& key, ItemId mistakeOn)
{
    m_backTo = key;
    if (Page* front = page(m_current))
        front->setMistakeOn(mistakeOn);
    if (!m_top)
        return;
    const bool isFromDevice = key == QLatin1String("monitor"); // there is work to do on the picture
    QPushButton* back = m_top->backButton();
    back->setText(isFromDevice ? tr("Back to the devices' pictures") : tr("Back to the mistakes"));
    style::setTip(back, back->text(), QStringLiteral("Esc"), isFromDevice ? tr("After what is selected or highlighted was let go") : tr("A box that is being drawn is given up first"));
    back->setVisible(!key.isEmpty());
}

bool MainWindow::goBack()
{
    if (m_backTo.isEmpty())
        return false;
    showPage(QString(m_backTo));
    return true;
}

// Esc goes one level up once nothing on the page has a use for it.
void MainWindow::keyPressEvent(QKeyEvent* event)
{
    const bool isBack = event->key() == Qt::Key_Escape || (event->key() == Qt::Key_Left && event->modifiers() == Qt::AltModifier);
    if (event->key() == Qt::Key_Escape && m_banner && m_banner->isVisible() && m_context.saveState().failure.empty()) { // has been read
        m_reported.clear();
        return updateBanner();
    }
    if (!isBack || !goBack())
        QMainWindow::keyPressEvent(event);
}

void MainWindow::updateBadges()
{
    for (std::size_t i = 0; i < m_railButtons.size(); ++i)
        m_railButtons[i]->setBadge(m_entries[i].badge ? m_entries[i].badge(m_context) : 0);
}

void MainWindow::updateTitle()
{
    const QString name = QString::fromStdString(m_context.info().name);
    setWindowTitle(m_context.session() ? name + QStringLiteral(" - Percept") : QStringLiteral("Percept"));
    if (m_top)
        m_top->projectButton()->setText(name);
}

// A failure to save stays until it is mended; what a page reported stays until it is closed.
void MainWindow::updateBanner()
{
    if (!m_banner)
        return;
    const auto& state = m_context.saveState();
    if (state.failure.empty() && m_reported.isEmpty() && m_banner->isHidden())
        return; // as it mostly is, twice an edit
    if (!state.failure.empty()) {
        m_banner->setText(tr("%1 kept in memory, not saved yet. %2")
                              .arg(style::counted(state.pending, tr("change is"), tr("changes are")), QString::fromStdString(state.failure)));
        m_banner->setAction(tr("Try again"));
    } else {
        m_banner->setText(m_reported);
        m_banner->setAction(tr("Close"));
    }
    m_banner->setVisible(!state.failure.empty() || !m_reported.isEmpty());
}

void MainWindow::applyThemeSetting()
{
    const QString setting = m_context.recent().theme();
    style::setTheme(setting == QLatin1String("dark") ? style::Theme::Dark
            : setting == QLatin1String("light")      ? style::Theme::Light
                                                     : style::systemTheme());
}

void MainWindow::closeEvent(QCloseEvent* event)
{
    m_context.recent().writeState(QStringLiteral("window"), saveGeometry());
    event->setAccepted(closeProject());
}

}
