#include "app/studio/deploy/deploy_text.h"

#include "app/studio/deploy/deploy_page.h"
#include "widgets/style/text.h"

#include <QDateTime>
#include <QLocale>

namespace percept::studio {

QString devicesText(std::size_t count) { return style::counted(static_cast<qint64>(count), DeployPage::tr("device"), DeployPage::tr("devices")); }

bool isToday(std::int64_t ms) { return QDateTime::fromMSecsSinceEpoch(ms).date() == QDate::currentDate(); }

QString shortMomentText(std::int64_t ms)
{
    return isToday(ms) ? momentText(ms) : QLocale(QLocale::English).toString(QDateTime::fromMSecsSinceEpoch(ms), QStringLiteral("d MMM"));
}

QString momentText(std::int64_t ms)
{
    return QLocale(QLocale::English).toString(QDateTime::fromMSecsSinceEpoch(ms), isToday(ms) ? QStringLiteral("HH:mm") : QStringLiteral("ddd d MMM, HH:mm"));
}

}
