#pragma once

#include <QString>
#include <QWidget>
#include <vector>

namespace percept::studio {

// The way of a model to all devices, as rings joined by a line: what is done, what goes on, what waits, what failed.
class StepStrip : public QWidget {
    Q_OBJECT
public:
    enum class State { Ahead, Now, Done, Failed };
    struct Step {
        QString name, text;
        State state = State::Ahead;
        bool operator==(const Step&) const = default;
    };
    explicit StepStrip(QWidget* parent = nullptr);
    void setSteps(std::vector<Step> steps);
    const std::vector<Step>& steps() const { return m_steps; }
    QSize sizeHint() const override { return { 900, 68 }; }
    QSize minimumSizeHint() const override { return { 600, 68 }; }

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    std::vector<Step> m_steps;
};

}
