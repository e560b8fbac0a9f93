#include "app/studio/frame/files_in_hand.h"

#include "app/studio/frame/studio_context.h"
#include "widgets/style/widgets.h"

#include <QFileInfo>
#include <QMimeData>
#include <QUrl>

namespace percept::studio {

namespace {

QString extensionOf(const std::filesystem::path& file) { return QFileInfo(toQString(file)).suffix().toLower(); }

bool isProjectFolder(const std::filesystem::path& file) { return extensionOf(file) == QLatin1String("percept"); }

QString joined(const QStringList& parts)
{
    if (parts.size() < 2)
        return parts.join(QString());
    return QObject::tr("%1 and %2").arg(parts.mid(0, parts.size() - 1).join(QStringLiteral(", ")), parts.last());
}

}

bool looksLikePicture(const std::filesystem::path& file)
{
    static const QStringList kKnown { QStringLiteral("jpg"), QStringLiteral("jpeg"), QStringLiteral("jpe"), QStringLiteral("png"), QStringLiteral("webp"),
        QStringLiteral("tif"), QStringLiteral("tiff"), QStringLiteral("bmp") };
    return kKnown.contains(extensionOf(file));
}

FilesInHand filesIn(const QMimeData& data)
{
    std::vector<std::filesystem::path> files;
    for (const QUrl& url : data.urls())
        if (url.isLocalFile())
            files.push_back(toPath(url.toLocalFile()));
    return filesIn(std::move(files));
}

FilesInHand filesIn(std::vector<std::filesystem::path> files)
{
    FilesInHand hand;
    hand.isProject = files.size() == 1 && isProjectFolder(files.front());
    for (const std::filesystem::path& file : files) {
        const QString extension = extensionOf(file);
        if (isProjectFolder(file))
            ++hand.others; // a project is opened, by itself
        else if (looksLikePicture(file))
            ++hand.pictures;
        else if (extension == QLatin1String("json") || extension == QLatin1String("xml"))
            ++hand.labelFiles;
        else
            QFileInfo(toQString(file)).isDir() ? ++hand.folders : ++hand.others;
    }
    hand.files = std::move(files);
    return hand;
}

QString wordsFor(const FilesInHand& hand)
{
    QStringList parts;
    const bool isOne = hand.files.size() == 1;
    if (hand.pictures > 0)
        parts << style::counted(hand.pictures, QObject::tr("picture"), QObject::tr("pictures"));
    if (hand.folders > 0)
        parts << (isOne ? QObject::tr("the folder %1").arg(toQString(hand.files.front().filename())) : style::counted(hand.folders, QObject::tr("folder"), QObject::tr("folders")));
    if (hand.labelFiles > 0)
        parts << (isOne ? toQString(hand.files.front().filename()) : style::counted(hand.labelFiles, QObject::tr("label file"), QObject::tr("label files")));
    return joined(parts);
}

}
