#include "app/studio/frame/commands.h"

#include <QAction>
#include <QKeySequence>

namespace percept::studio {
namespace {
constexpr const char* kWhyNot = "perceptWhyNot";
}

QString commandText(const QAction& action)
{
    QString text = action.text().section(QLatin1Char('\t'), 0, 0);
    text.replace(QStringLiteral("&&"), QStringLiteral("\1"));
    return text.remove(QLatin1Char('&')).replace(QLatin1Char('\1'), QLatin1Char('&'));
}

QString commandKeys(const QAction& action)
{
    if (const QString shown = action.text().section(QLatin1Char('\t'), 1); !shown.isEmpty())
        return shown;
    QString keys = action.shortcut().toString(QKeySequence::PortableText);
    for (qsizetype at = keys.indexOf(QLatin1Char('+')); at > 0 && at + 1 < keys.size(); at = keys.indexOf(QLatin1Char('+'), at + 1))
        keys[at] = QLatin1Char(' '); // a plus at the end is the key
    return keys;
}

// As Qt itself does it for shortcuts: behind a tab.
void setCommandKeys(QAction& action, const QString& keys) { action.setText(action.text().section(QLatin1Char('\t'), 0, 0) + QLatin1Char('\t') + keys); }

void setCommandEnabled(QAction& action, bool enabled, const QString& whyNot)
{
    action.setEnabled(enabled);
    action.setProperty(kWhyNot, enabled ? QString() : whyNot);
    action.setToolTip(enabled || whyNot.isEmpty() ? commandText(action) : commandText(action) + QStringLiteral(": ") + whyNot);
}

QString commandReason(const QAction& action) { return action.isEnabled() ? QString() : action.property(kWhyNot).toString(); }

}
