#pragma once

#include "core/protocol/edge_messages.h"
#include "core/runs/process.h"

#include <QColor>
#include <QImage>
#include <QVector>
#include <QWidget>
#include <deque>
#include <filesystem>
#include <memory>
#include <mutex>
#include <vector>

class QListWidget;

namespace percept::style {
class EmptyState;
class Note;
class PlainLabel;
}

namespace percept::studio {

// 'Try it': drop pictures, see what the model answers. The answers come from percept-edge, the program that runs on devices,
// at the thresholds that the model ships with.
class TryView : public QWidget {
    Q_OBJECT
public:
    explicit TryView(QWidget* parent = nullptr);
    ~TryView() override;
    // The folder of the draft that answers; empty: none. Another one forgets what was answered.
    void setModel(const std::filesystem::path& package);
    void setColors(const QVector<QColor>& colors); // of its classes
    void tryFiles(const std::vector<std::filesystem::path>& files);

    struct Answer {
        std::filesystem::path file;
        QImage picture;
        protocol::EdgeResult result;
        QString error; // why there is no result
    };
    const std::vector<Answer>& answers() const { return m_answers; }

signals:
    void chooseRequested();

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    struct Shared;
    static Answer ask(Shared& shared, const std::filesystem::path& package, const std::filesystem::path& file);
    void askNext();
    void show(Answer answer);
    QRectF pictureArea() const;

    std::shared_ptr<Shared> m_shared; // the edge process, used by one background thread at a time
    std::filesystem::path m_package;
    QVector<QColor> m_colors;
    std::deque<std::filesystem::path> m_waiting; // behind the one that is asked
    bool m_isAsking = false;
    std::vector<Answer> m_answers;
    int m_current = -1;
    QListWidget* m_list;
    style::PlainLabel* m_summary;
    style::Note* m_note;
    style::EmptyState* m_empty;
};

}
