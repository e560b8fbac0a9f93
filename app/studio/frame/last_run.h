#pragma once

#include <QString>
#include <filesystem>

namespace percept::studio {

// The newest training of a project, where whoever opens it should know of it.
struct LastRun {
    enum class State {
        Nothing,
        Interrupted, // can be resumed
        Running,     // another program follows it
        ByItself,    // it runs, and nobody follows it
        Unscored     // it has ended well while nobody followed it
    } state = State::Nothing;
    QString run;
    int epoch = 0, epochs = 0; // 0: not known
};
// Reads its files; beside whoever writes them, on any thread.
LastRun readLastRun(const std::filesystem::path& project);
// "interrupted at epoch 7 of 16"; empty for Nothing.
QString describeLastRun(const LastRun& run);

}
