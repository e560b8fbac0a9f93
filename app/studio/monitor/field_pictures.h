#pragma once

#include "core/runs/decode_pool.h"
#include "widgets/canvas/picture_levels.h"

#include <QHash>
#include <QImage>
#include <QObject>
#include <QString>
#include <deque>
#include <filesystem>
#include <memory>

namespace percept::studio {

// Pictures that devices sent, decoded by confined processes, since nobody has looked at their bytes yet: large ones for the
// picture in front and those after it, small ones for the strip. The last few stay in memory. Interface thread.
class FieldPictures : public QObject {
    Q_OBJECT
public:
    explicit FieldPictures(QObject* parent = nullptr);
    ~FieldPictures() override;

    struct Large {
        std::shared_ptr<const canvas::PictureLevels> levels;
        QString problem; // why there are no levels
    };
    // Null, or a null image: it is being read, and loaded() follows.
    const Large* large(const QString& id, const std::filesystem::path& file, QSize size);
    QImage small(const QString& id, const std::filesystem::path& file);
    void clear();

signals:
    void loaded(const QString& id);

private:
    void ask(const QString& key, const QString& id, const std::filesystem::path& file, int longSide, QSize size);
    void keep(const QString& key, const QString& id, Large large, QImage small);

    std::shared_ptr<runs::DecodePool> m_decoders;
    QHash<QString, Large> m_large;
    QHash<QString, QImage> m_small; // null: it cannot be read
    std::deque<QString> m_order[2]; // oldest first: large, small
    QHash<QString, int> m_asked;
    int m_generation = 0;
};

}
