// The Label page on a real project, driven by mouse and keys; what counts is what the store says afterwards.
#pragma once

#include "app/studio/label/label_page.h"
#include "tests/app/studio/label_support.h"

#include <QAbstractItemView>
#include <QLineEdit>
#include <fstream>
#include <gtest/gtest.h>

namespace percept::studio {

using canvas::BoxCanvas;
using canvas::Tool;

class LabelPageTest : public testing::Test {
protected:
    void start(std::vector<std::string> labels, int pictures = 3)
    {
        test::makeProject(folder(), pictures, labels);
        open();
    }
    std::filesystem::path folder() const { return temporary.path().toStdString(); }
    void open()
    {
        context = std::make_unique<StudioContext>();
        const auto opened = context->openProject(folder() / "p.percept");
        ASSERT_TRUE(opened.hasValue()) << opened.error().message;
        page = std::make_unique<LabelPage>(*context);
        page->resize(1208, 736);
        page->show();
        ASSERT_TRUE(QTest::qWaitForWindowExposed(page.get()));
        page->activated();
        EXPECT_TRUE(test::waitFor([&] { return page->currentIndex() >= 0; })) << "the items are read on another thread";
    }
    void reopen()
    {
        page.reset();
        context.reset();
        open();
    }
    // As if it had been decoded before: there is no decoder here.
    void keepThumbnail(const std::string& picture, int id)
    {
        const auto cache = folder() / "p.percept" / "cache" / "thumbnails" / "0";
        std::filesystem::create_directories(cache);
        const auto name = std::to_string(id) + "-" + std::to_string(std::filesystem::file_size(folder() / picture)) + ".jpg";
        ASSERT_TRUE(QImage(QString::fromStdString((folder() / picture).string())).scaled(256, 192).save(QString::fromStdString((cache / name).string())));
    }
    // A version of a model; what answers is a fake program.
    void addModel(dataset::ProjectStore& store)
    {
        std::filesystem::create_directories(folder() / "p.percept" / "packages");
        std::ofstream(folder() / "p.percept" / "packages" / "m-1.0.ppkg") << "package";
        ASSERT_TRUE(store.addModelVersion("r0001", "packages/m-1.0.ppkg").hasValue());
    }
    void TearDown() override
    {
        page.reset();
        context.reset();
    }

    BoxCanvas& c() { return page->boxCanvas(); }
    void mouse(QEvent::Type type, QPointF image, Qt::KeyboardModifiers m = {}) { test::sendMouse(c(), type, image, m); }
    void drag(QPointF a, QPointF b, Qt::KeyboardModifiers m = {}) { test::drag(c(), a, b, m); }
    void click(QPointF p, Qt::KeyboardModifiers m = {})
    {
        mouse(QEvent::MouseButtonPress, p, m);
        mouse(QEvent::MouseButtonRelease, p, m);
    }
    void moveAway() // the pointer leaves the canvas
    {
        QEvent leave(QEvent::Leave);
        QApplication::sendEvent(&c(), &leave);
    }
    // The digit row of an American keyboard under X11 or Wayland: with Shift it gives signs.
    void pressSign(Qt::Key sign, quint32 scanCode)
    {
        QKeyEvent event(QEvent::KeyPress, sign, Qt::ShiftModifier, scanCode, 0, 0);
        QApplication::sendEvent(&c(), &event);
    }
    void key(int k, Qt::KeyboardModifiers m = {}) { QTest::keyClick(&c(), static_cast<Qt::Key>(k), m); }
    bool saved()
    {
        return test::waitFor([&] {
            const auto state = context->session()->saveState();
            return !page->document().hasPending() && state.pending == 0;
        });
    }
    std::vector<domain::Annotation> stored(int picture = -1)
    {
        EXPECT_TRUE(saved());
        const ItemId item { picture < 0 ? page->document().item().id.value : picture + 1 };
        return context->session()->reader().readAnnotations(item).valueOr({});
    }
    std::string labelName(LabelId id) { return context->label(id) ? context->label(id)->name : "?"; }
    domain::ItemState stateOf(int picture)
    {
        EXPECT_TRUE(saved());
        return context->session()->reader().readItem({ picture + 1 }).valueOr({}).value_or(domain::Item {}).state;
    }
    void undo()
    {
        bool done = false, told = false;
        const auto heard = QObject::connect(context.get(), &StudioContext::committed, page.get(), [&] { told = true; });
        context->session()->undo([&](const auto& result) { done = result.hasValue(); });
        EXPECT_TRUE(test::waitFor([&] { return done && told; }));
        QObject::disconnect(heard);
        settle();
    }
    // What is queued for after an edit: the side panel is shown anew.
    static void settle()
    {
        for (int round = 0; round < 3; ++round)
            QCoreApplication::processEvents();
    }
    std::vector<AnnotationId> selection() { return c().scene().selection(); }

    QTemporaryDir temporary;
    std::unique_ptr<StudioContext> context;
    std::unique_ptr<LabelPage> page;
};

}
