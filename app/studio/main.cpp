#include "app/studio/frame/recent_projects.h"
#include "app/studio/main_window.h"
#include "core/base/log.h"
#include "widgets/style/tokens.h"

#include <QApplication>
#include <QCommandLineParser>
#include <QScreen>
#include <csignal>

namespace {

// With its frame the window has room on the screen, a panel aside: the line at its foot says whether all is saved.
void fitToScreen(QWidget& window)
{
    constexpr QSize kFrame(8, 40);
    window.resize(window.size().boundedTo(window.screen()->availableSize() - kFrame).expandedTo(window.minimumSize()));
}

}

// percept-studio [PROJECT]
int main(int argc, char** argv)
{
    percept::base::setUpLogging("percept-studio");
    std::signal(SIGXFSZ, SIG_IGN); // a limit on file sizes is an error of the write, as a full disk is
    QApplication application(argc, argv);
    QApplication::setApplicationName(QStringLiteral("percept-studio"));
    QApplication::setApplicationDisplayName(QString());
    QApplication::setApplicationVersion(QStringLiteral(PERCEPT_VERSION));
    QCommandLineParser parser;
    parser.setApplicationDescription(QObject::tr("The whole loop of a vision model, on your own machine"));
    parser.addHelpOption();
    parser.addVersionOption();
    parser.addPositionalArgument(QStringLiteral("project"), QObject::tr("the project to open (a folder NAME.percept)"), QStringLiteral("[project]"));
    parser.process(application);

    percept::style::install(application, percept::style::Theme::Dark);
    percept::studio::MainWindow window;
    window.applyThemeSetting();
    if (const QStringList projects = parser.positionalArguments(); !projects.isEmpty())
        window.openProject(percept::studio::toPath(projects.constFirst()));
    else
        window.showStart();
    fitToScreen(window);
    window.show();
    return QApplication::exec();
}
