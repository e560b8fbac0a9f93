#include "tests/core/device/answer_watch.h"

#include "core/base/time.h"
#include "core/media/picture.h"
#include "tests/support/test_model.h"

#include <algorithm>
#include <cstdlib>
#include <httplib.h>

namespace percept::test {

double longestGapTaken() { return std::getenv("PERCEPT_NIGHTLY") != nullptr ? 2 : 30; }

AnswerWatch::AnswerWatch(const nlohmann::json& state, double patienceSeconds)
{
    const std::string url = state["url"];
    m_port = std::stoi(url.substr(url.rfind(':') + 1));
    const auto png = media::encodePng(testPicture(192, 128, { { 32, 32, 16, 0 } })).value();
    m_picture.assign(png.begin(), png.end());
    const double start = base::monotonicSeconds();
    m_thread = std::thread([this, start] { watch(start); });
    while (m_firstSeconds < 0 && base::monotonicSeconds() < start + patienceSeconds)
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
}

AnswerWatch::~AnswerWatch() { stop(); }

void AnswerWatch::watch(double start)
{
    httplib::Client client("127.0.0.1", m_port);
    client.set_keep_alive(true);
    client.set_read_timeout(60);
    double last = start;
    while (!m_stopping) {
        const auto response = client.Post("/predict", m_picture, "image/png");
        const double now = base::monotonicSeconds();
        const bool isGood = response && response->status == 200 && response->body.find("\"predictions\":[{") != std::string::npos;
        if (!isGood) {
            m_seen.failed += m_firstSeconds >= 0 && !m_stopping;
            std::this_thread::sleep_for(std::chrono::milliseconds(2));
            continue;
        }
        if (m_firstSeconds < 0)
            m_firstSeconds = now - start;
        else
            m_seen.longestGapSeconds = std::max(m_seen.longestGapSeconds, now - last);
        last = now;
        m_seen.good = ++m_good;
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    m_seen.longestGapSeconds = std::max(m_seen.longestGapSeconds, base::monotonicSeconds() - last);
}

AnswerWatch::Seen AnswerWatch::stop()
{
    m_stopping = true;
    if (m_thread.joinable())
        m_thread.join();
    return m_seen;
}

}
