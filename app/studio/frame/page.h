#pragma once

#include "app/studio/frame/files_in_hand.h"
#include "app/studio/frame/studio_context.h"

#include <QJsonObject>
#include <QList>
#include <QWidget>
#include <functional>

class QAction;
class QHBoxLayout;

namespace percept::style {
class PlainLabel;
}

namespace percept::studio {

// A line of the overlay that F1 shows: the keys of this scope.
struct KeyHelp { QString keys, what; };

// Where a step was done that is not seen on the page, and the way there; no name: nothing to be said.
struct StepPlace { QString name; std::function<void()> show; };

// One page of the loop. It fills everything between the rail, the top bar and the status line; most begin with a PageBar.
// Made on first use and kept; its project may close and another open while it lives (StudioContext's signals say so).
class Page : public QWidget {
    Q_OBJECT
public:
    explicit Page(StudioContext& context, QWidget* parent = nullptr)
        : QWidget(parent)
        , m_context(context)
    {
    }

    virtual QString title() const = 0;
    // Came to the front: read what changed meanwhile, take the focus.
    virtual void activated() { }
    virtual void deactivated() { }
    virtual QList<KeyHelp> keys() const { return {}; }
    // Offered in the page's menu while the page is in front, and by Ctrl+K.
    virtual QList<QAction*> commands() const { return {}; }
    // Offered by Ctrl+K alone: what has a key that keys() tells, and would make the menu long.
    virtual QList<QAction*> moreCommands() const { return {}; }
    // Those of moreCommands() that stand in the Edit menu as well while the page is in front, below undo and redo.
    virtual QList<QAction*> editCommands() const { return {}; }
    virtual QString menuTitle() const { return tr("Items"); }
    // What a drop of these files would do while the page is in front; an empty title: what the frame does, it imports them.
    virtual DropWords dropWords(const FilesInHand&) const { return {}; }
    // Files dropped anywhere on the window while the page is in front. False: the frame imports them.
    virtual bool acceptDrop(const std::vector<std::filesystem::path>& files) { return files.empty(); }

    // What the keyboard goes back to when what had it is hidden, disabled or gone; null: whatever comes next.
    virtual QWidget* home() { return nullptr; }
    // The parts that F6 walks through, in reading order; those that are hidden are passed over.
    virtual QList<QWidget*> panels() { return { this }; }
    // Where a toast covers nothing that is worked with; in the frame of the page.
    virtual QRect toastArea() const { return rect(); }

    // An undo or redo that is plainly seen on the page needs no toast.
    virtual bool showsStep(const dataset::Committed&) const { return false; }
    virtual StepPlace placeOf(const dataset::Committed&) { return {}; }

    // Where the ways between pages end. Only the page that is meant implements its own.
    virtual void showItem(const ItemTarget&) { }
    // A picture whose mistake was opened from the page that Esc leads back to; none: there is no such way.
    virtual void setMistakeOn(ItemId) { }
    virtual void showFilter(const dataset::ItemFilter&) { }
    virtual void showRun(const QString&) { }
    virtual void showDevice(const QString&) { }

    // Where somebody is on the page (filters, what is in front, how far it is scrolled): kept for each project from one opening
    // to the next. Restored when the page has heard of its project and before it comes to the front; an empty object: as new.
    // What was kept may name things that are gone, or come from another version: whatever does not hold any more is passed over.
    virtual QJsonObject viewState() const { return {}; }
    virtual void restoreViewState(const QJsonObject&) { }

    // What the page counts, after the saved state; at the right, before the project.
    const QStringList& statusLeft() const { return m_statusLeft; }
    const QStringList& statusRight() const { return m_statusRight; }

Q_SIGNALS:
    void statusChanged();

protected:
    StudioContext& context() const { return m_context; }
    void setStatus(const QStringList& left, const QStringList& right = {})
    {
        if (left == m_statusLeft && right == m_statusRight)
            return;
        m_statusLeft = left;
        m_statusRight = right;
        Q_EMIT statusChanged();
    }

private:
    StudioContext& m_context;
    QStringList m_statusLeft, m_statusRight;
};

// A button of a bar: Tab reaches it, a click leaves the keyboard where it is.
void leaveFocusWhenClicked(QWidget* widget);

// The 44 px bar of a page: title, scope, state | secondary actions, one primary at the far right.
class PageBar : public QWidget {
    Q_OBJECT
public:
    explicit PageBar(const QString& title, QWidget* parent = nullptr);
    void setTitle(const QString& title);
    void setScope(const QString& scope);
    void addLeft(QWidget* widget);
    void addRight(QWidget* widget); // left to right; the last one is the primary
    void addRightSeparator();

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    style::PlainLabel *m_title, *m_scope;
    QHBoxLayout *m_left, *m_right;
};

// How a page comes into the rail.
struct PageEntry {
    QString key;      // "gather", "label", "train", "validate", "deploy", "report"
    QString name;
    const char* icon; // of resources/icons/icons.txt
    int digit;        // Ctrl+digit: 1 Gather, 2 Label, 3 Train, 4 Validate, 5 Deploy, 7 Report
    std::function<Page*(StudioContext&, QWidget*)> make;
    // Work that waits there, for the grey badge; null or 0: none.
    std::function<qint64(const StudioContext&)> badge;
};

}
