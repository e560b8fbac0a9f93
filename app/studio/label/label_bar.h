#pragma once

#include "core/domain/annotation.h"

#include <QWidget>

class QPushButton;
class QSlider;
class QToolButton;

namespace percept::style {
class Chip;
class PlainLabel;
}

namespace percept::studio {

// The bar over the canvas: where we are, what a model proposes, zoom.
class LabelBar : public QWidget {
    Q_OBJECT
public:
    explicit LabelBar(QWidget* parent = nullptr);
    // `within`: what the pictures have in common that are run through; empty: all are.
    void showItem(const domain::Item& item, int index, int count, const QString& within);
    void showNothing();
    void showDevice(const QString& from); // "from cam-2, version 1.0"; empty: from none
    // No model: the proposal controls are not there. `why`: a sentence instead of them. Those that are not live are there to
    // compare with: none can be accepted. Not wanted: only the button that brings them back. No slider: all are shown.
    void showProposals(const QString& model, int above, const QString& why, bool live = true, bool wanted = true, bool slider = true);
    double leastScore() const;
    void setLeastScore(double score);

Q_SIGNALS:
    void previousRequested();
    void nextRequested();
    void showAllRequested();
    void deviceRequested(); // what else the device sent
    void acceptAllRequested();
    void proposalsToggled();
    void leastScoreChanged(double score);
    void zoomInRequested();
    void fitRequested();

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    void makeWalk(); // and where one is
    void makeProposals();
    void layOutParts();
    void connectParts();
    void showParts();
    void showWithin(const QString& within);
    void showScore(double score);
    double m_leastScore = 0.05; // finer than the slider where a model's threshold is
    bool m_proposes = false, m_isLive = true, m_isWanted = true, m_hasSlider = true;
    QToolButton *m_previous, *m_next, *m_wand, *m_zoom, *m_fit;
    style::PlainLabel *m_name, *m_place, *m_model, *m_count, *m_scoreName, *m_score, *m_why;
    style::Chip *m_set, *m_within, *m_device;
    QSlider* m_slider;
    QPushButton* m_acceptAll;
    QWidget* m_separator;
};

}
