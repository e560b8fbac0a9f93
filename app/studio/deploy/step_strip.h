#pragma once

#include <QString>
#include <QStringList>
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
    QStringList cutTexts() const; // that do not fit in the strip as it is now; for tests
    QSize sizeHint() const override { return { 900, 68 }; }
    QSize minimumSizeHint() const override { return { 600, 68 }; }

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    double pitch() const; // pixels from one step to the next
    bool isStacked() const;
    void place();
    std::vector<Step> m_steps;
};

}
