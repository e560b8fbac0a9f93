#include "app/studio/start/class_chips.h"

#include "core/domain/class_name.h"
#include "widgets/style/paint.h"
#include "widgets/style/widgets.h"

#include <QKeyEvent>
#include <QLineEdit>
#include <QPainter>
#include <QRegularExpression>
#include <algorithm>

namespace percept::studio {
namespace {

QStringList partsOf(const QString& text)
{
    static const QRegularExpression separators(QStringLiteral("[,\\n\\r\\t]"));
    QStringList parts;
    for (const QString& part : text.split(separators))
        if (const QString name = part.trimmed(); !name.isEmpty())
            parts << name;
    return parts;
}

}

ClassChips::ClassChips(QWidget* parent)
    : QWidget(parent)
    , m_field(new QLineEdit(this))
{
    m_field->setObjectName(QStringLiteral("class-name"));
    m_field->setFrame(false);
    m_field->setAccessibleName(tr("Class name"));
    m_field->installEventFilter(this);
    setFocusProxy(m_field);
    setMinimumHeight(72);
    connect(m_field, &QLineEdit::textEdited, this, [this](const QString& text) {
        if (text.contains(QLatin1Char(',')) || text.contains(QLatin1Char('\n')))
            take(text);
        update(); // its frame may say that there is a problem
        Q_EMIT changed();
    });
    rebuild();
}

QStringList ClassChips::names() const
{
    QStringList all = m_names;
    if (problem().isEmpty())
        all << partsOf(m_field->text());
    return all;
}

const QString* ClassChips::alike(const QString& name) const
{
    const auto found = std::find_if(m_names.begin(), m_names.end(), [&](const QString& known) { return domain::isSameClassName(known.toStdString(), name.toStdString()); });
    return found == m_names.end() ? nullptr : &*found;
}

QString ClassChips::problem() const
{
    for (const QString& name : partsOf(m_field->text()))
        if (const QString* known = alike(name))
            return *known == name ? tr("%1 is in the list already.").arg(name) : tr("%1 is in the list already: %2 differs from it in capitals alone.").arg(*known, name);
    return {};
}

void ClassChips::setNames(const QStringList& names)
{
    m_names = names;
    m_field->clear();
    rebuild();
}

void ClassChips::take(const QString& text)
{
    QStringList twice;
    for (const QString& name : partsOf(text))
        (alike(name) ? twice : m_names) << name;
    m_field->setText(twice.join(QStringLiteral(", "))); // to be mended or taken out
    rebuild();
    Q_EMIT changed();
}

void ClassChips::rebuild()
{
    qDeleteAll(m_chips);
    m_chips.clear();
    for (int i = 0; i < m_names.size(); ++i) {
        auto* chip = new style::Chip(m_names.at(i), style::Tone::Neutral, this);
        chip->setSwatch(style::classBright(i), style::classHatched(i));
        chip->setRemovable(true);
        connect(chip, &style::Chip::removed, this, [this, i] {
            m_names.removeAt(i);
            QMetaObject::invokeMethod(this, [this] { rebuild(); Q_EMIT changed(); }, Qt::QueuedConnection);
        });
        chip->show();
        m_chips << chip;
    }
    m_field->setPlaceholderText(m_names.isEmpty() ? tr("for example Red cell, White cell") : tr("add another"));
    place();
    update();
}

void ClassChips::place()
{
    int x = 8, y = 8;
    const auto put = [&](QWidget* widget, int wide) {
        if (x + wide > width() - 8 && x > 8) {
            x = widget == m_field ? 2 : 8;
            y += 28;
        }
        widget->setGeometry(x, y, std::min(wide, width() - 16), 24);
        x += wide + 8;
    };
    for (QWidget* chip : m_chips)
        put(chip, chip->sizeHint().width());
    x = std::max(x - 6, 2); // the text of the field lines up with the chips
    put(m_field, m_names.isEmpty() ? 220 : 140);
    const int needed = std::max(72, y + 32);
    if (needed != minimumHeight())
        setMinimumHeight(needed);
}

void ClassChips::resizeEvent(QResizeEvent*) { place(); }
void ClassChips::mousePressEvent(QMouseEvent*) { m_field->setFocus(); }

void ClassChips::paintEvent(QPaintEvent*)
{
    const style::Tokens& t = style::tokens();
    QPainter painter(this);
    const bool focus = m_field->hasFocus();
    style::paintRounded(painter, rect(), style::radius::kControl, t.field, !problem().isEmpty() ? t.error : focus ? t.accent : t.lineStrong, focus ? 2 : 1);
}

bool ClassChips::eventFilter(QObject* object, QEvent* event)
{
    if (event->type() == QEvent::FocusIn || event->type() == QEvent::FocusOut)
        update();
    if (object == m_field && event->type() == QEvent::KeyPress) {
        const auto* key = static_cast<QKeyEvent*>(event);
        const bool enter = key->key() == Qt::Key_Return || key->key() == Qt::Key_Enter;
        if (enter && !m_field->text().trimmed().isEmpty()) {
            take(m_field->text());
            return true;
        }
        if (key->key() == Qt::Key_Backspace && m_field->text().isEmpty() && !m_names.isEmpty()) {
            m_names.removeLast();
            rebuild();
            Q_EMIT changed();
            return true;
        }
    }
    return QWidget::eventFilter(object, event);
}

}
