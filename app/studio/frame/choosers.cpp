#include "app/studio/frame/choosers.h"

#include "widgets/style/paint.h"
#include "widgets/style/widgets.h"

#include <QDialog>
#include <QFileDialog>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QPushButton>
#include <QStandardPaths>
#include <QUrl>
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

// The desktop's own dialog where it has one; else Qt's, which follows the theme.
class FileDialog : public QFileDialog {
public:
    FileDialog(QWidget* parent, const QString& title, const QString& folder, const QString& filter = {})
        : QFileDialog(parent, title, folder, filter)
    {
        setViewMode(QFileDialog::Detail);
        QList<QUrl> places;
        for (const auto place : { QStandardPaths::HomeLocation, QStandardPaths::DocumentsLocation, QStandardPaths::PicturesLocation, QStandardPaths::DownloadLocation })
            if (const QUrl url = QUrl::fromLocalFile(QStandardPaths::writableLocation(place)); QFileInfo::exists(url.toLocalFile()) && !places.contains(url))
                places << url;
        setSidebarUrls(places);
        resize(860, 540);
    }
    QStringList ask() { return exec() == QDialog::Accepted ? selectedFiles() : QStringList(); }
};

// The dialog would put the name of a folder that is not there into its field, and add what is typed to it.
QString nearestFolder(const QString& path)
{
    QFileInfo folder(path);
    while (!folder.isDir() && folder.absolutePath() != folder.absoluteFilePath())
        folder.setFile(folder.absolutePath());
    return folder.absoluteFilePath();
}

QString chooseFolder(QWidget* parent, const QString& title, const QString& start)
{
    FileDialog dialog(parent, title, nearestFolder(start));
    dialog.setFileMode(QFileDialog::Directory);
    dialog.setOption(QFileDialog::ShowDirsOnly);
    dialog.setLabelText(QFileDialog::Accept, QObject::tr("Choose"));
    return dialog.ask().value(0);
}

QStringList chooseFiles(QWidget* parent, const QString& title, const QString& start, const QString& filter)
{
    FileDialog dialog(parent, title, start, filter);
    dialog.setFileMode(QFileDialog::ExistingFiles);
    return dialog.ask();
}

// A name without a suffix gets that of `start`.
QString saveFile(QWidget* parent, const QString& title, const QString& start, const QString& filter)
{
    const QFileInfo proposed(start);
    FileDialog dialog(parent, title, proposed.path(), filter);
    dialog.setAcceptMode(QFileDialog::AcceptSave);
    dialog.setDefaultSuffix(proposed.suffix());
    dialog.selectFile(proposed.fileName());
    return dialog.ask().value(0);
}

}

QString importFileFilter()
{
    return QObject::tr("Pictures and label files (*.jpg *.jpeg *.png *.webp *.tif *.tiff *.bmp *.json *.xml);;Pictures (*.jpg *.jpeg *.png *.webp *.tif *.tiff *.bmp);;"
                       "Label files (*.json *.xml);;All files (*)");
}

Choosers desktopChoosers()
{
    Choosers choosers;
    choosers.folder = chooseFolder;
    choosers.files = chooseFiles;
    choosers.saveFile = saveFile;
    choosers.confirm = confirm;
    choosers.choose = choose;
    return choosers;
}

}
