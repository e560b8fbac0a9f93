#pragma once

#include <QString>

class QAction;

namespace percept::studio {

// What the menu, the palette (Ctrl+K) and the overlay of keys (F1) say of a command: one text and one key, the same in all three.
QString commandText(const QAction& action); // without mnemonics
QString commandKeys(const QAction& action); // "Ctrl Shift Z"; empty: none
// A key that the page itself looks at, such as Space, and that is no shortcut of the action; menus show it too.
void setCommandKeys(QAction& action, const QString& keys);

// Enabled, or not and why: "select pictures first". The palette lists what is not enabled with the reason.
void setCommandEnabled(QAction& action, bool enabled, const QString& whyNot);
QString commandReason(const QAction& action); // empty when enabled

}
