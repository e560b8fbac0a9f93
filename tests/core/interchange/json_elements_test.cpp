#include "core/base/random.h"
#include "core/interchange/json_elements.h"
#include "tests/core/media/fixtures.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace percept::interchange {

namespace {

nlohmann::json randomJson(base::Random& random, int depth)
{
    switch (random.below(depth > 4 ? 4 : 6)) {
    case 0: return random.uniform(-1e6, 1e6);
    case 1: return static_cast<std::int64_t>(random.below(1000));
    case 2: {
        static const std::string kParts[] = { "\\", "\"", "]", "}", "{[", "é", "\n", "x", "\\\"", "," };
        std::string text;
        for (std::uint64_t i = random.below(12); i > 0; --i)
            text += kParts[random.below(std::size(kParts))];
        return text;
    }
    case 3: return nullptr;
    case 4: {
        nlohmann::json array = nlohmann::json::array();
        for (std::uint64_t i = random.below(5); i > 0; --i)
            array.push_back(randomJson(random, depth + 1));
        return array;
    }
    default: {
        nlohmann::json object = nlohmann::json::object();
        for (std::uint64_t i = random.below(5); i > 0; --i)
            object["k" + std::to_string(random.below(100))] = randomJson(random, depth + 1);
        return object;
    }
    }
}

}

TEST(JsonElements, AgreesWithAWholeParser)
{
    const media::test::TemporaryFolder folder;
    base::Random random(5);
    for (int round = 0; round < 60; ++round) {
        nlohmann::json document = { { "wanted", nlohmann::json::array() }, { "other", randomJson(random, 0) } };
        // Every tenth is longer than the buffer, so that elements are cut by its end.
        for (std::uint64_t i = random.below(40) + (round % 10 == 9 ? 60000 : 0); i > 0; --i)
            document["wanted"].push_back(randomJson(random, 0));
        const auto file = folder.write("a.json", document.dump(static_cast<int>(random.below(3)) - 1));
        nlohmann::json seen = nlohmann::json::array();
        const auto lists = walkJsonElements(file, { "wanted" },
            [&](const JsonElement& element) -> base::Result<void> {
                seen.push_back(nlohmann::json::parse(element.text));
                EXPECT_GE(element.readable, element.text.size() + 64);
                return {};
            },
            {}, {});
        ASSERT_TRUE(lists.hasValue()) << lists.error().message;
        ASSERT_EQ(seen, document["wanted"]);
    }
}

TEST(JsonElements, OneEntryMayNotFillTheMemory)
{
    const media::test::TemporaryFolder folder;
    const auto file = folder.write("a.json", "{\"wanted\": [\"" + std::string(140u << 20, 'x') + "\"]}");
    const auto result = walkJsonElements(file, { "wanted" }, [](const JsonElement&) -> base::Result<void> { return {}; }, {}, {});
    ASSERT_TRUE(result.hasError());
    EXPECT_EQ(result.error().code, base::ErrorCode::Refused);
    // The same in a part that nobody asked for streams by.
    EXPECT_TRUE(walkJsonElements(file, { "other" }, [](const JsonElement&) -> base::Result<void> { return {}; }, {}, {}).hasValue());
}

}
