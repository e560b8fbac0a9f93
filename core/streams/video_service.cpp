#include "core/streams/video_service.h"

#include "core/base/confinement.h"
#include "core/protocol/json_fields.h"
#include "core/transport/line_pipe.h"

#include <new>

namespace percept::streams {

using nlohmann::json;

namespace {

class VideoService {
public:
    VideoService(const std::filesystem::path& path, const VideoPlayer::Options& options, int out)
        : m_path(path)
        , m_options(options)
        , m_out(out)
        , m_confined(base::toString(base::confineThisProcess()))
    {
    }

    // False when nothing can follow.
    bool answer(const std::string& line)
    {
        const auto request = protocol::parseJson(line, "The request", 4096);
        if (request.hasError())
            return fail(request.error());
        const json type = request->is_object() ? request->value("type", json()) : json();
        // The edge of the libraries: whatever they throw is about this file.
        try {
            return type == "open" ? open() : type == "next" ? next() : fail(base::refused("This version knows only open and next."));
        } catch (const std::bad_alloc&) {
            return fail(base::refused("The video does not fit into the memory that its decoder may use. Convert it to a smaller size."));
        }
    }

private:
    bool say(const json& answer) { return transport::writeLine(m_out, protocol::dumpLine(answer)).hasValue(); }
    bool fail(const base::Error& error)
    {
        say(protocol::videoFailure(error));
        return false;
    }
    bool open()
    {
        auto player = VideoPlayer::open(m_path, m_options);
        if (player.hasError())
            return fail(player.error());
        m_player = std::move(player).value();
        protocol::VideoFacts facts = m_player->facts();
        facts.confined = m_confined;
        return say(protocol::toJson(facts));
    }
    bool next()
    {
        if (!m_player)
            return fail(base::refused("The video is not open yet."));
        const auto shown = m_player->next();
        if (shown.hasError())
            return fail(shown.error());
        return say(protocol::toJson(shown->step)) && transport::writeAll(m_out, shown->bmp).hasValue();
    }

    const std::filesystem::path m_path;
    const VideoPlayer::Options m_options;
    const int m_out;
    const std::string m_confined;
    std::unique_ptr<VideoPlayer> m_player;
};

}

int serveVideo(const std::filesystem::path& path, const VideoPlayer::Options& options, int in, int out)
{
    VideoService service(path, options, out);
    transport::LineReader reader(in);
    while (true) {
        const auto line = reader.readLine();
        if (line.hasError())
            return 1;
        if (!line->has_value() || !service.answer(**line))
            return 0;
    }
}

}
