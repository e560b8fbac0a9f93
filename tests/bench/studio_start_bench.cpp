// studio_start_bench PROJECT [ROUNDS]: how long the studio takes from the start of its process until the first pictures of the
// gallery are painted, and how much memory it holds then. Each round is a process of its own; the first fills the caches.
#include "app/studio/frame/recent_projects.h"
#include "app/studio/gather/gallery_model.h"
#include "app/studio/gather/gallery_view.h"
#include "app/studio/main_window.h"
#include "widgets/style/tokens.h"

#include <QApplication>
#include <QProcess>
#include <algorithm>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <string>
#include <unistd.h>
#include <vector>

namespace {

using namespace percept;

// Seconds since this process was started, by the kernel's clock (ticks of 10 ms).
double sinceStart()
{
    std::ifstream stat("/proc/self/stat");
    std::string text;
    std::getline(stat, text);
    std::string rest = text.substr(text.rfind(')') + 2);
    unsigned long long ticks = 0;
    for (int field = 3; field <= 22; ++field) {
        const auto blank = rest.find(' ');
        if (field == 22)
            ticks = std::stoull(rest.substr(0, blank));
        rest = rest.substr(blank + 1);
    }
    timespec now {};
    clock_gettime(CLOCK_BOOTTIME, &now);
    return double(now.tv_sec) + double(now.tv_nsec) * 1e-9 - double(ticks) / double(sysconf(_SC_CLK_TCK));
}

double cpuSeconds()
{
    timespec used {};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return double(used.tv_sec) + double(used.tv_nsec) * 1e-9;
}

double residentMiB()
{
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);)
        if (line.starts_with("VmHWM:"))
            return std::stod(line.substr(6)) / 1024;
    return 0;
}

bool allPainted(const studio::GalleryView& view)
{
    const auto* model = static_cast<const studio::GalleryModel*>(view.model());
    const auto [first, last] = view.visibleRows();
    for (int row = first; row <= last; ++row)
        if (model->thumbnail(row).isNull())
            return false;
    return last >= first;
}

// One start, as main() of the program does it.
int child(int argc, char** argv)
{
    QApplication application(argc, argv);
    style::install(application, style::Theme::Dark);
    studio::MainWindow window;
    window.applyThemeSetting();
    if (!window.openProject(argv[2]))
        return 1;
    window.show();
    QApplication::processEvents();
    const double usable = sinceStart();
    const auto* view = window.findChild<studio::GalleryView*>();
    while (!allPainted(*view)) {
        QApplication::processEvents(QEventLoop::WaitForMoreEvents, 20);
        if (sinceStart() > 60)
            return 1;
    }
    view->viewport()->repaint();
    std::printf("%.3f %.3f %.3f %.1f %lld\n", usable, sinceStart(), cpuSeconds(), residentMiB(), static_cast<long long>(window.context().counts().items));
    std::fflush(stdout);
    _exit(0); // closing is not what is measured
}

double median(std::vector<double> values)
{
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

}

int main(int argc, char** argv)
{
    if (argc >= 3 && std::string(argv[1]) == "--child")
        return child(argc, argv);
    if (argc < 2) {
        std::fprintf(stderr, "usage: studio_start_bench PROJECT [ROUNDS]\n");
        return 2;
    }
    QCoreApplication application(argc, argv);
    if (!qEnvironmentVariableIsSet("PERCEPT_BIN_DIR")) // where the program that makes thumbnails is
        qputenv("PERCEPT_BIN_DIR", (QCoreApplication::applicationDirPath() + QStringLiteral("/../bin")).toUtf8());
    const int rounds = argc > 2 ? std::stoi(argv[2]) : 7;
    std::vector<double> usable, painted, cpu, memory;
    long long items = 0;
    for (int round = 0; round <= rounds; ++round) {
        QProcess process;
        process.start(QCoreApplication::applicationFilePath(), { QStringLiteral("--child"), QString::fromLocal8Bit(argv[1]) });
        double a = 0, b = 0, c = 0, d = 0;
        if (!process.waitForFinished(90000) || std::sscanf(process.readAllStandardOutput().constData(), "%lf %lf %lf %lf %lld", &a, &b, &c, &d, &items) != 5) {
            std::fprintf(stderr, "round %d failed: %s\n", round, process.readAllStandardError().constData());
            return 1;
        }
        if (round == 0)
            continue; // cold
        usable.push_back(a), painted.push_back(b), cpu.push_back(c), memory.push_back(d);
    }
    std::printf("%lld items, %d starts, medians: usable window %.2f s, first pictures painted %.2f s (%.2f s of processor), %.0f MiB at most\n",
        items, rounds, median(usable), median(painted), median(cpu), median(memory));
    return 0;
}
