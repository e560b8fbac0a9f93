// percept-studio-shots PROJECT OUT [SECONDS [PAGE [DEVICES]]]: visits every page (or one; "-": all) of the real window on a real project at
// 1280 x 800, 1920 x 1080 and 1024 x 680, dark and light, and writes OUT/NN-page-theme[-large|-small].png. The devices on Deploy are acted,
// those on Monitor and Report simulated, DEVICES of them (3 if not told otherwise); pictures that they sent join the project for the time.
// PAGE in any case; one that there is not is refused with status 2.
// Fails, naming the page, when a page stands on nothing.
#include "app/studio/frame/thumbnails.h"
#include "app/studio/main_window.h"
#include "core/base/log.h"
#include "core/base/time.h"
#include "core/dataset/project_reader.h"
#include "core/monitoring/validation_reference.h"
#include "core/packaging/package.h"
#include "tests/app/studio/demo_field.h"
#include "tests/app/studio/demo_fleet.h"
#include "tests/app/studio/shot_checks.h"
#include "tests/support/field_fleet.h"
#include "widgets/style/widgets.h"

#include <QAction>
#include <QApplication>
#include <QDir>
#include <QElapsedTimer>
#include <QTemporaryDir>
#include <QTest>
#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

namespace {

using namespace percept;

// Page and the name of its picture.
constexpr std::array kPages { std::pair("gather", "03-gather"), std::pair("label", "02-label"), std::pair("train", "05-train"), std::pair("validate", "07-validate"),
    std::pair("deploy", "08-deploy"), std::pair("report", "09-report"), std::pair("monitor", "10-monitor") };

struct Look {
    QString theme;
    style::Theme value;
};
const std::array<Look, 2>& looks()
{
    static const std::array<Look, 2> all { { { QStringLiteral("dark"), style::Theme::Dark }, { QStringLiteral("light"), style::Theme::Light } } };
    return all;
}

struct Format {
    QSize size;
    QString suffix;
};

struct Wishes {
    int waitMs = 0;
    QString only;            // one page; empty: all
    QByteArray fleet, field; // the hub's folder on Deploy and on Monitor
};

class Shots {
public:
    Shots(studio::MainWindow& window, const QDir& out, const Wishes& wishes)
        : m_window(window)
        , m_out(out)
        , m_waitMs(wishes.waitMs)
        , m_only(wishes.only)
        , m_fleet(wishes.fleet)
        , m_field(wishes.field)
    {
    }
    bool allPages(const Look& look, const Format& format)
    {
        m_suffix = look.theme + format.suffix;
        m_window.resize(format.size);
        bool good = true;
        for (const auto& [key, name] : kPages)
            if (m_only.isEmpty() || m_only == QLatin1String(key)) {
                qputenv("PERCEPT_FLEET_DIR", key == std::string_view("deploy") ? m_fleet : m_field);
                good = page(QString::fromLatin1(key), QString::fromLatin1(name)) && good;
            }
        return (!m_only.isEmpty() || wizard()) && good;
    }
    bool start(const Look& look)
    {
        m_suffix = look.theme;
        m_window.resize(1280, 800);
        settle(100);
        return shoot(QStringLiteral("01-start"));
    }

private:
    void settle(int atLeastMs)
    {
        QElapsedTimer timer;
        timer.start();
        while (timer.elapsed() < atLeastMs || (m_window.context().session() && m_window.context().thumbnails().pending() > 0 && timer.elapsed() < 60000))
            QTest::qWait(20);
    }
    // Whatever the project holds, what stands on the page counts; it may come late on a machine that has other work.
    bool fills(const studio::Page& page)
    {
        constexpr int kMostMs = 60000;
        const auto isEmpty = [&page] {
            const auto states = page.findChildren<style::EmptyState*>();
            return std::any_of(states.begin(), states.end(), [](const auto* state) { return state->isVisible(); });
        };
        if (!isEmpty())
            return true;
        const bool filled = QTest::qWaitFor([&] { return !isEmpty(); }, kMostMs);
        settle(m_waitMs); // what came may bring more
        return filled && !isEmpty();
    }
    bool shoot(const QString& name)
    {
        const QString file = m_out.filePath(QStringLiteral("%1-%2.png").arg(name, m_suffix));
        if (m_window.grab().save(file))
            return true;
        std::fprintf(stderr, "%s cannot be written\n", qPrintable(file));
        return false;
    }
    bool page(const QString& key, const QString& name)
    {
        studio::Page* page = m_window.page(key);
        if (!page) {
            std::fprintf(stderr, "%s: this program has no such page\n", qPrintable(key));
            return false;
        }
        m_window.showPage(key);
        settle(m_waitMs);
        if (!fills(*page)) {
            std::fprintf(stderr, "%s: the page is empty\n", qPrintable(page->title()));
            return false;
        }
        const bool good = shoot(name);
        return (key != QLatin1String("monitor") || pictures(page)) && good;
    }
    // The other view of Monitor.
    bool pictures(studio::Page* monitor)
    {
        auto* view = monitor->findChild<style::SegmentedControl*>(QStringLiteral("monitorView"));
        QTest::mouseClick(view, Qt::LeftButton, {}, QPoint(view->width() - 12, view->height() / 2));
        settle(m_waitMs);
        const bool good = shoot(QStringLiteral("10-pictures"));
        QTest::mouseClick(view, Qt::LeftButton, {}, QPoint(12, view->height() / 2));
        return good;
    }
    bool wizard()
    {
        studio::Page* train = m_window.page(QStringLiteral("train"));
        m_window.showPage(QStringLiteral("train"));
        train->commands().constFirst()->trigger();
        bool good = true;
        for (int step = 1; step < 3; ++step) // it opens where it was left
            QTest::keyClick(QApplication::focusWidget(), Qt::Key_Left, Qt::AltModifier);
        for (int step = 1; step <= 3; ++step) {
            settle(300);
            good = shoot(QStringLiteral("06-wizard-%1").arg(step)) && good;
            QTest::keyClick(QApplication::focusWidget(), Qt::Key_Right, Qt::AltModifier);
        }
        QTest::keyClick(QApplication::focusWidget(), Qt::Key_Escape);
        return good;
    }

