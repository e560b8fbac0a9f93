#pragma once

#include <QObject>
#include <QPointer>

class QFocusFrame;
class QWidget;

namespace percept::style {

// For controls that the keyboard reached: the 2 px ring around them (a mouse click shows none), and Enter presses a button as
// Space does, which Qt does in dialogs only.
class FocusRing : public QObject {
    Q_OBJECT
public:
    explicit FocusRing(QObject* parent);
    ~FocusRing() override;
    void watch(QWidget* widget);
    void forget(QWidget* widget);

protected:
    bool eventFilter(QObject* object, QEvent* event) override;

private:
    QPointer<QFocusFrame> m_frame;
};

}
