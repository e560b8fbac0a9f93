#include "app/studio/report/report_page.h"

#include "app/studio/frame/page_column.h"
#include "app/studio/report/report_sheet.h"
#include "core/base/files.h"
#include "core/fleet/hub_address.h"
#include "core/report/collect.h"
#include "core/services/loop.h"
#include "widgets/style/widgets.h"

#include <QAction>
#include <QCheckBox>
#include <QComboBox>
#include <QDateTime>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QPainter>
#include <QPrintDialog>
#include <QPrinter>
#include <QPushButton>
#include <QTemporaryDir>
#include <QVBoxLayout>

namespace percept::studio {

using style::Ink;
using style::PlainLabel;
using style::TextRole;

namespace {

constexpr int kPanelWidth = 232;

QString qs(const std::string& text) { return QString::fromStdString(text); }

}

ReportPage::ReportPage(StudioContext& context, QWidget* parent)
    : Page(context, parent)
{
    auto* layout = setUpPageColumn(*this, QStringLiteral("reportPage"));
    auto* bar = new PageBar(title());
    bar->setScope(tr("One page, made from the test set, nothing typed in"));
    auto* html = style::makeButton(tr("Save HTML"), style::ButtonKind::Quiet, "download");
    m_print = style::makeButton(tr("Print…"), style::ButtonKind::Default, "print");
    m_save = style::makeButton(tr("Save PDF"), style::ButtonKind::Primary, "download");
    m_save->setObjectName(QStringLiteral("savePdf"));
    bar->addRight(html);
    bar->addRight(m_print);
    bar->addRight(m_save);
    layout->addWidget(bar);
    auto* row = new QHBoxLayout;
    row->setSpacing(0);
    auto* desk = new style::Surface(style::Surface::Fill::Window);
    auto* deskLayout = new QVBoxLayout(desk);
    deskLayout->setContentsMargins(0, 0, 0, 0);
    m_sheet = new ReportSheet;
    deskLayout->addWidget(m_sheet);
    row->addWidget(desk, 1);
    setUpPanel(row);
    layout->addLayout(row, 1);
    connect(m_save, &QPushButton::clicked, this, &ReportPage::savePdf);
    connect(html, &QPushButton::clicked, this, &ReportPage::saveHtml);
    connect(m_print, &QPushButton::clicked, this, &ReportPage::print);
    connect(&context, &StudioContext::runsChanged, this, &ReportPage::refresh);
    connect(&context, &StudioContext::projectOpened, this, &ReportPage::refresh);
    connect(&context, &StudioContext::projectAboutToClose, this, [this] {
        m_data.reset(); // the next project must not be saved under this one's numbers
        m_sheet->setWaiting({});
    });
    const auto add = [this](const QString& text, auto slot) {
        auto* action = new QAction(text, this);
        connect(action, &QAction::triggered, this, slot);
        m_commands.append(action);
    };
    add(tr("Save the report as PDF…"), &ReportPage::savePdf);
    add(tr("Save the report as HTML…"), &ReportPage::saveHtml);
    add(tr("Print the report…"), &ReportPage::print);
}

void ReportPage::setUpPanel(QHBoxLayout* layout)
{
    layout->addWidget(style::makeLine(Qt::Vertical));
    auto* panel = new QWidget;
    panel->setFixedWidth(kPanelWidth);
    auto* column = new QVBoxLayout(panel);
    column->setContentsMargins(12, 16, 12, 12);
    column->setSpacing(8);
    column->addWidget(new PlainLabel(tr("On this page"), TextRole::Section));
    const auto box = [&](const QString& text, bool on) {
        auto* check = new QCheckBox(text);
        check->setChecked(on);
        connect(check, &QCheckBox::toggled, this, &ReportPage::draw);
        column->addWidget(check);
        return check;
    };
    m_headline = box(tr("Headline"), true);
    m_classes = box(tr("By class"), true);
    m_versions = box(tr("By version"), true);
    m_field = box(tr("In the field"), true);
    m_labeling = box(tr("Labeling"), true);
    m_definitions = box(tr("Definitions"), false);
    column->addSpacing(8);
    column->addWidget(style::makeLine(Qt::Horizontal));
    column->addSpacing(8);
    column->addWidget(new PlainLabel(tr("Model"), TextRole::Section));
    m_model = new QComboBox;
    m_model->setAccessibleName(tr("Model"));
    column->addWidget(m_model);
    connect(m_model, &QComboBox::currentIndexChanged, this, [this] { refresh(); });
    auto* note = new style::Note(style::Tone::Neutral, tr("Prints light whatever the theme. Every figure is measured, with its 95 % interval."));
    column->addSpacing(8);
    column->addWidget(note);
    column->addStretch();
    layout->addWidget(panel);
}

void ReportPage::showRun(const QString& run)
{
    refreshModels();
    if (const int at = m_model->findData(run); at >= 0)
        m_model->setCurrentIndex(at);
}

void ReportPage::refreshModels()
{
    const QString before = m_model->currentData().toString();
    const QSignalBlocker blocker(m_model);
    m_model->clear();
    m_model->addItem(tr("Newest"), QString());
    for (const auto& run : services::listRuns(context().session()->reader()).valueOr({}))
        if (run.hasModel) {
            const QString title = run.name.empty() ? tr("run %1").arg(qs(run.id).mid(1).toInt()) : qs(run.name);
            m_model->addItem(run.modelVersion.empty() ? tr("Draft of %1").arg(title) : tr("Model %1").arg(qs(run.modelVersion)), qs(run.id));
        }
    m_model->setCurrentIndex(std::max(0, m_model->findData(before)));
}

void ReportPage::refresh()
{
    if (!context().session())
        return;
    refreshModels();
    if (!m_data)
        m_sheet->setWaiting(tr("The numbers of this page are being read…"));
    const int number = ++m_reads;
    using Collected = base::Result<report::ReportData>;
    context().readInBackground<std::shared_ptr<Collected>>(
        this,
        [project = context().session()->folder(), run = m_model->currentData().toString().toStdString()](dataset::ProjectReader& reader) {
            return std::make_shared<Collected>(report::collectReport(reader, project, run, fleet::defaultFleetFolder()));
        },
        [this, number](std::shared_ptr<Collected> data) {
            if (number != m_reads)
                return;
            if (data->hasError()) {
                if (!m_data)
                    m_sheet->setWaiting(tr("The report could not be made: %1").arg(qs(data->error().message)));
                return context().reportError(tr("The report could not be made"), data->error());
            }
            m_data = std::move(*data).value();
            draw();
        });
}

report::ReportParts ReportPage::parts() const
{
    report::ReportParts parts;
    parts.headline = m_headline->isChecked();
    parts.classes = m_classes->isChecked();
    parts.versions = m_versions->isChecked();
    parts.field = m_field->isChecked();
    parts.labeling = m_labeling->isChecked();
    parts.definitions = m_definitions->isChecked();
    return parts;
}

void ReportPage::draw()
{
    if (!m_data)
        return;
    QString message = m_data->hasModel ? tr("%1 % of all objects are found, %2 to %3").arg(100 * m_data->found.value, 0, 'f', 1).arg(100 * m_data->found.low, 0, 'f', 1).arg(100 * m_data->found.high, 0, 'f', 1)
                                             : tr("No model yet: labeling progress only");
    if (!m_data->field.versions.empty())
        message += QStringLiteral(". ") + QString::fromStdString(report::inWords(m_data->field.versions.back()));
    m_sheet->setDrawing(QByteArray::fromStdString(report::renderSvg(*m_data, parts())), message);
    setStatus({ tr("Numbers of %1").arg(QDateTime::currentDateTime().toString(QStringLiteral("d MMMM yyyy, HH:mm"))) }, { tr("A4 landscape, 1 page") });
}

QString ReportPage::suggestedFile(const QString& suffix) const
{
    const auto folder = context().session()->folder();
    return toQString(folder.parent_path() / (folder.stem().string() + "-report")) + suffix;
}

void ReportPage::paintOn(QPrinter& printer)
{
    printer.setPageLayout(QPageLayout(QPageSize(QPageSize::A4), QPageLayout::Landscape, QMarginsF(0, 0, 0, 0)));
    QPainter painter(&printer);
    m_sheet->render(painter, QRectF(0, 0, printer.width(), printer.height()));
}

std::optional<QString> ReportPage::writePdf(const QString& file)
{
    if (!m_sheet->hasDrawing())
        return tr("There is nothing to print yet.");
    // QPrinter cannot say why a write failed: it writes beside other temporary files, and our own writer puts it in place.
    QTemporaryDir folder;
    const QString temporary = folder.filePath(QStringLiteral("report.pdf"));
    {
        QPrinter printer(QPrinter::HighResolution);
        printer.setOutputFormat(QPrinter::PdfFormat);
        printer.setOutputFileName(temporary);
        printer.setDocName(tr("%1, report").arg(qs(m_data->project)));
        paintOn(printer);
    }
    const auto bytes = base::readFile(toPath(temporary));
    if (bytes.hasError())
        return qs(bytes.error().message);
    if (const auto written = base::atomicWrite(toPath(file), bytes.value()); written.hasError())
        return qs(written.error().message);
    return std::nullopt;
}

std::optional<QString> ReportPage::writeHtml(const QString& file)
{
    if (!m_data)
        return tr("There is nothing to save yet.");
    if (const auto written = base::atomicWrite(toPath(file), report::renderHtml(*m_data, parts())); written.hasError())
        return qs(written.error().message);
    return std::nullopt;
}

void ReportPage::savePdf()
{
    const QString file = context().chooseSaveFile(this, QStringLiteral("report"), tr("Save PDF"), suggestedFile(QStringLiteral(".pdf")), tr("PDF (*.pdf)"));
    if (file.isEmpty())
        return;
    if (const auto failure = writePdf(file))
        return context().reportError(tr("The report was not saved"), base::failed(failure->toStdString()));
    context().showToast(tr("Saved %1").arg(QFileInfo(file).fileName()));
}

void ReportPage::saveHtml()
{
    const QString file = context().chooseSaveFile(this, QStringLiteral("report"), tr("Save HTML"), suggestedFile(QStringLiteral(".html")), tr("HTML (*.html)"));
    if (file.isEmpty())
        return;
    if (const auto failure = writeHtml(file))
        return context().reportError(tr("The report was not saved"), base::failed(failure->toStdString()));
    context().showToast(tr("Saved %1").arg(QFileInfo(file).fileName()));
}

void ReportPage::print()
{
    if (!m_sheet->hasDrawing())
        return;
    QPrinter printer(QPrinter::HighResolution);
    printer.setPageOrientation(QPageLayout::Landscape);
    if (QPrintDialog dialog(&printer, this); dialog.exec() == QDialog::Accepted)
        paintOn(printer);
}

}
