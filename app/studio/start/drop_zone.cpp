#include "app/studio/start/drop_zone.h"

#include "widgets/style/paint.h"
#include "widgets/style/widgets.h"

#include <QFileInfo>
#include <QHBoxLayout>
#include <QPainter>
#include <QPushButton>
#include <QVBoxLayout>

namespace percept::studio {

DropZone::DropZone(QWidget* parent)
    : QWidget(parent)
    , m_what(new style::PlainLabel(QString(), style::TextRole::BodyStrong))
    , m_how(new style::PlainLabel(QString(), style::TextRole::Table, style::Ink::Text3))
    , m_clear(new style::LinkButton(tr("Bring them in later")))
{
    setMinimumHeight(180);
    auto* layout = new QVBoxLayout(this);
    layout->setSpacing(4);
    layout->setContentsMargins(16, 56, 16, 12);
    layout->addStretch(1);
    for (style::PlainLabel* label : { m_what, m_how }) {
        label->setAlignment(Qt::AlignCenter);
        label->setElideMode(Qt::ElideMiddle);
        layout->addWidget(label);
    }
    auto* row = new QHBoxLayout;
    row->setSpacing(8);
    QPushButton* folder = style::makeButton(tr("Choose folder…"), style::ButtonKind::Default, "folder");
    QPushButton* files = style::makeButton(tr("Choose files…"));
    row->addStretch(1);
    row->addWidget(folder);
    row->addWidget(files);
    row->addStretch(1);
    layout->addSpacing(10);
    layout->addLayout(row);
    layout->addWidget(m_clear, 0, Qt::AlignHCenter);
    layout->addStretch(1);
    connect(folder, &QPushButton::clicked, this, &DropZone::folderRequested);
    connect(files, &QPushButton::clicked, this, &DropZone::filesRequested);
    connect(m_clear, &QAbstractButton::clicked, this, [this] { setFiles({}); });
    setFiles({});
}

void DropZone::setFiles(const QStringList& files)
{
    m_files = files;
    m_clear->setVisible(!files.isEmpty());
    if (files.isEmpty()) {
        m_what->setText(tr("Drop pictures here, or a folder of them"));
        m_how->setText(tr("Boxes in Pascal VOC or COCO files come along"));
    } else {
        m_what->setText(files.size() == 1 ? QFileInfo(files.constFirst()).fileName() : tr("%1 files").arg(files.size()));
        m_how->setText(QFileInfo(files.constFirst()).path());
    }
    update();
}

void DropZone::paintEvent(QPaintEvent*)
{
    const style::Tokens& t = style::tokens();
    QPainter painter(this);
    style::paintRounded(painter, rect(), style::radius::kCard, t.window);
    painter.setRenderHint(QPainter::Antialiasing);
    QPen pen(m_files.isEmpty() ? t.lineStrong : t.accent, 1);
    pen.setDashPattern({ 4, 4 });
    painter.setPen(pen);
    painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6);
    const int top = std::max(m_what->y() - 40, 12);
    style::paintIcon(painter, m_files.isEmpty() ? QStringLiteral("import") : QStringLiteral("folder"), QRectF((width() - 28) / 2, top, 28, 28), m_files.isEmpty() ? t.text3 : t.accent);
}

}
