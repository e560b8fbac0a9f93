#include "app/studio/monitor/field_start.h"

#include <QPushButton>

namespace percept::studio {

FieldStart::FieldStart(QWidget* parent)
    : EmptyState("monitor", {}, parent)
    , m_primary(addPrimary({}))
    , m_link(addLink({}))
{
    setObjectName(QStringLiteral("fieldStart"));
    m_primary->setObjectName(QStringLiteral("fieldStartStep"));
    m_link->setObjectName(QStringLiteral("fieldStartLink"));
    connect(m_primary, &QPushButton::clicked, this, [this] { go(m_primaryStep); });
    connect(m_link, &QAbstractButton::clicked, this, [this] { go(m_linkStep); });
    say({}, Step::None, Step::None);
}

void FieldStart::showWaiting(const QString& sentence) { say(sentence, Step::None, Step::None); }
void FieldStart::showProblem(const QString& sentence) { say(sentence, Step::Again, Step::None); }

void FieldStart::showNoDevice()
{
    say(tr("No device has told anything yet. A device runs your model where the pictures are made; this computer can be the first. Then you see here how much "
            "it finds and how sure it is, hour by hour, whether it still answers, and when what it sees has changed."),
        Step::TestHere, Step::Devices);
}

namespace {

QString tryText() { return FieldStart::tr("Pictures that the Deploy page tries do not count; those of a source or of programs that ask do."); }

}

void FieldStart::showSilent(qint64 devices, qint64 running)
{
    const QString enrolled = style::counted(devices, tr("device is in the fleet"), tr("devices are in the fleet"));
    if (running > 0)
        return say(tr("%1, and %2. The first figures come about a minute after the first picture that one answers: what it finds, how sure it is, and how fast. %3")
                        .arg(enrolled, running == 1 ? tr("one runs this project's model") : tr("%1 run this project's models").arg(style::count(running)), tryText()),
            Step::Devices, Step::None);
    say(tr("%1, and none runs this project's models yet. Roll one out; about a minute after the first picture that it answers you see here what it finds, how "
            "sure it is, and how fast. %2").arg(enrolled, tryText()),
        Step::RollOut, Step::Devices);
}

void FieldStart::say(const QString& sentence, Step primary, Step link)
{
    setSentence(sentence);
    m_primaryStep = primary;
    m_linkStep = link;
    m_primary->setText(textOf(primary));
    m_primary->setVisible(primary != Step::None);
    m_link->setText(textOf(link));
    m_link->setVisible(link != Step::None);
    m_link->updateGeometry();
}

QString FieldStart::textOf(Step step)
{
    switch (step) {
    case Step::TestHere: return tr("This computer as test device");
    case Step::RollOut: return tr("Roll out a model…");
    case Step::Devices: return tr("Show the devices");
    case Step::Again: return tr("Read again");
    case Step::None: break;
    }
    return {};
}

void FieldStart::go(Step step)
{
    switch (step) {
    case Step::TestHere: emit testHereRequested(); break;
    case Step::RollOut: emit rollOutRequested(); break;
    case Step::Devices: emit devicesRequested(); break;
    case Step::Again: emit againRequested(); break;
    case Step::None: break;
    }
}

}
