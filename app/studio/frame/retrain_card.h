#pragma once

#include "app/studio/frame/retrain_state.h"

#include <QWidget>

class QPushButton;
class QTimer;

namespace percept::style {
class PlainLabel;
}

namespace percept::studio {

class StudioContext;

// What is due next for the model, in words, with the button that does it; hidden while nothing is. Stands on Monitor and Train.
class RetrainCard : public QWidget {
    Q_OBJECT
public:
    enum class Place { Anywhere, BesideComparison }; // beside it: not to lead there
    explicit RetrainCard(StudioContext& context, Place place = Place::Anywhere, QWidget* parent = nullptr);
    void refresh(); // reads on another thread
    void setDrift(bool hasDrift);
    // Where a wizard is open, which may be doing just what the card asks for: not shown until it has closed.
    void setHeldBack(bool heldBack);

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    void take(const RetrainState& state);
    void act();
    bool isDue() const;

    StudioContext& m_context;
    Place m_place;
    RetrainState m_state;
    bool m_hasDrift = false, m_isHeldBack = false;
    int m_reads = 0;
    QTimer* m_later; // labels come quickly
    style::PlainLabel *m_title, *m_words;
    QPushButton* m_action;
};

}
