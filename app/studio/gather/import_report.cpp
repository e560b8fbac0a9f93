#include "app/studio/gather/import_report.h"

#include "widgets/style/paint.h"
#include "widgets/style/widgets.h"

#include <QHBoxLayout>
#include <QPainter>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QToolButton>
#include <QVBoxLayout>

namespace percept::studio {

QString importSentence(const services::ImportReport& report)
{
    const auto& t = report.totals;
    const auto pictures = [](qint64 n) { return style::counted(n, ImportReportPanel::tr("picture"), ImportReportPanel::tr("pictures")); };
    const auto boxes = [](qint64 n) { return style::counted(n, ImportReportPanel::tr("box"), ImportReportPanel::tr("boxes")); };
    QStringList parts;
    parts << ImportReportPanel::tr("%1 came in with %2").arg(pictures(t.newItems), boxes(t.annotations));
    if (t.items > t.newItems)
        parts << ImportReportPanel::tr("%1 here already").arg(style::counted(t.items - t.newItems, ImportReportPanel::tr("picture was"), ImportReportPanel::tr("pictures were")));
    if (t.duplicateBoxes > 0)
        parts << ImportReportPanel::tr("%1 here already").arg(style::counted(t.duplicateBoxes, ImportReportPanel::tr("box was"), ImportReportPanel::tr("boxes were")));
    if (t.emptyAreaBoxes > 0)
        parts << ImportReportPanel::tr("%1 without area, kept and flagged, never trained").arg(boxes(t.emptyAreaBoxes));
    if (!report.problems.empty())
        parts << ImportReportPanel::tr("%1 left out").arg(style::counted(static_cast<qint64>(report.problems.size()), ImportReportPanel::tr("file"), ImportReportPanel::tr("files")));
    return parts.join(QStringLiteral("; ")) + QLatin1Char('.');
}

ImportReportPanel::ImportReportPanel(QWidget* parent)
    : QWidget(parent)
    , m_details(new QPlainTextEdit)
    , m_flagged(style::makeButton(tr("Show the boxes"), style::ButtonKind::Default, nullptr, style::ControlSize::Compact))
    , m_toggle(style::makeButton(tr("Details"), style::ButtonKind::Default, nullptr, style::ControlSize::Compact))
    , m_head(new style::PlainLabel(QString(), style::TextRole::Table))
{
    setObjectName(QStringLiteral("import-report"));
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(22, 8, 22, 8);
    auto* row = new QHBoxLayout;
    row->setContentsMargins(24, 0, 0, 0);
    m_head->setWordWrap(true);
    row->addWidget(m_head, 1);
    row->addWidget(m_flagged);
    row->addWidget(m_toggle);
    QToolButton* close = style::makeToolButton("x", tr("Close the report"), QString(), QString(), style::ControlSize::Compact);
    row->addWidget(close);
    layout->addLayout(row);
    m_details->setReadOnly(true);
    m_details->setFrameShape(QFrame::NoFrame);
    m_details->setFixedHeight(120);
    m_details->hide();
    QPalette clear = m_details->palette();
    clear.setColor(QPalette::Base, Qt::transparent);
    m_details->setPalette(clear);
    m_details->viewport()->setAutoFillBackground(false);
    layout->addWidget(m_details);
    m_toggle->setCheckable(true);
    connect(m_toggle, &QPushButton::toggled, m_details, &QWidget::setVisible);
    connect(m_flagged, &QPushButton::clicked, this, &ImportReportPanel::showFlagged);
    connect(close, &QToolButton::clicked, this, &ImportReportPanel::closed);
    hide();
}

void ImportReportPanel::setHead(const QString& icon, const QString& text, bool failed)
{
    m_icon = icon;
    m_failed = failed;
    m_head->setText(text);
    setAccessibleName(text);
    show();
    update();
}

void ImportReportPanel::showReport(const services::ImportReport& report)
{
    QStringList lines;
    for (const std::string& note : report.notes)
        lines << QString::fromStdString(note);
    for (const services::Problem& problem : report.problems)
        lines << QString::fromStdString(problem.file) + QStringLiteral(": ") + QString::fromStdString(problem.what);
    m_details->setPlainText(lines.join(QLatin1Char('\n')));
    m_toggle->setVisible(!lines.isEmpty());
    m_toggle->setChecked(!report.problems.empty());
    m_flagged->setVisible(report.totals.emptyAreaBoxes > 0);
    const bool trouble = !report.problems.empty() || report.totals.emptyAreaBoxes > 0;
    setHead(trouble ? QStringLiteral("warn") : QStringLiteral("ok"), importSentence(report), false);
}

void ImportReportPanel::showFailure(const QString& what, const QString& sentence)
{
    m_details->clear();
    m_toggle->setChecked(false);
    m_toggle->hide();
    m_flagged->hide();
    setHead(QStringLiteral("alert"), tr("%1: nothing came in. %2").arg(what, sentence), true);
}

QString ImportReportPanel::text() const { return m_head->text() + QLatin1Char('\n') + m_details->toPlainText(); }

void ImportReportPanel::paintEvent(QPaintEvent*)
{
    const style::Tokens& t = style::tokens();
    QPainter painter(this);
    const bool warning = m_icon == QLatin1String("warn");
    const QColor fill = m_failed ? t.errorSoft : warning ? t.warningSoft : t.dark ? t.raised : t.window;
    style::paintRounded(painter, QRectF(rect()).adjusted(12, 0, -12, -4), style::radius::kControl, fill);
    style::paintIcon(painter, m_icon, QRectF(22, 12, 16, 16), m_failed ? t.error : warning ? t.warning : t.good);
}

}
