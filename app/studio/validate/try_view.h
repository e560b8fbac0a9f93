#pragma once

#include "core/protocol/edge_messages.h"
#include "core/runs/process.h"

#include <QColor>
#include <QImage>
#include <QVector>
#include <QWidget>
#include <deque>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

class QListWidget;
class QSlider;

namespace percept::style {
class EmptyState;
class LinkButton;
class Note;
class PlainLabel;
}

namespace percept::studio {

// 'Try it': give pictures, see what the model answers. The answers come from percept-edge, the program that runs on devices; they
// are shown at the thresholds that the model ships with, until the slider is moved.
class TryView : public QWidget {
    Q_OBJECT
public:
    explicit TryView(QWidget* parent = nullptr);
    ~TryView() override;
    // The folder of the draft that answers; empty: none, and what was answered is forgotten. Each model keeps its answers.
    void setModel(const std::filesystem::path& package);
    void setColors(const QVector<QColor>& colors); // of its classes
    void tryFiles(const std::vector<std::filesystem::path>& files);

    struct Answer {
        std::filesystem::path file;
        QImage picture;
        protocol::EdgeResult result;    // with weak answers, too
        std::vector<double> thresholds; // of the model when it was asked
        QString error; // why there is no result
    };
    const std::vector<Answer>& answers() const { return m_answers; }
    // What is shown of an answer: from the model's thresholds on, or from the slider's.
    std::vector<protocol::EdgePrediction> shownOf(const Answer& answer) const;

signals:
    void chooseRequested();

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    struct Shared;
    static Answer ask(Shared& shared, const std::filesystem::path& package, const std::filesystem::path& file);
    QWidget* setUpBar();
    void askNext();
    void show(Answer answer);
    void clear();
    void choose(int row);
    void setThreshold(std::optional<double> threshold); // nullopt: the model's own
    void showThreshold();
    void showSummary();

    std::shared_ptr<Shared> m_shared; // the edge process, used by one background thread at a time
    std::filesystem::path m_package;
    QVector<QColor> m_colors;
    std::deque<std::filesystem::path> m_waiting; // behind the one that is asked
    bool m_isAsking = false;
    std::vector<Answer> m_answers;
    std::map<std::filesystem::path, std::vector<Answer>> m_kept; // of the models that are not chosen now
    int m_current = -1;
    std::optional<double> m_threshold;
    QWidget *m_bar, *m_area;
    QSlider* m_slider;
    style::PlainLabel* m_value;
    style::LinkButton* m_own;
    QListWidget* m_list;
    style::PlainLabel* m_summary;
    style::Note* m_note;
    style::EmptyState* m_empty;
};

}
