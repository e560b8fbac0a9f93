#include "core/training/tensor_file.h"

#include <cstring>
#include <gtest/gtest.h>

namespace percept::training {
namespace {

static_assert(!std::is_copy_constructible_v<TensorFile> && !std::is_copy_assignable_v<TensorFile>, "a copy would look into the original");
static_assert(std::is_move_constructible_v<TensorFile>);

std::vector<std::uint8_t> fileOf(const std::string& header, std::size_t dataBytes)
{
    std::vector<std::uint8_t> bytes(8 + header.size() + dataBytes);
    for (int i = 0; i < 8; ++i)
        bytes[static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(header.size() >> (8 * i));
    std::memcpy(bytes.data() + 8, header.data(), header.size());
    return bytes;
}

bool isRefused(std::vector<std::uint8_t> bytes)
{
    const auto parsed = TensorFile::parse(std::move(bytes), "x.safetensors");
    return parsed.hasError() && parsed.error().code == base::ErrorCode::Refused
        && parsed.error().message.find("x.safetensors") != std::string::npos;
}

TEST(TensorFile, readsWhatItWrote)
{
    const std::vector<float> a { 1, 2, 3, 4, 5, 6 }, b { -7.5f };
    const auto bytes = encodeTensorFile({ { "a", { 2, 3 }, a }, { "b", {}, b } }, { { "k", "v" } });
    EXPECT_EQ(bytes, encodeTensorFile({ { "a", { 2, 3 }, a }, { "b", {}, b } }, { { "k", "v" } }));
    const auto file = TensorFile::parse(bytes, "x");
    ASSERT_TRUE(file.hasValue()) << file.error().message;
    EXPECT_EQ(file->floats("a", 6).value(), a);
    EXPECT_EQ(file->floats("b", 1).value(), b);
    EXPECT_EQ(file->find("a")->shape, (std::vector<std::int64_t> { 2, 3 }));
    EXPECT_EQ(file->metadata().at("k"), "v");
    EXPECT_TRUE(file->floats("a", 5).hasError());
    EXPECT_TRUE(file->floats("c", 1).hasError());
}

TEST(TensorFile, refusesHostileFiles)
{
    EXPECT_TRUE(isRefused({}));
    EXPECT_TRUE(isRefused({ 1, 2, 3 }));
    EXPECT_TRUE(isRefused({ 255, 255, 255, 255, 255, 255, 255, 255, '{', '}' })); // header longer than the file
    EXPECT_TRUE(isRefused(fileOf("[]", 0)));
    EXPECT_TRUE(isRefused(fileOf("{\"a\":1}", 4)));
    const auto entry = [](const std::string& fields) { return fileOf("{\"a\":{" + fields + "}}", 8); };
    EXPECT_FALSE(isRefused(entry(R"("dtype":"F32","shape":[2],"data_offsets":[0,8])")));
    EXPECT_TRUE(isRefused(entry(R"("dtype":"F32","shape":[3],"data_offsets":[0,8])")));   // size does not fit
    EXPECT_TRUE(isRefused(entry(R"("dtype":"F32","shape":[4],"data_offsets":[0,16])")));  // beyond the end
    EXPECT_TRUE(isRefused(entry(R"("dtype":"F32","shape":[1],"data_offsets":[4,8])")));   // a gap
    EXPECT_TRUE(isRefused(entry(R"("dtype":"F32","shape":[2],"data_offsets":[8,0])")));   // backwards
    EXPECT_TRUE(isRefused(entry(R"("dtype":"F32","shape":[-2],"data_offsets":[0,8])")));
    EXPECT_TRUE(isRefused(entry(R"("dtype":"F99","shape":[2],"data_offsets":[0,8])")));
    EXPECT_TRUE(isRefused(entry(R"("dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,8])"))); // overflow
    EXPECT_TRUE(isRefused(fileOf(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})", 8)));
    EXPECT_TRUE(isRefused(fileOf(R"({"__metadata__":{"k":1}})", 0)));
}

TEST(TensorFile, survivesEveryTruncationAndFlip)
{
    const std::vector<float> a { 1, 2, 3 };
    const auto bytes = encodeTensorFile({ { "a", { 3 }, a } }, {});
    for (std::size_t n = 0; n < bytes.size(); ++n)
        EXPECT_TRUE(isRefused({ bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(n) })) << n;
    for (std::size_t i = 0; i < bytes.size(); ++i)
        for (int bit = 0; bit < 8; ++bit) {
            auto changed = bytes;
            changed[i] = static_cast<std::uint8_t>(changed[i] ^ (1 << bit));
            static_cast<void>(TensorFile::parse(std::move(changed), "x")); // must not crash; the sanitizers watch
        }
}

}
}
