#include "app/studio/frame/item_name.h"

namespace percept::studio {

QString shortItemName(const std::string& name, const QFontMetrics& metrics, int width)
{
    QString text = QString::fromStdString(name);
    if (const qsizetype dot = text.lastIndexOf(QLatin1Char('.')); dot > 0)
        text.truncate(dot);
    if (const qsizetype cut = text.lastIndexOf(QLatin1Char('_')); cut >= 0 && cut + 1 < text.size() && metrics.horizontalAdvance(text) > width)
        text.remove(0, cut + 1);
    return metrics.elidedText(text, Qt::ElideLeft, width);
}

}
