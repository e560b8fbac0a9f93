#pragma once

#include <QString>
#include <filesystem>
#include <vector>

namespace percept::studio {

// The projects that were opened on this computer, newest first, and a few settings, in studio.ini of the user's folder.
class RecentProjects {
public:
    struct Entry {
        QString path, name;
        qint64 openedMs = 0;
        qint64 items = 0, done = 0;
        QString thumbnail; // a file of the project's cache; may be gone
        QByteArray view;   // see writeView
    };
    RecentProjects();

    std::vector<Entry> entries() const;
    void remember(const Entry& entry); // keeps the view of the one that was there
    void forget(const QString& path);
    // Where somebody was in the project, as whoever writes it reads it. Goes with the entry.
    QByteArray view(const QString& path) const;
    void writeView(const QString& path, const QByteArray& view);

    // "system", "dark" or "light"
    QString theme() const;
    void writeTheme(const QString& theme);
    // Where new projects go unless told otherwise.
    QString projectsFolder() const;
    void writeProjectsFolder(const QString& folder);

    QByteArray state(const QString& name) const; // window and splitters
    void writeState(const QString& name, const QByteArray& bytes);

private:
    void write(const std::vector<Entry>& entries);
    QString m_file;
};

// Where a project lies ("~/parts/cells.percept"), if another one of the list has the same name; else empty: the name tells.
QString folderBeside(const RecentProjects::Entry& entry, const std::vector<RecentProjects::Entry>& all);

// "just now", "12 min ago", "yesterday", "12 Nov"
QString describeWhen(qint64 thenMs, qint64 nowMs);

}
