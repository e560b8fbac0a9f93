#include "widgets/style/paint.h"
#include "widgets/style/widgets.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QPainter>
#include <QPixmapCache>
#include <QTimer>

namespace percept::style {
namespace {
constexpr int kShownMs = 6000, kHeight = 36, kFromBottom = 16, kWidthStep = 32;

// Shadow and card, drawn once for each size.
QPixmap groundOf(QSize size, qreal ratio)
{
    const QString key = QStringLiteral("percept-toast:%1:%2:%3:%4").arg(size.width()).arg(size.height()).arg(ratio).arg(tokens().dark);
    QPixmap ground;
    if (QPixmapCache::find(key, &ground))
        return ground;
    ground = QPixmap(size * ratio);
    ground.setDevicePixelRatio(ratio);
    ground.fill(Qt::transparent);
    QPainter painter(&ground);
    const QRectF body = QRectF(QPointF(), size).adjusted(kShadowMargin, kShadowMargin, -kShadowMargin, -kShadowMargin);
    paintShadow(painter, body, radius::kCard);
    paintRounded(painter, body, radius::kCard, tokens().raised, tokens().lineStrong);
    painter.end();
    QPixmapCache::insert(key, ground);
    return ground;
}

}

Toast::Toast(QWidget* host)
    : QWidget(host)
    , m_text(new PlainLabel(QString(), TextRole::Table))
    , m_action(new LinkButton(QString()))
    , m_key(new KeyCap(QString()))
    , m_timer(new QTimer(this))
{
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(kShadowMargin + 12, kShadowMargin, kShadowMargin + 8, kShadowMargin);
    layout->setSpacing(10);
    layout->addWidget(m_text);
    layout->addWidget(m_action);
    layout->addWidget(m_key);
    m_timer->setSingleShot(true);
    connect(m_timer, &QTimer::timeout, this, &QWidget::hide);
    connect(m_action, &QAbstractButton::clicked, this, [this] {
        hide();
        if (m_run)
            m_run();
    });
    host->installEventFilter(this);
    hide();
}

void Toast::show(const QString& text, const QString& actionText, std::function<void()> action, const QString& key)
{
    m_text->setText(text);
    m_action->setText(actionText);
    m_action->setVisible(!actionText.isEmpty());
    m_action->updateGeometry();
    m_key->setKey(key);
    m_key->setVisible(!key.isEmpty());
    m_run = std::move(action);
    place();
    QWidget::show();
    m_timer->start(kShownMs);
}

QString Toast::text() const { return m_text->text(); }

void Toast::setArea(std::function<QRect()> area) { m_area = std::move(area); }

void Toast::place()
{
    layout()->activate();
    // In steps: a number more or less in its text must not lay everything under it open.
    const int wide = (layout()->sizeHint().width() + kWidthStep - 1) / kWidthStep * kWidthStep;
    const QSize size(wide, kHeight + 2 * kShadowMargin);
    const QRect area = m_area ? m_area() : parentWidget()->rect();
    raise(); // a page that came to the front lies over it
    setGeometry(area.left() + (area.width() - size.width()) / 2, area.top() + area.height() - kFromBottom - kHeight - kShadowMargin, size.width(), size.height());
}

void Toast::paintEvent(QPaintEvent*)
{
    QPainter(this).drawPixmap(0, 0, groundOf(size(), devicePixelRatioF()));
}

bool Toast::eventFilter(QObject* object, QEvent* event)
{
    if (object == parentWidget() && event->type() == QEvent::Resize && isVisible())
        place();
    return QWidget::eventFilter(object, event);
}

void Toast::enterEvent(QEnterEvent*) { m_timer->stop(); }

void Toast::leaveEvent(QEvent*)
{
    if (isVisible())
        m_timer->start(kShownMs);
}

}
