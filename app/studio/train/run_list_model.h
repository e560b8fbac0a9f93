#pragma once

#include "core/runs/run_store.h"

#include <QAbstractListModel>
#include <QColor>
#include <QHash>
#include <QSet>
#include <QStyledItemDelegate>
#include <filesystem>

namespace percept::studio {

// The runs of a project, newest first. The plots draw those that are ticked and the one that is shown; each of them has a
// colour of its own, which it keeps for as long as it is drawn.
class RunListModel : public QAbstractListModel {
    Q_OBJECT
public:
    enum Role { IdRole = Qt::UserRole + 1, InfoRole, TickedRole, ColorRole };
    explicit RunListModel(QObject* parent = nullptr);

    void setRuns(std::vector<runs::RunInfo> runs);
    const std::vector<runs::RunInfo>& runs() const { return m_runs; }
    const runs::RunInfo* find(const QString& id) const;
    int rowOf(const QString& id) const;
    QString titleOf(const QString& id) const;
    void setTicked(const QString& id, bool on);
    bool isTicked(const QString& id) const { return m_ticked.contains(id); }
    QStringList ticked() const; // in the order of the list
    void setShown(const QString& id); // on the dashboard
    QStringList drawn() const;        // ticked or shown, in the order of the list
    QColor colorOf(const QString& id) const;
    // Where somebody was: which are ticked, and the colours of all that are drawn. What is gone since is passed over.
    QHash<QString, int> colors() const { return m_colors; }
    void restore(const QStringList& ticked, const QHash<QString, int>& colors);

    // What is known of the run that this window trains, sooner and closer than its files tell it.
    void setWorking(const QString& id, const QString& status);
    void setWaiting(const QString& id); // its turn comes when the other is through; empty: none
    QString statusText(const runs::RunInfo& run) const;
    bool isWorking(const runs::RunInfo& run) const;

    int rowCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;

signals:
    void tickedChanged();

private:
    void giveColors();

    std::vector<runs::RunInfo> m_runs;
    QSet<QString> m_ticked;
    QString m_shown, m_working, m_workingStatus, m_waiting;
    QHash<QString, int> m_colors; // of those that are drawn: 0 is the accent
};

// "Run 3" for "r0003"; what people call it where it has a name.
QString runTitle(const std::string& id);
QString runTitle(const runs::RunInfo& run);
// One line of what kind of run it is: "Full · Lite0 · data v2 · seed 0"; short, for the list: "Full · v2 · seed 0".
QString runFacts(const runs::RunInfo& run);
QString shortRunFacts(const runs::RunInfo& run);
// One truth: what the model reaches once it is scored, until then what its best epoch did. "0.852", "–"; empty while there is nothing yet.
QString shortScore(const runs::RunInfo& run);
// In words: "AP50 0.852 on validation" of the scored model; before that "best AP50 0.861 while training". Empty: there is none.
QString scoreText(const runs::RunInfo& run);
// Why the two are not the same number, or that there is only the one yet; plain text.
QString scoreWords(const runs::RunInfo& run);
bool isUnfinished(const runs::RunInfo& run); // it can be started, or gone on with
// "Training", "Finished", "Stopped, kept", "Stopped, no model", "Failed", "Interrupted".
QString runStatusText(const runs::RunInfo& run);
bool isLive(const runs::RunInfo& run);

class RunDelegate : public QStyledItemDelegate {
    Q_OBJECT
public:
    using QStyledItemDelegate::QStyledItemDelegate;
    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;
    QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override;
    bool editorEvent(QEvent* event, QAbstractItemModel* model, const QStyleOptionViewItem& option, const QModelIndex& index) override;
};

}
