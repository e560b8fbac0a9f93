#pragma once

#include <cstdint>
#include <memory>
#include <nlohmann/json.hpp>
#include <opencv2/core/mat.hpp>
#include <string>
#include <vector>

namespace percept::test {

// Chromium without a window, driven through chromedriver (WebDriver: HTTP and JSON). Every call throws when it cannot be done.
class Browser {
public:
    // What is missing here, with how to get it; empty: nothing.
    static std::string missing();

    // Names that are to lead to this machine ("evil.example"), as a rebound DNS would.
    explicit Browser(const std::vector<std::string>& namesOfThisMachine = {});
    ~Browser();
    Browser(const Browser&) = delete;
    Browser& operator=(const Browser&) = delete;

    // Until its document is there; pictures may go on loading for ever.
    void open(const std::string& url);
    // Value of a JavaScript expression.
    nlohmann::json value(const std::string& expression);
    // Value of a promise.
    nlohmann::json awaited(const std::string& promise);
    std::string text(const std::string& selector);
    cv::Mat screenshot(const std::string& selector = {}); // RGB; empty: the window
    void setDark(bool isDark);
    void setSize(int width, int height, bool isPhone = false);

    // Since the last call: lines of the console, and addresses that were asked for.
    struct Line {
        std::string level, message; // "SEVERE", "WARNING", "INFO"
    };
    std::vector<Line> console();
    std::vector<std::string> requests();

private:
    struct State;
    nlohmann::json call(const std::string& method, const std::string& path, const nlohmann::json& body = nlohmann::json::object());
    void command(const std::string& name, const nlohmann::json& parameters); // of Chromium's own protocol

    std::unique_ptr<State> m_state;
};

}
