#pragma once

#include "core/domain/annotation.h"
#include "core/protocol/trainer_messages.h"

#include <QColor>
#include <QHash>
#include <QImage>
#include <QWidget>
#include <string>
#include <vector>

namespace percept::studio {

// "Watch it learn": the same few validation pictures at up to five epochs; solid boxes are found, dashed red ones still
// missed, pale ones the strongest false alarms (IoU >= 0.5 with the same class, score at or above the threshold shown).
class LearningStrip : public QWidget {
    Q_OBJECT
public:
    struct Truth {
        std::int64_t item = 0;
        std::string name; // of the file
        int width = 0, height = 0;
        std::vector<std::pair<int, domain::Box>> boxes; // class index, box in the picture
    };
    explicit LearningStrip(QWidget* parent = nullptr);
    void setTruths(std::vector<Truth> truths, std::vector<QColor> classColors);
    void setPicture(std::int64_t item, const QImage& picture);
    void setSamples(std::vector<protocol::SampleMessage> samples, bool live);
    void setThreshold(double threshold);
    int pictures() const { return static_cast<int>(m_truths.size()); }
    void setFirst(int first); // index of the first picture shown
    int first() const { return m_first; }

    static constexpr int kRows = 2, kColumns = 5;
    QSize sizeHint() const override { return { 860, 316 }; }
    QSize minimumSizeHint() const override { return { 560, 240 }; }

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QColor colorOf(int label) const;
    std::vector<int> shownEpochs() const; // indices into m_samples
    void paintCell(QPainter& painter, const QRectF& rect, const Truth& truth, const protocol::SampleMessage& sample, bool now);

    std::vector<Truth> m_truths;
    std::vector<QColor> m_colors;
    QHash<std::int64_t, QImage> m_pictures;
    std::vector<protocol::SampleMessage> m_samples;
    double m_threshold = 0.3;
    int m_first = 0;
    bool m_live = false;
};

// What is drawn of one answer, best score first: every right mark, which truths are missed, the `mostFalse` strongest others.
struct StripMarks {
    std::vector<domain::Detection> found, falseAlarms;
    std::vector<std::size_t> missed;
    std::int64_t numFalse = 0; // all of them
};
StripMarks stripMarks(const LearningStrip::Truth& truth, std::vector<domain::Detection> detections, double threshold, std::size_t mostFalse);

}
