#include "app/studio/frame/side_panel.h"

#include "widgets/style/paint.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QPainter>
#include <QToolButton>
#include <QVBoxLayout>

namespace percept::studio {

namespace {
    // The name of the panel, read from top to bottom.
    class UprightText : public QWidget {
    public:
        explicit UprightText(const QString& text)
            : m_text(text)
        {
        }

    protected:
        void paintEvent(QPaintEvent*) override
        {
            QPainter painter(this);
            painter.setFont(style::font(style::TextRole::Section));
            painter.setPen(style::tokens().text2);
            painter.translate(width(), 0);
            painter.rotate(90);
            painter.drawText(QRect(8, 0, height() - 16, width()), Qt::AlignLeft | Qt::AlignVCenter, painter.fontMetrics().elidedText(m_text, Qt::ElideRight, height() - 16));
        }

    private:
        QString m_text;
    };
}

SidePanel::SidePanel(const QString& name, int width, QWidget* parent)
    : Surface(Fill::Panel, parent)
    , m_body(new QWidget)
    , m_strip(new QWidget)
    , m_width(width)
{
    setLines(Qt::LeftEdge);
    setFixedWidth(width);
    auto* open = style::makeToolButton("cl", tr("Show: %1").arg(name), {}, {}, style::ControlSize::Compact);
    open->setObjectName(QStringLiteral("unfold"));
    open->setFocusPolicy(Qt::TabFocus);
    connect(open, &QToolButton::clicked, this, [this] { setFolded(false); });
    auto* strip = new QVBoxLayout(m_strip);
    strip->setContentsMargins(3, 10, 3, 8);
    strip->setSpacing(8);
    strip->addWidget(open, 0, Qt::AlignHCenter);
    m_extra = new QVBoxLayout;
    strip->addLayout(m_extra);
    strip->addWidget(new UprightText(name), 1);
    m_strip->hide();
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(1, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(m_body);
    layout->addWidget(m_strip);
}

void SidePanel::addToStrip(QWidget* widget) { m_extra->addWidget(widget, 0, Qt::AlignHCenter); }

void SidePanel::setFolded(bool folded)
{
    if (folded == m_folded)
        return;
    m_folded = folded;
    m_body->setVisible(!folded);
    m_strip->setVisible(folded);
    setFixedWidth(folded ? kStrip : m_width);
}

void SidePanel::followWindow()
{
    const bool narrow = window()->width() < kFoldsBelow;
    if (narrow != m_wasNarrow)
        setFolded(narrow);
    m_wasNarrow = narrow;
}

bool SidePanel::eventFilter(QObject* object, QEvent* event)
{
    if (object == window() && event->type() == QEvent::Resize)
        followWindow();
    return Surface::eventFilter(object, event);
}

void SidePanel::showEvent(QShowEvent* event)
{
    Surface::showEvent(event);
    window()->installEventFilter(this); // once, however often it is asked for
    followWindow();
}

}
