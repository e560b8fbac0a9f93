#pragma once

#include <QStringList>
#include <QWidget>

class QLineEdit;

namespace percept::studio {

// Class names as chips in the colours that they will have; Enter or a comma ends one, Backspace in the empty field takes
// the last back, a click on a chip removes it. A name that is there already, maybe in other capitals, stays in the field.
class ClassChips : public QWidget {
    Q_OBJECT
public:
    explicit ClassChips(QWidget* parent = nullptr);
    QStringList names() const; // with what still stands in the field, unless that is said to be a problem
    QString problem() const;   // of what stands in the field: a class that is in the list already; empty: none
    void setNames(const QStringList& names);

Q_SIGNALS:
    void changed();

protected:
    void paintEvent(QPaintEvent* event) override;
    bool eventFilter(QObject* object, QEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;

private:
    void take(const QString& text);
    const QString* alike(const QString& name) const; // the class that people would take for it
    void rebuild();
    void place();
    QStringList m_names;
    QList<QWidget*> m_chips;
    QLineEdit* m_field;
};

}
