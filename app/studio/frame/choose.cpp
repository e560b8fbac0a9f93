// Choosers that remember where the last thing of their purpose was.
#include "app/studio/frame/recent_projects.h"
#include "app/studio/frame/studio_context.h"

#include <QDir>
#include <QFileInfo>

namespace percept::studio {
namespace {
QString key(const QString& purpose) { return QStringLiteral("folder-") + purpose; }
}

QString StudioContext::lastFolder(const QString& purpose, const QString& fallback) const
{
    const QString last = QString::fromUtf8(m_recent->state(key(purpose)));
    return !last.isEmpty() && QFileInfo(last).isDir() ? last : fallback;
}

// The folder in which the chosen one lies: the next one is mostly beside it.
QString StudioContext::chooseFolder(QWidget* parent, const QString& purpose, const QString& title, const QString& fallback)
{
    const QString chosen = m_choosers.folder(parent, title, lastFolder(purpose, fallback));
    if (!chosen.isEmpty())
        m_recent->writeState(key(purpose), QFileInfo(chosen).absolutePath().toUtf8());
    return chosen;
}

QStringList StudioContext::chooseFiles(QWidget* parent, const QString& purpose, const QString& title, const QString& fallback, const QString& filter)
{
    const QStringList chosen = m_choosers.files(parent, title, lastFolder(purpose, fallback), filter);
    if (!chosen.isEmpty())
        m_recent->writeState(key(purpose), QFileInfo(chosen.constFirst()).absolutePath().toUtf8());
    return chosen;
}

QString StudioContext::chooseSaveFile(QWidget* parent, const QString& purpose, const QString& title, const QString& fallback, const QString& filter)
{
    const QFileInfo proposed(fallback);
    const QString start = QDir(lastFolder(purpose, proposed.path())).filePath(proposed.fileName());
    const QString chosen = m_choosers.saveFile(parent, title, start, filter);
    if (!chosen.isEmpty())
        m_recent->writeState(key(purpose), QFileInfo(chosen).absolutePath().toUtf8());
    return chosen;
}

}
