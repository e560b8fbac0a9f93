#include "app/studio/top_bar.h"

#include "app/studio/frame/page.h"
#include "app/studio/job_popup.h"
#include "widgets/style/paint.h"
#include "widgets/style/widgets.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QMenuBar>
#include <QMouseEvent>
#include <QPainter>
#include <QPushButton>
#include <QToolButton>
#include <algorithm>

namespace percept::studio {

using style::tokens;

JobIndicator::JobIndicator(StudioContext& context, QWidget* parent)
    : QAbstractButton(parent)
    , m_context(context)
{
    setObjectName(QStringLiteral("job-indicator"));
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    setMouseTracking(true);
    leaveFocusWhenClicked(this);
    hide();
    for (auto signal : { &JobList::jobStarted, &JobList::jobChanged, &JobList::jobFinished })
        connect(&context.jobs(), signal, this, &JobIndicator::follow);
    connect(this, &QAbstractButton::clicked, this, &JobIndicator::open);
}

void JobIndicator::open()
{
    if (m_running > 1) {
        if (!m_list)
            m_list = new JobPopup(m_context, this);
        m_list->openUnder(*this);
    } else if (m_job && !m_job->page().isEmpty()) {
        m_context.showPage(m_job->page());
    }
}

void JobIndicator::follow()
{
    m_job = m_context.jobs().running();
    const std::vector<Job*> all = m_context.jobs().jobs();
    m_running = static_cast<int>(std::count_if(all.begin(), all.end(), [](const Job* job) { return job->isRunning(); }));
    setVisible(m_job != nullptr);
    setAccessibleName(m_job ? name() + QLatin1Char(' ') + detail() : QString());
    updateGeometry();
    update();
}

QString JobIndicator::name() const { return m_running > 1 ? tr("%1 jobs").arg(m_running) : m_job->name(); }

QString JobIndicator::detail() const
{
    const QString text = jobDetail(*m_job);
    return m_running > 1 ? m_job->name() + (text.isEmpty() ? QString() : QStringLiteral(" · ")) + text : text;
}

bool JobIndicator::hasCross() const { return m_job && m_running == 1 && m_job->canCancel() && !m_job->isCancelGrave(); }

QSize JobIndicator::sizeHint() const
{
    if (!m_job)
        return { 0, 28 };
    const int nameWidth = QFontMetrics(style::font(style::TextRole::CaptionStrong)).horizontalAdvance(name());
    const int rest = QFontMetrics(style::font(style::TextRole::Caption)).horizontalAdvance(detail());
    return { 10 + 14 + 8 + nameWidth + 8 + rest + 10 + (hasCross() ? 20 : 0), 28 };
}

QRect JobIndicator::cross() const { return QRect(width() - 26, 2, 24, 24); }

void JobIndicator::paintEvent(QPaintEvent*)
{
    if (!m_job)
        return;
    const style::Tokens& t = tokens();
    QPainter painter(this);
    style::paintRounded(painter, rect(), style::radius::kControl, underMouse() ? t.hover : t.raised, t.dark ? QColor() : t.line);
    painter.setRenderHint(QPainter::Antialiasing);
    const QRectF ring(11.5, 8.5, 11, 11);
    painter.setPen(QPen(t.lineStrong, 2));
    painter.drawEllipse(ring);
    painter.setPen(QPen(t.accent, 2, Qt::SolidLine, Qt::FlatCap));
    const double fraction = m_job->fraction() < 0 ? 0.25 : m_job->fraction();
    painter.drawArc(ring, 90 * 16, -qRound(fraction * 360 * 16));
    painter.setFont(style::font(style::TextRole::CaptionStrong));
    painter.setPen(t.text);
    const int nameWidth = painter.fontMetrics().horizontalAdvance(name());
    painter.drawText(QRect(32, 0, nameWidth + 2, height()), Qt::AlignVCenter, name());
    painter.setFont(style::font(style::TextRole::Caption));
    painter.setPen(t.text2);
    painter.drawText(QRect(32 + nameWidth + 8, 0, width(), height()), Qt::AlignVCenter, detail());
    if (hasCross() && !m_job->cancelRequested())
        style::paintIcon(painter, QStringLiteral("x"), QRectF(cross().center() - QPoint(6, 6), QSizeF(12, 12)), t.text2);
}

void JobIndicator::mouseReleaseEvent(QMouseEvent* event)
{
    if (hasCross() && cross().contains(event->pos())) {
        setDown(false);
        m_job->cancel();
        return;
    }
    QAbstractButton::mouseReleaseEvent(event);
}

void JobIndicator::mouseMoveEvent(QMouseEvent* event)
{
    if (m_job)
        style::setTip(this, hasCross() && cross().contains(event->pos()) ? m_job->cancelText() : name());
    QAbstractButton::mouseMoveEvent(event);
}

CommandField::CommandField(QWidget* parent)
    : QAbstractButton(parent)
{
    setObjectName(QStringLiteral("command-field"));
    setFixedSize(216, style::height::kControl);
    setAccessibleName(tr("Find or run a command"));
    setFocusPolicy(Qt::TabFocus);
}

void CommandField::paintEvent(QPaintEvent*)
{
    const style::Tokens& t = tokens();
    QPainter painter(this);
    style::paintRounded(painter, rect(), style::radius::kControl, t.field, underMouse() ? t.text3 : t.lineStrong);
    style::paintIcon(painter, QStringLiteral("search"), QRectF(8, 7, 14, 14), t.text3);
    painter.setFont(style::font(style::TextRole::Table));
    painter.setPen(t.text3);
    painter.drawText(QRect(28, 0, 140, height()), Qt::AlignVCenter, tr("Find or run a command"));
    const QString key = QStringLiteral("Ctrl K");
    const QSize cap = style::keyCapSize(key);
    style::paintKeyCap(painter, QRect(QPoint(width() - cap.width() - 6, 5), cap), key);
}

namespace {

class Mark : public QWidget {
public:
    Mark() { setFixedSize(72, 39); }

protected:
    void paintEvent(QPaintEvent*) override
    {
        QPainter painter(this);
        style::paintMark(painter, QRectF(25, 9, 22, 22), tokens().accent);
    }
};

QToolButton* historyButton(const char* icon)
{
    QToolButton* button = style::makeToolButton(icon, QString());
    button->setEnabled(false);
    return button;
}

}

TopBar::TopBar(StudioContext& context, QMenuBar* menus, QWidget* parent)
    : QWidget(parent)
    , m_context(context)
    , m_project(style::makeButton(QString(), style::ButtonKind::Quiet))
    , m_back(style::makeButton(tr("Back to the mistakes"), style::ButtonKind::Quiet, "cl"))
    , m_undo(historyButton("undo"))
    , m_redo(historyButton("redo"))
{
    setFixedHeight(style::height::kTopBar);
    m_project->setObjectName(QStringLiteral("project-switcher"));
    m_back->setObjectName(QStringLiteral("back"));
    m_back->hide();
    style::setTip(m_back, tr("Back to the mistakes"), QStringLiteral("Esc"), tr("A box that is being drawn is given up first"));
    m_undo->setObjectName(QStringLiteral("undo"));
    m_redo->setObjectName(QStringLiteral("redo"));
    leaveFocusWhenClicked(m_project);
    auto* field = new CommandField;
    menus->setSizePolicy(QSizePolicy::Maximum, QSizePolicy::Fixed);
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 0, 8, 1);
    layout->setSpacing(8);
    layout->addWidget(new Mark);
    layout->setSpacing(0);
    layout->addWidget(m_project);
    layout->addSpacing(8);
    layout->addWidget(menus);
    layout->addStretch(1);
    layout->addWidget(m_back);
    layout->addSpacing(8);
    layout->addWidget(new JobIndicator(context));
    layout->addSpacing(8);
    layout->addWidget(m_undo);
    layout->addWidget(m_redo);
    layout->addSpacing(8);
    layout->addWidget(field);
    connect(field, &QAbstractButton::clicked, this, &TopBar::commandsRequested);
    connect(m_undo, &QToolButton::clicked, &context, &StudioContext::undo);
    connect(m_redo, &QToolButton::clicked, &context, &StudioContext::redo);
    m_undo->setAccessibleName(tr("Undo"));
    m_redo->setAccessibleName(tr("Redo"));
    for (QToolButton* button : { m_undo, m_redo })
        button->installEventFilter(this);
    connect(&context, &StudioContext::historyChanged, this, &TopBar::showHistory);
    showHistory();
}

void TopBar::showHistory()
{
    m_undo->setEnabled(!m_context.undoTitle().isEmpty());
    m_redo->setEnabled(!m_context.redoTitle().isEmpty());
}

// Each edit has another title: the words are put together when somebody asks for them.
bool TopBar::eventFilter(QObject* object, QEvent* event)
{
    if (event->type() == QEvent::ToolTip) {
        const QString undo = m_context.undoTitle(), redo = m_context.redoTitle();
        style::setTip(m_undo, tr("Undo"), QStringLiteral("Ctrl Z"), undo.isEmpty() ? tr("Nothing to undo") : undo);
        style::setTip(m_redo, tr("Redo"), QStringLiteral("Ctrl Shift Z"), redo.isEmpty() ? tr("Nothing to redo") : redo);
    }
    return QWidget::eventFilter(object, event);
}

void TopBar::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.fillRect(rect(), tokens().window);
    painter.fillRect(0, height() - 1, width(), 1, tokens().line);
}

}
