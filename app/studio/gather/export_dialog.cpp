#include "app/studio/gather/export_dialog.h"

#include "app/studio/frame/studio_context.h"
#include "widgets/style/widgets.h"

#include <QComboBox>
#include <QDir>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QPushButton>
#include <QVBoxLayout>

namespace percept::studio {

ExportDialog::ExportDialog(StudioContext& context, QWidget* parent)
    : QDialog(parent)
    , m_context(context)
    , m_format(new QComboBox)
    , m_target(new QLineEdit)
    , m_go(style::makeButton(tr("Export"), style::ButtonKind::Primary))
{
    setWindowTitle(tr("Export"));
    setMinimumWidth(480);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(24, 24, 24, 16);
    layout->setSpacing(4);
    layout->addWidget(new style::PlainLabel(tr("Export the labels"), style::TextRole::PageTitle));
    const auto& counts = context.counts();
    auto* what = new style::PlainLabel(tr("%1 with %2. What was written is read back and compared before it counts as done.")
                                           .arg(style::counted(counts.items, tr("picture"), tr("pictures")), style::counted(counts.boxes, tr("box"), tr("boxes"))),
        style::TextRole::Body, style::Ink::Text2);
    what->setWordWrap(true);
    layout->addWidget(what);
    layout->addSpacing(12);
    m_format->addItem(tr("COCO: one JSON file"), QStringLiteral("coco"));
    m_format->addItem(tr("Pascal VOC: one XML file a picture"), QStringLiteral("voc"));
    layout->addWidget(new style::PlainLabel(tr("Format"), style::TextRole::Table, style::Ink::Text2));
    layout->addWidget(m_format);
    layout->addSpacing(8);
    layout->addWidget(new style::PlainLabel(tr("Into the folder"), style::TextRole::Table, style::Ink::Text2));
    auto* row = new QHBoxLayout;
    row->addWidget(m_target, 1);
    QPushButton* choose = style::makeButton(tr("Choose…"));
    m_target->setObjectName(QStringLiteral("export-target"));
    choose->setObjectName(QStringLiteral("export-choose"));
    m_go->setObjectName(QStringLiteral("export-go"));
    row->addWidget(choose);
    layout->addLayout(row);
    layout->addSpacing(16);
    auto* foot = new QHBoxLayout;
    foot->addStretch(1);
    QPushButton* cancel = style::makeButton(tr("Cancel"));
    foot->addWidget(cancel);
    foot->addWidget(m_go);
    layout->addLayout(foot);
    m_go->setDefault(true);
    const QString stem = toQString(context.session()->folder().stem());
    m_target->setText(QDir(toQString(context.session()->folder().parent_path())).filePath(stem + QStringLiteral("-export")));
    connect(choose, &QPushButton::clicked, this, [this] {
        const QString chosen = m_context.choosers().folder(this, tr("Export into"), m_target->text());
        if (!chosen.isEmpty())
            m_target->setText(chosen);
    });
    connect(m_target, &QLineEdit::textChanged, this, &ExportDialog::check);
    connect(cancel, &QPushButton::clicked, this, &QDialog::reject);
    connect(m_go, &QPushButton::clicked, this, &QDialog::accept);
    check();
}

void ExportDialog::check() { m_go->setEnabled(!m_target->text().trimmed().isEmpty()); }
QString ExportDialog::format() const { return m_format->currentData().toString(); }
QString ExportDialog::target() const { return m_target->text().trimmed(); }

}
