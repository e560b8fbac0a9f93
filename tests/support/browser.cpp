#include "tests/support/browser.h"

#include "core/base/hash.h"
#include "core/media/picture.h"
#include "tests/support/temporary_folder.h"

#include <csignal>
#include <fcntl.h>
#include <filesystem>
#include <httplib.h>
#include <optional>
#include <stdexcept>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace percept::test {

using nlohmann::json;

namespace {

constexpr const char* kDriver = "/usr/bin/chromedriver";
constexpr const char* kBrowser = "/usr/bin/chromium";
constexpr const char* kElement = "element-6066-11e4-a52e-4f735466cecf"; // WebDriver's name for a reference

json optionsFor(const std::vector<std::string>& names, const std::filesystem::path& profile)
{
    // By a pipe: a bare machine may have no /etc/hosts, and the driver would look for the browser at "localhost".
    json arguments { "--remote-debugging-pipe", "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--disable-extensions",
        "--disable-background-networking", "--disable-component-update", "--window-size=1280,800", "--force-device-scale-factor=1",
        "--user-data-dir=" + profile.string() };
    std::string rules;
    for (const auto& name : names)
        rules += (rules.empty() ? "MAP " : ", MAP ") + name + " 127.0.0.1";
    if (!rules.empty())
        arguments.push_back("--host-resolver-rules=" + rules);
    return { { "capabilities",
        { { "alwaysMatch",
            { { "browserName", "chrome" }, { "pageLoadStrategy", "eager" }, { "goog:loggingPrefs", { { "browser", "ALL" }, { "performance", "ALL" } } },
                { "goog:chromeOptions", { { "binary", kBrowser }, { "args", arguments } } } } } } } };
}

}

struct Browser::State {
    TemporaryFolder profile;
    int pid = 0;
    std::optional<httplib::Client> client;
    std::string session; // path

    // Starts chromedriver on a port that it chooses and tells.
    int start()
    {
        int out[2];
        if (::pipe(out) != 0)
            throw std::runtime_error("no pipe");
        pid = ::fork();
        if (pid == 0) {
            ::setpgid(0, 0);
            ::prctl(PR_SET_PDEATHSIG, SIGTERM); // it ends its browser then
            ::dup2(out[1], 1);
            const int nothing = ::open("/dev/null", O_WRONLY);
            ::dup2(nothing, 2);
            ::close(out[0]);
            ::execl(kDriver, kDriver, "--port=0", nullptr);
            ::_exit(127);
        }
        ::setpgid(pid, pid);
        ::close(out[1]);
        std::string said;
        char block[512];
        constexpr std::string_view kMark = "successfully on port ";
        while (said.find(kMark) == std::string::npos || said.back() != '\n') {
            const ssize_t n = ::read(out[0], block, sizeof block);
            if (n <= 0)
                throw std::runtime_error("chromedriver has not started: " + said);
            said.append(block, static_cast<std::size_t>(n));
        }
        ::close(out[0]);
        return std::stoi(said.substr(said.find(kMark) + kMark.size()));
    }
    ~State()
    {
        if (pid > 0) {
            ::kill(-pid, SIGKILL); // and the browser that it has started
            ::waitpid(pid, nullptr, 0);
        }
    }
};

std::string Browser::missing()
{
    return std::filesystem::exists(kDriver) && std::filesystem::exists(kBrowser)
        ? ""
        : "There is no Chromium here: apt-get install --no-install-recommends chromium chromium-driver";
}

Browser::Browser(const std::vector<std::string>& namesOfThisMachine)
    : m_state(std::make_unique<State>())
{
    m_state->client.emplace("127.0.0.1", m_state->start());
    m_state->client->set_read_timeout(60);
    const json session = call("POST", "/session", optionsFor(namesOfThisMachine, m_state->profile.path()));
    m_state->session = "/session/" + session["sessionId"].get<std::string>();
}

Browser::~Browser()
{
    try {
        call("DELETE", m_state->session);
    } catch (const std::exception&) { // it is killed then
    }
}

json Browser::call(const std::string& method, const std::string& path, const json& body)
{
    httplib::Request request;
    request.method = method;
    request.path = path;
    if (method == "POST") {
        request.body = body.dump();
        request.set_header("Content-Type", "application/json");
    }
    const auto answer = m_state->client->send(request);
    if (!answer)
        throw std::runtime_error("chromedriver does not answer " + path);
    const json value = json::parse(answer->body)["value"];
    if (answer->status != 200)
        throw std::runtime_error(path + ": " + value.value("message", answer->body));
    return value;
}

void Browser::command(const std::string& name, const json& parameters)
{
    call("POST", m_state->session + "/goog/cdp/execute", { { "cmd", name }, { "params", parameters } });
}

void Browser::open(const std::string& url) { call("POST", m_state->session + "/url", { { "url", url } }); }

json Browser::value(const std::string& expression)
{
    return call("POST", m_state->session + "/execute/sync", { { "script", "return " + expression }, { "args", json::array() } });
}

json Browser::awaited(const std::string& promise)
{
    return call("POST", m_state->session + "/execute/async",
        { { "script", "const done = arguments[arguments.length - 1]; (" + promise + ").then(done, e => done(String(e)));" },
            { "args", json::array() } });
}

std::string Browser::text(const std::string& selector)
{
    const json found = value("(e => e ? e.innerText : null)(document.querySelector(" + json(selector).dump() + "))");
    return found.is_string() ? found.get<std::string>() : "";
}

cv::Mat Browser::screenshot(const std::string& selector)
{
    std::string path = m_state->session;
    if (!selector.empty())
        path += "/element/"
            + call("POST", path + "/element", { { "using", "css selector" }, { "value", selector } })[kElement].get<std::string>();
    const auto png = base::fromBase64(call("GET", path + "/screenshot").get<std::string>());
    const auto decoded = media::decodePicture(png.value(), "screenshot");
    return decoded.value();
}

void Browser::setDark(bool isDark)
{
    command("Emulation.setEmulatedMedia",
        { { "features", { { { "name", "prefers-color-scheme" }, { "value", isDark ? "dark" : "light" } } } } });
}

void Browser::setSize(int width, int height, bool isPhone)
{
    command("Emulation.setDeviceMetricsOverride",
        { { "width", width }, { "height", height }, { "deviceScaleFactor", 1 }, { "mobile", isPhone } });
}

std::vector<Browser::Line> Browser::console()
{
    std::vector<Line> lines;
    for (const auto& entry : call("POST", m_state->session + "/se/log", { { "type", "browser" } }))
        lines.push_back({ entry.value("level", ""), entry.value("message", "") });
    return lines;
}

std::vector<std::string> Browser::requests()
{
    std::vector<std::string> urls;
    for (const auto& entry : call("POST", m_state->session + "/se/log", { { "type", "performance" } })) {
        const json message = json::parse(entry.value("message", "{}"))["message"];
        if (message.value("method", "") == "Network.requestWillBeSent" && !message["params"].value("documentURL", "").starts_with("chrome")) // its own first page
            urls.push_back(message["params"]["request"]["url"].get<std::string>());
    }
    return urls;
}

}
