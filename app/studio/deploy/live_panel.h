#pragma once

#include "core/dataset/project_reader.h"
#include "core/protocol/edge_messages.h"

#include <QColor>
#include <QHash>
#include <QImage>
#include <QWidget>
#include <filesystem>
#include <optional>
#include <vector>

class QTimer;

namespace percept::studio {

// What the device on this computer answers, live: pictures of the project go to it one after the other, and its boxes are
// drawn on them. Asks only while it can be seen; nothing is kept.
class LivePanel : public QWidget {
    Q_OBJECT
public:
    explicit LivePanel(QWidget* parent = nullptr);
    void setPictures(std::vector<std::filesystem::path> files);
    void setColors(QHash<QString, QColor> colors); // by the name of the class
    void setServer(const QString& server);         // "http://127.0.0.1:PORT"; empty: none

    struct Answer {
        std::optional<protocol::EdgeResult> result;
        QImage picture;
        QString problem;
    };
    const Answer& last() const { return m_last; }
    int answered() const { return m_answered; } // pictures so far

    QSize sizeHint() const override { return { 300, 240 }; }

protected:
    void paintEvent(QPaintEvent* event) override;
    void showEvent(QShowEvent* event) override;
    void hideEvent(QHideEvent* event) override;

private:
    static Answer ask(const QString& server, const std::filesystem::path& file);
    void askNext();
    void paintBoxes(QPainter& painter, const QRectF& target) const;

    std::vector<std::filesystem::path> m_files;
    QHash<QString, QColor> m_colors;
    QString m_server;
    Answer m_last;
    QTimer* m_timer;
    std::size_t m_next = 0;
    int m_answered = 0;
    bool m_isAsking = false;
};

}
