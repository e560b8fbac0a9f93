#pragma once

#include "app/studio/frame/page.h"

#include <QPointer>
#include <QWidget>
#include <functional>
#include <vector>

class QLineEdit;
class QListWidget;

namespace percept::studio {

// Something over the window that Esc closes. While it is open it has the keyboard, whatever beneath asks for the focus meanwhile, and
// no other one is; then it gives the focus back to where it was.
class Overlay : public QWidget {
    Q_OBJECT
public:
    explicit Overlay(QWidget* host);
    ~Overlay() override;
    void openWith(QWidget* focus);
    void close();

protected:
    void paintEvent(QPaintEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    bool eventFilter(QObject* object, QEvent* event) override;
    void hideEvent(QHideEvent* event) override;
    virtual QRect body() const = 0; // the panel, in this widget; a click outside closes

private:
    void mousePressEvent(QMouseEvent* event) override;
    void closeOthers();
    bool isMine(const QObject* object) const;
    bool takesKey(QObject* object, QEvent& event);
    void keepFocus(QWidget* now);
    QPointer<QWidget> m_back, m_focus;
};

struct PaletteEntry {
    QString text, detail;
    std::function<void()> run;
    bool enabled = true; // else the detail says why not
    QString place {};    // the page where it is done; empty: here, or everywhere
    QStringList also {}; // other names that find it: "r0002"
    bool namesStep = false; // the text quotes a step of the history: its words say little about what the command does
};

// Ctrl+K: commands, pages, runs, classes, items, settings by a few letters of the name or the page.
class CommandPalette : public Overlay {
    Q_OBJECT
public:
    explicit CommandPalette(QWidget* host);
    // `find` adds what depends on the text (items by name); it is asked once for each text. `coming`: how many calls of add() will follow.
    void open(std::vector<PaletteEntry> entries, std::function<std::vector<PaletteEntry>(const QString&)> find, int coming = 0);
    void add(std::vector<PaletteEntry> entries); // that took a while to find; behind the others

protected:
    QRect body() const override;
    bool eventFilter(QObject* object, QEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    void fill();
    void runCurrent();
    const std::vector<PaletteEntry>& foundFor(const QString& text);
    QLineEdit* m_field;
    QListWidget* m_list;
    int m_coming = 0; // calls of add() that will follow
    QString m_foundText;
    std::vector<PaletteEntry> m_found; // of that text
    std::vector<PaletteEntry> m_entries, m_shown;
    int m_enabledRows = 0; // the first of m_shown
    std::function<std::vector<PaletteEntry>(const QString&)> m_find;
};

// F1: the keys of the page in front, and those that work everywhere.
class KeysOverlay : public Overlay {
    Q_OBJECT
public:
    explicit KeysOverlay(QWidget* host);
    void open(const QString& scope, QList<KeyHelp> pageKeys, QList<KeyHelp> generalKeys);
    QList<KeyHelp> shown() const { return m_page + m_general; }

protected:
    QRect body() const override;
    void paintEvent(QPaintEvent* event) override;

private:
    int columns() const; // of the page's keys
    struct Column { int left, width; QString title; QList<KeyHelp> keys; };
    std::vector<Column> columnsOf(int width) const;
    void paintRow(QPainter& painter, const QRect& row, int left, const KeyHelp& help) const;
    void paintColumn(QPainter& painter, const QRect& area, const QString& title, const QList<KeyHelp>& keys) const;
    QString m_scope;
    QList<KeyHelp> m_page, m_general;
};

}
