#include "app/studio/label/label_bar.h"

#include "core/evaluation/detection_metrics.h"
#include "widgets/style/widgets.h"

#include <QHBoxLayout>
#include <QPainter>
#include <QPushButton>
#include <QSlider>
#include <QToolButton>
#include <algorithm>
#include <utility>

namespace percept::studio {

namespace {
    QString setName(domain::SplitSet set)
    {
        switch (set) {
        case domain::SplitSet::Train: return LabelBar::tr("Train");
        case domain::SplitSet::Validation: return LabelBar::tr("Validation");
        case domain::SplitSet::Test: return LabelBar::tr("Test");
        case domain::SplitSet::Reserve: return LabelBar::tr("Reserve");
        default: return LabelBar::tr("No set");
        }
    }
}

LabelBar::LabelBar(QWidget* parent)
    : QWidget(parent)
{
    setFixedHeight(style::height::kPageBar);
    setAttribute(Qt::WA_OpaquePaintEvent);
    makeWalk();
    makeProposals();
    layOutParts();
    connectParts();
    m_slider->setValue(50);
    showProposals({}, 0, {});
}

void LabelBar::makeWalk()
{
    using namespace style;
    m_previous = makeToolButton("cl", tr("Previous picture"), QStringLiteral("A"), {}, ControlSize::Compact);
    m_next = makeToolButton("cr", tr("Next picture"), QStringLiteral("D"), {}, ControlSize::Compact);
    m_name = new PlainLabel({}, TextRole::BodyStrong);
    m_name->setObjectName(QStringLiteral("pictureName"));
    m_name->setElideMode(Qt::ElideLeft); // of a series only the end tells pictures apart
    m_name->setMinimumWidth(72);
    m_place = new PlainLabel({}, TextRole::Table, Ink::Text3);
    m_set = new Chip({});
    m_set->setFocusPolicy(Qt::NoFocus);
    m_within = new Chip({}, Tone::Accent);
    m_within->setObjectName(QStringLiteral("within"));
    m_within->setRemovable(true);
    m_within->hide();
    m_device = new Chip({});
    m_device->setObjectName(QStringLiteral("fromDevice"));
    m_device->setFocusPolicy(Qt::TabFocus);
    m_device->hide();
    m_separator = makeBarSeparator();
    m_zoom = makeToolButton("zoomi", tr("Zoom in"), QStringLiteral("+"), tr("The wheel zooms at the cursor"), ControlSize::Compact);
    m_fit = makeToolButton("fit", tr("Whole picture"), QStringLiteral("Ctrl+F"), tr("Ctrl+0 for 100 %"), ControlSize::Compact);
}

void LabelBar::makeProposals()
{
    using namespace style;
    m_model = new PlainLabel({}, TextRole::Table, Ink::Text2);
    m_model->setElideMode(Qt::ElideRight);
    m_count = new PlainLabel({}, TextRole::Section);
    m_scoreName = new PlainLabel(tr("score ≥"), TextRole::Table, Ink::Text2);
    m_score = new PlainLabel({}, TextRole::Table);
    m_score->setFixedWidth(40); // 0.995
    m_slider = new QSlider(Qt::Horizontal);
    m_slider->setObjectName(QStringLiteral("scoreSlider"));
    m_slider->setAccessibleName(tr("Least score of proposals"));
    m_slider->setRange(5, 100);
    m_slider->setFixedWidth(72);
    m_slider->setFocusPolicy(Qt::TabFocus);
    m_why = new PlainLabel({}, TextRole::Table, Ink::Warning);
    m_why->setElideMode(Qt::ElideRight);
    m_acceptAll = makeButton(tr("Accept all"), ButtonKind::Default, nullptr, ControlSize::Compact);
    m_acceptAll->setObjectName(QStringLiteral("acceptAll"));
    setButtonKey(m_acceptAll, QStringLiteral("Ctrl ↵"));
    m_wand = makeToolButton("wand", tr("Proposals"), QStringLiteral("P"), tr("Show or hide what the model proposes"), ControlSize::Compact);
    m_wand->setObjectName(QStringLiteral("wand"));
    m_wand->setCheckable(true);
}

void LabelBar::layOutParts()
{
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(12, 0, 12, 1);
    layout->setSpacing(8);
    for (QWidget* w : { static_cast<QWidget*>(m_previous), static_cast<QWidget*>(m_next), static_cast<QWidget*>(m_name),
             static_cast<QWidget*>(m_place), static_cast<QWidget*>(m_set), static_cast<QWidget*>(m_device), static_cast<QWidget*>(m_within) })
        layout->addWidget(w);
    layout->addStretch(1);
    for (QWidget* w : { static_cast<QWidget*>(m_wand), static_cast<QWidget*>(m_why), static_cast<QWidget*>(m_model),
             static_cast<QWidget*>(m_count), static_cast<QWidget*>(m_scoreName), static_cast<QWidget*>(m_slider),
             static_cast<QWidget*>(m_score), static_cast<QWidget*>(m_acceptAll), m_separator, static_cast<QWidget*>(m_zoom),
             static_cast<QWidget*>(m_fit) })
        layout->addWidget(w);
}

void LabelBar::connectParts()
{
    connect(m_previous, &QToolButton::clicked, this, &LabelBar::previousRequested);
    connect(m_next, &QToolButton::clicked, this, &LabelBar::nextRequested);
    connect(m_within, &style::Chip::removed, this, &LabelBar::showAllRequested);
    connect(m_device, &style::Chip::clicked, this, &LabelBar::deviceRequested);
    connect(m_acceptAll, &QPushButton::clicked, this, &LabelBar::acceptAllRequested);
    connect(m_wand, &QToolButton::clicked, this, &LabelBar::proposalsToggled);
    connect(m_zoom, &QToolButton::clicked, this, &LabelBar::zoomInRequested);
    connect(m_fit, &QToolButton::clicked, this, &LabelBar::fitRequested);
    connect(m_slider, &QSlider::valueChanged, this, [this](int value) {
        showScore(value / 100.0);
    });
}

double LabelBar::leastScore() const { return m_leastScore; }

void LabelBar::setLeastScore(double score)
{
    const QSignalBlocker blocker(m_slider); // it rounds: 0.995 is not 1
    m_slider->setValue(qRound(score * 100));
    showScore(score);
}

void LabelBar::showScore(double score)
{
    m_leastScore = score;
    m_score->setText(QString::fromStdString(evaluation::thresholdText(score)));
    Q_EMIT leastScoreChanged(score);
}

void LabelBar::showItem(const domain::Item& item, int index, int count, const QString& within)
{
    m_name->setText(QString::fromStdString(item.name));
    m_place->setText(tr("%1 of %2").arg(style::count(index + 1), style::count(count)));
    m_set->setText(setName(item.set));
    m_set->setVisible(true);
    showWithin(within);
    m_previous->setEnabled(index > 0);
    m_next->setEnabled(index + 1 < count);
    showParts();
    update();
}

void LabelBar::showWithin(const QString& within)
{
    constexpr int kRoom = 200;
    m_within->setVisible(!within.isEmpty());
    const QString text = tr("Only: %1").arg(within);
    m_within->setText(QFontMetrics(style::font(style::TextRole::CaptionStrong)).elidedText(text, Qt::ElideRight, kRoom));
    m_within->setAccessibleName(text);
    style::setTip(m_within, text, {}, tr("Next and previous run through these. Press to show all pictures."));
    m_within->updateGeometry();
}

void LabelBar::showDevice(const QString& from)
{
    m_device->setVisible(!from.isEmpty());
    m_device->setText(from);
    m_device->setAccessibleName(from);
    style::setTip(m_device, tr("A device sent this picture: %1").arg(from), {}, tr("Press to see on Monitor what else it sent."));
    m_device->updateGeometry();
}

void LabelBar::showNothing()
{
    showWithin({});
    showDevice({});
    m_name->setText(tr("No pictures"));
    m_place->setText({});
    m_set->hide();
    m_previous->setEnabled(false);
    m_next->setEnabled(false);
}

void LabelBar::showProposals(const QString& model, int above, const QString& why, bool live, bool wanted, bool slider)
{
    m_isLive = live;
    m_hasSlider = slider;
    m_isWanted = wanted;
    m_wand->setChecked(wanted);
    m_proposes = !model.isEmpty() && why.isEmpty();
    if (const QString text = (live ? tr("%1 proposes") : tr("%1, to compare")).arg(model); text != m_model->text()) {
        m_model->setText(text);
        style::setTip(m_wand, tr("Proposals"), QStringLiteral("P"), tr("Show or hide what %1 proposes").arg(model.isEmpty() ? tr("the model") : model));
    }
    m_count->setText(style::count(above));
    m_acceptAll->setText(tr("Accept all %1").arg(style::count(above)));
    m_acceptAll->setEnabled(live && above > 0);
    m_why->setText(why);
    m_why->setVisible(!why.isEmpty());
    showParts();
}

// Where there is not room for all, the name of the picture is worth more than that of the model, which the button tells too, and than
// the words beside the slider.
void LabelBar::showParts()
{
    const bool shows = m_proposes && m_isWanted;
    const std::pair<QWidget*, bool> parts[] = { { m_wand, m_proposes }, { m_separator, m_proposes }, { m_count, shows }, { m_slider, shows && m_hasSlider },
        { m_score, shows && m_hasSlider }, { m_acceptAll, shows && m_isLive } };
    for (const auto& [part, wanted] : parts)
        part->setVisible(wanted);
    int room = width() - layout()->contentsMargins().left() - layout()->contentsMargins().right();
    const auto wide = [this](const QWidget* w) { return std::clamp(w->sizeHint().width(), w->minimumWidth(), w->maximumWidth()) + layout()->spacing(); };
    for (int i = 0; i < layout()->count(); ++i)
        if (const QWidget* w = layout()->itemAt(i)->widget(); w && !w->isHidden() && w != m_model && w != m_scoreName)
            room -= wide(w);
    const bool fits = shows && m_hasSlider && wide(m_scoreName) <= room;
    m_scoreName->setVisible(fits);
    m_model->setVisible(shows && wide(m_model) + (fits ? wide(m_scoreName) : 0) <= room);
}

void LabelBar::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    showParts();
}

void LabelBar::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.fillRect(rect(), style::tokens().panel);
    painter.fillRect(0, height() - 1, width(), 1, style::tokens().line);
}

}
