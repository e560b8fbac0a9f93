#pragma once

#include "core/domain/annotation.h"

#include <QSizeF>
#include <array>
#include <vector>
#include <QWidget>

class QCheckBox;
class QLineEdit;

namespace percept::studio {

// Place, size and flags of what is selected. Of several objects the flags show what all share; place only of one.
class ObjectFields : public QWidget {
    Q_OBJECT
public:
    explicit ObjectFields(QWidget* parent = nullptr);
    void show(const QString& title, const QString& origin, const std::vector<domain::Annotation>& objects, QSizeF picture, bool locked = false);
    void focusFirst();

Q_SIGNALS:
    void boxEdited(percept::domain::Box box);
    void refused(const QString& why);    // what was typed is no box
    void flagToggled(int flag, bool on); // 0 occluded, 1 truncated, 2 crowd, 3 difficult
    void finished();                     // Enter or Esc in a field

protected:
    bool eventFilter(QObject* object, QEvent* event) override;

private:
    bool takeEdit(QLineEdit* field); // false: it was refused
    void showError(int field, bool error);
    QString text(double value) const;
    class Head;
    Head* m_head;
    QLineEdit* m_fields[4];
    QCheckBox* m_flags[4];
    bool m_wrong[4] = {};
    domain::Box m_box;
    QSizeF m_picture;
};

}
