#include "app/studio/gather/import_report.h"

#include "widgets/style/paint.h"
#include "widgets/style/widgets.h"

#include <QApplication>
#include <QClipboard>
#include <QHBoxLayout>
#include <QHash>
#include <QPainter>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QToolButton>
#include <QVBoxLayout>

namespace percept::studio {

namespace {

QString pictures(qint64 n) { return style::counted(n, ImportReportPanel::tr("picture"), ImportReportPanel::tr("pictures")); }
QString boxes(qint64 n) { return style::counted(n, ImportReportPanel::tr("box"), ImportReportPanel::tr("boxes")); }

// What was said before is counted and not said again.
QStringList withoutRepeats(const std::vector<QString>& lines)
{
    QHash<QString, int> times;
    for (const QString& line : lines)
        ++times[line];
    QStringList once;
    for (const QString& line : lines)
        if (const int n = times.take(line); n > 0)
            once << (n == 1 ? line : ImportReportPanel::tr("%1 (%2 times)").arg(line, style::count(n)));
    return once;
}

}

QString importSentence(const services::ImportReport& report)
{
    const auto& t = report.totals;
    QStringList parts;
    parts << (t.newItems == 0 && t.annotations == 0 ? ImportReportPanel::tr("Nothing new came in") : ImportReportPanel::tr("%1 came in with %2").arg(pictures(t.newItems), boxes(t.annotations)));
    QStringList known;
    if (t.items > t.newItems)
        known << pictures(t.items - t.newItems);
    const auto knownBoxes = t.duplicateBoxes - t.repeatedBoxes;
    if (knownBoxes > 0)
        known << boxes(knownBoxes);
    if (!known.isEmpty())
        parts << (t.items - t.newItems + knownBoxes == 1 ? ImportReportPanel::tr("%1 was here already") : ImportReportPanel::tr("%1 were here already")).arg(known.join(ImportReportPanel::tr(" and ")));
    if (t.repeatedBoxes > 0)
        parts << ImportReportPanel::tr("%1 more than once in what came in, taken once").arg(style::counted(t.repeatedBoxes, ImportReportPanel::tr("box stood"), ImportReportPanel::tr("boxes stood")));
    if (t.emptyAreaBoxes > 0)
        parts << ImportReportPanel::tr("%1 without area, kept and flagged, never trained").arg(boxes(t.emptyAreaBoxes));
    if (report.numProblems > 0)
        parts << ImportReportPanel::tr("%1 left out").arg(style::counted(report.numProblems, ImportReportPanel::tr("file or box was"), ImportReportPanel::tr("files or boxes were")));
    return parts.join(QStringLiteral("; ")) + QLatin1Char('.');
}

QString importDetails(const services::ImportReport& report)
{
    std::vector<QString> lines;
    for (const std::string& note : report.notes)
        lines.push_back(QString::fromStdString(note));
    for (const services::Problem& problem : report.problems)
        lines.push_back(QString::fromStdString(services::lineOf(problem)));
    return withoutRepeats(lines).join(QLatin1Char('\n'));
}

ImportReportPanel::ImportReportPanel(QWidget* parent)
    : QWidget(parent)
    , m_details(new QPlainTextEdit)
    , m_flagged(style::makeButton(tr("Show the boxes"), style::ButtonKind::Default, nullptr, style::ControlSize::Compact))
    , m_toggle(style::makeButton(tr("Details"), style::ButtonKind::Default, nullptr, style::ControlSize::Compact))
    , m_copy(style::makeButton(tr("Copy"), style::ButtonKind::Default, nullptr, style::ControlSize::Compact))
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
    row->addWidget(m_copy);
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
    m_copy->setObjectName(QStringLiteral("copy-report"));
    style::setTip(m_copy, tr("Copy the report"), {}, tr("The sentence and all details, as text"));
    connect(m_copy, &QPushButton::clicked, this, [this] { QApplication::clipboard()->setText(text()); });
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
    const QString details = importDetails(report);
    m_details->setPlainText(details);
    m_toggle->setVisible(!details.isEmpty());
    m_toggle->setChecked(report.numProblems > 0);
    m_copy->setVisible(!details.isEmpty());
    m_flagged->setVisible(report.totals.emptyAreaBoxes > 0);
    const bool trouble = report.numProblems > 0 || report.totals.emptyAreaBoxes > 0;
    setHead(trouble ? QStringLiteral("warn") : QStringLiteral("ok"), importSentence(report), false);
}

void ImportReportPanel::showFailure(const QString& what, const QString& sentence)
{
    m_details->clear();
    m_toggle->setChecked(false);
    m_toggle->hide();
    m_copy->hide();
    m_flagged->hide();
    // Most sentences say of what they speak, and some that nothing came of it.
    const bool isSaid = sentence.startsWith(QLatin1String("Nothing ")) || sentence.contains(QLatin1String("Nothing was imported"));
    setHead(QStringLiteral("alert"), isSaid ? sentence : (sentence.contains(what) ? tr("Nothing came in. %2") : tr("%1: nothing came in. %2").arg(what)).replace(QStringLiteral("%2"), sentence), true);
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
