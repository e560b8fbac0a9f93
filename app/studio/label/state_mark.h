#pragma once

#include "widgets/style/paint.h"

#include <QPainter>
#include <QWidget>

namespace percept::studio {

// The state of the picture, 12 px, beside its name.
class StateMark : public QWidget {
public:
    StateMark() { setFixedSize(12, 12); }
    void setMark(style::StateMark mark)
    {
        m_mark = mark;
        update();
    }

protected:
    void paintEvent(QPaintEvent*) override
    {
        QPainter painter(this);
        painter.setRenderHint(QPainter::Antialiasing);
        style::paintStateMark(painter, rect(), m_mark);
    }

private:
    style::StateMark m_mark = style::StateMark::ToDo;
};

}
