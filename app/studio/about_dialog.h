#pragma once

#include <QDialog>
#include <QList>

namespace percept::studio {

// What the program stands on, as the README lists it.
struct ProgramPart { QString name, licence; };
QList<ProgramPart> programParts();

// Version, licence, and the parts with theirs.
class AboutDialog : public QDialog {
    Q_OBJECT
public:
    explicit AboutDialog(QWidget* parent = nullptr);
};

}
