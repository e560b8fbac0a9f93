// F6 and Shift+F6: from panel to panel, each time to where the keyboard was in it.
#include "app/studio/main_window.h"
#include "app/studio/rail.h"
#include "app/studio/top_bar.h"

#include <QAbstractButton>
#include <QApplication>
#include <QButtonGroup>

namespace percept::studio {
namespace {

bool contains(const QWidget* panel, const QWidget* widget) { return widget && (panel == widget || panel->isAncestorOf(widget)); }

bool takesFocus(const QWidget* widget)
{
    return (widget->focusPolicy() & Qt::TabFocus) && widget->isVisible() && widget->isEnabled() && !widget->focusProxy();
}

// What is chosen in it (the current page of the rail), else the first in tab order.
QWidget* firstIn(QWidget* panel)
{
    if (takesFocus(panel))
        return panel;
    QWidget* first = nullptr;
    for (QWidget* widget = panel->nextInFocusChain(); widget != panel; widget = widget->nextInFocusChain()) {
        if (!contains(panel, widget) || !takesFocus(widget))
            continue;
        const auto* button = qobject_cast<QAbstractButton*>(widget);
        if (button && button->isChecked() && button->group())
            return widget;
        if (!first)
            first = widget;
    }
    return first;
}

}

// What had the keyboard is hidden, disabled or gone, and Qt gave it to whatever comes next: the page knows better.
void MainWindow::bringFocusHome(QWidget* from, QWidget* to)
{
    if (!from || from->window() != this || (to && from->isVisible() && from->isEnabled()))
        return;
    // Once it is settled: whoever hid it may give the focus away themselves.
    QMetaObject::invokeMethod(this, [this, to = QPointer<QWidget>(to)] {
        Page* front = m_current.isEmpty() ? nullptr : page(m_current);
        QWidget* home = front ? front->home() : nullptr;
        if (home && home->isVisible() && QApplication::focusWidget() == to && isActiveWindow())
            home->setFocus(Qt::OtherFocusReason);
    }, Qt::QueuedConnection);
}

QList<QWidget*> MainWindow::panels()
{
    QList<QWidget*> all { m_top, m_rail };
    if (Page* front = m_current.isEmpty() ? nullptr : page(m_current))
        all += front->panels();
    erase_if(all, [](QWidget* panel) { return !panel->isVisible() || !firstIn(panel); });
    return all;
}

void MainWindow::walkPanels(int by)
{
    const QList<QWidget*> all = panels();
    QWidget* focus = QApplication::focusWidget();
    if (all.isEmpty())
        return;
    qsizetype at = by > 0 ? -1 : 0;
    const QWidget* inner = nullptr; // a panel may lie in another
    for (qsizetype i = 0; i < all.size(); ++i)
        if (contains(all[i], focus) && (!inner || inner->isAncestorOf(all[i]))) {
            at = i;
            inner = all[i];
        }
    if (inner)
        m_lastFocus[all[at]] = focus;
    QWidget* panel = all[(at + by + all.size()) % all.size()];
    QWidget* last = m_lastFocus[panel];
    (last && contains(panel, last) && takesFocus(last) ? last : firstIn(panel))->setFocus(Qt::ShortcutFocusReason);
}

}
