#include "app/studio/job_popup.h"

#include "app/studio/frame/studio_context.h"
#include "widgets/style/paint.h"
#include "widgets/style/widgets.h"

#include <QGridLayout>
#include <QPainter>
#include <QProgressBar>
#include <QToolButton>
#include <QVBoxLayout>

namespace percept::studio {
namespace {
constexpr int kWidth = 320, kFine = 1000; // steps of a bar
}

QString jobDetail(const Job& job)
{
    if (job.cancelRequested())
        return JobRow::tr("stopping");
    QString text = job.detail();
    if (!job.timeLeft().isEmpty())
        text += (text.isEmpty() ? QString() : QStringLiteral(" · ")) + job.timeLeft();
    return text;
}

JobRow::JobRow(Job& job, QWidget* parent)
    : QAbstractButton(parent)
    , m_job(&job)
    , m_name(new style::PlainLabel(job.name(), style::TextRole::TableStrong))
    , m_detail(new style::PlainLabel(QString(), style::TextRole::Table, style::Ink::Text2))
    , m_bar(new QProgressBar)
    , m_cancel(style::makeToolButton("x", QString(), QString(), QString(), style::ControlSize::Compact))
{
    setObjectName(QStringLiteral("job-row"));
    setCursor(job.page().isEmpty() ? Qt::ArrowCursor : Qt::PointingHandCursor);
    m_cancel->setObjectName(QStringLiteral("job-cancel"));
    m_bar->setTextVisible(false);
    m_bar->setFixedHeight(4);
    for (QWidget* part : std::initializer_list<QWidget*> { m_name, m_detail, m_bar })
        part->setAttribute(Qt::WA_TransparentForMouseEvents); // a click is one on the row
    auto* grid = new QGridLayout(this);
    grid->setContentsMargins(12, 8, 8, 8);
    grid->setHorizontalSpacing(8);
    grid->setVerticalSpacing(4);
    m_detail->setElideMode(Qt::ElideRight);
    grid->addWidget(m_name, 0, 0);
    grid->addWidget(m_detail, 0, 1);
    grid->addWidget(m_bar, 1, 0, 1, 2);
    grid->addWidget(m_cancel, 0, 2, 2, 1, Qt::AlignVCenter);
    grid->setColumnStretch(1, 1);
    connect(m_cancel, &QAbstractButton::clicked, &job, &Job::cancel);
    connect(&job, &Job::changed, this, &JobRow::follow);
    follow();
}

void JobRow::follow()
{
    if (!m_job)
        return;
    const QString detail = jobDetail(*m_job);
    m_detail->setText(detail);
    m_bar->setRange(0, m_job->fraction() < 0 ? 0 : kFine);
    m_bar->setValue(qRound(m_job->fraction() * kFine));
    m_cancel->setVisible(m_job->canCancel());
    m_cancel->setEnabled(!m_job->cancelRequested());
    m_cancel->setAccessibleName(tr("%1: %2").arg(m_job->name(), m_job->cancelText()));
    style::setTip(m_cancel, m_job->cancelText());
    setAccessibleName(QStringLiteral("%1 %2").arg(m_job->name(), detail));
}

void JobRow::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    if (underMouse() || hasFocus())
        style::paintRounded(painter, QRectF(rect()).adjusted(4, 0, -4, 0), style::radius::kControl, style::tokens().hover,
            hasFocus() ? style::tokens().accent : QColor());
}

JobPopup::JobPopup(StudioContext& context, QWidget* parent)
    : QWidget(parent, Qt::Popup | Qt::FramelessWindowHint)
    , m_context(context)
    , m_rows(new QVBoxLayout(this))
{
    setObjectName(QStringLiteral("job-popup"));
    setAccessibleName(tr("Running jobs"));
    setFixedWidth(kWidth);
    m_rows->setContentsMargins(1, 5, 1, 5);
    m_rows->setSpacing(0);
    for (auto signal : { &JobList::jobStarted, &JobList::jobFinished })
        connect(&context.jobs(), signal, this, [this] {
            if (isVisible())
                refill();
        });
}

void JobPopup::openUnder(const QWidget& anchor)
{
    m_anchor = &anchor;
    refill();
    if (m_rows->count() > 0)
        show();
}

// The rows of jobs that go on stay: the one with the keyboard is not taken away under it.
void JobPopup::refill()
{
    std::vector<Job*> running;
    for (Job* job : m_context.jobs().jobs())
        if (job->isRunning())
            running.push_back(job);
    for (JobRow* row : findChildren<JobRow*>(QString(), Qt::FindDirectChildrenOnly)) {
        const auto it = std::find(running.begin(), running.end(), row->job());
        if (it != running.end()) {
            running.erase(it);
            continue;
        }
        m_rows->removeWidget(row);
        row->hide();
        row->deleteLater(); // may be the one that was clicked
    }
    for (Job* job : running) {
        auto* row = new JobRow(*job);
        m_rows->addWidget(row);
        connect(row, &QAbstractButton::clicked, this, [this, page = job->page()] {
            hide();
            if (!page.isEmpty())
                m_context.showPage(page);
        });
    }
    if (m_rows->count() == 0)
        return hide();
    adjustSize();
    if (m_anchor)
        move(m_anchor->mapToGlobal(QPoint(m_anchor->width() - width(), m_anchor->height() + 4)));
}

void JobPopup::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.fillRect(rect(), style::tokens().raised);
    painter.setPen(style::tokens().lineStrong);
    painter.drawRect(rect().adjusted(0, 0, -1, -1));
}

}
