#pragma once

#include "widgets/style/tokens.h"

#include <QApplication>
#include <QTemporaryDir>
#include <gtest/gtest.h>

namespace percept::test {

// main() of the tests that drive widgets: the look of the program, and settings of their own.
inline int runStudioTests(int argc, char** argv)
{
    const QTemporaryDir home;
    for (const char* name : { "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME" })
        qputenv(name, home.path().toUtf8());
    QApplication application(argc, argv);
    QApplication::setApplicationVersion(QStringLiteral("test"));
    style::install(application, style::Theme::Dark);
    testing::InitGoogleTest(&argc, argv);
    return RUN_ALL_TESTS();
}

}
