#pragma once

#include <QAbstractButton>
#include <QPointer>
#include <QWidget>

class QMenuBar;
class QPushButton;
class QToolButton;

namespace percept::studio {

class Job;
class JobPopup;
class StudioContext;

// The running job: ring, name, how far, time left. A click opens its page, the cross cancels. Of several, how many there are
// and the newest; a click opens their list.
class JobIndicator : public QAbstractButton {
    Q_OBJECT
public:
    explicit JobIndicator(StudioContext& context, QWidget* parent = nullptr);
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return sizeHint(); }

protected:
    void paintEvent(QPaintEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;

private:
    void follow();
    void open();
    QString name() const;
    QString detail() const;
    bool hasCross() const;
    QRect cross() const;
    StudioContext& m_context;
    QPointer<Job> m_job;
    int m_running = 0;
    JobPopup* m_list = nullptr;
};

// A button that looks like a field: opens the command palette.
class CommandField : public QAbstractButton {
    Q_OBJECT
public:
    explicit CommandField(QWidget* parent = nullptr);

protected:
    void paintEvent(QPaintEvent* event) override;
};

// 40 px: mark, project, menus | job, undo, redo, commands.
class TopBar : public QWidget {
    Q_OBJECT
public:
    TopBar(StudioContext& context, QMenuBar* menus, QWidget* parent = nullptr);
    QPushButton* projectButton() const { return m_project; }
    QPushButton* backButton() const { return m_back; } // to the mistakes; hidden while there is no way back
    QToolButton* undoButton() const { return m_undo; }
    QToolButton* redoButton() const { return m_redo; }

Q_SIGNALS:
    void commandsRequested();

protected:
    bool eventFilter(QObject* object, QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;

private:
    void showHistory();
    StudioContext& m_context;
    QPushButton *m_project, *m_back;
    QToolButton *m_undo, *m_redo;
};

}
