// What the wizard asks for, and what that will take.
#include "app/studio/train/train_wizard.h"

#include "app/studio/train/wizard_parts.h"
#include "core/base/time.h"
#include "core/services/speed_forecast.h"
#include "widgets/style/widgets.h"

#include <QComboBox>
#include <QDateTime>
#include <QLocale>
#include <QPushButton>
#include <QSpinBox>
#include <QThread>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>

namespace percept::studio {

using style::Ink;

namespace {

constexpr double kValidationShare = 0.25; // of a training picture's time, for one validation picture
// Full recipe, Lite0, 416 px on one core of the machines that were measured: pictures a second, slow and fast end.
constexpr double kRatePerCoreLow = 4, kRatePerCoreHigh = 8;

QString qs(const std::string& text) { return QString::fromStdString(text); }

// "14:05", with its day when that is another one: "29 Nov, 14:05"
QString clockText(const QDateTime& time)
{
    const bool isToday = time.date() == QDate::currentDate();
    return QLocale(QLocale::English).toString(time, isToday ? QStringLiteral("HH:mm") : QStringLiteral("d MMM, HH:mm"));
}

}

services::TrainRequest TrainWizard::request() const
{
    services::TrainRequest request;
    if (m_lengthKind->current() == 0)
        request.timeLimitMinutes = m_minutes->value();
    else
        request.epochs = m_epochs->value();
    request.seed = static_cast<std::uint64_t>(m_seed->value());
    if (m_size->currentIndex() > 0)
        request.longSide = longSide();
    if (beginsWithVersion())
        request.from = m_startRun;
    return request;
}

TrainWizard::Estimate TrainWizard::estimate() const
{
    Estimate e;
    const double cores = std::max(1, QThread::idealThreadCount());
    const double pixels = std::pow(longSide() / static_cast<double>(services::PictureSize().longSide), 2); // beside the usual size
    const double low = (m_rate ? *m_rate * 0.85 : kRatePerCoreLow * cores) / pixels;
    const double high = (m_rate ? *m_rate * 1.15 : kRatePerCoreHigh * cores) / pixels;
    e.measured = m_rate.has_value();
    const double work = m_check ? static_cast<double>(m_check->train) + kValidationShare * static_cast<double>(m_check->validation) : 0;
    if (m_lengthKind->current() == 0) {
        e.low = e.middle = e.high = m_minutes->value();
        e.epochs = work > 0 ? std::max(1, static_cast<int>(m_minutes->value() * 60 * (low + high) / 2 / work)) : 0;
        return e;
    }
    e.epochs = m_epochs->value();
    e.low = e.epochs * work / high / 60;
    e.high = e.epochs * work / low / 60;
    e.middle = (e.low + e.high) / 2;
    return e;
}

void TrainWizard::updateConsequences()
{
    m_start->setEnabled(canStart());
    m_start->setText(m_waitsFor.isEmpty() ? tr("Start training") : tr("Train next"));
    m_defaults->setVisible(isDefault());
    m_seedHint->setText(m_lengthKind->current() == 0
            ? tr("With a time limit the number of steps goes by the speed of the computer. Set epochs, and the same data, seed and computer give the same model.")
            : tr("The same data, seed and computer give the same model. Train with two seeds to see how much chance there is in a score."));
    const QString caution = m_size->currentIndex() > 0 && m_check ? qs(services::cautionOn(longSide(), m_check->size)) : QString();
    const QString slower = qs(services::slowerWords(longSide(), m_startSide, m_startVersion.toStdString()));
    m_sizeHint->setInk(caution.isEmpty() && slower.isEmpty() ? Ink::Text3 : Ink::Warning);
    const QString about = !caution.isEmpty() ? caution
        : m_size->currentIndex() > 0         ? tr("More pixels show smaller objects and take longer, on devices too.")
        : m_check                            ? qs(m_check->size.reason)
                                             : QString();
    m_sizeHint->setText(slower.isEmpty() ? about : about + QLatin1Char(' ') + slower);
    m_size->setItemText(0, m_check ? tr("By the objects: %1 pixels").arg(m_check->size.longSide) : tr("By the objects"));
    const Estimate e = estimate();
    const bool byTime = m_lengthKind->current() == 0;
    m_figure->setText(qs(base::describeDuration(e.middle * 60)));
    const QString source = e.measured ? tr("from earlier runs on this computer") : tr("usual for this many cores; measured in the first steps");
    m_figureSource->setText(byTime ? tr("The limit that you set: %1, %2.").arg(epochsText(e.epochs), source)
                                   : tr("%1 to %2, %3.").arg(qs(base::describeDuration(e.low * 60)), qs(base::describeDuration(e.high * 60)), source));
    m_estimate->setMinutes(e.low, e.middle, e.high);
    m_recipe->setTime(m_figure->text());
    const QString threads = tr("this one, CPU, %1").arg(style::counted(QThread::idealThreadCount(), tr("thread"), tr("threads")));
    clearLayout(m_facts);
    addFact(m_facts, tr("Ready about"), m_waitsFor.isEmpty() ? clockText(QDateTime::currentDateTime().addSecs(static_cast<qint64>(e.middle * 60)))
                                                             : tr("%1 after its turn").arg(m_figure->text()));
    addFact(m_facts, tr("Length"), epochsText(e.epochs));
    addFact(m_facts, tr("Computer"), threads);
    if (!m_startRun.empty())
        addFact(m_facts, tr("Begins with"), startText());
    clearLayout(m_summary);
    if (m_check)
        addFact(m_summary, tr("Data"), tr("%1 to train, %2 to validate").arg(style::count(m_check->train), style::count(m_check->validation)));
    addFact(m_summary, tr("Recipe"), tr("Full, EfficientNet-Lite0"));
    addFact(m_summary, tr("Begins with"), startText());
    addFact(m_summary, tr("Length"), tr("%1, %2").arg(m_figure->text(), epochsText(e.epochs)));
    addFact(m_summary, tr("Picture size"), tr("%1 pixels, long side").arg(longSide()));
    addFact(m_summary, tr("Seed"), QString::number(m_seed->value()));
    showSteps();
}

}
