#pragma once

#include <QFrame>

class QLineEdit;

namespace percept::style {
class PlainLabel;
}

namespace percept::studio {

// Ctrl+G: a picture by its number or name. Floats over the canvas; Enter asks, Esc leaves.
class GoField : public QFrame {
    Q_OBJECT
public:
    explicit GoField(QWidget* canvas);
    void open(const QString& asking);
    void leave();                          // gives the keys back
    void showProblem(const QString& text); // and stays open

Q_SIGNALS:
    void asked(const QString& text);

protected:
    bool eventFilter(QObject* object, QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;

private:
    QLineEdit* m_edit;
    style::PlainLabel* m_problem;
};

}
