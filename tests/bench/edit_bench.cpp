// edit_bench [BOXES]: one edit on a picture with so many boxes (default 10,000), in the real window on a real project: an
// arrow key that moves the selected box, a digit that changes its class, a drag that draws one, Delete. Milliseconds as
// percentiles: from the event to the notice that the edit is on disk, and what all of it took of the interface thread,
// repaints and lists included.
// Budget: the interface thread <= 2 ms, on disk <= 50 ms.
#include "app/studio/label/label_page.h"
#include "app/studio/main_window.h"
#include "tests/bench/frame_clock.h"
#include "widgets/style/tokens.h"

#include <QApplication>
#include <QImage>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QTemporaryDir>
#include <QTimer>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <random>

namespace {

using namespace percept;

constexpr int kWidth = 4000, kHeight = 3000, kEdits = 200;
constexpr double kSettles = 0.02; // seconds after the commit: what other threads still have to say about it

void makeProject(const std::filesystem::path& folder, int boxes)
{
    QImage picture(kWidth, kHeight, QImage::Format_RGB32);
    for (int y = 0; y < kHeight; ++y)
        for (int x = 0; x < kWidth; ++x)
            picture.setPixel(x, y, qRgb((x * 7 + y) & 255, (x + y * 3) & 255, (x ^ y) & 255));
    dataset::ImportItem item;
    item.file = folder / "picture.jpg";
    item.name = "picture.jpg";
    picture.save(QString::fromStdString(item.file.string()));
    item.sizeBytes = static_cast<std::int64_t>(std::filesystem::file_size(item.file));
    item.width = kWidth;
    item.height = kHeight;
    std::mt19937 engine(7);
    std::uniform_real_distribution<double> x(0, kWidth - 160), y(0, kHeight - 160), side(30, 160);
    for (int i = 0; i < boxes; ++i)
        item.boxes.push_back({ "RBC", { x(engine), y(engine), side(engine), side(engine) }, {} });
    auto store = std::move(*dataset::ProjectStore::create(folder / "p.percept", "p", domain::Task::Detection, { "RBC", "WBC" }));
    const BatchId batch = *store->beginImport("Imported");
    if (store->addToImport(batch, std::vector { item }).hasError() || store->finishImport(batch).hasError())
        std::abort();
}

void mouse(canvas::BoxCanvas& canvas, QEvent::Type type, QPointF at)
{
    const bool moves = type == QEvent::MouseMove;
    QMouseEvent event(type, at, canvas.mapToGlobal(at), moves ? Qt::NoButton : Qt::LeftButton,
        type == QEvent::MouseButtonRelease ? Qt::NoButton : Qt::LeftButton, Qt::NoModifier);
    QApplication::sendEvent(&canvas, &event);
}

// The event, until the edit is on disk and the interface has nothing left to do about it.
std::string edits(studio::StudioContext& context, studio::LabelPage& page, const std::function<void(int)>& prepare,
    const std::function<void(int)>& edit)
{
    std::vector<double> handler, interface, committed;
    QTimer heartbeat; // what the loop below waits for may come without an event
    heartbeat.start(20);
    for (int i = 0; i < kEdits; ++i) {
        prepare(i);
        QApplication::processEvents();
        const double start = bench::secondsOf(CLOCK_MONOTONIC), cpu = bench::secondsOf(CLOCK_THREAD_CPUTIME_ID);
        edit(i);
        handler.push_back((bench::secondsOf(CLOCK_THREAD_CPUTIME_ID) - cpu) * 1e3);
        while (page.document().hasPending() || context.session()->saveState().pending > 0)
            QApplication::processEvents(QEventLoop::WaitForMoreEvents);
        committed.push_back((bench::secondsOf(CLOCK_MONOTONIC) - start) * 1e3);
        QApplication::processEvents();
        for (const double until = bench::secondsOf(CLOCK_MONOTONIC) + kSettles; bench::secondsOf(CLOCK_MONOTONIC) < until;)
            QApplication::processEvents(QEventLoop::WaitForMoreEvents);
        interface.push_back((bench::secondsOf(CLOCK_THREAD_CPUTIME_ID) - cpu) * 1e3);
    }
    return "{\"event_cpu\": " + bench::percentiles(handler) + ", \"interface_cpu\": " + bench::percentiles(interface)
        + ", \"committed\": " + bench::percentiles(committed) + "}";
}

}

int main(int argc, char** argv)
{
    qputenv("QT_QPA_PLATFORM", qgetenv("QT_QPA_PLATFORM").isEmpty() ? "offscreen" : qgetenv("QT_QPA_PLATFORM"));
    QApplication app(argc, argv);
    const int boxes = argc > 1 ? std::atoi(argv[1]) : 10000;
    QTemporaryDir temporary;
    for (const char* name : { "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME" })
        qputenv(name, temporary.path().toUtf8());
    style::install(app, style::Theme::Dark);
    makeProject(temporary.path().toStdString(), boxes);
    studio::MainWindow window;
    window.resize(1440, 900);
    window.show();
    if (!window.openProject(std::filesystem::path(temporary.path().toStdString()) / "p.percept")) {
        std::fprintf(stderr, "edit_bench: the project does not open\n");
        return 1;
    }
    window.showPage(QStringLiteral("label"));
    auto& page = *static_cast<studio::LabelPage*>(window.page(QStringLiteral("label")));
    auto& canvas = page.boxCanvas();
    const double deadline = bench::secondsOf(CLOCK_MONOTONIC) + 30;
    while (int(canvas.scene().size()) < boxes || !canvas.isSharp()) {
        QApplication::processEvents(QEventLoop::AllEvents, 20);
        if (bench::secondsOf(CLOCK_MONOTONIC) > deadline) {
            std::fprintf(stderr, "edit_bench: the picture does not open\n");
            return 1;
        }
    }

    const auto press = [&](int key) {
        QKeyEvent event(QEvent::KeyPress, key, Qt::NoModifier);
        QApplication::sendEvent(&canvas, &event);
    };
    const auto ids = canvas.scene().ids();
    canvas.setSelection({ ids[ids.size() / 2] });
    const std::string nudge = edits(window.context(), page, [](int) {}, [&](int i) { press(i % 2 ? Qt::Key_Left : Qt::Key_Right); });
    const std::string change = edits(window.context(), page, [](int) {}, [&](int i) { press(i % 2 ? Qt::Key_1 : Qt::Key_2); });
    canvas.setTool(canvas::Tool::Box);
    const auto corner = [](int i) { return QPointF(100 + 3.0 * (i % 90), 80 + 2.0 * (i % 90)); };
    const std::string draw = edits(
        window.context(), page,
        [&](int i) {
            mouse(canvas, QEvent::MouseButtonPress, corner(i));
            mouse(canvas, QEvent::MouseMove, corner(i) + QPointF(30, 20));
        },
        [&](int i) { mouse(canvas, QEvent::MouseButtonRelease, corner(i) + QPointF(40, 30)); });
    const std::string gone = edits(
        window.context(), page, [&](int i) { canvas.setSelection({ ids[std::size_t(i)] }); }, [&](int) { press(Qt::Key_Delete); });
    std::printf(R"({"boxes": %d, "edits": %d, "arrow_key_ms": %s, "class_key_ms": %s, "drawn_box_ms": %s, "delete_ms": %s})" "\n", boxes, kEdits,
        nudge.c_str(), change.c_str(), draw.c_str(), gone.c_str());
    return 0;
}
