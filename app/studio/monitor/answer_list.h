#pragma once

#include <QColor>
#include <QVector>
#include <QWidget>

namespace percept::studio {

// What a model answered, a line each: colour of the class, its name, the score. As many as there is room for, then how many more.
class AnswerList : public QWidget {
    Q_OBJECT
public:
    struct Answer {
        QString label;
        QColor color;
        double score = 0;
    };
    explicit AnswerList(QWidget* parent = nullptr);
    void setAnswers(QVector<Answer> answers);
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return { 120, 0 }; }

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QVector<Answer> m_answers;
};

}
