#pragma once

#include "app/studio/frame/studio_context.h"

#include <QFrame>

class QLineEdit;
class QListWidget;

namespace percept::studio {

// "/": a class by a few letters of its name, or a new one. Floats over the canvas, at the box that waits for a class or in
// its corner. Enter takes the first line, Esc leaves.
class ClassField : public QFrame {
    Q_OBJECT
public:
    ClassField(StudioContext& context, QWidget* canvas);

    // `asking`: what it says while empty. `at`: a place in the canvas.
    void open(const QString& asking, QPoint at);
    bool isOpen() const { return isVisible(); }

    // How well `text` fits `name`: letters in order, word starts and runs count more; < 0 does not fit.
    static int fuzzyScore(const QString& text, const QString& name);

Q_SIGNALS:
    void chosen(percept::LabelId id);
    void created(const QString& name);
    void cancelled();

protected:
    bool eventFilter(QObject* object, QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;

private:
    void refill();
    void takeCurrent();
    void leave();
    StudioContext& m_context;
    QLineEdit* m_edit;
    QListWidget* m_list;
    QPoint m_at;
};

}
