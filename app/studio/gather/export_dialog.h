#pragma once

#include "core/services/loop.h"

#include <QDialog>
#include <QString>
#include <vector>

class QComboBox;
class QLineEdit;
class QPushButton;

namespace percept::style {
class Note;
class PlainLabel;
}

namespace percept::studio {

class ExportOutlineView;
class StudioContext;

// Which pictures, which format, where to; each file that will be written stands there before it is.
class ExportDialog : public QDialog {
    Q_OBJECT
public:
    // Offered: all pictures, `selected` (ascending; the first choice when there are some), those of `filter`, each set.
    ExportDialog(StudioContext& context, const std::vector<ItemId>& selected, const dataset::ItemFilter& filter, QWidget* parent = nullptr);
    QString format() const; // "voc", "coco"
    QString target() const;
    services::ExportScope scope() const;

private:
    void build();
    void addScopes(const std::vector<ItemId>& selected, const dataset::ItemFilter& filter);
    void countOutline();
    void showOutline(const services::ExportOutline& outline);
    void check();

    StudioContext& m_context;
    std::vector<services::ExportScope> m_scopes;
    QComboBox *m_what, *m_format;
    QLineEdit* m_target;
    ExportOutlineView* m_outline;
    style::PlainLabel* m_leftOut;
    style::Note* m_problem;
    QPushButton* m_go;
    int m_counting = 0; // number of the last count that was asked for
    bool m_isEmpty = false;
};

}
