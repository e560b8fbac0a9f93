#pragma once

#include <QString>
#include <filesystem>
#include <vector>

class QMimeData;

namespace percept::studio {

// Files that somebody drags over the window, by their names and whether they are folders: nothing of them is read.
struct FilesInHand {
    std::vector<std::filesystem::path> files; // on this computer, all of them
    qint64 pictures = 0, folders = 0, labelFiles = 0, others = 0;
    bool isProject = false; // one project and nothing else

    bool isEmpty() const { return files.empty(); }
    // Whether Percept has a use for any of them.
    bool isUsable() const { return pictures + folders + labelFiles > 0 || isProject; }
    bool isPicturesOnly() const { return pictures > 0 && folders + labelFiles + others == 0; }
};
FilesInHand filesIn(const QMimeData& data);
FilesInHand filesIn(std::vector<std::filesystem::path> files);

// "12 pictures and the folder night"; without what Percept has no use for.
QString wordsFor(const FilesInHand& files);

// By its name, as the importer would.
bool looksLikePicture(const std::filesystem::path& file);

// What a drop would do, in a sentence, and how; `possible` false: nothing, and the sentence says why.
struct DropWords {
    QString title, detail;
    bool possible = true;
};

}
