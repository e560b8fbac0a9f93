#pragma once

#include "core/services/loop.h"

#include <QListWidget>
#include <QWidget>
#include <array>
#include <functional>

class QLayout;
class QVBoxLayout;

// The pieces of a wizard page; they know nothing of the run that it makes.
namespace percept::studio {

// The steps at the left of a wizard: number or tick in a ring, name, and what was chosen there.
class WizardSteps : public QListWidget {
    Q_OBJECT
public:
    enum class State { Ahead, Done, Problem };
    explicit WizardSteps(const QStringList& names, QWidget* parent = nullptr);
    void setStep(int step, const QString& chosen, State state);
};

// One finding of the data check: icon, sentence, link to where it is mended.
class FindingRow : public QWidget {
    Q_OBJECT
public:
    FindingRow(const services::DataFinding& finding, const std::function<void(QString)>& open, QWidget* parent = nullptr);

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    services::DataFinding::Level m_level;
};

// Train, validation and test as shares of one bar, with their counts below.
class SplitBar : public QWidget {
    Q_OBJECT
public:
    explicit SplitBar(QWidget* parent = nullptr);
    void setCounts(std::int64_t train, std::int64_t validation, std::int64_t test);

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    std::array<std::int64_t, 3> m_counts {};
};

// A recipe as a card: name, how long it takes, what it does. The one that is chosen.
class RecipeCard : public QWidget {
    Q_OBJECT
public:
    RecipeCard(const QString& name, const QString& text, QWidget* parent = nullptr);
    void setTime(const QString& time);

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QString m_name, m_time;
};

// An estimate in minutes with its range, on an axis from 0.
class EstimateBar : public QWidget {
    Q_OBJECT
public:
    explicit EstimateBar(QWidget* parent = nullptr);
    void setMinutes(double low, double middle, double high);

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    double m_low = 0, m_middle = 0, m_high = 0;
};

// Takes everything out of a layout again.
void clearLayout(QLayout* layout);
// The content, scrolled when it is higher than its place.
QWidget* scrolled(QWidget* content);
// A row of what is so: name left, value right.
void addFact(QVBoxLayout* layout, const QString& name, const QString& value);

}
