#include "app/studio/deploy/package_view.h"

#include <QCheckBox>
#include <QComboBox>
#include <QKeyEvent>
#include <QPushButton>
#include <algorithm>
#include <cmath>

namespace percept::studio {

using style::Ink;

namespace {

QString signedText(double points) { return (points < 0 ? QStringLiteral("−") : QStringLiteral("+")) + QString::number(std::abs(points), 'f', 1); }

}

int PackageView::promoteAfterMinutes() const { return m_byItself->isChecked() ? m_after->currentData().toInt() : 0; }

void PackageView::showNext()
{
    m_after->setEnabled(m_byItself->isChecked());
    const QString next = m_byItself->isChecked()
        ? tr("The next ring gets it %1 after the one before, when every device that was reached and is online runs it, none has refused it and none has fallen silent; "
             "else it waits. You can promote it earlier, or switch this off, at any time.").arg(m_after->currentText())
        : tr("The next ring gets it only when you promote.");
    m_next->setText(next + QLatin1Char(' ') + tr("A device that it does not suit keeps what it runs and says why; one in ten, and the roll-out stops by itself."));
}

// People decide; what is worse is said before they do.
void PackageView::showCaution()
{
    const bool isReady = m_shipment.stage() == Shipment::Stage::Ready;
    const auto& caution = m_shipment.caution();
    const bool isLower = isReady && caution && caution->isLower;
    if (isLower && !m_wasLower)
        m_byItself->setChecked(false); // who wants it all the same says so once more
    m_wasLower = isLower;
    const bool isUnknown = isReady && !m_shipment.notCompared().isEmpty();
    m_caution->setTone(isLower ? style::Tone::Warning : style::Tone::Neutral);
    m_caution->setText(isLower ? QString::fromStdString(caution->words) + QLatin1Char(' ') + tr("It can be deployed all the same.")
            : isUnknown        ? tr("It was not compared with version %1, which runs: %2").arg(m_shipment.against(), m_shipment.notCompared())
                               : QString());
    m_caution->setVisible(isLower || isUnknown);
    m_otherNote->setText(m_other);
    m_otherNote->setVisible(!m_other.isEmpty());
    const QString slower = isReady ? m_shipment.slower() : QString();
    m_slower->setText(slower.isEmpty() ? slower : slower + QLatin1Char(' ') + tr("It can be deployed all the same."));
    m_slower->setVisible(!slower.isEmpty());
}

const Candidate* PackageView::chosen() const
{
    const int row = m_list->currentRow();
    return row >= 0 && row < static_cast<int>(m_candidates.size()) ? &m_candidates[static_cast<std::size_t>(row)] : nullptr;
}

void PackageView::setCandidates(std::vector<Candidate> candidates)
{
    const std::string kept = m_hasChosen && chosen() ? chosen()->run : std::string();
    const QSignalBlocker blocker(m_list);
    m_candidates = std::move(candidates);
    const auto at = std::find_if(m_candidates.begin(), m_candidates.end(), [&](const Candidate& c) { return c.run == kept; });
    const int row = at == m_candidates.end() ? 0 : static_cast<int>(at - m_candidates.begin());
    m_list->clear();
    for (const Candidate& candidate : m_candidates)
        new QListWidgetItem(candidate.title, m_list);
    showFacts();
    m_list->setCurrentRow(std::min(row, m_list->count() - 1));
    m_hint->setText(m_candidates.empty() ? tr("No model yet. Train one first.") : tr("Newest first. A run becomes the project's next version when it is packaged."));
    follow();
}

void PackageView::showFacts()
{
    for (std::size_t i = 0; i < m_candidates.size(); ++i) {
        const Candidate& candidate = m_candidates[i];
        const QString refused = candidate.version.empty() ? QString() : m_refused.value(QString::fromStdString(candidate.version));
        const QString facts = refused.isEmpty() ? candidate.facts : tr("%1; %2").arg(refused, candidate.facts);
        QListWidgetItem* item = m_list->item(static_cast<int>(i));
        item->setData(kFactsRole, facts);
        item->setData(Qt::AccessibleTextRole, QStringLiteral("%1, %2").arg(candidate.title, facts));
        item->setToolTip(refused);
    }
}

void PackageView::setRefused(const QHash<QString, QString>& refused)
{
    if (m_refused == refused)
        return;
    m_refused = refused;
    showFacts();
}

void PackageView::reset()
{
    m_hasChosen = false;
    m_byItself->setChecked(false);
    m_after->setCurrentIndex(kAfterADay);
    showProblem({});
    const QSignalBlocker blocker(m_list);
    if (!m_shipment.isWorking() && m_list->count() > 0)
        m_list->setCurrentRow(0);
}

void PackageView::choose(const QString& run)
{
    m_hasChosen = true;
    for (std::size_t i = 0; i < m_candidates.size() && !m_shipment.isWorking(); ++i)
        if (m_candidates[i].run == run.toStdString())
            m_list->setCurrentRow(static_cast<int>(i)); // another one that was ready is chosen no more
}

void PackageView::setReach(std::size_t testDevices, const QString& running, const QString& before)
{
    m_devices = testDevices;
    m_running = running;
    m_before = before;
    follow();
}

void PackageView::setOther(const QString& words)
{
    if (m_other == words)
        return;
    m_other = words;
    showCaution();
}

void PackageView::setDeploying(bool deploying)
{
    m_isDeploying = deploying;
    follow();
}

void PackageView::showProblem(const QString& sentence)
{
    m_note->setText(sentence);
    m_note->setVisible(!sentence.isEmpty());
}

void PackageView::go()
{
    if (!m_go->isEnabled())
        return;
    setFocus(); // the button is taken away while it works: the keyboard stays here
    showProblem({});
    if (m_shipment.stage() == Shipment::Stage::Ready)
        emit deployRequested();
    else if (const Candidate* candidate = chosen()) {
        m_hasChosen = true;
        m_shipment.start(*candidate);
    }
}

// Where there is nothing to be careful about.
QString PackageView::comparedText() const
{
    const auto& caution = m_shipment.caution();
    if (!caution || caution->isLower || caution->pictures == 0)
        return {};
    return tr("On today's test set it scores %1 points against version %2, which runs (%3 to %4). ")
        .arg(signedText(caution->points), QString::fromStdString(caution->against), signedText(caution->low), signedText(caution->high));
}

QString PackageView::stageText() const
{
    const Candidate* candidate = chosen();
    switch (m_shipment.stage()) {
    case Shipment::Stage::Packaging:
        return m_shipment.detail().isEmpty() ? tr("Packaging: the model is scored as it ships.") : tr("Packaging: the model is scored as it ships, %1.").arg(m_shipment.detail());
    case Shipment::Stage::Checking:
        return m_shipment.detail().isEmpty() ? tr("Checking: percept-edge answers the golden pictures.")
                                             : tr("Comparing with version %1 on today's test set: %2.").arg(m_shipment.against(), m_shipment.detail());
    case Shipment::Stage::Ready:
        if (!m_shipment.facts()->isOurs)
            return tr("It is signed with another key, so the devices of this fleet would refuse it. Open its run on Validate and click Package: "
                      "it becomes the project's next version, signed with your key.");
        return tr("It is what it was when it was scored. %1Nothing has reached a device yet.").arg(comparedText());
    case Shipment::Stage::Failed: return m_shipment.problem();
    default: break;
    }
    if (!candidate)
        return tr("Nothing: there is no model.");
    return candidate->version.empty() ? tr("It is packaged, signed with your key, and checked as a device would.") : tr("It is checked as a device would.");
}

void PackageView::follow()
{
    using Stage = Shipment::Stage;
    const Stage stage = m_shipment.stage();
    const bool isReady = stage == Stage::Ready;
    m_stage->setText(stageText());
    m_stage->setInk(stage == Stage::Failed ? Ink::Error : Ink::Text);
    showCaution();
    m_card->setVisible(isReady);
    if (isReady && m_shipment.facts()) {
        m_card->setTitle(QString::fromStdString(m_shipment.facts()->file.filename().string()));
        m_card->setFacts(factsOf(*m_shipment.facts(), true));
    }
    const QString devices = style::counted(static_cast<qint64>(m_devices), tr("test device"), tr("test devices"));
    const QString first = m_running.isEmpty() ? QString() : tr("The roll-out of %1 is stopped. ").arg(m_running);
    m_reach->setText(m_devices == 0 ? first + tr("No device is in ring Test yet: the first one that joins gets it.")
                                    : first + tr("%1 in ring Test will run it%2.").arg(devices, m_before.isEmpty() ? QString() : tr(" instead of %1").arg(m_before)));
    const Candidate* candidate = chosen();
    m_list->setEnabled(!m_shipment.isWorking() && !m_isDeploying);
    m_go->setEnabled(!m_isDeploying && !m_shipment.isWorking() && (isReady ? m_shipment.facts()->isOurs : candidate != nullptr));
    m_go->setText(isReady ? (m_devices == 0 ? tr("Deploy to ring Test") : tr("Deploy to %1").arg(devices))
            : candidate && candidate->version.empty() ? tr("Package and check") : tr("Check"));
    m_cancel->setText(m_shipment.isWorking() ? tr("Stop") : tr("Cancel"));
}

void PackageView::showEvent(QShowEvent* event)
{
    QWidget::showEvent(event);
    m_list->setFocus();
}

void PackageView::keyPressEvent(QKeyEvent* event)
{
    const bool isEnter = event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter;
    if (isEnter && event->modifiers() == Qt::ControlModifier)
        go();
    else if (event->key() == Qt::Key_Escape && !m_shipment.isWorking())
        emit closeRequested();
    else
        QWidget::keyPressEvent(event);
}

}
