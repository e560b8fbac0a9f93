#include <array>
#include <cstdio>
#include <filesystem>
#include <gtest/gtest.h>
#include <regex>
#include <string>
#include <vector>

// What each program links, against a list of what it may. A library that slips in costs every user its start time, and
// brings its formats and its faults along (DESIGN 2, 3).
namespace {

struct Program {
    const char* name;
    const char* allowed;   // of its own NEEDED entries, beside the standard library
    std::string forbidden; // also through others
};

constexpr const char* kStandard = "libstdc\\+\\+|libm|libgcc_s|libc|libpthread|libdl|ld-linux-[a-z0-9-]+|libatomic|libgomp";
constexpr const char* kCore = "libspdlog|libfmt|libsodium|libcrypto|libz|libonnx_proto|libprotobuf|libopencv_core|libopencv_imgproc|"
                              "libjpeg|libpng16|libtiff|libwebp|libexif|libsqlite3|libSQLiteCpp|libpugixml|libsimdjson";
constexpr const char* kFat = "|libopencv_(imgcodecs|videoio|highgui|dnn).*|libgdal.*|libhdf5.*|libQt5.*";

constexpr const char* kVideo = "|libav(codec|format|filter|util)|libsw(scale|resample)";

const Program kPrograms[] {
    { "percept", "libcpp-httplib|libmosquitto|libssl",
        std::string("libQt.*|libqcustomplot.*|libtorch.*|libc10.*|libopenvino.*|libnode.*") + kVideo + kFat },
    // Debian's LibTorch brings all of OpenCV and Qt 5 along: one of the reasons why training is a process of its own.
    { "percept-trainer", "libtorch|libtorch_cpu|libc10|libtorch_cuda|libc10_cuda", "libQt6.*|libqcustomplot.*|libopenvino.*" },
    { "percept-edge", "libopenvino|libcpp-httplib|libmosquitto|libssl",
        std::string("libQt.*|libqcustomplot.*|libtorch.*|libc10.*") + kVideo + kFat },
    // FFmpeg brings 130 libraries along, among them some of what is fat elsewhere: why decoding videos is a program of its own.
    { "percept-video", "libcpp-httplib|libmosquitto|libssl|libav[a-z]+|libsw[a-z]+", "libQt.*|libqcustomplot.*|libtorch.*|libc10.*|libopenvino.*" },
    { "percept-studio", "libcpp-httplib|libssl|libQt6[A-Za-z]+|libqcustomplot|libQCustomPlot[A-Za-z0-9]*|libGLX|libOpenGL|libGL",
        std::string("libtorch.*|libc10.*|libopenvino.*") + kVideo + kFat },
};

std::vector<std::string> linesOf(const std::string& command)
{
    std::vector<std::string> lines;
    FILE* pipe = ::popen(command.c_str(), "r");
    std::array<char, 4096> block { };
    while (pipe != nullptr && std::fgets(block.data(), block.size(), pipe) != nullptr)
        lines.emplace_back(block.data());
    if (pipe != nullptr)
        ::pclose(pipe);
    return lines;
}

// Names up to ".so" out of lines that hold one.
std::vector<std::string> librariesIn(const std::vector<std::string>& lines, const std::regex& pattern)
{
    std::vector<std::string> names;
    for (const auto& line : lines)
        if (std::smatch match; std::regex_search(line, match, pattern))
            names.push_back(match[1]);
    return names;
}

class Links : public ::testing::TestWithParam<Program> {
protected:
    void SetUp() override
    {
        m_path = std::filesystem::path(PERCEPT_BIN_DIR) / GetParam().name;
        if (!std::filesystem::exists(m_path))
            GTEST_SKIP() << GetParam().name << " is not built here: ninja " << GetParam().name;
    }
    std::filesystem::path m_path;
};

TEST_P(Links, onlyWhatIsOnItsList)
{
    const auto names = librariesIn(linesOf("readelf -dW " + m_path.string()), std::regex("NEEDED.*\\[([^\\]]+?)\\.so"));
    ASSERT_GE(names.size(), 3u) << "readelf (package binutils) gave nothing";
    const std::regex allowed(std::string(kStandard) + "|" + kCore + "|" + GetParam().allowed);
    for (const auto& name : names)
        EXPECT_TRUE(std::regex_match(name, allowed)) << GetParam().name << " links " << name << ", which is not on its list";
}

TEST_P(Links, nothingForbiddenThroughOthers)
{
    const auto names = librariesIn(linesOf("ldd " + m_path.string()), std::regex("^\\s*([^ /]+?)\\.so"));
    ASSERT_GE(names.size(), 5u);
    const std::regex forbidden(GetParam().forbidden);
    for (const auto& name : names)
        EXPECT_FALSE(std::regex_match(name, forbidden)) << GetParam().name << " reaches " << name;
}

INSTANTIATE_TEST_SUITE_P(Programs, Links, ::testing::ValuesIn(kPrograms), [](const auto& info) {
    return std::regex_replace(std::string(info.param.name), std::regex("-"), "_");
});

}
