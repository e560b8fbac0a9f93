#pragma once

#include "widgets/style/icons.h"
#include "widgets/style/percept_style.h"
#include "widgets/style/text.h"
#include "widgets/style/tokens.h"

#include <QAbstractButton>
#include <QFrame>
#include <QLabel>
#include <QWidget>
#include <functional>

class QHBoxLayout;
class QLineEdit;
class QPushButton;
class QTimer;
class QToolButton;
class QVBoxLayout;

// Small widgets that every page uses. Text from data is always plain text.
namespace percept::style {

QPushButton* makeButton(const QString& text, ButtonKind kind = ButtonKind::Default, const char* iconName = nullptr,
    ControlSize size = ControlSize::Normal, QWidget* parent = nullptr);
// An icon alone; `name` is its accessible name and first line of its tooltip, `key` its key cap there, `how` the second line.
QToolButton* makeToolButton(const char* iconName, const QString& name, const QString& key = {}, const QString& how = {},
    ControlSize size = ControlSize::Normal, QWidget* parent = nullptr);
QLineEdit* makeSearchField(const QString& placeholder, QWidget* parent = nullptr);
// Tooltip of a control: name and key cap, second line how to use it. All plain text.
void setTip(QWidget* widget, const QString& name, const QString& key = {}, const QString& how = {});
// What a tooltip is given so that it shows text from data as it is, line by line.
QString plainTip(const QString& text);

// A label that shows plain text whatever comes in, elides instead of being cut, and follows the theme.
class PlainLabel : public QLabel {
    Q_OBJECT
public:
    explicit PlainLabel(const QString& text = {}, TextRole role = TextRole::Body, Ink ink = Ink::Text, QWidget* parent = nullptr);
    void setInk(Ink ink);
    void setRole(TextRole role);
    void setElideMode(Qt::TextElideMode mode); // ElideNone (the default): takes the width that the text needs
    QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;
    void changeEvent(QEvent* event) override;
    bool event(QEvent* event) override; // its tooltip

private:
    TextRole m_role;
    Ink m_ink;
    Qt::TextElideMode m_elide = Qt::ElideNone;
};

class KeyCap : public QWidget {
    Q_OBJECT
public:
    explicit KeyCap(const QString& key, QWidget* parent = nullptr);
    void setKey(const QString& key);
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return sizeHint(); }

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QString m_key;
};

enum class Tone { Neutral, Accent, Good, Warning, Error };
QColor toneText(Tone tone);
QColor toneFill(Tone tone);

// A short state ("Training") or a filter with a cross that removes it.
class Chip : public QAbstractButton {
    Q_OBJECT
public:
    explicit Chip(const QString& text, Tone tone = Tone::Neutral, QWidget* parent = nullptr);
    void setTone(Tone tone);
    void setSwatch(const QColor& color, bool hatched = false); // invalid: none
    void setRemovable(bool removable);                         // a click or Delete emits removed()
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return sizeHint(); }

Q_SIGNALS:
    void removed();

protected:
    void paintEvent(QPaintEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    Tone m_tone;
    QColor m_swatch;
    bool m_hatched = false, m_removable = false;
};

// A note that stays where the thing happened: icon, a sentence, at most one action.
class Note : public QWidget {
    Q_OBJECT
public:
    explicit Note(Tone tone, const QString& text = {}, QWidget* parent = nullptr);
    void setTone(Tone tone);
    void setText(const QString& text);
    QString text() const { return m_text->text(); }
    void setAction(const QString& text); // empty: none
    void setClosable(const QString& name); // a cross of that name at the right: hides the note and emits closed()

Q_SIGNALS:
    void actionTriggered();
    void closed();

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    Tone m_tone;
    PlainLabel* m_text;
    QPushButton* m_action;
};

// Text that acts like a link: accent, underlined when hovered.
class LinkButton : public QAbstractButton {
    Q_OBJECT
public:
    explicit LinkButton(const QString& text, QWidget* parent = nullptr);
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return sizeHint(); }

protected:
    void paintEvent(QPaintEvent* event) override;
};

// Why there is nothing here, what to do about it.
class EmptyState : public QWidget {
    Q_OBJECT
public:
    EmptyState(const char* iconName, const QString& sentence, QWidget* parent = nullptr);
    void setSentence(const QString& sentence);
    QPushButton* addPrimary(const QString& text);
    LinkButton* addLink(const QString& text);

private:
    QVBoxLayout* m_layout;
    PlainLabel* m_sentence;
};

// Two or three exclusive choices in one frame.
class SegmentedControl : public QWidget {
    Q_OBJECT
public:
    explicit SegmentedControl(const QStringList& choices, QWidget* parent = nullptr);
    int current() const { return m_current; }
    void setCurrent(int index);
    void setTexts(const QStringList& texts); // as many as before; the accessible name stays
    QStringList texts() const { return m_choices; }
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return sizeHint(); }

Q_SIGNALS:
    void currentChanged(int index);

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void leaveEvent(QEvent* event) override;

private:
    QRect segment(int index) const;
    QStringList m_choices;
    int m_current = 0, m_hover = -1;
};

// One at a time over `host`, bottom centre of an area of it, 6 s, pauses while hovered. Names a change and how to take it
// back; never an error.
class Toast : public QWidget {
    Q_OBJECT
public:
    explicit Toast(QWidget* host);
    void show(const QString& text, const QString& actionText = {}, std::function<void()> action = {}, const QString& key = {});
    QString text() const;
    // Where it may lie, asked each time; in the frame of `host`. Default: all of it.
    void setArea(std::function<QRect()> area);
    void place(); // the area is another one now

protected:
    void paintEvent(QPaintEvent* event) override;
    bool eventFilter(QObject* object, QEvent* event) override;
    void enterEvent(QEnterEvent* event) override;
    void leaveEvent(QEvent* event) override;

private:
    std::function<QRect()> m_area;
    PlainLabel* m_text;
    LinkButton* m_action;
    KeyCap* m_key;
    QTimer* m_timer;
    std::function<void()> m_run;
};

// A panel with the background of a token: Window, Panel, Raised, Canvas.
class Surface : public QWidget {
    Q_OBJECT
public:
    enum class Fill { Window, Panel, Raised, Canvas };
    explicit Surface(Fill fill, QWidget* parent = nullptr);
    void setLines(Qt::Edges edges); // 1 px lines on these edges

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    Fill m_fill;
    Qt::Edges m_lines;
};

QFrame* makeLine(Qt::Orientation orientation, QWidget* parent = nullptr);
// The short line between groups of actions in a bar.
QWidget* makeBarSeparator(QWidget* parent = nullptr);

}
