#pragma once

#include "app/studio/frame/studio_context.h"

#include <QWidget>

class QLayout;
class QLineEdit;
class QPushButton;
class QVBoxLayout;

namespace percept::style {
class Note;
class PlainLabel;
}

namespace percept::studio {

class ClassChips;
class DropZone;
class RecentList;

// What one sees while no project is open: a new project, recent ones, the sample. Data may be dropped anywhere.
class StartPage : public QWidget {
    Q_OBJECT
public:
    explicit StartPage(StudioContext& context, QWidget* parent = nullptr);
    void refresh(); // recent list, default folder
    void focusName();
    void showProblem(const QString& sentence);
    void offerData(const std::vector<std::filesystem::path>& files);

Q_SIGNALS:
    void openRequested();
    void settingsRequested();

private:
    static constexpr int kSampleItems = 120; // pictures
    // start_build.cpp
    QWidget* makeSide();
    QWidget* makeForm();
    QLayout* makeNaming(); // name, folder and classes
    QWidget* makeSample();

    void connectForm();
    std::filesystem::path projectPath() const;
    void checkName();
    void create();
    void openSample();
    void locate(const QString& oldPath);
    bool open(const std::filesystem::path& project);

    StudioContext& m_context;
    RecentList* m_recent = nullptr;
    style::PlainLabel *m_recentHead = nullptr, *m_nameProblem = nullptr, *m_classProblem = nullptr;
    QLineEdit *m_name = nullptr, *m_folder = nullptr;
    ClassChips* m_classes = nullptr;
    DropZone* m_drop = nullptr;
    QPushButton *m_create = nullptr, *m_sample = nullptr;
    style::Note* m_problem = nullptr;
};

// The file name of a project: what a file system cannot bear becomes a dash, in lower case.
QString projectFileName(const QString& name);

}
