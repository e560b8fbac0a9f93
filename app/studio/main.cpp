#include "app/studio/frame/recent_projects.h"
#include "app/studio/main_window.h"
#include "core/base/log.h"
#include "widgets/style/tokens.h"

#include <QApplication>
#include <QCommandLineParser>

// percept-studio [PROJECT]
int main(int argc, char** argv)
{
    percept::base::setUpLogging("percept-studio");
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
    window.show();
    return QApplication::exec();
}
