#include "app/studio/train/compare_panel.h"

#include "app/studio/background.h"
#include "app/studio/frame/page.h"
#include "app/studio/frame/retrain_state.h"
#include "core/base/time.h"
#include "core/packaging/package.h"
#include "core/services/loop.h"
#include "widgets/plots/interval_tile.h"
#include "widgets/style/paint.h"
#include "widgets/style/widgets.h"

#include <QDateTime>
#include <QHBoxLayout>
#include <QLocale>
#include <QPainter>
#include <QPushButton>
#include <QVBoxLayout>

namespace percept::studio {

namespace {

constexpr int kTileWidth = 168;

QString qs(const std::string& text) { return QString::fromStdString(text); }

QString signedPoints(double points) { return (points < 0 ? QStringLiteral("−") : QStringLiteral("+")) + QString::number(std::abs(points), 'f', 1); }

QString dateText(std::int64_t ms) { return QLocale(QLocale::English).toString(QDateTime::fromMSecsSinceEpoch(ms), QStringLiteral("d MMM, HH:mm")); }

}

ComparePanel::ComparePanel(StudioContext& context, QWidget* parent)
    : QWidget(parent)
    , m_context(context)
{
    setObjectName(QStringLiteral("comparePanel"));
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(16, 10, 16, 11);
    row->setSpacing(8);
    auto* texts = new QVBoxLayout;
    texts->setSpacing(2);
    m_title = new style::PlainLabel({}, style::TextRole::Section);
    m_words = new style::PlainLabel({}, style::TextRole::Table, style::Ink::Text2);
    m_words->setObjectName(QStringLiteral("compareWords"));
    m_words->setWordWrap(true);
    texts->addWidget(m_title);
    texts->addWidget(m_words);
    texts->addStretch();
    row->addLayout(texts, 1);
    m_test = new plots::IntervalTile(tr("Test set, AP50 points"));
    m_test->setObjectName(QStringLiteral("compareTest"));
    m_field = new plots::IntervalTile(tr("Field, AP50 points"));
    m_field->setObjectName(QStringLiteral("compareField"));
    for (auto* tile : { m_test, m_field }) {
        tile->setFixedWidth(kTileWidth);
        row->addWidget(tile);
    }
    setUpButtons(row);
    connect(&context, &StudioContext::scoringChanged, this, [this] { showRun(m_run); });
    hide();
}

void ComparePanel::setUpButtons(QHBoxLayout* row)
{
    auto* buttons = new QVBoxLayout;
    buttons->setSpacing(6);
    m_ship = style::makeButton(tr("Package and roll out…"), style::ButtonKind::Default, "deploy");
    m_ship->setObjectName(QStringLiteral("shipRun"));
    m_keep = style::makeButton({}, style::ButtonKind::Default);
    m_keep->setObjectName(QStringLiteral("keepVersion"));
    m_compare = style::makeButton({}, style::ButtonKind::Default);
    m_compare->setObjectName(QStringLiteral("compareRun"));
    for (QPushButton* button : { m_ship, m_keep, m_compare }) {
        leaveFocusWhenClicked(button);
        buttons->addWidget(button);
    }
    buttons->addStretch();
    row->addLayout(buttons);
    connect(m_ship, &QPushButton::clicked, this, [this] { m_context.openDeploy(m_run); });
    connect(m_keep, &QPushButton::clicked, this, &ComparePanel::keep);
    connect(m_compare, &QPushButton::clicked, this, [this] { m_job && m_job->isRunning() ? m_job->cancel() : start(); });
}

void ComparePanel::showRun(const QString& run)
{
    if (run != m_run) {
        m_problem.clear();
        m_wanted = false;
        hide();
    }
    m_run = run;
    if (run.isEmpty() || !m_context.session())
        return hide();
    m_context.readInBackground<Subject>(
        this, [run = run.toStdString()](dataset::ProjectReader& reader) { return readSubject(reader, run); },
        [this, number = ++m_reads](const Subject& subject) {
            if (number == m_reads)
                take(subject);
        });
}

ComparePanel::Subject ComparePanel::readSubject(dataset::ProjectReader& reader, const std::string& run)
{
    const auto versions = reader.readModelVersions().valueOr({});
    if (versions.empty())
        return {};
    Subject subject;
    subject.version = qs(versions.back().version);
    const bool isVersion = std::any_of(versions.begin(), versions.end(), [&](const auto& v) { return v.run == run; });
    const auto info = runs::findRun(reader.folder(), run);
    subject.isFit = !isVersion && info.hasValue() && info->hasModel && (info->status == "ok" || info->status == "stopped");
    if (subject.isFit) {
        std::error_code ec;
        const auto model = info->folder / "model";
        const auto manifest = packaging::readManifest(model);
        // A damaged one is told by the comparison itself.
        subject.isScored = manifest.hasValue() ? manifest->metrics.contains("validation") : std::filesystem::exists(model / "manifest.json", ec);
    }
    const auto kept = info.hasValue() ? readKept(info->folder) : std::nullopt;
    if (kept && kept->version == versions.back().version)
        subject.kept = tr("Version %1 was kept on %2.").arg(subject.version, dateText(kept->timeMs));
    return subject;
}

void ComparePanel::take(const Subject& subject)
{
    m_subject = subject;
    setVisible(subject.isFit);
    const bool canStart = subject.isFit && whyNotYet().isEmpty();
    if (m_wanted && canStart && !(m_job && m_job->isRunning()))
        start();
    m_wanted = m_wanted && subject.isFit && !canStart; // as soon as it is scored
    showState();
}

QString ComparePanel::whyNotYet() const
{
    if (m_context.scoringRuns().contains(m_run))
        return tr("This run is still being scored; it can be compared when that is done.");
    return m_subject.isScored ? QString() : tr("This run has not been scored yet; it can be compared when that is done.");
}

void ComparePanel::compare()
{
    m_wanted = true;
    showRun(m_run);
}

ComparePanel::Compared ComparePanel::work(const std::filesystem::path& project, const std::string& version, const std::string& run,
    const base::ProgressFn& progress, const base::CancelToken& cancel)
{
    PERCEPT_ASSIGN(problems, services::answerTodaysTest(project, progress, cancel, { run }));
    PERCEPT_ASSIGN(reader, dataset::ProjectReader::open(project));
    auto compared = report::compareModels(*reader, project, version, run);
    // Of those that could not be asked the reason says more than that they have no answers.
    if (compared.hasError() && !problems.empty())
        return base::failed("Run " + problems.front().file + " could not be asked: " + problems.front().what);
    return compared;
}

void ComparePanel::start()
{
    if (!m_context.session() || m_run.isEmpty() || (m_job && m_job->isRunning()))
        return;
    m_problem.clear();
    m_jobRun = m_run;
    m_job = m_context.jobs().start<report::ModelComparison>(
        { tr("Comparison"), QStringLiteral("train"), {} }, this,
        [project = m_context.session()->folder(), version = m_subject.version.toStdString(), run = m_run.toStdString()](
            const base::ProgressFn& progress, const base::CancelToken& cancel) { return work(project, version, run, progress, cancel); },
        [this, run = m_run, version = m_subject.version](Compared compared) { done(run, version, std::move(compared)); });
    connect(m_job, &Job::changed, this, &ComparePanel::showState);
    showState();
}

// `version`: that it was compared with; another one may have become the newest meanwhile.
void ComparePanel::done(const QString& run, const QString& version, Compared compared)
{
    if (compared.hasValue())
        m_known.insert(run + QLatin1Char('|') + version, std::make_shared<report::ModelComparison>(std::move(compared).value()));
    else if (run == m_run && compared.error().code != base::ErrorCode::Cancelled)
        m_problem = qs(compared.error().message);
    showState();
}

// What is to be told, and what can be done now.
void ComparePanel::showState()
{
    const bool isBusy = m_job && m_job->isRunning() && m_jobRun == m_run;
    const auto known = m_known.value(m_run + QLatin1Char('|') + m_subject.version);
    const bool isKept = !m_subject.kept.isEmpty();
    m_title->setText(tr("Instead of version %1?").arg(m_subject.version));
    m_words->setInk(m_problem.isEmpty() ? style::Ink::Text2 : style::Ink::Error);
    for (QWidget* widget : { static_cast<QWidget*>(m_test), static_cast<QWidget*>(m_field), static_cast<QWidget*>(m_ship), static_cast<QWidget*>(m_keep) })
        widget->setVisible(known && !isBusy);
    m_keep->setText(tr("Keep %1").arg(m_subject.version));
    m_keep->setVisible(known && !isBusy && !isKept);
    m_compare->setVisible(!known || isBusy);
    const QString why = known ? QString() : whyNotYet();
    m_compare->setEnabled(isBusy || (why.isEmpty() && !(m_job && m_job->isRunning())));
    style::setTip(m_compare, isBusy ? QString() : why);
    m_compare->setText(isBusy ? tr("Cancel") : m_problem.isEmpty() ? tr("Compare with version %1").arg(m_subject.version) : tr("Try again"));
    if (isBusy)
        m_words->setText(m_job->detail().isEmpty() ? tr("Both models answer the pictures of today's test set.") : tr("Both models answer the pictures of today's test set: %1.").arg(m_job->detail()));
    else if (!m_problem.isEmpty())
        m_words->setText(m_problem);
    else if (known)
        show(*known);
    else if (!why.isEmpty())
        m_words->setText(why);
    else
        m_words->setText(isKept ? m_subject.kept : tr("Both answer the same pictures of today's test set, those of the field among them; the difference is tested in pairs."));
}

void ComparePanel::show(const report::ModelComparison& comparison)
{
    m_words->setText(m_subject.kept.isEmpty() ? qs(comparison.words) : qs(comparison.words) + QLatin1Char(' ') + m_subject.kept);
    showTile(m_test, comparison.test);
    showTile(m_field, comparison.field);
    style::setButtonKind(m_ship, comparison.isBetter() && !comparison.shipsWorse() ? style::ButtonKind::Primary : style::ButtonKind::Default);
}

void ComparePanel::showTile(plots::IntervalTile* tile, const report::Comparison& comparison) const
{
    if (!comparison.present)
        return tile->setFigure(QStringLiteral("–"), tr("no picture that both answered"), {});
    const QString pictures = style::counted(comparison.pictures, tr("picture"), tr("pictures"));
    if (!comparison.canTell())
        return tile->setFigure(signedPoints(comparison.points.value), pictures, tr("too few to tell"));
    const QString verdict = !comparison.isProven() ? tr("no difference can be told") : comparison.points.low > 0 ? tr("better beyond chance") : tr("worse beyond chance");
    tile->setFigure(signedPoints(comparison.points.value), tr("%1 to %2, %3").arg(signedPoints(comparison.points.low), signedPoints(comparison.points.high), pictures), verdict);
}

void ComparePanel::keep()
{
    if (!m_context.session())
        return;
    const KeptVersion kept { m_subject.version.toStdString(), base::nowMs() };
    runInBackground(
        this, [folder = runs::runFolder(m_context.session()->folder(), m_run.toStdString()), kept] { return writeKept(folder, kept); },
        [this](const base::Result<void>& written) {
            if (written.hasError()) {
                m_problem = qs(written.error().message);
                return showState();
            }
            emit m_context.runsChanged();
            showRun(m_run);
        });
}

void ComparePanel::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.fillRect(0, height() - 1, width(), 1, style::tokens().line);
}

}
