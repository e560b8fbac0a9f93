#pragma once

#include <QImage>
#include <memory>
#include <vector>

namespace percept::canvas {

// A decoded picture with its halves, quarters, ... so that a 36 MP picture draws at any zoom at the cost of the view.
// Immutable after build(); shared between the interface thread and the one that renders.
class PictureLevels {
public:
    // Format_RGB32 levels, each the 2x2 average of the one before, down to about 512 on the long side. Any thread.
    // `size`: how large the picture is when `picture` is only a smaller copy of it (a thumbnail to begin with).
    static std::shared_ptr<const PictureLevels> build(QImage picture, QSize size = {});

    QSize size() const { return m_size; }
    bool isNull() const { return m_levels.empty(); }
    // The smallest level that still has at least `scale` of the resolution. `factor` = level pixels per picture pixel.
    const QImage& levelFor(double scale, double& factor) const;
    std::size_t bytes() const;

private:
    std::vector<QImage> m_levels;
    QSize m_size;
};

}
