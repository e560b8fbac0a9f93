#include "app/studio/gather/export_dialog.h"

#include "app/studio/frame/studio_context.h"
#include "app/studio/gather/filter_words.h"
#include "widgets/style/paint.h"
#include "widgets/style/widgets.h"

#include <QComboBox>
#include <QDir>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QPainter>
#include <QPushButton>
#include <QVBoxLayout>

namespace percept::studio {

using style::Ink;
using style::PlainLabel;
using style::TextRole;

namespace {

QString pictures(qint64 n) { return style::counted(n, ExportDialog::tr("picture"), ExportDialog::tr("pictures")); }
QString boxes(qint64 n) { return style::counted(n, ExportDialog::tr("box"), ExportDialog::tr("boxes")); }
PlainLabel* caption(const QString& text) { return new PlainLabel(text, TextRole::Table, Ink::Text2); }

// A folder that is not there yet, beside the project.
QString freeTarget(const std::filesystem::path& project)
{
    const QDir beside(toQString(project.parent_path()));
    const QString stem = toQString(project.stem()) + QStringLiteral("-export");
    QString name = stem;
    for (int n = 2; QFileInfo::exists(beside.filePath(name)); ++n)
        name = QStringLiteral("%1-%2").arg(stem).arg(n);
    return beside.filePath(name);
}

}

// A line for each file: its name, and at the right what it will hold.
class ExportOutlineView : public QWidget {
public:
    ExportOutlineView() { setObjectName(QStringLiteral("export-outline")); }
    void setFiles(const std::vector<services::ExportOutline::File>& files)
    {
        m_lines.clear();
        QStringList spoken;
        for (const auto& file : files) {
            const bool isFolder = QString::fromStdString(file.path).endsWith(QLatin1Char('/'));
            const QString holds = file.annotations > 0 ? QStringLiteral("%1, %2").arg(pictures(file.items), boxes(file.annotations)) : pictures(file.items);
            m_lines.push_back({ QString::fromStdString(file.path), isFolder ? ExportDialog::tr("a file for each of %1").arg(holds) : holds });
            spoken << m_lines.back().first + QStringLiteral(": ") + m_lines.back().second;
        }
        setAccessibleName(spoken.join(QStringLiteral("; ")));
        setFixedHeight(static_cast<int>(m_lines.size()) * kRow);
        update();
    }

protected:
    void paintEvent(QPaintEvent*) override
    {
        QPainter painter(this);
        painter.setFont(style::font(TextRole::Table));
        QRect row(0, 0, width(), kRow);
        for (const auto& [path, holds] : m_lines) {
            painter.setPen(style::tokens().text);
            painter.drawText(row, Qt::AlignVCenter, path);
            painter.setPen(style::tokens().text2);
            painter.drawText(row, Qt::AlignVCenter | Qt::AlignRight, holds);
            row.translate(0, kRow);
        }
    }

private:
    static constexpr int kRow = 20;
    std::vector<std::pair<QString, QString>> m_lines;
};

ExportDialog::ExportDialog(StudioContext& context, const std::vector<ItemId>& selected, const dataset::ItemFilter& filter, QWidget* parent)
    : QDialog(parent)
    , m_context(context)
    , m_what(new QComboBox)
    , m_format(new QComboBox)
    , m_target(new QLineEdit)
    , m_outline(new ExportOutlineView)
    , m_leftOut(new PlainLabel(QString(), TextRole::Table, Ink::Text2))
    , m_problem(new style::Note(style::Tone::Warning))
    , m_go(style::makeButton(tr("Export"), style::ButtonKind::Primary))
{
    setWindowTitle(tr("Export"));
    setMinimumWidth(520);
    addScopes(selected, filter);
    m_format->addItem(tr("COCO: a JSON file for each set"), QStringLiteral("coco"));
    m_format->addItem(tr("Pascal VOC: an XML file for each picture"), QStringLiteral("voc"));
    m_target->setText(freeTarget(context.session()->folder()));
    build();
    connect(m_what, &QComboBox::currentIndexChanged, this, &ExportDialog::countOutline);
    connect(m_format, &QComboBox::currentIndexChanged, this, &ExportDialog::countOutline);
    connect(m_target, &QLineEdit::textChanged, this, &ExportDialog::check);
    connect(m_go, &QPushButton::clicked, this, &QDialog::accept);
    check();
    countOutline();
}

void ExportDialog::build()
{
    m_what->setObjectName(QStringLiteral("export-what"));
    m_format->setObjectName(QStringLiteral("export-format"));
    m_target->setObjectName(QStringLiteral("export-target"));
    m_leftOut->setObjectName(QStringLiteral("export-left-out"));
    m_problem->setObjectName(QStringLiteral("export-problem"));
    m_go->setObjectName(QStringLiteral("export-go"));
    m_what->setAccessibleName(tr("What"));
    m_format->setAccessibleName(tr("Format"));
    m_target->setAccessibleName(tr("Into the folder"));
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(24, 24, 24, 16);
    layout->setSpacing(4);
    layout->addWidget(new PlainLabel(tr("Export pictures and labels"), TextRole::PageTitle));
    layout->addSpacing(12);
    layout->addWidget(caption(tr("What")));
    layout->addWidget(m_what);
    layout->addSpacing(8);
    layout->addWidget(caption(tr("Format")));
    layout->addWidget(m_format);
    layout->addSpacing(8);
    layout->addWidget(caption(tr("Into the folder")));
    auto* row = new QHBoxLayout;
    QPushButton* choose = style::makeButton(tr("Choose…"));
    choose->setObjectName(QStringLiteral("export-choose"));
    choose->setAutoDefault(false);
    row->addWidget(m_target, 1);
    row->addWidget(choose);
    layout->addLayout(row);
    layout->addWidget(m_problem);
    layout->addSpacing(12);
    layout->addWidget(caption(tr("Will be written, copied pictures included; read back and compared before it counts as done:")));
    layout->addWidget(m_outline);
    layout->addWidget(m_leftOut);
    layout->addStretch(1);
    layout->addSpacing(16);
    auto* foot = new QHBoxLayout;
    foot->addStretch(1);
    QPushButton* cancel = style::makeButton(tr("Cancel"));
    foot->addWidget(cancel);
    foot->addWidget(m_go);
    layout->addLayout(foot);
    m_go->setDefault(true);
    connect(choose, &QPushButton::clicked, this, [this] {
        const QString chosen = m_context.chooseFolder(this, QStringLiteral("export"), tr("Export into"), QFileInfo(m_target->text()).absolutePath());
        if (!chosen.isEmpty())
            m_target->setText(chosen);
    });
    connect(cancel, &QPushButton::clicked, this, &QDialog::reject);
}

void ExportDialog::addScopes(const std::vector<ItemId>& selected, const dataset::ItemFilter& filter)
{
    const auto add = [this](const QString& name, services::ExportScope scope) {
        m_what->addItem(name);
        m_scopes.push_back(std::move(scope));
    };
    const auto& counts = m_context.counts();
    add(tr("All pictures (%1)").arg(style::count(counts.items)), {});
    const bool wholeSet = filter == dataset::ItemFilter { .sets = filter.sets } && filter.sets.size() == 1; // stands there anyway
    if (filter != dataset::ItemFilter() && !filter.inTrash && !wholeSet) {
        add(tr("The filtered pictures"), { filter, {} });
        m_what->setCurrentIndex(m_what->count() - 1);
    }
    if (!selected.empty() && !filter.inTrash) {
        add(tr("The selected pictures (%1)").arg(style::count(static_cast<qint64>(selected.size()))), { {}, selected });
        m_what->setCurrentIndex(m_what->count() - 1);
    }
    for (const auto set : { domain::SplitSet::Train, domain::SplitSet::Validation, domain::SplitSet::Test, domain::SplitSet::Reserve, domain::SplitSet::None }) {
        const auto n = counts.bySet.find(set);
        if (n == counts.bySet.end() || n->second == 0)
            continue;
        add(tr("Set: %1 (%2)").arg(setName(set), style::count(n->second)), { { .sets = { set } }, {} });
        if (wholeSet && filter.sets.front() == set && selected.empty())
            m_what->setCurrentIndex(m_what->count() - 1);
    }
}

// On the reading thread; what was chosen before does not show any more.
void ExportDialog::countOutline()
{
    using Outline = base::Result<services::ExportOutline>;
    m_context.readInBackground<Outline>(
        this, [format = format().toStdString(), scope = scope()](dataset::ProjectReader& reader) -> Outline { return services::outlineExport(reader, format, scope); },
        [this, number = ++m_counting](Outline outline) {
            if (number == m_counting && outline.hasValue())
                showOutline(*outline);
        });
}

void ExportDialog::showOutline(const services::ExportOutline& outline)
{
    m_outline->setFiles(outline.items > 0 ? outline.files : std::vector<services::ExportOutline::File>());
    m_isEmpty = outline.items == 0;
    QStringList sentences;
    if (m_isEmpty)
        sentences << tr("Nothing: none of these pictures is done.");
    else if (outline.notDone > 0)
        sentences << tr("%1 left out.").arg(style::counted(outline.notDone, tr("picture that is not done is"), tr("pictures that are not done are")));
    m_leftOut->setText(sentences.join(QLatin1Char(' ')));
    m_leftOut->setVisible(!sentences.isEmpty());
    check();
    adjustSize();
}

void ExportDialog::check()
{
    const QFileInfo place(target());
    QString problem;
    if (!target().isEmpty() && place.isFile())
        problem = tr("There is a file of that name. Name a new folder.");
    else if (!target().isEmpty() && place.isDir() && !QDir(target()).isEmpty(QDir::AllEntries | QDir::Hidden | QDir::System | QDir::NoDotAndDotDot))
        problem = tr("This folder is not empty, and nothing is overwritten. Name a new folder in it.");
    m_problem->setText(problem);
    m_problem->setVisible(!problem.isEmpty());
    m_go->setEnabled(!target().isEmpty() && problem.isEmpty() && !m_isEmpty);
}

QString ExportDialog::format() const { return m_format->currentData().toString(); }
QString ExportDialog::target() const { return m_target->text().trimmed(); }
services::ExportScope ExportDialog::scope() const { return m_scopes[static_cast<std::size_t>(m_what->currentIndex())]; }

}
