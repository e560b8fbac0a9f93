#include "app/studio/frame/choosers.h"

#include "widgets/style/paint.h"
#include "widgets/style/widgets.h"

#include <QDialog>
#include <QFileDialog>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QPushButton>
#include <QVBoxLayout>

namespace percept::studio {
namespace {

// Title, what happens and what stays, Cancel and the verb. Enter does not do it: Cancel has the focus.
bool confirm(QWidget* parent, const QString& title, const QString& text, const QString& verb)
{
    QDialog dialog(parent);
    dialog.setWindowTitle(title);
    auto* layout = new QVBoxLayout(&dialog);
    layout->setContentsMargins(24, 24, 24, 16);
    layout->setSpacing(8);
    auto* head = new style::PlainLabel(title, style::TextRole::PageTitle);
    auto* body = new style::PlainLabel(text, style::TextRole::Body, style::Ink::Text2);
    body->setWordWrap(true);
    body->setMinimumWidth(360);
    layout->addWidget(head);
    layout->addWidget(body);
    layout->addSpacing(8);
    auto* row = new QHBoxLayout;
    row->addStretch(1);
    QPushButton* cancel = style::makeButton(QObject::tr("Cancel"));
    QPushButton* act = style::makeButton(verb, style::ButtonKind::DangerFilled);
    QObject::connect(cancel, &QPushButton::clicked, &dialog, &QDialog::reject);
    QObject::connect(act, &QPushButton::clicked, &dialog, &QDialog::accept);
    row->addWidget(cancel);
    row->addWidget(act);
    layout->addLayout(row);
    cancel->setFocus();
    return dialog.exec() == QDialog::Accepted;
}

// As QFileDialog::getSaveFileName; a name without a suffix gets that of `start`.
QString saveFile(QWidget* parent, const QString& title, const QString& start, const QString& filter)
{
    const QFileInfo proposed(start);
    QFileDialog dialog(parent, title, proposed.path(), filter);
    dialog.setAcceptMode(QFileDialog::AcceptSave);
    dialog.setDefaultSuffix(proposed.suffix());
    dialog.selectFile(proposed.fileName());
    return dialog.exec() == QDialog::Accepted ? dialog.selectedFiles().value(0) : QString();
}

}

Choosers desktopChoosers()
{
    Choosers choosers;
    choosers.folder = [](QWidget* parent, const QString& title, const QString& start) {
        return QFileDialog::getExistingDirectory(parent, title, start);
    };
    choosers.files = [](QWidget* parent, const QString& title, const QString& start, const QString& filter) {
        return QFileDialog::getOpenFileNames(parent, title, start, filter);
    };
    choosers.saveFile = saveFile;
    choosers.confirm = confirm;
    return choosers;
}

}
