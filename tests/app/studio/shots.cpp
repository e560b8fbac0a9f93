// percept-studio-shots PROJECT OUT [SECONDS]: visits every page of the real window on a real project at 1280 x 800 and
// 1024 x 680, dark and light, and writes OUT/NN-page-theme.png. Fails when a page stands on nothing (an empty gallery).
#include "app/studio/frame/thumbnails.h"
#include "app/studio/main_window.h"
#include "app/studio/start/start_page.h"
#include "core/base/log.h"
#include "widgets/style/tokens.h"

#include <QApplication>
#include <QDir>
#include <QElapsedTimer>
#include <QTest>
#include <cstdio>

namespace {

using namespace percept;

void settle(studio::MainWindow& window, int atLeastMs)
{
    QElapsedTimer timer;
    timer.start();
    while (timer.elapsed() < atLeastMs || (window.context().session() && window.context().thumbnails().pending() > 0 && timer.elapsed() < 8000))
        QTest::qWait(20);
}

bool shoot(studio::MainWindow& window, const QString& file)
{
    return window.grab().save(file);
}

struct Visit { QString key, name; };

bool visit(studio::MainWindow& window, const QDir& out, const QString& theme, const QSize& size, int waitMs)
{
    const QString suffix = theme + (size.width() < 1280 ? QStringLiteral("-small") : QString());
    window.resize(size);
    const QList<Visit> visits { { QStringLiteral("gather"), QStringLiteral("03-gather") }, { QStringLiteral("label"), QStringLiteral("02-label") },
        { QStringLiteral("train"), QStringLiteral("05-train") }, { QStringLiteral("validate"), QStringLiteral("07-validate") },
        { QStringLiteral("report"), QStringLiteral("09-report") } };
    bool good = true;
    for (const Visit& stop : visits) {
        if (!window.page(stop.key))
            continue;
        window.showPage(stop.key);
        settle(window, waitMs);
        good = shoot(window, out.filePath(QStringLiteral("%1-%2.png").arg(stop.name, suffix))) && good;
    }
    return good;
}

}

int main(int argc, char** argv)
{
    base::setUpLogging("percept-studio-shots");
    QApplication application(argc, argv);
    QApplication::setApplicationVersion(QStringLiteral("0.1.0"));
    const QStringList arguments = QApplication::arguments();
    if (arguments.size() < 3) {
        std::fprintf(stderr, "usage: percept-studio-shots PROJECT OUT [SECONDS]\n");
        return 2;
    }
    const QDir out(arguments.at(2));
    out.mkpath(QStringLiteral("."));
    const int waitMs = arguments.size() > 3 ? qRound(arguments.at(3).toDouble() * 1000) : 700;
    style::install(application, style::Theme::Dark);
    studio::MainWindow window;
    window.resize(1280, 800);
    window.show();
    bool good = true;
    if (!window.openProject(studio::toPath(arguments.at(1)))) {
        std::fprintf(stderr, "cannot open %s\n", qPrintable(arguments.at(1)));
        return 1;
    }
    if (window.context().counts().items == 0) {
        std::fprintf(stderr, "the project has no pictures: nothing to show\n");
        return 1;
    }
    for (const auto& [name, theme] : { std::pair("dark", style::Theme::Dark), std::pair("light", style::Theme::Light) }) {
        style::setTheme(theme);
        good = visit(window, out, QString::fromLatin1(name), QSize(1280, 800), waitMs) && good;
        good = visit(window, out, QString::fromLatin1(name), QSize(1024, 680), waitMs / 2) && good;
    }
    window.closeProject();
    for (const auto& [name, theme] : { std::pair("dark", style::Theme::Dark), std::pair("light", style::Theme::Light) }) {
        style::setTheme(theme);
        window.resize(1280, 800);
        settle(window, 100);
        good = shoot(window, out.filePath(QStringLiteral("01-start-%1.png").arg(QString::fromLatin1(name)))) && good;
    }
    return good ? 0 : 1;
}
