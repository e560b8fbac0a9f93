#include "widgets/style/widgets.h"

#include <QAction>
#include <QLineEdit>
#include <QPainter>
#include <QPushButton>
#include <QToolButton>

namespace percept::style {

QPushButton* makeButton(const QString& text, ButtonKind kind, const char* iconName, ControlSize size, QWidget* parent)
{
    auto* button = new QPushButton(text, parent);
    if (iconName)
        button->setIcon(icon(iconName));
    button->setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    button->setAutoDefault(false);
    setButtonKind(button, kind, size);
    return button;
}

QToolButton* makeToolButton(
    const char* iconName, const QString& name, const QString& key, const QString& how, ControlSize size, QWidget* parent)
{
    auto* button = new QToolButton(parent);
    button->setIcon(icon(iconName));
    button->setIconSize(QSize(16, 16));
    setButtonKind(button, ButtonKind::Tool, size);
    button->setAccessibleName(name);
    button->setFocusPolicy(Qt::TabFocus);
    setTip(button, name, key, how);
    return button;
}

QLineEdit* makeSearchField(const QString& placeholder, QWidget* parent)
{
    auto* field = new QLineEdit(parent);
    field->setPlaceholderText(placeholder);
    field->setAccessibleName(placeholder);
    field->setClearButtonEnabled(true);
    field->setAcceptDrops(false); // files are for the window
    field->addAction(icon("search", Ink::Text3), QLineEdit::LeadingPosition);
    return field;
}

void setTip(QWidget* widget, const QString& name, const QString& key, const QString& how)
{
    QString tip = QStringLiteral("<p style='white-space:pre'><span style='font-weight:600'>") + name.toHtmlEscaped() + QStringLiteral("</span>");
    if (!key.isEmpty())
        tip += QStringLiteral("&nbsp;&nbsp;<span style='color:%1'>").arg(tokens().text2.name()) + key.toHtmlEscaped() + QStringLiteral("</span>");
    if (!how.isEmpty())
        tip += QStringLiteral("<br>") + how.toHtmlEscaped();
    widget->setToolTip(tip + QStringLiteral("</p>"));
}

QString plainTip(const QString& text)
{
    return text.isEmpty() ? QString() : QStringLiteral("<span>") + text.toHtmlEscaped().replace(QLatin1Char('\n'), QStringLiteral("<br>")) + QStringLiteral("</span>");
}

Surface::Surface(Fill fill, QWidget* parent)
    : QWidget(parent)
    , m_fill(fill)
{
    setAttribute(Qt::WA_OpaquePaintEvent);
}

void Surface::setLines(Qt::Edges edges)
{
    m_lines = edges;
    update();
}

void Surface::paintEvent(QPaintEvent*)
{
    const Tokens& t = tokens();
    QPainter painter(this);
    const QColor fills[] = { t.window, t.panel, t.raised, t.canvas };
    painter.fillRect(rect(), fills[static_cast<int>(m_fill)]);
    if (m_lines & Qt::TopEdge)
        painter.fillRect(0, 0, width(), 1, t.line);
    if (m_lines & Qt::BottomEdge)
        painter.fillRect(0, height() - 1, width(), 1, t.line);
    if (m_lines & Qt::LeftEdge)
        painter.fillRect(0, 0, 1, height(), t.line);
    if (m_lines & Qt::RightEdge)
        painter.fillRect(width() - 1, 0, 1, height(), t.line);
}

namespace {

class Line : public QFrame {
public:
    explicit Line(QWidget* parent)
        : QFrame(parent)
    {
    }

protected:
    void paintEvent(QPaintEvent*) override { QPainter(this).fillRect(rect(), tokens().line); }
};

class BarSeparator : public QWidget {
public:
    explicit BarSeparator(QWidget* parent)
        : QWidget(parent)
    {
        setFixedSize(9, 20);
    }

protected:
    void paintEvent(QPaintEvent*) override { QPainter(this).fillRect(QRect(4, 0, 1, height()), tokens().lineStrong); }
};

}

QFrame* makeLine(Qt::Orientation orientation, QWidget* parent)
{
    auto* line = new Line(parent);
    if (orientation == Qt::Horizontal)
        line->setFixedHeight(1);
    else
        line->setFixedWidth(1);
    return line;
}

QWidget* makeBarSeparator(QWidget* parent) { return new BarSeparator(parent); }

}
