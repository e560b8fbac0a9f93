#pragma once

#include <QAbstractButton>
#include <QPointer>
#include <QWidget>

class QProgressBar;
class QVBoxLayout;

namespace percept::style {
class PlainLabel;
}

namespace percept::studio {

class Job;
class StudioContext;

// "73,400 of 118,000 · 9 s left", or that it is stopping: the same on the chip and in the list.
QString jobDetail(const Job& job);

// A job in the list: name, how far, time left, bar. A click opens its page, the cross cancels.
class JobRow : public QAbstractButton {
    Q_OBJECT
public:
    explicit JobRow(Job& job, QWidget* parent = nullptr);
    Job* job() const { return m_job; }

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    void follow();
    QPointer<Job> m_job;
    style::PlainLabel *m_name, *m_detail;
    QProgressBar* m_bar;
    QAbstractButton* m_cancel;
};

// Every job that runs, under the chip of the top bar. Goes when none is left.
class JobPopup : public QWidget {
    Q_OBJECT
public:
    explicit JobPopup(StudioContext& context, QWidget* parent);
    void openUnder(const QWidget& anchor);

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    void refill();
    StudioContext& m_context;
    QVBoxLayout* m_rows;
    QPointer<const QWidget> m_anchor;
};

}
