#include "widgets/style/paint.h"
#include "widgets/style/widgets.h"

#include <QHBoxLayout>
#include <QPainter>
#include <QPushButton>
#include <QToolButton>
#include <QVBoxLayout>

namespace percept::style {
namespace {

const char* toneIcon(Tone tone)
{
    return tone == Tone::Warning ? "warn" : tone == Tone::Error ? "alert" : tone == Tone::Good ? "ok" : "info";
}

class IconLabel : public QWidget {
public:
    IconLabel(const char* name, int size)
        : m_name(QString::fromLatin1(name))
        , m_size(size)
    {
        setFixedSize(size, size);
    }

protected:
    void paintEvent(QPaintEvent*) override
    {
        QPainter painter(this);
        paintIcon(painter, m_name, QRectF(0, 0, m_size, m_size), tokens().text3);
    }

private:
    QString m_name;
    int m_size;
};

}

Note::Note(Tone tone, const QString& text, QWidget* parent)
    : QWidget(parent)
    , m_tone(tone)
    , m_text(new PlainLabel(text, TextRole::Table, tone == Tone::Neutral ? Ink::Text2 : Ink::Text))
    , m_action(nullptr)
{
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(34, 8, 10, 8);
    m_text->setWordWrap(true);
    layout->addWidget(m_text, 1);
    m_action = makeButton(QString(), ButtonKind::Default, nullptr, ControlSize::Compact);
    m_action->hide();
    layout->addWidget(m_action);
    connect(m_action, &QPushButton::clicked, this, &Note::actionTriggered);
    setAccessibleName(text);
}

void Note::setTone(Tone tone)
{
    m_tone = tone;
    m_text->setInk(tone == Tone::Neutral ? Ink::Text2 : Ink::Text);
    update();
}

void Note::setText(const QString& text)
{
    m_text->setText(text);
    setAccessibleName(text);
}

void Note::setAction(const QString& text)
{
    m_action->setText(text);
    m_action->setVisible(!text.isEmpty());
}

void Note::setClosable(const QString& name)
{
    QToolButton* close = makeToolButton("x", name, {}, {}, ControlSize::Compact);
    close->setObjectName(QStringLiteral("note-close"));
    layout()->addWidget(close);
    connect(close, &QToolButton::clicked, this, [this] {
        hide();
        Q_EMIT closed();
    });
}

void Note::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    const QColor fill = m_tone == Tone::Neutral ? (tokens().dark ? tokens().raised : tokens().window) : toneFill(m_tone);
    paintRounded(painter, rect(), radius::kControl, fill);
    paintIcon(painter, QString::fromLatin1(toneIcon(m_tone)), QRectF(10, 8, 16, 16), toneText(m_tone));
}

LinkButton::LinkButton(const QString& text, QWidget* parent)
    : QAbstractButton(parent)
{
    setText(text);
    setCursor(Qt::PointingHandCursor);
    setFont(style::font(TextRole::TableStrong));
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
}

QSize LinkButton::sizeHint() const { return { fontMetrics().horizontalAdvance(text()) + 2, 24 }; }

void LinkButton::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    QFont f = font();
    f.setUnderline(underMouse() && isEnabled());
    painter.setFont(f);
    painter.setPen(isEnabled() ? tokens().accent : tokens().disabled);
    painter.drawText(rect(), Qt::AlignLeft | Qt::AlignVCenter, text());
}

EmptyState::EmptyState(const char* iconName, const QString& sentence, QWidget* parent)
    : QWidget(parent)
    , m_layout(new QVBoxLayout(this))
    , m_sentence(new PlainLabel(sentence, TextRole::Body, Ink::Text2))
{
    m_layout->setSpacing(space::k12);
    m_layout->addStretch(1);
    m_layout->addWidget(new IconLabel(iconName, 28), 0, Qt::AlignHCenter);
    m_sentence->setAlignment(Qt::AlignCenter);
    m_sentence->setWordWrap(true);
    m_layout->addWidget(m_sentence);
    m_layout->addStretch(1);
}

void EmptyState::setSentence(const QString& sentence) { m_sentence->setText(sentence); }

QPushButton* EmptyState::addPrimary(const QString& text)
{
    QPushButton* button = makeButton(text, ButtonKind::Primary);
    m_layout->insertWidget(m_layout->count() - 1, button, 0, Qt::AlignHCenter);
    return button;
}

LinkButton* EmptyState::addLink(const QString& text)
{
    auto* link = new LinkButton(text);
    m_layout->insertWidget(m_layout->count() - 1, link, 0, Qt::AlignHCenter);
    return link;
}

}
