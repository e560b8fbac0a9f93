#include "app/studio/frame/recent_projects.h"

#include "core/base/files.h"

#include <QCoreApplication>
#include <QDateTime>
#include <QDir>
#include <QLocale>
#include <QSettings>
#include <QStandardPaths>
#include <algorithm>

namespace percept::studio {
namespace {
constexpr std::size_t kMax = 12;
}

RecentProjects::RecentProjects()
    : m_file(QString::fromStdString((base::configFolder() / "studio.ini").string()))
{
}

std::vector<RecentProjects::Entry> RecentProjects::entries() const
{
    QSettings settings(m_file, QSettings::IniFormat);
    std::vector<Entry> result;
    const int size = settings.beginReadArray(QStringLiteral("recent"));
    for (int i = 0; i < size; ++i) {
        settings.setArrayIndex(i);
        Entry entry;
        entry.path = settings.value(QStringLiteral("path")).toString();
        entry.name = settings.value(QStringLiteral("name")).toString();
        entry.openedMs = settings.value(QStringLiteral("opened")).toLongLong();
        entry.items = settings.value(QStringLiteral("items")).toLongLong();
        entry.done = settings.value(QStringLiteral("done")).toLongLong();
        entry.thumbnail = settings.value(QStringLiteral("thumbnail")).toString();
        entry.view = settings.value(QStringLiteral("view")).toByteArray();
        if (!entry.path.isEmpty())
            result.push_back(entry);
    }
    return result;
}

void RecentProjects::write(const std::vector<Entry>& entries)
{
    QDir().mkpath(QFileInfo(m_file).path());
    QSettings settings(m_file, QSettings::IniFormat);
    settings.remove(QStringLiteral("recent"));
    settings.beginWriteArray(QStringLiteral("recent"));
    int i = 0;
    for (const Entry& entry : entries) {
        settings.setArrayIndex(i++);
        settings.setValue(QStringLiteral("path"), entry.path);
        settings.setValue(QStringLiteral("name"), entry.name);
        settings.setValue(QStringLiteral("opened"), entry.openedMs);
        settings.setValue(QStringLiteral("items"), entry.items);
        settings.setValue(QStringLiteral("done"), entry.done);
        settings.setValue(QStringLiteral("thumbnail"), entry.thumbnail);
        settings.setValue(QStringLiteral("view"), entry.view);
    }
    settings.endArray();
}

void RecentProjects::remember(const Entry& entry)
{
    std::vector<Entry> all = entries();
    Entry newest = entry;
    for (const Entry& other : all)
        if (other.path == entry.path && newest.view.isEmpty())
            newest.view = other.view;
    std::erase_if(all, [&](const Entry& other) { return other.path == entry.path; });
    all.insert(all.begin(), std::move(newest));
    if (all.size() > kMax)
        all.resize(kMax);
    write(all);
}

QByteArray RecentProjects::view(const QString& path) const
{
    for (const Entry& entry : entries())
        if (entry.path == path)
            return entry.view;
    return {};
}

void RecentProjects::writeView(const QString& path, const QByteArray& view)
{
    std::vector<Entry> all = entries();
    for (Entry& entry : all)
        if (entry.path == path && entry.view != view) {
            entry.view = view;
            return write(all);
        }
}

void RecentProjects::forget(const QString& path)
{
    std::vector<Entry> all = entries();
    std::erase_if(all, [&](const Entry& other) { return other.path == path; });
    write(all);
}

QString RecentProjects::theme() const
{
    return QSettings(m_file, QSettings::IniFormat).value(QStringLiteral("theme"), QStringLiteral("system")).toString();
}

void RecentProjects::writeTheme(const QString& theme)
{
    QDir().mkpath(QFileInfo(m_file).path());
    QSettings(m_file, QSettings::IniFormat).setValue(QStringLiteral("theme"), theme);
}

QString RecentProjects::projectsFolder() const
{
    const QString fallback = QDir(QStandardPaths::writableLocation(QStandardPaths::DocumentsLocation)).filePath(QStringLiteral("Percept"));
    return QSettings(m_file, QSettings::IniFormat).value(QStringLiteral("projectsFolder"), fallback).toString();
}

void RecentProjects::writeProjectsFolder(const QString& folder)
{
    QDir().mkpath(QFileInfo(m_file).path());
    QSettings(m_file, QSettings::IniFormat).setValue(QStringLiteral("projectsFolder"), folder);
}

QByteArray RecentProjects::state(const QString& name) const
{
    return QSettings(m_file, QSettings::IniFormat).value(QStringLiteral("state/") + name).toByteArray();
}

void RecentProjects::writeState(const QString& name, const QByteArray& bytes)
{
    QDir().mkpath(QFileInfo(m_file).path());
    QSettings(m_file, QSettings::IniFormat).setValue(QStringLiteral("state/") + name, bytes);
}

QString folderBeside(const RecentProjects::Entry& entry, const std::vector<RecentProjects::Entry>& all)
{
    const bool isTwin = std::any_of(all.begin(), all.end(), [&](const auto& other) { return other.name == entry.name && other.path != entry.path; });
    if (!isTwin)
        return {};
    const QString home = QDir::homePath() + QLatin1Char('/');
    return entry.path.startsWith(home) ? QStringLiteral("~/") + entry.path.mid(home.size()) : entry.path;
}

QString describeWhen(qint64 thenMs, qint64 nowMs)
{
    const qint64 seconds = (nowMs - thenMs) / 1000;
    if (seconds < 60)
        return QCoreApplication::translate("percept", "just now");
    if (seconds < 3600)
        return QCoreApplication::translate("percept", "%1 min ago").arg(seconds / 60);
    const QDate then = QDateTime::fromMSecsSinceEpoch(thenMs).date(), today = QDateTime::fromMSecsSinceEpoch(nowMs).date();
    if (then == today)
        return QCoreApplication::translate("percept", "today");
    if (then.daysTo(today) == 1)
        return QCoreApplication::translate("percept", "yesterday");
    return QLocale(QLocale::English).toString(then, then.year() == today.year() ? QStringLiteral("d MMM") : QStringLiteral("d MMM yyyy"));
}

}
