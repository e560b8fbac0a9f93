#pragma once

#include "app/studio/frame/field_inbox.h"
#include "app/studio/frame/page.h"

class QPushButton;
class QStackedWidget;
class QVBoxLayout;

namespace percept::canvas {
class BoxCanvas;
}
namespace percept::style {
class EmptyState;
class Note;
class PlainLabel;
}

namespace percept::studio {

class AnswerList;
class FieldPictures;
class FieldStrip;

// "chosen by chance: goes to the test set", "the model was unsure: will train"
QString reasonText(const std::string& reason);
QString reasonText(const services::FieldPicture& picture); // or why it will be neither

// The pictures of devices, one after another: what a device answered is drawn on it, and one key says what to make of it.
// R: right. W: wrong, drawn on Label. I: ignored. One that the project has already is said to be, and any of the three clears it. U or Ctrl+Z: takes the last one back. Arrows walk.
class FieldView : public QWidget {
    Q_OBJECT
public:
    explicit FieldView(StudioContext& context, QWidget* parent = nullptr);

    void setInbox(FieldInbox* inbox); // null: no project
    void setDevice(const QString& device); // only its pictures; empty: all
    int count() const { return static_cast<int>(m_shown.size()); }
    const services::FieldPicture* current() const;
    QWidget* home() const;

signals:
    void countChanged();

protected:
    bool event(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void showEvent(QShowEvent* event) override;

private:
    QWidget* makeSide();
    void addButtons(QVBoxLayout* column);
    void follow();
    void showCurrent();
    void showPicture();
    bool clearEqual(const services::FieldPicture& picture);
    void showFacts(const services::FieldPicture& picture);
    void showAnswers(const services::FieldPicture& picture);
    void showEmpty();
    void prefetch();
    void go(int by);
    void goTo(int index);
    void right();
    void wrong();
    void ignore();
    void undo();
    void showProblem(const QString& sentence);

    StudioContext& m_context;
    FieldInbox* m_inbox = nullptr;
    FieldPictures* m_pictures;
    QString m_device, m_current; // id of the one in front
    std::vector<services::FieldPicture> m_shown;
    int m_index = 0;

    QStackedWidget* m_stack;
    style::EmptyState* m_empty;
    canvas::BoxCanvas* m_canvas;
    QString m_drawn; // id of the picture on the canvas
    FieldStrip* m_strip;
    style::Note* m_note;
    style::PlainLabel *m_problem, *m_place, *m_title, *m_when, *m_reason, *m_said;
    AnswerList* m_answers;
    QPushButton *m_right, *m_wrong, *m_ignore, *m_undo, *m_emptyUndo;
};

}
