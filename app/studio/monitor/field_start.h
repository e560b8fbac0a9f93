#pragma once

#include "widgets/style/widgets.h"

namespace percept::studio {

// Stands on Monitor while no device has told anything: why that is so, the button that does the next step, and what will be seen then.
class FieldStart : public style::EmptyState {
    Q_OBJECT
public:
    explicit FieldStart(QWidget* parent = nullptr);

    void showWaiting(const QString& sentence); // something is being done: no button
    void showProblem(const QString& sentence);
    void showNoDevice();
    void showSilent(qint64 devices, qint64 running); // enrolled, of them running a model of the project

signals:
    void testHereRequested();
    void rollOutRequested();
    void devicesRequested();
    void againRequested();

private:
    enum class Step { None, TestHere, RollOut, Devices, Again };
    void say(const QString& sentence, Step primary, Step link);
    void go(Step step);
    static QString textOf(Step step);

    Step m_primaryStep = Step::None, m_linkStep = Step::None;
    QPushButton* m_primary;
    style::LinkButton* m_link;
};

}
