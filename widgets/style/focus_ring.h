#pragma once

#include <QObject>
#include <QPointer>

class QFocusFrame;
class QWidget;

namespace percept::style {

// The 2 px ring around the control that the keyboard reached; a mouse click shows none.
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