    studio::MainWindow& m_window;
    QDir m_out;
    int m_waitMs;
    QString m_only, m_suffix;
    QByteArray m_fleet, m_field;
};

bool shootAll(studio::MainWindow& window, const std::filesystem::path& project, const QDir& out, const Wishes& wishes)
{
    qputenv("PERCEPT_FLEET_DIR", wishes.field);
    if (!window.openProject(project)) {
        std::fprintf(stderr, "cannot open %s\n", project.c_str());
        return false;
    }
    Shots shots(window, out, wishes);
    bool good = true;
    for (const Look& look : looks()) {
        style::setTheme(look.value);
        for (const Format& format : { Format { QSize(1280, 800), {} }, Format { QSize(1920, 1080), QStringLiteral("-large") },
                 Format { QSize(1024, 680), QStringLiteral("-small") } })
            good = shots.allPages(look, format) && good;
    }
    window.closeProject();
    if (!wishes.only.isEmpty())
        return good;
    for (const Look& look : looks()) {
        style::setTheme(look.value);
        good = shots.start(look) && good;
    }
    return good;
}

}

namespace {

// What the cameras see is what the validation set holds: classes as often, the model as sure.
test::Field fieldLike(const dataset::ProjectReader& reader, const std::filesystem::path& project)
{
    test::Field field = test::usualField();
    const auto versions = reader.readModelVersions();
    if (versions.hasError() || versions->empty())
        return field;
    const auto package = packaging::readManifest(project / versions->front().file);
    const auto window = package.hasValue() ? monitoring::readValidation(project, versions->front().run, package->spec.labels)
                                           : base::Result<monitoring::Window>(package.error());
    if (window.hasError() || window->total.predictions == 0)
        return field;
    field.classes.clear();
    for (const auto& [label, entry] : window->total.classes)
        field.classes.push_back({ label, static_cast<double>(entry.count) / static_cast<double>(window->total.predictions), monitoring::meanScore(entry.scores) });
    return field;
}

constexpr int kWaiting = 24, kLabeled = 44;

bool fillFleet(const std::filesystem::path& project, const std::filesystem::path& folder, int devices)
{
    const auto reader = dataset::ProjectReader::open(project);
    const auto info = reader.hasValue() ? (*reader)->readInfo() : base::Result<dataset::ProjectInfo>(reader.error());
    if (info.hasError()) {
        std::fprintf(stderr, "%s\n", info.error().message.c_str());
        return false;
    }
    test::FieldFleet fleet(folder, info->name);
    const auto usual = fieldLike(**reader, project);
    test::fillThreeCameras(fleet, base::nowMs(), usual);
    test::fillManyCameras(fleet, base::nowMs(), devices, usual);
    test::sendFieldPictures(fleet, **reader, base::nowMs(), kWaiting);
    return true;
}

}

int main(int argc, char** argv)
{
    base::setUpLogging("percept-studio-shots");
    QApplication application(argc, argv);
    QApplication::setApplicationVersion(QStringLiteral("0.1.0"));
    const QStringList arguments = QApplication::arguments();
    if (arguments.size() < 3) {
        std::fprintf(stderr, "usage: percept-studio-shots PROJECT OUT [SECONDS [PAGE [DEVICES]]]\n");
        return 2;
    }
    const QString only = arguments.value(4) == QLatin1String("-") ? QString() : arguments.value(4).toLower();
    if (!only.isEmpty() && std::none_of(kPages.begin(), kPages.end(), [&](const auto& page) { return only == QLatin1String(page.first); })) {
        std::fprintf(stderr, "There is no page %s. The pages are gather, label, train, validate, deploy, report and monitor; - takes all.\n", qPrintable(arguments.at(4)));
        return 2;
    }
    const std::filesystem::path project = studio::toPath(arguments.at(1));
    if (const std::string empty = test::emptyPage(project); !empty.empty()) {
        std::fprintf(stderr, "%s\n", empty.c_str());
        return 1;
    }
    const QDir out(arguments.at(2));
    out.mkpath(QStringLiteral("."));
    const int waitMs = arguments.size() > 3 ? qRound(arguments.at(3).toDouble() * 1000) : 700;
    // Never the user's own fleet: one for Deploy with a hub, one for Monitor with three cameras that tell of this project's model.
    const QTemporaryDir fleet, field;
    const int devices = arguments.size() > 5 ? arguments.at(5).toInt() : 3;
    if (!fillFleet(project, studio::toPath(field.path()), devices))
        return 1;
    const test::LabeledFieldPictures labeled(project, studio::toPath(field.path()) / "labeled", base::nowMs(), kLabeled);
    qputenv("PERCEPT_FLEET_DIR", fleet.path().toUtf8());
    const auto demo = test::DemoFleet::start(studio::toPath(fleet.path()), project, devices);
    if (demo.hasError()) {
        std::fprintf(stderr, "Deploy: %s\n", demo.error().message.c_str());
        return 1;
    }
    style::install(application, style::Theme::Dark);
    studio::MainWindow window;
    window.resize(1280, 800);
    window.show();
    return shootAll(window, project, out, { waitMs, only, fleet.path().toUtf8(), field.path().toUtf8() }) ? 0 : 1;
}
