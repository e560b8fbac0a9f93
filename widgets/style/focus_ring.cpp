#include "widgets/style/focus_ring.h"

#include <QAbstractButton>
#include <QFocusEvent>
#include <QFocusFrame>
#include <QKeyEvent>
#include <QWidget>

namespace percept::style {

FocusRing::FocusRing(QObject* parent)
    : QObject(parent)
{
}

FocusRing::~FocusRing() { delete m_frame; }

void FocusRing::watch(QWidget* widget) { widget->installEventFilter(this); }
void FocusRing::forget(QWidget* widget) { widget->removeEventFilter(this); }

namespace {

bool isEnter(const QEvent& event)
{
    if (event.type() != QEvent::KeyPress)
        return false;
    const auto& key = static_cast<const QKeyEvent&>(event);
    return (key.key() == Qt::Key_Return || key.key() == Qt::Key_Enter) && !(key.modifiers() & ~Qt::KeypadModifier) && !key.isAutoRepeat();
}

}

bool FocusRing::eventFilter(QObject* object, QEvent* event)
{
    if (auto* button = qobject_cast<QAbstractButton*>(object); button && button->isEnabled() && isEnter(*event)) {
        button->click();
        return true;
    }
    if (event->type() == QEvent::FocusIn) {
        const Qt::FocusReason reason = static_cast<QFocusEvent*>(event)->reason();
        if (reason == Qt::TabFocusReason || reason == Qt::BacktabFocusReason || reason == Qt::ShortcutFocusReason) {
            if (!m_frame)
                m_frame = new QFocusFrame;
            m_frame->setWidget(static_cast<QWidget*>(object));
        }
    } else if (event->type() == QEvent::FocusOut && m_frame && m_frame->widget() == object) {
        m_frame->setWidget(nullptr);
    }
    return QObject::eventFilter(object, event);
}

}
