// DeployPage: the way of a package, as steps and as cards.
#include "app/studio/deploy/deploy_page.h"
#include "app/studio/deploy/deploy_text.h"
#include "app/studio/deploy/fact_card.h"
#include "app/studio/deploy/package_view.h"
#include "app/studio/deploy/step_strip.h"
#include "widgets/style/widgets.h"

#include <QPushButton>
#include <QStackedWidget>
#include <algorithm>

namespace percept::studio {

using fleet::RingView;
using fleet::RolloutView;
using Step = StepStrip::Step;

namespace {

QString qs(const std::string& text) { return QString::fromStdString(text); }

std::ptrdiff_t numOpen(const RingView& ring)
{
    return std::count_if(ring.conditions.begin(), ring.conditions.end(), [](const auto& c) { return c.state != fleet::RingCondition::State::Met; });
}

// A ring as a step of the way.
Step ringStep(const RingView& ring, const QString& name)
{
    const auto text = [&] {
        if (ring.devices() == 0)
            return DeployPage::tr("no device");
        switch (ring.state) {
        case RingView::State::Waiting: return DeployPage::tr("%1, waiting").arg(devicesText(ring.devices()));
        case RingView::State::Stopped: return DeployPage::tr("stopped, %1 of %2 run it").arg(ring.runs).arg(ring.devices());
        default: return (ring.runs == 1 ? DeployPage::tr("%1 of %2 runs it") : DeployPage::tr("%1 of %2 run it")).arg(ring.runs).arg(devicesText(ring.devices()));
        }
    }();
    switch (ring.state) {
    case RingView::State::Watching: return { name, text, StepStrip::State::Now };
    case RingView::State::Passed: return { name, text, StepStrip::State::Done };
    case RingView::State::Stopped: return { name, text, StepStrip::State::Failed };
    default: return { name, text, StepStrip::State::Ahead };
    }
}

std::vector<Step> firstSteps(const Shipment& shipment)
{
    using Stage = Shipment::Stage;
    using S = StepStrip::State;
    const Stage stage = shipment.stage();
    const bool failed = stage == Stage::Failed, isReady = stage == Stage::Ready;
    const auto at = [&](Stage step, bool after) {
        if (failed && shipment.failedAt() == step)
            return S::Failed;
        return stage == step ? S::Now : after || isReady ? S::Done : S::Ahead;
    };
    const bool isPackaged = stage == Stage::Checking || isReady || (failed && shipment.failedAt() == Stage::Checking);
    const S package = stage == Stage::Choosing ? S::Now : at(Stage::Packaging, isPackaged);
    const bool isOurs = isReady && shipment.facts()->isOurs;
    return { { DeployPage::tr("Package"), stage == Stage::Packaging ? shipment.detail() : isReady ? bytesText(shipment.facts()->bytes) : QString(), package },
        { DeployPage::tr("Check"), isReady ? DeployPage::tr("answers as in training") : QString(), at(Stage::Checking, false) },
        { DeployPage::tr("Sign"), isOurs ? DeployPage::tr("your key") : isReady ? DeployPage::tr("another key") : QString(),
            isOurs ? S::Done : isReady ? S::Failed : S::Ahead } };
}

}

void DeployPage::showSteps()
{
    const RolloutView& view = m_fleet->view();
    const bool isPackaging = m_stack->currentWidget() == m_package;
    std::vector<Step> steps;
    if (isPackaging || !view.rollout) {
        steps = firstSteps(*m_shipment);
        if (!isPackaging)
            for (Step& step : steps)
                step = { step.name, {}, StepStrip::State::Ahead };
    } else {
        steps = { { tr("Package"), bytesText(view.rollout->package.bytes), StepStrip::State::Done },
            { tr("Check"), tr("answers as in training"), StepStrip::State::Done }, { tr("Sign"), tr("your key"), StepStrip::State::Done } };
    }
    const QString names[] = { tr("Test ring"), tr("Part"), tr("All") };
    for (std::size_t i = 0; i < view.rings.size(); ++i) {
        RingView ring = view.rings[i];
        if (isPackaging)
            ring.state = RingView::State::Waiting; // of the one that is being made
        steps.push_back(ringStep(ring, names[i]));
    }
    m_steps->setSteps(std::move(steps));
}

void DeployPage::showCards()
{
    const RolloutView& view = m_fleet->view();
    for (std::size_t i = 0; i < m_rings.size(); ++i) {
        FactCard& card = *m_rings[i];
        const bool isReached = view.isRunning() && view.rollout->ring == fleet::kRings[i];
        showRing(card, view.rings[i], view.rollout.has_value(), isReached && view.promotesMs > 0 ? shortMomentText(view.promotesMs) : QString());
        const bool isNow = view.isRunning() && view.rollout->ring == fleet::kRings[i] && !view.nextRing.empty();
        card.setButton(isNow ? tr("Promote to %1…").arg(ringName(view.nextRing)) : QString());
        card.button()->setObjectName(isNow ? QStringLiteral("promote") : QString());
        card.button()->setEnabled(!m_fleet->isBusy() && m_fleet->hub() == DeployController::Hub::Answers);
        style::setButtonKind(card.button(), view.isSuggested ? style::ButtonKind::Primary : style::ButtonKind::Default, style::ControlSize::Compact);
        card.setFoot(isNow ? (view.isSuggested ? tr("ready to go on") : tr("%1 still open").arg(numOpen(view.rings[i])))
                : !view.rollout && i == 0 ? tr("A new package begins here") : QString());
    }
    readPackage();
}

// From the project where it was made there; else from the hub's copy. A version of the same number may be another project's.
void DeployPage::readPackage()
{
    const auto& rollout = m_fleet->view().rollout;
    if (!rollout || !context().session()) {
        m_packageCard->setTitle(tr("Package"));
        m_packageCard->setChip({}, style::Tone::Neutral);
        m_packageCard->setFacts({ { Fact::State::Waiting, tr("Nothing was rolled out yet"), {} } });
        m_packageCard->setFoot({});
        m_cardOf.clear();
        return;
    }
    const auto own = m_fleet->ownVersion(rollout->package.sha256);
    const std::string card = rollout->package.sha256 + " " + own.value_or(std::string());
    if (m_cardOf == card)
        return;
    m_cardOf = card;
    const fleet::StoredPackage package = rollout->package;
    m_packageCard->setTitle(tr("%1 %2").arg(qs(package.name), qs(package.version)));
    m_packageCard->setChip(tr("Signed"), style::Tone::Good);
    const auto withOwner = [isOwn = own.has_value()](std::vector<Fact> facts) {
        if (!isOwn)
            facts.insert(facts.begin(), Fact { Fact::State::Note, tr("Another project's model"), {} });
        return facts;
    };
    m_packageCard->setFacts(withOwner({ { Fact::State::Good, tr("Every file as signed"), bytesText(package.bytes) } }));
    m_packageCard->setFoot(tr("release %1").arg(package.releaseCounter));
    using Facts = std::optional<services::PackageFacts>;
    context().readInBackground<Facts>(
        this,
        [own, sha256 = package.sha256, hub = m_fleet->folder(), project = context().session()->folder()](dataset::ProjectReader& reader) -> Facts {
            for (const auto& version : reader.readModelVersions().valueOr({}))
                if (own && version.version == *own)
                    if (auto facts = services::readPackageFacts(project / version.file); facts.hasValue())
                        return std::move(facts).value();
            if (auto facts = services::readPackageFacts(hub / "packages" / (sha256 + ".ppkg")); facts.hasValue())
                return std::move(facts).value();
            return std::nullopt;
        },
        [this, package, own, card, withOwner](const Facts& facts) {
            if (m_cardOf != card || !facts)
                return;
            m_packageCard->setFacts(withOwner(factsOf(*facts, false)));
            if (own) // else its runs and data are those of another project
                m_packageCard->setFoot(tr("data v%1, run %2, release %3").arg(facts->datasetVersion).arg(qs(facts->run).mid(1).toInt()).arg(package.releaseCounter));
        });
}

}
