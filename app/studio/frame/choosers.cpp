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

// Title and what happens and what stays; the buttons come below.
struct Question {
    Question(QWidget* parent, const QString& title, const QString& text)
        : dialog(parent)
        , buttons(new QHBoxLayout)
    {
        dialog.setWindowTitle(title);
        auto* layout = new QVBoxLayout(&dialog);
        layout->setContentsMargins(24, 24, 24, 16);
        layout->setSpacing(8);
        auto* body = new style::PlainLabel(text, style::TextRole::Body, style::Ink::Text2);
        body->setWordWrap(true);
        body->setMinimumWidth(360);
        layout->addWidget(new style::PlainLabel(title, style::TextRole::PageTitle));
        layout->addWidget(body);
        layout->addSpacing(8);
        buttons->addStretch(1);
        layout->addLayout(buttons);
    }
    QPushButton* add(QPushButton* button, int result)
    {
        QObject::connect(button, &QPushButton::clicked, &dialog, [this, result] { dialog.done(result); });
        buttons->addWidget(button);
        return button;
    }
    QDialog dialog;
    QHBoxLayout* buttons;
};

// Enter does not do it: Cancel has the focus.
bool confirm(QWidget* parent, const QString& title, const QString& text, const QString& verb)
{
    Question question(parent, title, text);
    QPushButton* cancel = question.add(style::makeButton(QObject::tr("Cancel")), QDialog::Rejected);
    question.add(style::makeButton(verb, style::ButtonKind::DangerFilled), QDialog::Accepted);
    cancel->setFocus();
    return question.dialog.exec() == QDialog::Accepted;
}

int choose(QWidget* parent, const QString& title, const QString& text, const QStringList& verbs)
{
    Question question(parent, title, text);
    question.add(style::makeButton(QObject::tr("Cancel")), QDialog::Rejected);
    for (int i = static_cast<int>(verbs.size()) - 1; i >= 0; --i) {
        QPushButton* button = question.add(style::makeButton(verbs[i], i == 0 ? style::ButtonKind::Primary : style::ButtonKind::Default), i + 1);
        button->setDefault(i == 0);
        if (i == 0)
            button->setFocus();
    }
    return question.dialog.exec() - 1;
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
    choosers.choose = choose;
    return choosers;
}

}
