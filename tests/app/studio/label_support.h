#pragma once

#include "app/studio/frame/studio_context.h"
#include "core/base/ids.h"
#include "widgets/canvas/box_canvas.h"

#include <QApplication>
#include <QElapsedTimer>
#include <QImage>
#include <QMouseEvent>
#include <QTemporaryDir>
#include <QTest>
#include <gtest/gtest.h>

namespace percept::studio::test {

// A real project with pictures on disk: 640 x 480, each another grey.
inline void makeProject(const std::filesystem::path& folder, int pictures, const std::vector<std::string>& labels)
{
    auto store = dataset::ProjectStore::create(folder / "p.percept", "p", domain::Task::Detection, labels);
    ASSERT_TRUE(store.hasValue()) << store.error().message;
    auto batch = (*store)->beginImport("Imported pictures");
    ASSERT_TRUE(batch.hasValue());
    std::vector<dataset::ImportItem> items;
    for (int i = 0; i < pictures; ++i) {
        QImage image(640, 480, QImage::Format_RGB32);
        image.fill(QColor((60 + 20 * i) % 256, 90, 120));
        const auto file = folder / ("picture" + std::to_string(i) + ".png");
        ASSERT_TRUE(image.save(QString::fromStdString(file.string())));
        dataset::ImportItem item;
        item.file = file;
        item.name = file.filename().string();
        item.sizeBytes = std::int64_t(std::filesystem::file_size(file));
        item.width = 640;
        item.height = 480;
        items.push_back(item);
    }
    ASSERT_TRUE((*store)->addToImport(*batch, items).hasValue());
    ASSERT_TRUE((*store)->finishImport(*batch).hasValue());
}

// A hand at the mouse; points in picture pixels.
inline void sendMouse(canvas::BoxCanvas& on, QEvent::Type type, QPointF image, Qt::KeyboardModifiers m = {})
{
    const QPointF p = on.view().viewFromImage(image).toPoint();
    const bool moving = type == QEvent::MouseMove;
    QMouseEvent event(type, p, on.mapToGlobal(p), moving ? Qt::NoButton : Qt::LeftButton,
        type == QEvent::MouseButtonRelease ? Qt::NoButton : Qt::LeftButton, m);
    QApplication::sendEvent(&on, &event);
}
inline void drag(canvas::BoxCanvas& on, QPointF a, QPointF b, Qt::KeyboardModifiers m = {})
{
    sendMouse(on, QEvent::MouseButtonPress, a, m);
    sendMouse(on, QEvent::MouseMove, (a + b) / 2, m);
    sendMouse(on, QEvent::MouseMove, b, m);
    sendMouse(on, QEvent::MouseButtonRelease, b, m);
}

template <typename F>
bool waitFor(F condition, int timeoutMs = 40000) // on a machine that has other work
{
    QElapsedTimer clock;
    clock.start();
    while (!condition()) {
        if (clock.elapsed() > timeoutMs)
            return false;
        QTest::qWait(2);
    }
    return true;
}

}
