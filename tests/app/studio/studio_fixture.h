#pragma once

#include "app/studio/main_window.h"
#include "tests/support/studio_main.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/test_project.h"

#include <QApplication>
#include <QDropEvent>
#include <QFileDialog>
#include <QLabel>
#include <QLineEdit>
#include <QMimeData>
#include <QPushButton>
#include <QTest>
#include <QTimer>
#include <gtest/gtest.h>

namespace percept::studio {

// Long enough for a machine that has other work; what holds sooner does not wait.
template <typename F>
bool eventually(F condition, int ms = 40000)
{
    return QTest::qWaitFor(condition, ms);
}

// The real window on folders of its own, driven by the events that a person makes.
class StudioTest : public ::testing::Test {
protected:
    void SetUp() override
    {
        qputenv("PERCEPT_CONFIG_DIR", QByteArray::fromStdString((m_folder / "config").string()));
        m_window = std::make_unique<MainWindow>();
        m_window->showStart();
        m_window->show();
        m_window->activateWindow(); // keys and shortcuts go to the active window
        ASSERT_TRUE(QTest::qWaitForWindowActive(m_window.get()));
    }
    void openSquares(int pictures)
    {
        percept::test::makeSquaresProject(m_folder / "squares.percept", m_folder / "pictures", pictures);
        ASSERT_TRUE(m_window->openProject(m_folder / "squares.percept"));
    }

    // ---- what is there
    template <typename W>
    W* find(const char* name)
    {
        return m_window->findChild<W*>(QString::fromLatin1(name));
    }
    template <typename W, typename Accept>
    W* visible(Accept accept)
    {
        for (W* widget : m_window->findChildren<W*>())
            if (widget->isVisible() && accept(*widget))
                return widget;
        return nullptr;
    }
    QPushButton* button(const char* text)
    {
        return visible<QPushButton>([&](const QPushButton& b) { return b.text() == QString::fromUtf8(text) && b.isEnabled(); });
    }
    template <typename W>
    W* named(const char* accessibleName)
    {
        return visible<W>([&](const W& w) { return w.accessibleName() == QString::fromUtf8(accessibleName); });
    }
    // Whether a text or a button that holds `text` can be seen.
    bool shows(const char* text)
    {
        const QString wanted = QString::fromUtf8(text);
        return visible<QLabel>([&](const QLabel& l) { return l.text().contains(wanted); })
            || visible<QAbstractButton>([&](const QAbstractButton& b) { return b.text().contains(wanted); });
    }

    // ---- what a person does
    static void click(QWidget* widget)
    {
        ASSERT_NE(widget, nullptr);
        QTest::mouseClick(widget, Qt::LeftButton);
    }
    void key(Qt::Key k, Qt::KeyboardModifiers modifiers = {})
    {
        QWidget* focus = QApplication::focusWidget();
        QTest::keyClick(focus ? focus : m_window.get(), k, modifiers);
    }
    void type(const QString& text) { QTest::keyClicks(QApplication::focusWidget(), text); }
    void fill(QWidget* field, const QString& text)
    {
        click(field);
        key(Qt::Key_A, Qt::ControlModifier);
        type(text);
    }
    // Walks by Tab until `widget` has the focus: what the mouse reaches the keyboard must reach.
    bool tabTo(QWidget* widget)
    {
        for (int i = 0; i < 60 && widget && !widget->hasFocus(); ++i)
            key(Qt::Key_Tab);
        return widget && widget->hasFocus();
    }
    // The segment `index` of a row of choices that are about equally wide.
    static void choose(QWidget* segments, int index, int of)
    {
        ASSERT_NE(segments, nullptr);
        QTest::mouseClick(segments, Qt::LeftButton, {}, QPoint(segments->width() * (2 * index + 1) / (2 * of), segments->height() / 2));
    }
    void drop(const std::filesystem::path& file)
    {
        QMimeData data;
        data.setUrls({ QUrl::fromLocalFile(toQString(file)) });
        QDragEnterEvent enter(QPoint(600, 400), Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
        QApplication::sendEvent(m_window.get(), &enter);
        EXPECT_TRUE(enter.isAccepted());
        QDropEvent event(QPointF(600, 400), Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
        QApplication::sendEvent(m_window.get(), &event);
    }
    // Clicks what opens a file dialog, types `path` into it and clicks Save. Returns the name that the dialog proposed.
    QString clickAndAnswer(QWidget* opener, const QString& path)
    {
        constexpr int kTries = 40; // the dialog reads the folder on a thread of its own
        QString proposed;
        int tries = 0;
        QTimer answer; // runs inside the dialog's own event loop
        answer.setInterval(50);
        QObject::connect(&answer, &QTimer::timeout, &answer, [&] {
            auto* dialog = qobject_cast<QFileDialog*>(QApplication::activeModalWidget());
            auto* name = dialog ? dialog->findChild<QLineEdit*>(QStringLiteral("fileNameEdit")) : nullptr;
            if (!name || !dialog->isVisible())
                return;
            if (tries == 0) {
                proposed = name->text();
                name->setCompleter(nullptr); // its popup would take the click on Save
                QTest::keyClick(name, Qt::Key_A, Qt::ControlModifier);
                QTest::keyClicks(name, path);
            }
            for (QPushButton* accept : dialog->findChildren<QPushButton*>())
                if (accept->isDefault())
                    QTest::mouseClick(accept, Qt::LeftButton);
            if (++tries < kTries || !dialog->isVisible())
                return;
            ADD_FAILURE() << "the dialog did not take " << path.toStdString();
            dialog->reject();
        });
        answer.start();
        click(opener);
        EXPECT_GT(tries, 0) << "no file dialog opened";
        return proposed;
    }

    percept::test::TemporaryFolder m_folder;
    std::unique_ptr<MainWindow> m_window;
};

}
