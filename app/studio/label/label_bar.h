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
    void showItem(const domain::Item& item, int index, int count);
    void showNothing();
    // No model: the proposal controls are not there. `why`: a sentence instead of them.
    void showProposals(const QString& model, int above, const QString& why);
    double leastScore() const;
    void setLeastScore(double score);

Q_SIGNALS:
    void previousRequested();
    void nextRequested();
    void acceptAllRequested();
    void leastScoreChanged(double score);
    void zoomInRequested();
    void fitRequested();

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    void showParts();
    bool m_proposes = false;
    QToolButton *m_previous, *m_next;
    style::PlainLabel *m_name, *m_place, *m_model, *m_count, *m_scoreName, *m_score, *m_why;
    style::Chip* m_set;
    QSlider* m_slider;
    QPushButton* m_acceptAll;
    QWidget* m_separator;
};

}
