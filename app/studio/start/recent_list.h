#pragma once

#include "app/studio/frame/last_run.h"
#include "app/studio/frame/recent_projects.h"

#include <QHash>
#include <QImage>
#include <QWidget>

namespace percept::studio {

// Recent projects: thumbnail, name, how far, when. A project that is not where it was stays, with Locate. Up and Down walk,
// Enter opens, Delete takes it off the list (the project stays on disk).
class RecentList : public QWidget {
    Q_OBJECT
public:
    explicit RecentList(QWidget* parent = nullptr);
    void setEntries(std::vector<RecentProjects::Entry> entries);
    void setLastRun(const QString& path, const LastRun& run); // a training that was interrupted is said under the name
    QString secondLine(int row) const;
    const std::vector<RecentProjects::Entry>& entries() const { return m_entries; }

Q_SIGNALS:
    void opened(const QString& path);
    void locateRequested(const QString& path);
    void forgotten(const QString& path);

protected:
    void paintEvent(QPaintEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;
    QSize sizeHint() const override;

private:
    void activate(int row);
    void paintRow(QPainter& painter, int row) const;
    int rowAt(const QPoint& at) const;
    std::vector<RecentProjects::Entry> m_entries;
    std::vector<bool> m_missing;
    QHash<QString, QImage> m_images;
    QHash<QString, LastRun> m_lastRuns;
    int m_hover = -1, m_current = 0;
};

}
