#pragma once

#include <QWidget>

class QLineEdit;

namespace percept::studio {

// A line above the object list: which of the objects it lists. Esc lists all again and closes it, Enter keeps what is typed.
class ObjectFilter : public QWidget {
    Q_OBJECT
public:
    explicit ObjectFilter(QWidget* parent = nullptr);
    void open();
    void close(); // and lists all

Q_SIGNALS:
    void changed(const QString& text);
    void left(); // the keys go back

protected:
    bool eventFilter(QObject* object, QEvent* event) override;

private:
    QLineEdit* m_edit;
};

}
