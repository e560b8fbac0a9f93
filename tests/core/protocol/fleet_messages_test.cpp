#include "core/base/hash.h"
#include "core/base/time.h"
#include "core/protocol/fleet_enrolment.h"
#include "core/protocol/fleet_sample.h"
#include "core/protocol/fleet_state.h"
#include "core/protocol/fleet_telemetry.h"
#include "core/protocol/fleet_topics.h"

#include <cmath>
#include <gtest/gtest.h>
#include <limits>
#include <nlohmann/json.hpp>

using namespace percept;
using namespace percept::protocol;
using nlohmann::json;

namespace {

const std::string kHash(64, 'a');
const std::string kStream(32, '7');

DesiredState desired()
{
    DesiredState state;
    state.version = 12;
    state.package = DesiredPackage { kHash, 1000, "/packages/" + kHash, "cells", "1.3", 4 };
    state.sampling = { 0.02, 0.4, false, 50 };
    state.windowSeconds = 5;
    state.liveFrames = 3;
    return state;
}

ReportedState reported()
{
    ReportedState state;
    state.desiredVersion = 12;
    state.program = "0.1.0";
    state.activity = "checking";
    state.running = RunningModel { kHash, "cells", "1.2", "b", 3 };
    state.refusal = Refusal { 11, std::string(64, 'b'), "golden", "The golden outputs differ by 0.2.", 99 };
    state.framesPerSecond = 12.5;
    state.latencyMs = 31;
    state.memoryBytes = 125 << 20;
    state.temperatureC = 51.5;
    state.outboxEntries = 3;
    state.timeMs = -5; // a clock before 1970
    return state;
}

TelemetryWindow window()
{
    TelemetryWindow w { 1000, 61000, 60.0, kHash, "1.2", 600, 20, 1, 30, 44, {}, {}, {} };
    ClassCount cells { "red \"cell\"", 5, {} };
    cells.scores[19] = 4;
    cells.scores[7] = 1;
    w.classes.push_back(cells);
    w.brightness = InputSpread { 0.5, 0.1, {} };
    w.brightness->bins[8] = 600;
    return w;
}

TelemetryBatch batch() { return { kStream, 41, { window(), DroppedSample {}, window() } }; }

FieldSample sample()
{
    FieldSample s { kStream, 44, std::string(32, 'c'), 5, kHash, "1.2", "unsure", 640, 480, {}, "jpeg", {} };
    s.predictions.push_back({ "cell", 0.31, { -1.5, 2, 30, 40 } });
    s.picture = { 0xff, 0xd8, '\n', 0, '{' };
    return s;
}

// The message with one member replaced.
std::string with(const std::string& text, const std::string& pointer, const json& value)
{
    json object = json::parse(text);
    object[json::json_pointer(pointer)] = value;
    return object.dump();
}

std::string without(const std::string& text, const std::string& name)
{
    json object = json::parse(text);
    object.erase(name);
    return object.dump();
}

// What no field of any message may be.
const std::vector<json>& wrongValues()
{
    static const std::vector<json> values { "text", -7, 1.5, 1e300, 18446744073709551615ull, true, json::array({ json::array() }),
        json::object({ { "x", nullptr } }), std::string(100'000, 'x') };
    return values;
}

template <typename Decode>
void expectFault(Decode decode, const std::string& text, const std::string& name)
{
    const auto got = decode(text);
    ASSERT_TRUE(got.hasError()) << text.substr(0, 300);
    EXPECT_EQ(got.error().code, base::ErrorCode::Refused);
    EXPECT_NE(got.error().message.find("\"" + name + "\""), std::string::npos) << got.error().message;
}

}

TEST(FleetTopics, aDeviceNameIsNeverPartOfATopicByItself)
{
    EXPECT_TRUE(isDeviceName("dock-3_B"));
    EXPECT_TRUE(isDeviceName(std::string(64, 'a')));
    for (const char* name : { "", "hub", "-x", "a/b", "a+b", "#", "+", "a b", "a.b", "\xc3\xa4", "$SYS", "../x" })
        EXPECT_FALSE(isDeviceName(name)) << name;
    EXPECT_FALSE(isDeviceName(std::string(65, 'a')));
    EXPECT_FALSE(isDeviceName(std::string_view("a\0b", 3)));
}

TEST(FleetTopics, roundTrip)
{
    for (const auto topic : { FleetTopic::Get, FleetTopic::Reported, FleetTopic::Telemetry, FleetTopic::Sample, FleetTopic::Presence,
             FleetTopic::Desired, FleetTopic::Ack }) {
        const auto parsed = parseFleetTopic(fleetTopic("dock-3", topic));
        ASSERT_TRUE(parsed.has_value());
        EXPECT_EQ(parsed->device, "dock-3");
        EXPECT_EQ(parsed->topic, topic);
    }
    EXPECT_EQ(fleetTopic("a", FleetTopic::Telemetry), "percept/1/devices/a/up/telemetry");
    EXPECT_EQ(allFromDevices(), "percept/1/devices/+/up/#");
    EXPECT_EQ(allToDevice("a"), "percept/1/devices/a/down/#");
    for (const char* topic : { "", "percept/1/devices/", "percept/1/devices/a", "percept/1/devices/a/", "percept/1/devices/a/up/x",
             "percept/1/devices/+/up/get", "percept/2/devices/a/up/get", "percept/1/devices/a/up/get/", "percept/1/devices/a/b/up/get" })
        EXPECT_FALSE(parseFleetTopic(topic).has_value()) << topic;
}

TEST(FleetState, roundTrips)
{
    EXPECT_EQ(decodeDesiredState(encode(desired())).value(), desired());
    EXPECT_EQ(decodeDesiredState(encode(DesiredState {})).value(), DesiredState {});
    EXPECT_EQ(decodeReportedState(encode(reported())).value(), reported());
    ReportedState fresh;
    fresh.program = "0.1.0";
    EXPECT_EQ(decodeReportedState(encode(fresh)).value(), fresh);
    EXPECT_TRUE(decodePresence(encode(Presence { true }))->online);
    EXPECT_TRUE(decodePresence("{\"v\":1}").hasError());
}

TEST(FleetState, aNumberThatIsNoneCountsAsZero)
{
    ReportedState state = reported();
    state.framesPerSecond = std::numeric_limits<double>::quiet_NaN();
    state.latencyMs = std::numeric_limits<double>::infinity();
    const auto got = decodeReportedState(encode(state));
    ASSERT_TRUE(got.hasValue()) << got.error().message;
    EXPECT_EQ(got->framesPerSecond, 0);
    EXPECT_EQ(got->latencyMs, 0);
    EXPECT_TRUE(decodeReportedState("{\"v\":1,\"desiredVersion\":NaN}").hasError());
    EXPECT_TRUE(decodeReportedState("{\"v\":1,\"desiredVersion\":1e400}").hasError());
}

TEST(FleetState, aPackageComesOnlyFromThePackageServer)
{
    const std::string text = encode(desired());
    for (const char* path : { "/packages/", "http://elsewhere/p", "/packages/../../etc/passwd", "" })
        EXPECT_TRUE(decodeDesiredState(with(text, "/package/path", path)).hasError()) << path;
    EXPECT_TRUE(decodeDesiredState(with(text, "/package/sha256", std::string(64, 'A'))).hasError());
    EXPECT_TRUE(decodeDesiredState(with(text, "/package/releaseCounter", -1)).hasError());
    EXPECT_TRUE(decodeDesiredState(with(text, "/package", json::array())).hasError());
    EXPECT_FALSE(decodeDesiredState(with(text, "/package", nullptr))->package.has_value());
}

TEST(FleetState, everyFieldOfTheWrongKindIsRefusedByName)
{
    for (const char* name : { "v", "version", "package", "sampling", "windowSeconds", "liveFrames" })
        for (const json& wrong : wrongValues())
            if (!(wrong.is_object() && std::string(name) == "sampling")) // an object without known members is allowed there
                expectFault(decodeDesiredState, with(encode(desired()), std::string("/") + name, wrong), name);
    for (const char* name : { "desiredVersion", "activity", "running", "refusal", "outboxEntries", "restarts" })
        for (const json& wrong : wrongValues())
            expectFault(decodeReportedState, with(encode(reported()), std::string("/") + name, wrong), name);
}

TEST(FleetState, aNewerVersionIsRefusedAndTheUnknownIgnored)
{
    const auto newer = decodeDesiredState(with(encode(desired()), "/v", 2));
    ASSERT_TRUE(newer.hasError());
    EXPECT_NE(newer.error().message.find("newer Percept"), std::string::npos);
    EXPECT_EQ(decodeDesiredState(with(encode(desired()), "/mood", "blue")).value(), desired());
    EXPECT_TRUE(decodeDesiredState(without(encode(desired()), "v")).hasError());
}

TEST(FleetState, aPatchMergesAndNullDeletes)
{
    const auto changed = patched(desired(), json::parse(R"({"sampling":{"perDay":7},"windowSeconds":9})"));
    ASSERT_TRUE(changed.hasValue());
    EXPECT_EQ(changed->version, 13);
    EXPECT_EQ(changed->sampling.perDay, 7);
    EXPECT_EQ(changed->sampling.randomShare, 0.02);
    EXPECT_EQ(changed->windowSeconds, 9);
    const auto cleared = patched(desired(), json::parse(R"({"sampling":null,"package":null})"));
    EXPECT_EQ(cleared->sampling, SamplingRules {});
    EXPECT_FALSE(cleared->package.has_value());
    EXPECT_EQ(patched(desired(), json::parse(R"({"version":500,"v":9})"))->version, 13);
    EXPECT_TRUE(patched(desired(), json::parse(R"({"windowSeconds":-1})")).hasError());
    EXPECT_TRUE(patched(desired(), json::array()).hasError());
}

TEST(FleetTelemetry, roundTrip)
{
    const auto got = decodeTelemetryBatch(encode(batch()));
    ASSERT_TRUE(got.hasValue()) << got.error().message;
    EXPECT_EQ(got->stream, kStream);
    EXPECT_EQ(got->first, 41);
    EXPECT_EQ(got->entries, batch().entries);
    EXPECT_EQ(decodeTelemetryWindow(encode(window())).value(), window());
    const Acknowledgement ack { kStream, 43 };
    EXPECT_EQ(decodeAcknowledgement(encode(ack)).value(), ack);
    EXPECT_TRUE(decodeAcknowledgement(with(encode(ack), "/sequence", -1)).hasError());
}

TEST(FleetTelemetry, countsThatCannotBeAreRefused)
{
    const std::string text = encode(batch());
    EXPECT_TRUE(decodeTelemetryBatch(with(text, "/entries/0/classes/0/count", 6)).hasError()); // not what its bins add up to
    EXPECT_TRUE(decodeTelemetryBatch(with(text, "/entries/0/classes/0/scores/3", -1)).hasError());
    EXPECT_TRUE(decodeTelemetryBatch(with(text, "/entries/0/classes/0/scores/3", 0.5)).hasError());
    EXPECT_TRUE(decodeTelemetryBatch(with(text, "/entries/0/classes/0/scores/3", 18446744073709551615ull)).hasError());
    EXPECT_TRUE(decodeTelemetryBatch(with(text, "/entries/0/classes/0/scores", json::array({ 1 }))).hasError());
    EXPECT_TRUE(decodeTelemetryBatch(with(text, "/entries/0/emptyFrames", 601)).hasError());
    EXPECT_TRUE(decodeTelemetryBatch(with(text, "/entries/0/frames", 1'000'000'001)).hasError()); // sums must not overflow
    EXPECT_TRUE(decodeTelemetryBatch(with(text, "/entries/0/brightness/bins", "x")).hasError());
    EXPECT_TRUE(decodeTelemetryBatch(with(text, "/entries/1/type", "weather")).hasError());
    EXPECT_TRUE(decodeTelemetryBatch(with(text, "/entries", json::array())).hasError());
    EXPECT_TRUE(decodeTelemetryBatch(with(text, "/first", 0)).hasError());
    EXPECT_TRUE(decodeTelemetryBatch(with(text, "/stream", "../../x")).hasError());
}

TEST(FleetTelemetry, moreEntriesThanAllowedAreRefused)
{
    TelemetryBatch many { kStream, 1, {} };
    many.entries.assign(TelemetryBatch::kMostEntries, DroppedSample {});
    EXPECT_TRUE(decodeTelemetryBatch(encode(many)).hasValue());
    many.entries.emplace_back(DroppedSample {});
    EXPECT_TRUE(decodeTelemetryBatch(encode(many)).hasError());
}

TEST(FleetMessages, whatIsTooLargeIsNotEvenParsed)
{
    const std::string huge(300u << 20, '[');
    const double before = base::monotonicSeconds();
    EXPECT_TRUE(decodeTelemetryBatch(huge).hasError());
    EXPECT_TRUE(decodeReportedState(huge).hasError());
    EXPECT_TRUE(decodeDesiredState(huge).hasError());
    EXPECT_TRUE(decodeAcknowledgement(huge).hasError());
    EXPECT_TRUE(decodePresence(huge).hasError());
    EXPECT_TRUE(decodeFieldSample(huge).hasError());
    EXPECT_LT(base::monotonicSeconds() - before, 0.1);
    EXPECT_NE(decodeReportedState(huge).error().message.find("too large"), std::string::npos);
}

TEST(FleetMessages, garbageAndDepthAreRefused)
{
    for (const std::string& text : { std::string(), std::string("garbage"), std::string("[]"), std::string("null"), std::string("{"),
             std::string(100'000, '['), std::string("\xff\xfe"), std::string(64, '\0') }) {
        EXPECT_TRUE(decodeTelemetryBatch(text).hasError());
        EXPECT_TRUE(decodeReportedState(text).hasError());
        EXPECT_TRUE(decodeDesiredState(text).hasError());
        EXPECT_TRUE(decodeFieldSample(text).hasError());
    }
    json deep = 1;
    for (int i = 0; i < 20; ++i)
        deep = json::array({ deep });
    const auto got = decodeDesiredState(with(encode(desired()), "/deep", deep));
    ASSERT_TRUE(got.hasError());
    EXPECT_NE(got.error().message.find("deep"), std::string::npos);
}

TEST(FieldSamples, roundTrip)
{
    const auto got = decodeFieldSample(encode(sample()));
    ASSERT_TRUE(got.hasValue()) << got.error().message;
    EXPECT_EQ(got->sequence, 44);
    EXPECT_EQ(got->id, sample().id);
    EXPECT_EQ(got->reason, "unsure");
    EXPECT_EQ(got->predictions, sample().predictions);
    EXPECT_EQ(got->picture, sample().picture);
}

TEST(FieldSamples, everyChangedByteOfThePictureIsSeen)
{
    const std::string payload = encode(sample());
    const std::size_t header = payload.find('\n') + 1;
    for (std::size_t i = header; i < payload.size(); ++i) {
        std::string changed = payload;
        changed[i] = static_cast<char>(changed[i] ^ 1);
        EXPECT_TRUE(decodeFieldSample(changed).hasError()) << i;
    }
    EXPECT_TRUE(decodeFieldSample(payload.substr(0, payload.size() - 1)).hasError());
    EXPECT_TRUE(decodeFieldSample(payload.substr(0, header)).hasError());
    EXPECT_TRUE(decodeFieldSample(payload.substr(0, header - 1)).hasError());
}

TEST(FieldSamples, impossibleBoxesNamesAndSizesAreRefused)
{
    const std::string payload = encode(sample());
    const std::size_t header = payload.find('\n');
    const auto changed = [&](const std::string& pointer, const json& value) {
        return decodeFieldSample(with(payload.substr(0, header), pointer, value) + payload.substr(header));
    };
    EXPECT_TRUE(changed("/reason", "edge").hasValue());
    EXPECT_TRUE(changed("/predictions", json::array()).hasValue());
    EXPECT_TRUE(changed("/predictions/0/box", json::array({ 0, 0, -1, 1 })).hasError());
    EXPECT_TRUE(changed("/predictions/0/box", json::array({ 0, 0, 1e300, 1 })).hasError());
    EXPECT_TRUE(changed("/predictions/0/box", json::array({ 0, 0, 1 })).hasError());
    EXPECT_TRUE(changed("/predictions/0/box", json::array({ 0, 0, 1, nullptr })).hasError());
    EXPECT_TRUE(changed("/predictions/0/score", 1.01).hasError());
    EXPECT_TRUE(changed("/predictions/0/label", std::string(2000, 'x')).hasError());
    EXPECT_TRUE(changed("/id", "../../../etc/cron.d/x").hasError());
    EXPECT_TRUE(changed("/reason", "because").hasError());
    EXPECT_TRUE(changed("/format", "exe").hasError());
    EXPECT_TRUE(changed("/width", 0).hasError());
    EXPECT_TRUE(changed("/height", 1e9).hasError());
    json many = json::array();
    for (std::size_t i = 0; i <= FieldSample::kMostPredictions; ++i)
        many.push_back({ { "label", "x" }, { "score", 0.5 }, { "box", { 0, 0, 1, 1 } } });
    EXPECT_TRUE(changed("/predictions", many).hasError());
}

TEST(FieldSamples, aPictureOverTheLimitIsRefused)
{
    FieldSample large = sample();
    large.picture.assign(kMaxFieldSampleBytes, 1);
    EXPECT_TRUE(decodeFieldSample(encode(large)).hasError());
    large.picture.resize(kMaxFieldSampleBytes - 4096);
    EXPECT_TRUE(decodeFieldSample(encode(large)).hasValue());
}

TEST(FleetEnrolment, roundTripAndFaults)
{
    const EnrolAnswer answer { "dock-3", "s3cret", "127.0.0.1", 1883, "PEM", "PEM", "http://127.0.0.1:8080", { "key" } };
    const std::string text = encode(answer);
    EXPECT_EQ(decodeEnrolAnswer(text).value(), answer);
    for (const char* name : { "device", "secret", "brokerHost", "brokerPort", "packageServer", "trust", "v" }) {
        expectFault(decodeEnrolAnswer, without(text, name), name);
        expectFault(decodeEnrolAnswer, with(text, std::string("/") + name, json::object()), name);
    }
    expectFault(decodeEnrolAnswer, with(text, "/trust", json::array({ 7 })), "trust");
    expectFault(decodeEnrolAnswer, with(text, "/device", "a/b"), "device");
    EnrolAnswer others = answer;
    others.othersBroker = BrokerOfOthers { false, "PEM", "cameras", "word" };
    EXPECT_EQ(decodeEnrolAnswer(encode(others)).value(), others);
    others.othersBroker->usesTls = true;
    const std::string secure = encode(others);
    EXPECT_EQ(decodeEnrolAnswer(secure).value(), others);
    // Not even by a slip is a broker spoken to without TLS.
    for (const json& broker : { json::object(), json { { "tls", "no" } }, json { { "tls", nullptr } }, json(7), json { { "tls", true }, { "user", 7 } } })
        expectFault(decodeEnrolAnswer, with(secure, "/broker", broker), "broker");
    const auto request = decodeEnrolRequest(encode(EnrolRequest { "t", "", "" }));
    ASSERT_TRUE(request.hasValue());
    EXPECT_EQ(request->token, "t");
    expectFault(decodeEnrolRequest, R"({"v":1,"token":"t","device":"../x"})", "device");
    expectFault(decodeEnrolRequest, R"({"v":1,"token":7})", "token");
}
