#pragma once

#include <QDialog>
#include <QString>

class QComboBox;
class QLineEdit;
class QPushButton;

namespace percept::studio {

class StudioContext;

// Format and place of an export; what will be written stands there before it is.
class ExportDialog : public QDialog {
    Q_OBJECT
public:
    explicit ExportDialog(StudioContext& context, QWidget* parent = nullptr);
    QString format() const; // "voc", "coco"
    QString target() const;

private:
    void check();
    StudioContext& m_context;
    QComboBox* m_format;
    QLineEdit* m_target;
    QPushButton* m_go;
};

}
