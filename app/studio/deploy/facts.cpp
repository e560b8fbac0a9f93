// What stands on the cards of packages and rings.
#include "app/studio/deploy/fact_card.h"

#include <algorithm>

namespace percept::studio {

using fleet::RingCondition;
using fleet::RingView;
using style::Tone;

namespace {

QString qs(const std::string& text) { return QString::fromStdString(text); }

}

QString bytesText(std::int64_t bytes)
{
    const double mega = static_cast<double>(bytes) / 1e6;
    return mega >= 1 ? FactCard::tr("%1 MB").arg(mega, 0, 'f', 1) : FactCard::tr("%1 kB").arg(std::max(1.0, static_cast<double>(bytes) / 1e3), 0, 'f', 0);
}

std::vector<Fact> factsOf(const services::PackageFacts& package, bool isChecked)
{
    using State = Fact::State;
    std::vector<Fact> facts;
    facts.push_back({ State::Good, FactCard::tr("Every file as signed"), bytesText(package.bytes) });
    if (isChecked) {
        facts.push_back({ State::Good, FactCard::tr("Answers as in training"), FactCard::tr("%1 of %1 pictures").arg(package.goldenPictures),
            FactCard::tr("On the golden pictures in the package percept-edge gives the training's scores, off by %1 at most, and its boxes, off by %2 pixels at most.")
                .arg(package.maxScoreDifference, 0, 'g', 1)
                .arg(package.maxBoxDifference, 0, 'g', 1) });
        if (package.medianMs > 0)
            facts.push_back({ State::Note, FactCard::tr("Answer, on this computer"), FactCard::tr("%1 ms").arg(package.medianMs, 0, 'f', package.medianMs < 10 ? 1 : 0) });
    }
    if (package.score) {
        const auto& s = *package.score;
        const QString value = s.low >= 0 ? QStringLiteral("%1 (%2–%3)").arg(s.map50, 0, 'f', 3).arg(s.low, 0, 'f', 2).arg(s.high, 0, 'f', 2) : QString::number(s.map50, 'f', 3);
        facts.push_back({ State::Good, FactCard::tr("AP50, %1").arg(qs(s.set)), value,
            FactCard::tr("Average precision at an overlap (IoU) of 0.5 on the %1 set as it was when this was packaged, with its 95 % interval.").arg(qs(s.set)) });
    }
    const QString key = qs(package.signer);
    facts.push_back({ package.isOurs ? State::Good : State::Bad, package.isOurs ? FactCard::tr("Signed with your key") : FactCard::tr("Signed by somebody else"),
        key.left(4) + QStringLiteral("…") + key.right(4).remove(QLatin1Char('=')), FactCard::tr("Public key %1").arg(key) });
    return facts;
}

namespace {

QString chipText(RingView::State state)
{
    switch (state) {
    case RingView::State::Watching: return FactCard::tr("Watching");
    case RingView::State::Passed: return FactCard::tr("Passed");
    case RingView::State::Stopped: return FactCard::tr("Stopped");
    default: return FactCard::tr("Waiting");
    }
}

Tone chipTone(RingView::State state)
{
    switch (state) {
    case RingView::State::Watching: return Tone::Accent;
    case RingView::State::Passed: return Tone::Good;
    case RingView::State::Stopped: return Tone::Error;
    default: return Tone::Neutral;
    }
}

Fact::State factState(RingCondition::State state)
{
    return state == RingCondition::State::Met ? Fact::State::Good : state == RingCondition::State::Broken ? Fact::State::Bad : Fact::State::Open;
}

}

void showRing(FactCard& card, const RingView& ring, bool hasRollout, const QString& byItself)
{
    card.setChip(hasRollout ? chipText(ring.state) : QString(), chipTone(ring.state));
    card.setStands(ring.stands);
    card.setCurrent(ring.state == RingView::State::Watching);
    std::vector<Fact> facts;
    for (const RingCondition& condition : ring.conditions)
        facts.push_back({ factState(condition.state), qs(condition.text), qs(condition.value) });
    if (ring.conditions.empty() && ring.state == RingView::State::Passed && ring.devices() > 0) {
        facts.push_back({ ring.runs == ring.devices() ? Fact::State::Good : Fact::State::Open, FactCard::tr("Run it"),
            FactCard::tr("%1 of %2").arg(ring.runs).arg(ring.devices()) });
        if (ring.refused > 0)
            facts.push_back({ Fact::State::Bad, FactCard::tr("Refuse it"), QString::number(ring.refused) });
        if (ring.offline > 0)
            facts.push_back({ Fact::State::Open, FactCard::tr("Offline"), QString::number(ring.offline) });
    }
    if (!byItself.isEmpty())
        facts.push_back({ Fact::State::Note, FactCard::tr("Goes on"), byItself });
    card.setFacts(std::move(facts));
}

}
