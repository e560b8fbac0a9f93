#pragma once

#include "app/studio/frame/files_in_hand.h"

#include <QWidget>

namespace percept::studio {

// Over the window while files are dragged over it: where they would go and what would happen with them. It takes the drag from
// fields below it, and leaves it to the window.
class DropOverlay : public QWidget {
    Q_OBJECT
public:
    explicit DropOverlay(QWidget* host);
    void showWords(const DropWords& words);
    const DropWords& words() const { return m_words; }

protected:
    void paintEvent(QPaintEvent* event) override;
    bool eventFilter(QObject* object, QEvent* event) override;

private:
    DropWords m_words;
};

}
