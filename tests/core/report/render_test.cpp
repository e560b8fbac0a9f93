#include "core/base/random.h"
#include "core/report/wording.h"
#include "tests/core/report/sample_report.h"
#include "tests/core/report/svg_check.h"

#include <cstdlib>
#include <fstream>
#include <sstream>

namespace percept::report {
namespace {

// Dates on the page are local.
const bool kInUtc = [] { return ::setenv("TZ", "UTC", 1) == 0; }();

std::string readAll(const std::string& path)
{
    std::ifstream file(path);
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
}

TEST(RenderSvg, IsTheGoldenPage)
{
    const std::string path = PERCEPT_SOURCE_DIR "/tests/golden/report/blood_cells.svg";
    const std::string svg = renderSvg(sampleReport());
    if (std::getenv("PERCEPT_UPDATE_GOLDEN"))
        std::ofstream(path) << svg;
    const std::string golden = readAll(path);
    const auto at = static_cast<std::size_t>(
        std::mismatch(svg.begin(), svg.end(), golden.begin(), golden.end()).first - svg.begin());
    EXPECT_TRUE(svg == golden) << "differs from here on: " << svg.substr(at, 200)
                               << "\nLook at the new page, then run this with PERCEPT_UPDATE_GOLDEN=1.";
}

TEST(RenderSvg, SaysItInWordsFirst)
{
    const std::string svg = renderSvg(sampleReport());
    const auto texts = checkedTexts(svg);
    for (const char* text : { "Blood cells: how good is model 1.4?", "93 of 100", "objects are found", "94 of 100",
             "of its answers are right", "+1.5", "better than version 1.3", "748 of 805", "6 of 9, too few", "318 done, 77.2 %",
             "46 to review", "48 to do", "91.2 to 94.6" })
        EXPECT_TRUE(hasText(texts, text)) << text;
    EXPECT_NE(svg.find("<desc>93 of 100 objects are found, 91 to 95.</desc>"), std::string::npos);
}

// The words of the trade stand at the foot, and nowhere above it.
TEST(RenderSvg, SpeaksInAManagersWords)
{
    for (const bool definitions : { false, true }) {
        const auto texts = checkedTexts(renderSvg(sampleReport(), { .definitions = definitions }));
        const auto foot = std::find_if(texts.begin(), texts.end(), [](auto& t) { return t.text.starts_with("Found: an answer of the right class overlaps"); });
        ASSERT_NE(foot, texts.end());
        EXPECT_TRUE(std::any_of(texts.begin(), texts.end(), [](auto& t) { return t.text.starts_with("Against version 1.3: paired on the same pictures"); }));
        for (const auto& text : texts) {
            if (text.y0 >= foot->y0)
                continue;
            for (const char* term : { "AP50", "IoU", "marks", "threshold", "r000", "ootstrap", "McNemar" })
                EXPECT_EQ(text.text.find(term), std::string::npos) << text.text;
        }
    }
    EXPECT_EQ(renderHtml(sampleReport()).find(" marks "), std::string::npos);
}

TEST(RenderSvg, ClaimsADifferenceOnlyWhenTheIntervalLeavesZeroOut)
{
    ReportData data = sampleReport();
    EXPECT_TRUE(hasText(checkedTexts(renderSvg(data)), "better than version 1.3"));
    data.comparison.found = { 1.5, -0.3, 2.7 };
    EXPECT_TRUE(hasText(checkedTexts(renderSvg(data)), "not told apart from version 1.3"));
    EXPECT_NE(renderHtml(data).find("No difference in what is found that can be told from chance"), std::string::npos);
    data.comparison.found = { -1.5, -2.7, -0.3 };
    EXPECT_TRUE(hasText(checkedTexts(renderSvg(data)), "worse than version 1.3"));
    EXPECT_EQ(renderHtml(data).find("told from chance"), std::string::npos);
    data.comparison.present = false;
    EXPECT_TRUE(hasText(checkedTexts(renderSvg(data)), "No earlier version yet"));
}

// The figure beside what is found is of what is found: AP50 may say something else, and stands at the foot with its name.
TEST(RenderSvg, ComparesWhatIsFoundAndIsGreenOnlyWhenItWasNotPaidFor)
{
    ReportData data = sampleReport();
    data.comparison.points = { 79, 71, 85 };
    data.comparison.found = { -11.2, -14.1, -8.5 };
    std::string svg = renderSvg(data);
    EXPECT_TRUE(hasText(checkedTexts(svg), "−11.2"));
    EXPECT_TRUE(hasText(checkedTexts(svg), "worse than version 1.3"));
    EXPECT_EQ(svg.find("#137A50"), std::string::npos) << "green";
    data.comparison.found = { 11.2, 8.5, 14.1 };
    data.comparison.falseAlarms = { 3, 2, 4 };
    svg = renderSvg(data);
    EXPECT_TRUE(hasText(checkedTexts(svg), "+11.2"));
    EXPECT_TRUE(hasText(checkedTexts(svg), "more found, more false alarms"));
    EXPECT_EQ(svg.find("#137A50"), std::string::npos) << "green";
    data.comparison.falseAlarms = { 3, -1, 7 };
    EXPECT_NE(renderSvg(data).find("#137A50"), std::string::npos) << "green";
}

TEST(Wording, ComparesAtOneRuleAndNamesOwnThresholds)
{
    Comparison comparison = sampleReport().comparison;
    EXPECT_EQ(comparisonSentence(comparison),
        "+0.3 to +2.7, on the same 72 test pictures. It finds 93.1 % with 0.8 false alarms a picture; before: 91.6 % with 1.1.");
    comparison.found = { 0.04, -1.2, 1.1 };
    EXPECT_TRUE(comparisonSentence(comparison).starts_with("No difference in what is found that can be told from chance (−1.2 to +1.1, on the same 72 test pictures)."));
    EXPECT_EQ(signedPoints(-0.04), "0.0");
}

TEST(RenderSvg, ShowsLabelingAndTheNextStepWithoutAModel)
{
    const auto texts = checkedTexts(renderSvg(withoutModel()));
    for (const char* text : { "Blood cells: how far is the labeling?", "318", "pictures are done", "Labeled, by class",
             "What to do next", "4,155" })
        EXPECT_TRUE(hasText(texts, text)) << text;
    for (const auto& text : texts)
        EXPECT_EQ(text.text.find("found"), std::string::npos) << text.text;
}

TEST(RenderSvg, BearsAnEmptyProject)
{
    ReportData data;
    data.project = "New";
    data.nextSteps = { "Gather pictures." };
    EXPECT_TRUE(hasText(checkedTexts(renderSvg(data)), "New: how far is the labeling?"));
    EXPECT_FALSE(renderHtml(data).empty());
    data.hasModel = true; // nothing known about it
    data.found = data.marksRight = evaluation::wilson(0, 0);
    checkedTexts(renderSvg(data));
}

ReportData withField()
{
    ReportData data = sampleReport();
    data.field.versions = { { "1.3", 40, 410, 402, { 0.85, 0.81, 0.88 }, { 0.9, 0.87, 0.93 }, 1'790'000'000'000, 1'791'000'000'000 },
        { "1.4", 12, 20, 21, { 0.9, 0.7, 0.97 }, { 0.86, 0.65, 0.95 }, 1'791'000'000'000, 1'792'000'000'000 } };
    data.field.pictures = 52;
    data.field.unfinished = 3;
    data.fleet = { true, true, 14, 12, { { "1.4", 10 }, { "1.3", 4 } } };
    return data;
}

// A version that was taken back is not shown as if it ran.
TEST(RenderSvg, SaysThatAVersionWasRolledBackAndWhen)
{
    ReportData data = withField();
    data.fleet.versions = { { "1.3", 14 } };
    data.fleet.rolledBack = { { "1.4", 1'792'100'000'000, "1.3", 0 } };
    data.versions.back().rolledBackMs = 1'792'100'000'000;
    const auto texts = checkedTexts(renderSvg(data));
    const auto has = [&](const std::string& part) { return std::any_of(texts.begin(), texts.end(), [&](const auto& t) { return t.text.find(part) != std::string::npos; }); };
    for (const char* part : { "Version 1.4 was rolled back on", "rolled back 1", "rolled back" })
        EXPECT_TRUE(has(part)) << part;
    const std::string html = renderHtml(data);
    EXPECT_NE(html.find("and no longer runs; version 1.3 took its place."), std::string::npos);
    EXPECT_NE(html.find("<th>Rolled back</th>"), std::string::npos);
    EXPECT_EQ(inWords(RolledBack { "1.4", 1'792'100'000'000, "1.3", 2 }).find("no longer runs"), std::string::npos);
    EXPECT_NE(inWords(RolledBack { "1.4", 1'792'100'000'000, "1.3", 2 }).find("2 devices run it still"), std::string::npos);
}

TEST(RenderSvg, SaysThatNoDeviceRunsTheModelOfThePage)
{
    ReportData data = withField();
    EXPECT_EQ(nowhereSentence(data), "");
    data.fleet.versions = { { "1.0", 224 }, { "0.9", 3 } };
    EXPECT_TRUE(hasText(checkedTexts(renderSvg(data)), "No device runs it; 224 run version 1.0, 3 version 0.9."));
    EXPECT_NE(renderHtml(data).find("No device runs it; 224 run"), std::string::npos);
    data.fleet.versions = {};
    EXPECT_EQ(nowhereSentence(data), "No device runs it yet.");
    EXPECT_EQ(nowhereSentence(sampleReport()), "") << "no fleet";
}

TEST(RenderSvg, SaysWhatIsFoundInTheFieldAndWhatTheDevicesRun)
{
    const auto texts = checkedTexts(renderSvg(withField()));
    const auto has = [&](const std::string& part) { return std::any_of(texts.begin(), texts.end(), [&](const auto& t) { return t.text.find(part) != std::string::npos; }); };
    for (const char* part : { "In the field", "version 1.4 finds 90 of 100 objects", "12 of 14 devices are online; 10 run version 1.4", "20 objects, too few", "40 pictures", "85.0 %" })
        EXPECT_TRUE(has(part)) << part;
    EXPECT_EQ(renderSvg(sampleReport()).find("In the field"), std::string::npos) << "nothing is known of it";
    EXPECT_EQ(renderSvg(withField(), { .field = false }).find("In the field"), std::string::npos);
    const std::string html = renderHtml(withField());
    for (const char* part : { "Devices that run it", "20 (too few)", "81.0 to 88.0 %", "3 pictures more chosen by chance" })
        EXPECT_NE(html.find(part), std::string::npos) << part;
}

TEST(RenderSvg, EveryCombinationOfPartsStaysOnThePage)
{
    for (int bits = 0; bits < 32; ++bits) {
        SCOPED_TRACE(bits);
        const ReportParts parts { (bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0, (bits & 8) != 0, (bits & 16) != 0 };
        const auto texts = checkedTexts(renderSvg(sampleReport(), parts));
        EXPECT_EQ(hasText(texts, "93 of 100"), parts.headline);
        EXPECT_EQ(hasText(texts, "Found, by class"), parts.classes);
        EXPECT_EQ(hasText(texts, "Found, by version"), parts.versions);
        EXPECT_EQ(hasText(texts, "Labeling"), parts.labeling);
        checkedTexts(renderSvg(withoutModel(), parts));
        checkedTexts(renderSvg(withField(), parts));
    }
}

// No text cut by the page or upon another, whatever the counts and names.
class RenderSvgSizes : public testing::TestWithParam<int> { };

TEST_P(RenderSvgSizes, NothingOverlaps)
{
    const int n = GetParam();
    base::Random random(static_cast<std::uint64_t>(n));
    const std::vector<std::string> names { "a", "Schraube mit Innensechskant und Unterlegscheibe", "WWWWWWWWWWWWWWWWWWWWWWWWW",
        "<b>&amp;</b>", "日本語のとても長いクラス名です", "Öse", "" };
    ReportData data = sampleReport();
    data.classes.clear();
    data.versions.clear();
    for (int i = 0; i < n; ++i) {
        const auto of = static_cast<std::int64_t>(random.below(2000));
        const auto found = static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(of) + 1));
        data.classes.push_back(classRow(names[random.below(names.size())], i, found, of, of * 1000));
    }
    for (int i = 0; i < n % 10; ++i) {
        const double value = random.uniform();
        data.versions.push_back({ i + 1 == n % 10 ? "draft" : "1." + std::to_string(i), 1'780'000'000'000 + i * 3'600'000ll,
            { value, value * random.uniform(), value + (1 - value) * random.uniform() } });
    }
    data.found = { random.uniform(), 0, 1 };
    data.marksRight = { 1, 0.99, 1 };
    data.project = n % 2 ? "A project name that is much too long for the page and its question, made by someone very thorough" : "P";
    for (int i = 0; i < n; ++i)
        data.notes.push_back("A sentence that is long enough to be broken into two lines, since people write such things, number "
            + std::to_string(i) + ".");
    for (const ReportData& page : { data, [&] { auto d = data; d.hasModel = false; return d; }() }) {
        const auto texts = checkedTexts(renderSvg(page));
        EXPECT_TRUE(std::any_of(texts.begin(), texts.end(), [](auto& t) { return t.text.ends_with("?"); }));
    }
}

INSTANTIATE_TEST_SUITE_P(Counts, RenderSvgSizes, testing::Values(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 18, 28, 80));

TEST(RenderSvg, ShowsTwelveClassesAndSumsUpMore)
{
    ReportData data = sampleReport();
    data.classes.clear();
    for (int i = 0; i < 12; ++i)
        data.classes.push_back(classRow("class " + std::to_string(i), i, 40, 50, 100));
    const auto twelve = checkedTexts(renderSvg(data));
    for (int i = 0; i < 12; ++i)
        EXPECT_TRUE(hasText(twelve, "class " + std::to_string(i)));
    for (int i = 12; i < 30; ++i)
        data.classes.push_back(classRow("class " + std::to_string(i), i, 1, 2, 100));
    const auto thirty = checkedTexts(renderSvg(data));
    EXPECT_TRUE(std::any_of(thirty.begin(), thirty.end(), [](auto& t) { return t.text.find("smaller ones") != std::string::npos; }));
    // The page of tables has them all.
    for (const ClassRow& row : data.classes)
        EXPECT_NE(renderHtml(data).find("<td>" + row.name + "</td>"), std::string::npos);
}

TEST(Render, EscapesHostileNames)
{
    const std::string evil = "</text><script>alert('x')</script>&\"\x01\xff\xE2\x80\xAE";
    ReportData data = sampleReport();
    data.project = data.version = data.comparison.other = data.versionsScope = data.date = evil;
    data.classes[0].name = data.versions[0].version = data.notes[0] = evil;
    data.nextSteps = { evil };
    const std::string svg = renderSvg(data);
    checkedTexts(svg);
    for (const std::string& text : { svg, renderHtml(data) }) {
        EXPECT_EQ(text.find("<script"), std::string::npos);
        EXPECT_EQ(text.find('\x01'), std::string::npos);
        EXPECT_EQ(text.find('\xff'), std::string::npos);
        EXPECT_EQ(text.find("\xE2\x80\xAE"), std::string::npos); // turns the direction of what follows
        EXPECT_NE(text.find("&lt;script&gt;"), std::string::npos);
    }
}

TEST(RenderHtml, NeedsNothingFromOutside)
{
    const std::string html = renderHtml(sampleReport());
    std::size_t links = 0;
    for (std::size_t at = html.find("://"); at != std::string::npos; at = html.find("://", at + 1))
        ++links;
    EXPECT_EQ(links, 1u); // the name of the SVG namespace
    for (const char* bad : { "<script", "<link", "<img", "@import", "url(", "href", "src=" })
        EXPECT_EQ(html.find(bad), std::string::npos) << bad;
    EXPECT_NE(html.find("default-src 'none'"), std::string::npos);
    EXPECT_NE(html.find("<td>748</td>"), std::string::npos);
}

TEST(Wording, NeverRoundsToAllOrNothing)
{
    EXPECT_EQ(ofHundred(997, 1000), "over 99 of 100");
    EXPECT_EQ(ofHundred(1, 1000), "under 1 of 100");
    EXPECT_EQ(ofHundred(1000, 1000), "100 of 100");
    EXPECT_EQ(ofHundred(14, 15), "14 of 15");
    EXPECT_EQ(percent(0.99996), "99.9 %");
    EXPECT_EQ(percent(0.00001), "0.1 %");
    EXPECT_EQ(percent(1), "100 %");
    EXPECT_EQ(percent(std::nan("")), "–");
}

TEST(TextMeasure, ElidesAndWrapsWithinTheWidth)
{
    const std::string text = "Öffnungen und Schrauben mit Unterlegscheiben";
    for (const double width : { 20.0, 60.0, 120.0, 240.0, 1000.0 }) {
        EXPECT_LE(textWidth(elided(text, width, 13, 400), 13, 400), width);
        std::string joined;
        for (const std::string& line : wrapped(text, width, 13, 400))
            EXPECT_LE(textWidth(line, 13, 400), width);
    }
    EXPECT_EQ(elided(text, 1000, 13, 400), text);
    EXPECT_EQ(cleaned("a\xC3"), "a\xEF\xBF\xBD");
    EXPECT_EQ(cleaned("a\tb\n"), "a b ");
}

}
}
