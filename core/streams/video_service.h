#pragma once

#include "core/streams/video_player.h"

namespace percept::streams {

// Answers the requests of protocol/video_messages.h for one file until the input ends or the video does; confines this process
// before it opens the file. Gives the exit status: 0, or 1 when whom it answers has gone.
int serveVideo(const std::filesystem::path& path, const VideoPlayer::Options& options, int in, int out);

}
